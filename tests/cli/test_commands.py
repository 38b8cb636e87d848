"""What every command promises: exit codes, data on standard output, messages that help."""

import json
import sys
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["serch", "x"], 2, "search"),
        (["db", "stat"], 2, "status"),
        (["db"], 2, ""),
        (["tenants", "delete", "nobody"], 5, "likewise tenants list"),
        (["--tenant", "nobody", "keys", "list"], 5, "likewise tenants list"),
        (["keys", "revoke", "nonsense", "--yes"], 2, "key_"),
        (["keys", "create", "x", "--scope", "everything"], 2, "read, write, admin"),
        (["jobs", "run", "nothing"], 5, "likewise jobs schedules"),
        (["db", "restore", "missing.dump", "--yes"], 5, "missing.dump"),
        (["search", "x", "-c", "nowhere"], 5, "likewise load"),
        (["serve", "--host", "0.0.0.0"], 4, "likewise keys create"),
        (["serve", "--host", "no.such.host.invalid"], 4, "keys create"),
        (["db", "migrate", "--nonsense"], 2, "No such option"),
    ],
)
def test_failure_has_its_exit_code_and_says_what_helps(cli: Any, words: list[str], code: int, says: str) -> None:
    said = cli(*words)
    assert (said.code, said.out if says else "") == (code, ""), said.err
    assert says in said.err + ("" if says else said.out)
    assert "Traceback" not in said.err


def test_unreachable_database_is_a_connection_failure(fresh_cli: Any) -> None:
    said = fresh_cli("health", LIKEWISE_DATABASE_URL="postgresql://u:hunter2@127.0.0.1:9/x")
    assert said.code == 3
    assert "127.0.0.1:9" in said.err
    assert "hunter2" not in said.err


def test_wrong_setting_is_named_with_its_variable(cli: Any) -> None:
    said = cli("tenants", "list", LIKEWISE_PORT="many")
    assert said.code == 2
    assert "LIKEWISE_PORT" in said.err


def test_version_and_help_need_no_database(fresh_cli: Any) -> None:
    assert fresh_cli("--version").out.startswith("likewise ")
    for words in (["--help"], ["db", "--help"], ["up", "-h"]):
        said = fresh_cli(*words)
        assert (said.code, "Usage" in said.out) == (0, True), said.err
    assert not fresh_cli.home.exists()


def test_help_of_one_command_imports_nothing_heavy(fresh_cli: Any) -> None:
    import subprocess

    code = (
        "import sys; from likewise.cli import run; run(['keys', '--help']);"
        "heavy = {'litestar', 'openvino', 'pyarrow', 'granian'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=fresh_cli.environment(),
        cwd=fresh_cli.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.strip() == "[]"


def test_every_command_of_the_specification_is_there(cli: Any) -> None:
    said = cli("--help")
    names = (
        "demo up serve worker init load search similar forget export models collections health jobs keys tenants db"
        " config completion"
    )
    for name in names.split():
        assert f" {name} " in said.out, name


def test_keys_are_made_shown_once_and_revoked(cli: Any) -> None:
    made = cli("keys", "create", "website", "--scope", "read", "--json").json
    assert made["key"].startswith("lw_")
    listed = cli("--json", "keys", "list")
    assert made["key"] not in listed.out
    [found] = [key for key in listed.json["data"] if key["id"] == made["id"]]
    assert (found["name"], found["scopes"], found["hint"]) == ("website", ["read"], made["key"][-4:])
    unasked = cli("keys", "revoke", made["id"])
    assert (unasked.code, "--yes" in unasked.err) == (2, True)
    assert cli("keys", "revoke", made["id"], "--yes").code == 0
    assert cli("keys", "revoke", made["id"], "--yes").code == 5


def test_key_alone_is_on_standard_output(cli: Any) -> None:
    said = cli("keys", "create", "script")
    assert said.out.strip().startswith("lw_")
    assert len(said.out.split()) == 1


def test_tenants_are_made_kept_apart_and_deleted(cli: Any) -> None:
    assert cli("tenants", "create", "acme").code == 0
    assert cli("tenants", "create", "acme").code == 6
    cli("keys", "create", "theirs", "--tenant", "acme")
    names = [key["name"] for key in cli("keys", "list", "--tenant", "acme", "--json").json["data"]]
    assert names == ["theirs"]
    assert "theirs" not in cli("keys", "list").out
    rows = [json.loads(line) for line in cli("tenants", "list", "--jsonl").out.splitlines()]
    assert {"default", "acme"} <= {row["name"] for row in rows}
    assert cli("tenants", "delete", "acme", "--yes").code == 0
    assert cli("keys", "list", "--tenant", "acme").code == 5


def test_own_file_is_loaded_and_found(cli: Any) -> None:
    rows = ["id,text,stars", "a,The handle came off.,1", "b,Bread came out dense.,2", "a,The handle broke.,1"]
    (cli.folder / "reviews.csv").write_text("\n".join(rows))
    loaded = cli("load", "reviews.csv", "-c", "reviews", "--text", "text", "--key", "id", "--facets", "stars")
    assert loaded.code == 0, loaded.err
    again = cli("load", "reviews.csv", "-c", "reviews", "--text", "text", "--key", "id", "--json")
    assert again.json["created"] == 0
    answer = cli("search", "handle", "-c", "reviews", "--json").json
    assert answer["data"][0]["key"] == "a"
    assert answer["plan"] in {"exact", "approximate"}
    assert answer["data"][0].keys() >= {"id", "key", "score", "text", "facets"}


def test_tables_are_plain_without_a_terminal(cli: Any) -> None:
    heading, *rows = cli("tenants", "list").out.splitlines()
    assert heading.split("\t") == ["name", "id", "created at"]
    assert all(len(row.split("\t")) == 3 for row in rows)
    assert "\x1b" not in cli("tenants", "list").out


def test_health_is_told_line_by_line_and_as_json(cli: Any) -> None:
    said = cli("health", "--json")
    report = said.json
    assert said.code == (0 if report["status"] == "ok" else 1)
    assert report["figures"].keys() == {"items", "passages", "pending", "collections", "database_bytes"}
    assert {"database", "connections", "events", "disk"} <= {check["name"] for check in report["checks"]}


def test_schedules_are_listed_and_one_runs_now(cli: Any) -> None:
    names = [one["name"] for one in cli("jobs", "schedules", "--json").json["data"]]
    assert names
    assert cli("jobs", "run", names[0]).code == 0
    assert cli("jobs", "run", names[0]).code == 6  # it waits already
    assert cli("jobs", "list", "--json").json.keys() == {"data"}
    assert cli("jobs", "dead-letters", "--json").json == {"data": []}
    assert cli("jobs", "retry", "--json").json == {"retried": 0}


def test_completion_is_a_script(fresh_cli: Any) -> None:
    for shell in ("bash", "zsh", "fish"):
        said = fresh_cli("completion", shell)
        assert (said.code, "_LIKEWISE_COMPLETE" in said.out.upper()) == (0, True), said.err
