# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pyarrow carries no types)
"""Good rows go in, each bad row is named with its line and reason, and memory does not grow with the file."""

import gzip
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa  # pyright: ignore[reportMissingTypeStubs]
import pyarrow.parquet as pq  # pyright: ignore[reportMissingTypeStubs]
import pytest
import zstandard

from likewise.engine.collections.model import RowProblem
from likewise.engine.collections.reading import (
    EncodingUnknown,
    FileEmpty,
    FileFormat,
    FileIsDirectory,
    FileNotFound,
    FileNotText,
    FileNotUtf8,
    FileUnreadable,
    FormatUnknown,
    JsonSpreadOverLines,
    ParquetNeedsFile,
    ReadingBounds,
    Row,
    open_reader,
)

DATA = Path(__file__).parents[3] / "shared" / "data"
SMALL = ReadingBounds(row_bytes_max=1_000, item_bytes_max=300)


def read(
    content: bytes, filename: str, *, bounds: ReadingBounds = SMALL, encoding: str | None = None
) -> tuple[list[Row], list[RowProblem]]:
    with open_reader(BytesIO(content), filename=filename, bounds=bounds, encoding=encoding) as reader:
        return parted(reader)


def parted(rows: Iterable[Row | RowProblem]) -> tuple[list[Row], list[RowProblem]]:
    found = list(rows)
    return [row for row in found if isinstance(row, Row)], [row for row in found if isinstance(row, RowProblem)]


def texts(rows: list[Row]) -> list[object]:
    return [row.values["text"] for row in rows]


# CSV


def test_csv_with_mark_and_quoted_newlines_gives_rows_with_the_line_an_editor_shows() -> None:
    content = b'\xef\xbb\xbfid,text\r\n1,"first, with ""quotes""\r\nand a second line"\r\n\r\n2,second\r\n'
    rows, problems = read(content, "a.csv")
    assert [(row.line, row.values) for row in rows] == [
        (2, {"id": "1", "text": 'first, with "quotes"\r\nand a second line'}),
        (5, {"id": "2", "text": "second"}),
    ]
    assert problems == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_delimiter_is_found(delimiter: str) -> None:
    lines = [["id", "text", "n"], ["1", "a, b; c|d", "2"], ["2", "plain", "3"]]
    content = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    rows, problems = read(content.encode(), "a.csv")
    assert [list(row.values) for row in rows] == [["id", "text", "n"]] * 2
    assert problems == []


def test_csv_of_an_old_spreadsheet_with_carriage_returns_alone_is_read() -> None:
    rows, _ = read(b"id,text\r1,a\r2,b\r", "a.csv")
    assert [(row.line, row.values["text"]) for row in rows] == [(2, "a"), (3, "b")]


def test_ragged_csv_rows_are_refused_with_both_counts_and_the_rest_goes_in() -> None:
    rows, problems = read(b"id,text,n\n1,a,1\n2,b\n3,c,3,extra\n4,d,4,,\n5,e,5\n", "a.csv")
    assert texts(rows) == ["a", "d", "e"]
    assert problems == [
        RowProblem(3, "", "expected 3 fields, found 2"),
        RowProblem(4, "", "expected 3 fields, found 4"),
    ]


def test_repeated_and_unnamed_csv_columns_get_names_of_their_own() -> None:
    rows, problems = read(b"text,,text\na,b,c\n", "a.csv")
    assert rows[0].values == {"text": "a", "column_2": "b", "text_2": "c"}
    assert [problem.refused for problem in problems] == [False]
    assert "columns 1 and 3" in problems[0].reason


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    rows, problems = read(b'id,text\n1,a\n2,"open\n3,c\n4,d\n', "a.csv")
    assert texts(rows) == ["a", "c", "d"]
    assert [(problem.line, "never closed" in problem.reason) for problem in problems] == [(3, True)]


def test_a_cell_above_the_bound_is_refused_with_the_limit_and_the_next_rows_go_in() -> None:
    for cell in ("x" * 5_000, "x" * 5_000 + "\ny", "x\n" * 2_500, 'x""\n' * 1_500, '""' * 2_500):
        content = f'id,text\n1,a\n2,"{cell}"\n3,c\n'.encode()
        rows, problems = read(content, "a.csv")
        assert texts(rows) == ["a", "c"]
        assert [problem.line for problem in problems] == [3]
        assert "at most 1,000" in problems[0].reason


# JSON


def test_wrong_json_on_line_seven_is_named_with_its_column_and_the_rest_goes_in() -> None:
    lines = [json.dumps({"text": f"row {number}"}) for number in range(1, 11)]
    lines[6] = '{"text" "row 7"}'
    rows, problems = read("\n".join(lines).encode(), "a.jsonl")
    assert [row.line for row in rows] == [1, 2, 3, 4, 5, 6, 8, 9, 10]
    assert problems == [RowProblem(7, "", "the JSON is malformed: expected ':' at column 9")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[1]", "a row must be a JSON object: expected `object`, got `array`"),
        (b'{"text": "a', "the JSON is not complete: it ends at column 12"),
        (b'{"text": NaN}', "write null"),
        (b'{"text": "\xff"}', "byte 0xff at byte 11"),
        (b'{"text": ' + b"[" * 900, "not complete"),
        (b'{"text": "' + b"x" * 2_000 + b'"}', "at most 1,000"),
        (b"null", "must be a JSON object"),
    ],
)
def test_each_kind_of_bad_line_has_its_reason(line: bytes, reason: str) -> None:
    rows, problems = read(b'{"text": "\xc3\xa9\xc3\xa9"}\n' + line + b'\n{"text": "z"}\n', "a.jsonl")
    assert [row.line for row in rows] == [1, 3]
    assert [problem.line for problem in problems] == [2]
    assert reason in problems[0].reason


def test_only_a_newline_ends_a_line_of_json() -> None:
    rows, problems = read('{"text": "a\u2028b\u0085c"}\r\n\r\n{"text": "d"}'.encode(), "a.jsonl")
    assert texts(rows) == ["a\u2028b\u0085c", "d"]
    assert [row.line for row in rows] == [1, 3]
    assert problems == []


def test_a_json_array_is_read_element_by_element() -> None:
    first = b'{"text": "a ]} \\" b", "n": [1, {"x": 2}]}'
    content = b"[\n" + first + b',\n\n{"text": "c"},"no object",\n{"text" 1}, {"text":"e"}\n]'
    rows, problems = read(content, "a.json")
    assert [(row.line, row.values["text"]) for row in rows] == [(2, 'a ]} " b'), (4, "c"), (5, "e")]
    assert [problem.line for problem in problems] == [4, 5]


def test_an_element_above_the_bound_is_passed_over() -> None:
    content = b'[{"text": "a"}, {"text": "' + b"x]}," * 1_000 + b'"}, {"text": "c"}]'
    rows, problems = read(content, "a.json")
    assert texts(rows) == ["a", "c"]
    assert "at most 1,000" in problems[0].reason


def test_an_array_that_is_not_closed_gives_its_rows_and_says_so() -> None:
    rows, problems = read(b'[{"text": "a"},\n{"text": "b', "a.json")
    assert texts(rows) == ["a"]
    assert [(problem.line, "not closed" in problem.reason) for problem in problems] == [(2, True)]


def test_one_object_over_several_lines_is_explained() -> None:
    with pytest.raises(JsonSpreadOverLines, match="one object on each line"):
        read(b'{\n  "text": "a"\n}\n', "a.json")


# Parquet and text


def test_parquet_values_arrive_as_json_would_have_them(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table(
        {
            "text": ["a", None, "c"],
            "n": [1.5, float("nan"), 2.0],
            "day": pa.array([0, 1, None], pa.date32()),
            "tags": [["x"], [], None],
        }
    )
    pq.write_table(table, path, row_group_size=2)
    with open_reader(path) as reader:
        assert reader.format is FileFormat.PARQUET
        rows, _ = parted(reader)
        assert reader.bytes_read == reader.bytes_total
    assert [row.line for row in rows] == [1, 2, 3]
    assert rows[1].values["n"] is None
    assert str(rows[1].values["day"]) == "1970-01-02 00:00:00+00:00"
    with open_reader(path) as reader:
        reader.skip_to(3)
        assert [row.values["text"] for row in parted(reader)[0]] == ["c"]


def test_parquet_that_arrives_as_a_stream_or_damaged_is_refused_with_advice(tmp_path: Path) -> None:
    class Arriving(RawIOBase):
        def __init__(self, content: bytes) -> None:
            super().__init__()
            self._content = BytesIO(content)

        def read(self, size: int = -1, /) -> bytes:
            return self._content.read(size)

    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    with pytest.raises(ParquetNeedsFile):
        open_reader(cast("BinaryIO", Arriving(content)))
    with pytest.raises(FileUnreadable, match="copied or downloaded completely"):
        open_reader(BytesIO(content[:-9]), filename="a.parquet")


def test_plain_text_is_one_text_a_line() -> None:
    rows, problems = read(b"first\n\n  second \n\xff\nlast", "a.txt", encoding="utf-8")
    assert [(row.line, row.values["text"]) for row in rows] == [(1, "first"), (3, "second"), (5, "last")]
    assert [problem.line for problem in problems] == [4]


# Compression


def test_a_compressed_file_is_known_by_its_bytes_whatever_its_name() -> None:
    content = b"".join(b'{"text": "row %d"}\n' % number for number in range(5_000))
    for packed in (gzip.compress(content), zstandard.compress(content)):
        rows, problems = read(packed + packed, "download")
        assert len(rows) == 10_000
        assert problems == []


@pytest.mark.parametrize("filename", ["a.jsonl.gz", "a.csv.gz", "a.json.gz", "a.txt.gz"])
def test_a_truncated_gz_keeps_the_rows_before_and_says_where_it_breaks_off(filename: str) -> None:
    number = range(40_000)
    content = {
        "a.jsonl.gz": "".join(f'{{"text": "row {n} {n * n}"}}\n' for n in number),
        "a.csv.gz": "id,text\n" + "".join(f'{n},"row {n}\n{n * n}"\n' for n in number),
        "a.json.gz": "[" + ",\n".join(f'{{"text": "row {n} {n * n}"}}' for n in number) + "]",
        "a.txt.gz": "".join(f"row {n} {n * n}\n" for n in number),
    }[filename]
    packed = gzip.compress(content.encode())
    whole, _ = read(packed, filename)
    rows, problems = read(packed[: len(packed) // 2], filename)
    assert 1_000 < len(rows) < 40_000
    assert rows == whole[: len(rows)]
    assert len(problems) == 1
    assert "compressed data ends too early" in problems[0].reason
    assert problems[0].line > rows[-1].line


def test_a_truncated_zst_is_noticed_too() -> None:
    content = b"".join(b'{"text": "%d %d"}\n' % (number, number**5) for number in range(60_000))
    packed = zstandard.compress(content)
    rows, problems = read(packed[: len(packed) // 2], "a.jsonl.zst")
    assert 1_000 < len(rows) < 60_000
    assert [("ends too early" in problem.reason) for problem in problems] == [True]


# Encodings


def test_a_file_in_another_encoding_is_refused_with_byte_line_and_the_encoding_to_say() -> None:
    for text, encoding in (
        ("id,text\n1,plain\n2,caf\u00e9 cr\u00e8me\n", "cp1252"),
        ("id,text\n1,\u043f\u0440\u0438\u0432\u0435\u0442 \u043a\u0430\u043a \u0434\u0435\u043b\u0430\n", "cp1251"),
        ("id,text\n1,\u3053\u3093\u306b\u3061\u306f\u4e16\u754c\u3001\u304a\u5143\u6c17\n", "cp932"),
        ("id,text\n1,\u9ad9\u6a4b\u540d\u524d\u5e74\u9f62\u4f4f\u6240\u6771\u4eac\u90fd\n", "cp932"),
        ("id,text\n1,\u6211\u60f3\u9000\u8d27\u5e76\u62ff\u56de\u6211\u7684\u94b1\n", "gb18030"),
        ("id,text\n1,hello there\n", "utf-16"),
        ("id,text\n1,hello there\n", "utf-16-le"),
    ):
        with pytest.raises(FileNotUtf8, match=f"--encoding {encoding}`") as caught:
            read(text.encode(encoding), "a.csv")
        assert caught.value.facts["line"] == (3 if encoding == "cp1252" else 1 if "16" in encoding else 2)
        rows, problems = read(text.encode(encoding), "a.csv", encoding=encoding)
        assert [row.values["text"] for row in rows] == [line.split(",")[1] for line in text.split("\n")[1:-1]]
        assert problems == []


def test_a_wrong_byte_in_a_utf8_file_costs_one_row() -> None:
    good = "caf\u00e9 na\u00efve"
    rows, problems = read(f"id,text\n1,{good}\n2,".encode() + b"bad \xe9\n" + f"3,{good}\n".encode(), "a.csv")
    assert texts(rows) == [good, good]
    assert [problem.line for problem in problems] == [3]
    assert "0xe9" in problems[0].reason


def test_bytes_wrong_in_the_encoding_said_cost_their_row() -> None:
    content = "a\nb\n".encode("utf-16-le") + b"\x00\xd8" + "\nc\n".encode("utf-16-le")
    rows, problems = read(content, "a.txt", encoding="utf-16-le")
    assert texts(rows) == ["a", "b", "c"]
    assert [problem.line for problem in problems] == [3]


def test_an_unknown_encoding_is_named() -> None:
    for encoding in ("klingon", "base64", "a\0b"):
        with pytest.raises(EncodingUnknown):
            read(b"a", "a.txt", encoding=encoding)


# Files that are none


def test_what_is_no_file_of_rows_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFound, match=r"no file .*missing\.csv"):
        open_reader(tmp_path / "missing.csv")
    with pytest.raises(FileIsDirectory):
        open_reader(tmp_path)
    with pytest.raises(FileUnreadable):
        open_reader("a\0b.csv")
    with pytest.raises(FileEmpty, match="and a header"):
        read(b"", "a.csv")
    with pytest.raises(FileEmpty):
        read(b" \n\n", "a.jsonl")
    with pytest.raises(FormatUnknown, match=r"csv, jsonl"):
        open_reader(BytesIO(b"a"), format="docx")
    for content, kind in (
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04 ... xl/workbook.xml", "Excel"),
        (b"PK\x03\x04 ... word/document.xml", "Word"),
        (b"<!DOCTYPE html><p>a", "HTML"),
        (b"SQLite format 3\0", "SQLite"),
    ):
        with pytest.raises(FileNotText, match=kind):
            read(content, "download")


def test_a_file_without_permission_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\na\n")
    path.chmod(0)
    program = (
        "import os, sys\n"
        "from likewise.engine.collections.reading import FileNotPermitted, open_reader\n"
        "if os.getuid() == 0:\n"
        "    os.setuid(65534)\n"
        "try:\n"
        "    open_reader(sys.argv[1])\n"
        "except FileNotPermitted as error:\n"
        "    print(error.message)\n"
    )
    tmp_path.chmod(0o711)
    result = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert "may not be read" in result.stdout


# Going on, and memory


@pytest.mark.parametrize("filename", ["a.csv", "a.jsonl", "a.json", "a.txt"])
def test_going_on_after_any_line_gives_exactly_the_rows_not_yet_read(filename: str, tmp_path: Path) -> None:
    content = {
        "a.csv": "text,n\n" + "".join(f'"row {n}\nmore",{n}\n' for n in range(50)) + '"open\nlast,1\n',
        "a.jsonl": "".join(f'{{"text": "row {n}"}}\n' for n in range(50)),
        "a.json": "[" + ",\n".join(f'{{"text": "row {n}"}}' for n in range(50)) + "]",
        "a.txt": "".join(f"row {n}\n" for n in range(50)),
    }[filename]
    path = tmp_path / filename
    path.write_text(content)
    with open_reader(path) as reader:
        whole, _ = parted(reader)
    for row in whole:
        with open_reader(path) as reader:
            reader.skip_to(row.line + 1)
            rest, _ = parted(reader)
        assert rest == whole[whole.index(row) + 1 :]


def test_memory_stays_flat_while_a_long_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w") as file:
        file.write("id,text\n")
        for number in range(40_000):
            file.write(f"{number},the text of row {number} that somebody wrote\n")
        file.write(f'9,"{"x" * 36_000_000}"\n10,last\n')
    with open_reader(path) as reader:
        tracemalloc.start()
        try:
            count = sum(1 for row in reader if isinstance(row, Row))
            peak_bytes = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert reader.bytes_read == reader.bytes_total
    assert count == 40_001
    assert peak_bytes < 3 * ReadingBounds().row_bytes_max
