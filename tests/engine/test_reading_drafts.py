"""Rows become drafts: columns found, text cleaned, values read, repeated keys noticed; and columns are guessed."""

import gzip
import json
from base64 import b64decode
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from likewise.engine.collections.model import FacetKind, ItemDraft, Mapping, Place, RowProblem, Visibility
from likewise.engine.collections.reading import (
    ColumnNotFound,
    FileFormat,
    FileNotUtf8,
    ReadingBounds,
    Row,
    open_reader,
    preview_file,
    read_drafts,
    suggest_mapping,
)
from likewise.platform.errors import Fact

DATA = Path(__file__).parents[3] / "shared" / "data"
SMALL = ReadingBounds(item_bytes_max=300)


def drafts(
    content: bytes, filename: str, mapping: Mapping, kinds: dict[str, FacetKind] | None = None
) -> tuple[list[ItemDraft], list[RowProblem]]:
    found = list(read_drafts(open_reader(BytesIO(content), filename=filename), mapping, kinds or {}, bounds=SMALL))
    return [x for x in found if isinstance(x, ItemDraft)], [x for x in found if isinstance(x, RowProblem)]


def test_a_missing_column_is_answered_with_the_columns_there_and_the_nearest() -> None:
    reader = open_reader(BytesIO(b"id,comment\n1,a\n"), filename="a.csv")
    with pytest.raises(ColumnNotFound, match=r"Did you mean 'comment'\? The columns are: id, comment") as caught:
        read_drafts(reader, Mapping(text="Comments"), {})
    assert caught.value.errors[0].pointer == "/text"


def test_a_row_becomes_a_draft_with_every_column_in_its_place() -> None:
    content = (
        b"id,headline,body,shape,size,when,lat,lon,who,kind,seen,extra\n"
        b"7,A  title,What I saw,Disk,5,31/1/2013,48.5,-122.25,ann,report,private,more\n"
    )
    mapping = Mapping(
        text="body", title="headline", key="id", facets=("shape", "size"), time="when", place=("lat", "lon"),
        author="who", category="kind", visibility="seen", metadata="rest",
    )  # fmt: skip
    (item,), problems = drafts(content, "a.csv", mapping, {"size": FacetKind.NUMBER})
    assert (item.key, item.title, item.body) == ("7", "A title", "What I saw")
    assert item.facets == {"shape": "Disk", "size": 5}
    assert item.happened_at is not None
    assert item.happened_at.isoformat() == "2013-01-31T00:00:00+00:00"
    assert item.place == Place(48.5, -122.25)
    assert (item.author, item.category, item.visibility) == ("ann", "report", Visibility.PRIVATE)
    assert item.metadata == {"extra": "more"}
    assert problems == []


def test_a_value_that_cannot_be_read_is_left_out_and_the_text_goes_in() -> None:
    content = b"text,size,when,lat,lon\na,big,soon,95,1\n"
    mapping = Mapping(text="text", facets=("size",), time="when", place=("lat", "lon"))
    (item,), problems = drafts(content, "a.csv", mapping, {"size": FacetKind.NUMBER})
    assert (item.facets, item.happened_at, item.place) == ({}, None, None)
    assert {problem.pointer for problem in problems} == {"/size", "/when", "/lat"}
    assert not any(problem.refused for problem in problems)


def test_a_row_without_text_or_with_an_unknown_visibility_stays_out() -> None:
    content = (
        b'{"text": " ", "v": ""}\n{"v": "public"}\n{"text": [], "v": ""}\n'
        b'{"text": {"a": 1}, "v": ""}\n{"text": "a", "v": "secret"}\n'
    )
    items, problems = drafts(content, "a.jsonl", Mapping(text="text", visibility="v"))
    assert items == []
    assert [(problem.line, problem.pointer) for problem in problems] == [
        (1, "/text"), (2, "/text"), (3, "/text"), (4, "/text"), (5, "/v"),
    ]  # fmt: skip
    assert all(problem.refused for problem in problems)


def test_a_repeated_key_is_reported_with_the_line_it_repeats_and_the_later_row_wins() -> None:
    items, problems = drafts(b"id,text\n1,a\n2,b\n1,c\n", "a.csv", Mapping(text="text", key="id"))
    assert [(item.key, item.body) for item in items] == [("1", "a"), ("2", "b"), ("1", "c")]
    assert [(problem.line, problem.pointer, problem.refused) for problem in problems] == [(4, "/id", False)]
    assert "duplicate of line 2" in problems[0].reason


def test_a_draft_comes_before_its_problems_so_that_a_load_cut_off_between_them_goes_on_without_loss() -> None:
    reader = open_reader(BytesIO(b"id,text,n\n1,a,x\n1,b,y\n2,c,z\n"), filename="a.csv")
    mapping = Mapping(text="text", key="id", facets=("n",))
    drafted: set[int] = set()
    for found in read_drafts(reader, mapping, {"n": FacetKind.NUMBER}):
        if isinstance(found, ItemDraft):
            drafted.add(reader.line)
        else:
            assert found.line in drafted
    assert drafted == {2, 3, 4}


def test_without_a_key_column_the_same_content_has_the_same_key_in_every_load() -> None:
    items, problems = drafts(b"text\na\nb\na\n", "a.csv", Mapping(text="text"))
    again, _ = drafts(b"text\nb\na\n", "b.csv", Mapping(text="text"))
    assert [item.body for item in items] == ["a", "b"]
    assert {item.key for item in items} == {item.key for item in again}
    assert "duplicate of line 2" in problems[0].reason


def test_many_different_keys_are_never_called_repeated() -> None:
    content = b"id,text\n" + b"".join(b"%d,a\n" % number for number in range(20_000)) + b"77,b\n"
    _, problems = drafts(content, "a.csv", Mapping(text="text", key="id"))
    assert [(problem.line, "line 79" in problem.reason) for problem in problems] == [(20_002, True)]


def test_text_above_the_bound_of_items_is_refused_with_the_limit() -> None:
    content = b'{"text": "' + b"x" * 301 + b'"}\n{"text": "ok"}\n'
    items, problems = drafts(content, "a.jsonl", Mapping(text="text"))
    assert [item.body for item in items] == ["ok"]
    assert problems == [RowProblem(1, "/text", "column 'text' has 301 bytes; at most 300 are stored")]


def test_a_csv_without_a_header_says_so_when_a_column_is_missed() -> None:
    reader = open_reader(BytesIO(b"5,I lost my card\n6,Where is it\n"), filename="a.csv")
    with pytest.raises(ColumnNotFound, match="first row looks like data"):
        read_drafts(reader, Mapping(text="text"), {})


def test_nul_and_lone_surrogate_are_scrubbed_with_a_warning_and_go_in() -> None:
    items, problems = drafts(b'{"text": "a\\u0000b"}\n{"text": "c\\ud800d"}\n', "a.jsonl", Mapping(text="text"))
    assert [item.body for item in items] == ["ab", "c\ufffdd"]
    assert problems == [
        RowProblem(1, "/text", "1 NUL character removed", refused=False),
        RowProblem(2, "/text", "1 lone surrogate replaced", refused=False),
    ]


def test_columns_are_guessed_from_names_and_values() -> None:
    samples: list[dict[str, object]] = [
        {
            "id": number, "occurred_at": f"2013-01-{number:02}", "state": "WA", "shape": ["Disk", "Light"][number % 2],
            "duration_s": number * 1.5, "comments": f"Five glowing orbs in the sky, number {number}",
            "lat": 48.5, "lon": -122.1, "user_name": f"ann{number}", "intent": "report",
        }
        for number in range(1, 29)
    ]  # fmt: skip
    assert suggest_mapping(tuple(samples[0]), samples) == Mapping(
        text="comments", key="id", facets=("state", "shape", "duration_s"), time="occurred_at", place=("lat", "lon"),
        author="user_name", category="intent",
    )  # fmt: skip
    assert suggest_mapping(("n",), [{"n": 1}, {"n": 2}]) is None


def test_a_preview_of_the_first_bytes_shows_format_columns_and_meaning() -> None:
    content = b"id,text,shape\n" + b"".join(b"%d,some words of row %d,Disk\n" % (n, n) for n in range(9_000))
    for head in (content[:65_536], gzip.compress(content)[:8_000]):
        preview = preview_file(head, filename="a.csv")
        assert preview.format is FileFormat.CSV
        assert [(column.name, column.type, column.example) for column in preview.columns] == [
            ("id", "keyword", "0"),
            ("text", "text", "some words of row 0"),
            ("shape", "keyword", "Disk"),
        ]
        assert preview.suggestion == Mapping(text="text", key="id", facets=("shape",))
    assert preview_file(b"PAR1" + b"x" * 100, filename="a.parquet").notes


# Hostile input


@given(
    st.sampled_from(["a.csv", "a.jsonl", "a.json", "a.txt", "a"]),
    st.lists(
        st.one_of(
            st.binary(max_size=30),
            st.sampled_from([b'"', b",", b"\n", b"\r", b'{"text":', b"[", b"]", b"}", b"\\"]),
        )
    ),
)
@settings(max_examples=400, deadline=None)
def test_no_bytes_break_reading(filename: str, parts: list[bytes]) -> None:
    start = {"a.json": b'[{"text": "a"},', "a.csv": b"text,n\n"}.get(filename, b"")
    bounds = ReadingBounds(row_bytes_max=40)
    try:
        reader = open_reader(BytesIO(start + b"".join(parts)), filename=filename, bounds=bounds)
        mapping = suggest_mapping(reader.columns, reader.sample()) or Mapping(text="text", metadata="rest")
        for found in read_drafts(reader, mapping, {}, bounds=bounds):
            assert isinstance(found, ItemDraft) or found.reason
    except Fact:
        return  # refused as a whole, in words


@pytest.mark.skipif(not DATA.exists(), reason="the shared data sets are not here")
def test_hostile_strings_and_documents_lose_no_good_row() -> None:
    with open_reader(DATA / "hostile" / "naughty_strings.jsonl.gz") as reader:
        found = list(read_drafts(reader, Mapping(text="text", key="id"), {}))
    assert all(isinstance(x, ItemDraft) or not x.refused or "empty" in x.reason for x in found)
    assert sum(isinstance(x, ItemDraft) for x in found) > 500
    suite = gzip.decompress((DATA / "hostile" / "json_test_suite.jsonl.gz").read_bytes())
    for case in filter(None, suite.split(b"\n")):
        document = b64decode(json.loads(case)["base64"]).replace(b"\n", b" ")
        content = (
            '{"text": "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"}\n{"text":'.encode() + document + b'}\n{"text": "good"}\n'
        )
        with suppress(FileNotUtf8):
            last = list(open_reader(BytesIO(content), filename="a.jsonl"))[-1]
            assert isinstance(last, Row)
            assert last.values == {"text": "good"}
