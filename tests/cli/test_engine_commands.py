"""Clusters, patterns, recommendations and models from the command line, one after the other, with no server running."""

from __future__ import annotations

import csv
from itertools import product
from typing import Any

import pytest

SHAPES = ("disc", "triangle")
STATES = ("fl", "ny")


@pytest.fixture(scope="module")
def loaded(cli: Any) -> Any:
    """Forty reports of four kinds, and what five people liked of them."""
    with (cli.folder / "reports.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text", "shape", "state", "seen"])
        for number, (shape, state) in zip(range(40), list(product(SHAPES, STATES)) * 10, strict=True):
            words = {"disc": "a silver disc glinted over the bay", "triangle": "black triangle hummed above our road"}
            kept = "fl" if shape == "disc" else state  # discs are seen in one state only
            rows.writerow([number, f"{words[shape]} {number}", shape, kept, f"2013-0{1 + number % 4}-03"])
    with (cli.folder / "deeds.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "item"])
        rows.writerows((f"user{user}", item) for user in range(5) for item in range(user % 2, 40, 2 + user // 2))
    words = ("--text", "text", "--key", "id", "--facets", "shape,state", "--time", "seen")
    assert cli("load", "reports.csv", "-c", "reports", *words).code == 0
    return cli


def data(said: Any) -> list[dict[str, Any]]:
    assert said.code == 0, said.err
    return said.json["data"]


def test_clusters_are_built_changed_and_changed_back(loaded: Any) -> None:
    of = ("-c", "reports", "--json")
    assert loaded("clusters", "list", *of).code == 6  # nobody has asked for them yet
    assert loaded("clusters", "build", *of).json["cluster_count"] >= 2
    first, second = data(loaded("clusters", "list", *of))[:2]
    assert first["items"] + second["items"] <= 40
    shown = data(loaded("clusters", "show", first["id"], *of))
    key = shown[0]["key"]
    moved = loaded("clusters", "move", first["id"], key, *of).json
    assert (moved["items"], moved["id"] != first["id"]) == (1, True)
    assert loaded("clusters", "merge", moved["id"], first["id"], *of).json["items"] == first["items"]
    assert "Sky, locked" in loaded("clusters", "set", first["id"], "-c", "reports", "--name", "Sky", "--lock").out
    refused = loaded("clusters", "merge", second["id"], first["id"], *of)
    assert (refused.code, "unlock" in refused.err.lower()) == (6, True), refused.err
    newest = data(loaded("clusters", "changes", *of))[0]
    assert (newest["kind"], newest["actor"]) == ("merge", "person")
    assert loaded("clusters", "set", first["id"], "-c", "reports").code == 2
    assert loaded("clusters", "set", first["id"], "--unlock", *of).code == 0
    assert loaded("clusters", "undo", newest["id"], *of).json == {"undone": 1}
    assert loaded("clusters", "refine", *of).code == 0
    points = data(loaded("clusters", "map", *of))
    assert sum(point["items"] for point in points) == 40


def test_patterns_tell_what_goes_together(loaded: Any) -> None:
    of = ("-c", "reports", "--json")
    keys = {row["key"]: row["item_count"] for row in data(loaded("patterns", "keys", *of))}
    assert keys == {"shape": 40, "state": 40}
    shapes = {row["value"]: row["count"] for row in data(loaded("patterns", "distribution", "shape", *of))}
    assert shapes == {"disc": 20, "triangle": 20}
    together = data(loaded("patterns", "together", "state", "ny", *of))
    assert [(row["value"], row["significant"]) for row in together if row["value"] == "triangle"] == [
        ("triangle", True)
    ]
    assert loaded("patterns", "refresh", *of).code == 0
    assert data(loaded("patterns", "insights", *of, "--evidence"))
    unknown = loaded("patterns", "distribution", "colour", *of)
    assert (unknown.code, "patterns keys" in unknown.err) == (2, True), unknown.err


def test_recommendations_follow_deeds_that_were_loaded(loaded: Any) -> None:
    of = ("-c", "reports", "--json")
    assert loaded("recommend", "load", "deeds.csv", *of).json["changed"] > 50
    feed = data(loaded("recommend", "feed", "user0", *of))
    assert feed
    assert {row["key"] for row in feed}.isdisjoint({str(item) for item in range(0, 40, 2)})
    alike = data(loaded("recommend", "similar-users", "user0", *of, "--by", "taste"))
    assert alike[0]["user"] in {"user2", "user4"}
    ways = {row["name"] for row in data(loaded("recommend", "evaluate", *of))}
    assert {"recommend", "popularity", "random"} <= ways
    assert loaded("recommend", "forget", "user0", "--yes", "--json").json["interactions"] == 20
    assert loaded("recommend", "similar-users", "user0", *of).code == 5


def test_another_model_is_tried_and_dropped(loaded: Any) -> None:
    estimate = loaded("models", "change", "static", "--dry-run", "--json")
    if estimate.code:
        assert "static" in estimate.err
        pytest.skip("the static model's files are not on this machine")
    assert loaded("models", "change", "static", "--json").code == 0
    compared = loaded("models", "compare", "-c", "reports", "--json")
    assert compared.code == 0, compared.err
    assert loaded("models", "cut-over", "--json").code == 0
    found = loaded("search", "silver disc", "-c", "reports", "--json").json["data"]
    assert int(found[0]["key"]) % 4 < 2, "the discs"
    assert loaded("models", "drop", "--yes", "--json").code == 0
