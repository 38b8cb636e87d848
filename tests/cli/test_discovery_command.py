"""`likewise community ask`: a question in plain words, answered as tables, bars and JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture(scope="module")
def community(cli: Any) -> Any:
    """Thirty reports: two of three are of triangles, in Berlin, in 2013."""
    rows = [
        {
            "id": f"r{n}",
            "text": f"Something stood over the town, number {n}.",
            "shape": "disk" if n % 3 == 2 else "triangle",
            "who": f"w{n % 4}",
            "at": f"2013-{1 + n % 12:02d}-05T12:00:00Z",
            "lat": 52.52,
            "lon": 13.405,
            "town": "Berlin",
        }
        for n in range(30)
    ]
    (cli.folder / "reports.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    said = cli(
        *("community", "load", "reports.jsonl", "--text", "text", "--key", "id", "--author", "who"),
        *("--default-category", "ufo_sighting", "-a", "shape=shape", "--time", "at", "--place", "lat,lon"),
        *("--place-name", "town"),
    )
    assert said.code == 0, said.err
    return cli


def test_counts_are_told_in_a_sentence_and_say_how_they_were_understood(community: Any) -> None:
    said = community("community", "ask", "how many triangles near Berlin in 2013?")
    assert said.code == 0, said.err
    assert "20 experiences of 30 (67 %), told by 4 people." in said.out
    assert "Understood as: how many experiences with shape = triangle, in 2013, within 50 km of Berlin" in said.err


def test_values_are_told_as_bars(community: Any) -> None:
    said = community("community", "ask", "which shape is most common?")
    assert said.code == 0, said.err
    [_, first, second, *_] = said.out.splitlines()
    assert first.split("\t")[:3] == ["triangle", "20", "66.7%"]
    assert second.split("\t")[:3] == ["disk", "10", "33.3%"]
    assert len(first.split("\t")[3]) == 2 * len(second.split("\t")[3])


@pytest.mark.parametrize(
    "question",
    [
        "where are discs seen?",
        "when are discs seen?",
        "trend of discs",
        "who tells most?",
        "compare triangles and discs",
    ],
)
def test_every_kind_of_result_is_drawn(community: Any, question: str) -> None:
    said = community("community", "ask", question)
    assert said.code == 0, said.err
    assert said.out.strip()


def test_programs_get_everything_at_once(community: Any) -> None:
    said = community("community", "ask", "and the discs?", "--after", "how many triangles are there?", "--json")
    assert said.code == 0, said.err
    assert said.json["plan"]["steps"] == [
        {"tool": "count", "wish": {"attributes": [{"key": "shape", "values": ["disk"]}]}}
    ]
    assert said.json["results"][0]["result"]["value"] == 10


def test_what_is_not_understood_fails_and_names_what_would_be(community: Any) -> None:
    said = community("community", "ask", "what will the weather be tomorrow?")
    assert said.code == 1
    assert "I do not understand" in said.err
    assert "Ask instead" in said.err
