"""Settings on the command line: their values, their origins, and a file to set them in."""

import tomllib
from typing import Any


def shown(cli: Any, **environment: str) -> dict[str, dict[str, str]]:
    rows = cli("config", "show", "--origin", "--json", **environment).json["data"]
    return {row["name"]: row for row in rows}


def test_each_value_says_where_it_came_from(fresh_cli: Any) -> None:
    (fresh_cli.folder / "likewise.toml").write_text("port = 9100\n[http]\nbacklog = 256\n")
    found = shown(fresh_cli)
    assert (found["port"]["value"], found["port"]["origin"]) == ("9100", "file")
    assert (found["http.backlog"]["value"], found["http.backlog"]["origin"]) == ("256", "file")
    assert (found["home"]["origin"], found["host"]["origin"]) == ("environment", "default")
    found = shown(fresh_cli, LIKEWISE_PORT="9200")
    assert (found["port"]["value"], found["port"]["origin"]) == ("9200", "environment")
    assert all(row["description"] and row["variable"].startswith("LIKEWISE_") for row in found.values())


def test_secrets_are_masked(fresh_cli: Any) -> None:
    said = fresh_cli("config", "show", "--origin", LIKEWISE_DATABASE_URL="postgresql://ann:hunter2@db/x")
    assert said.code == 0
    assert "hunter2" not in said.out + said.err


def test_wrong_file_is_refused_by_name(fresh_cli: Any) -> None:
    (fresh_cli.folder / "likewise.toml").write_text("port = ")
    said = fresh_cli("config", "show")
    assert (said.code, "likewise.toml" in said.err) == (2, True)


def test_written_file_explains_everything_and_changes_nothing(fresh_cli: Any) -> None:
    before = shown(fresh_cli)
    assert fresh_cli("init").code == 0
    text = (fresh_cli.folder / "likewise.toml").read_text()
    assert {name: row["value"] for name, row in shown(fresh_cli).items()} == {
        name: row["value"] for name, row in before.items()
    }
    assert not [value for value in tomllib.loads(text).values() if value not in ({}, None)]
    uncommented = "\n".join(
        line.removeprefix("# ") if " = " in line and line.startswith("# ") else line for line in text.splitlines()
    )
    assert tomllib.loads("\n".join(line for line in uncommented.splitlines() if not line.startswith("#")))
    assert fresh_cli("init").code == 2  # it is there already, and nobody can be asked
    assert fresh_cli("init", "--yes").code == 0
