"""The inbox from the command line: messages come in, are grouped, answered once, and everything is taken back."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

ASKED = ("Dishwasher safe?", "dishwasher safe??", "When are the moon jars back?", "dishwasher safe")


@pytest.fixture(scope="module")
def inbox(cli: Any) -> Any:
    """Four messages of a channel, three of which say the same but for signs; one row of the file is no message."""
    assert cli("inbox", "channels", "create", "shop").code == 0
    rows = [
        {"text": text, "id": f"m{number}", "visitor": {"name": f"Ann{number}"}} for number, text in enumerate(ASKED)
    ]
    with gzip.open(cli.folder / "messages.jsonl.gz", "wt") as file:
        file.write("".join(json.dumps(row) + "\n" for row in rows) + '{"text": 7}\nnot json\n')
    said = cli("inbox", "ingest", "--file", "messages.jsonl.gz", "--channel", "shop", "--json")
    assert said.code == 0, said.err
    assert (said.json["created"], said.json["rejected"], said.json["waiting"]) == (4, 2, 0)
    return cli


def data(said: Any) -> list[dict[str, Any]]:
    assert said.code == 0, said.err
    return said.json["data"]


def biggest(cli: Any) -> dict[str, Any]:
    return data(cli("inbox", "clusters", "--size-min", "2", "--json"))[0]


def messages_of(cli: Any, cluster: str) -> list[dict[str, Any]]:
    return data(cli("inbox", "messages", "--cluster", cluster, "--json"))


def test_rows_that_are_no_messages_are_told_with_their_lines(inbox: Any) -> None:
    said = inbox("inbox", "ingest", "--file", "messages.jsonl.gz", "--channel", "shop")
    assert said.code == 0
    assert "0 new, 4 known, 2 refused" in said.out
    assert "line 5 /text" in said.err
    assert "line 6" in said.err


def test_rows_without_an_id_are_known_again_by_line_and_content(inbox: Any) -> None:
    rows = '{"text": "what is the song called"}\n{"text": "what is the song called"}\n'
    first = inbox("inbox", "ingest", "--file", "-", "--json", stdin=rows).json
    again = inbox("inbox", "ingest", "--file", "-", "--json", stdin=rows).json
    assert (first["created"], again["created"], again["known"]) == (2, 0, 2)


def test_row_of_an_unknown_channel_stays_out_and_nothing_else_fails_the_command(inbox: Any) -> None:
    said = inbox("inbox", "ingest", "--file", "-", "--json", stdin='{"text": "hello", "channel": "shp"}\n')
    assert (said.code, said.json["created"]) == (1, 0)
    assert "'shop'" in said.json["problems"][0]["reason"]


def test_one_message_is_told_its_cluster_and_is_the_same_under_its_id(inbox: Any) -> None:
    words = ("inbox", "ingest", "dishwasher  safe?", "--channel", "shop", "--id", "one", "--visitor", "Bo", "--json")
    made = inbox(*words).json
    assert (made["status"], made["is_new"], made["cluster"]) == ("grouped", True, biggest(inbox)["id"])
    again = inbox(*words).json
    assert (again["id"], again["is_new"]) == (made["id"], False)
    other = inbox("inbox", "ingest", "something else", "--channel", "shop", "--id", "one")
    assert (other.code, "another text" in other.err) == (6, True)


def test_wrong_words_say_what_is_wrong_and_exit_by_their_kind(inbox: Any) -> None:
    assert inbox("inbox", "ingest").code == 2
    assert inbox("inbox", "ingest", "text", "--file", "messages.jsonl.gz").code == 2
    assert inbox("inbox", "ingest", "--file", "nowhere.jsonl").code == 5
    assert inbox("inbox", "show", "clu_00000000000000000000000000").code == 5
    assert inbox("inbox", "show", "nonsense").code == 2
    assert inbox("inbox", "channels", "create", "shop").code == 6
    assert inbox("inbox", "channels", "change", "shop", "--url", "ftp://nowhere").code == 2
    refused = inbox("inbox", "preview", biggest(inbox)["id"], "Hi {{frist_name}}")
    assert (refused.code, "first_name" in refused.err) == (2, True)


def test_channel_tells_where_its_messages_and_answers_go(inbox: Any) -> None:
    made = inbox("inbox", "channels", "create", "mail", "--url", "https://example.org/answers", "--json").json
    assert made["hook_path"].startswith("/public/v1/inbox/hooks/")
    assert inbox("inbox", "channels", "change", "mail", "--url", "", "--json").json["delivery_url"] is None
    secret = inbox("inbox", "channels", "secret", "mail").out.strip()
    assert secret.startswith("whsec_")
    assert inbox("inbox", "channels", "secret", "mail", "--json").json["secret"] == secret
    assert inbox("inbox", "channels", "secret", "mail", "--rotate", "--json").json["secret"] != secret
    assert {"api", "mail", "shop"} <= {row["name"] for row in data(inbox("inbox", "channels", "list", "--json"))}


def test_answer_is_looked_at_given_once_and_taken_back(inbox: Any) -> None:
    cluster = biggest(inbox)
    left_out = messages_of(inbox, cluster["id"])[0]
    text = "Hi {{first_name|there}}, yes."
    words = (cluster["id"], text, "--except", left_out["id"])
    seen = inbox("inbox", "preview", *words, "--json").json
    count = cluster["message_count"] - 1
    assert (seen["message_count"], len(seen["data"])) == (count, count)
    assert "Hi Ann0, yes." in {reply["text"] for reply in seen["data"]}
    asked = inbox("inbox", "answer", *words)
    assert (asked.code, "--yes" in asked.err, "Hi Ann" in asked.err) == (2, True, True)
    assert biggest(inbox)["state"] == "open", "nothing was done without a yes"
    made = inbox("inbox", "answer", *words, "--yes", "--json", LIKEWISE_INBOX_UNDO_S="600").json
    assert (made["message_count"], made["actor"]) == (count, "owner")
    assert inbox("inbox", "answer", *words, "--yes").code == 6
    assert [row["id"] for row in data(inbox("inbox", "clusters", "--state", "actioned", "--json"))] == [cluster["id"]]
    assert len(data(inbox("inbox", "deliveries", "--action", made["id"], "--json"))) == count
    assert data(inbox("inbox", "changes", "--cluster", cluster["id"], "--json"))[0]["action"] == made["id"]
    assert inbox("inbox", "undo", made["id"]).code == 0
    assert biggest(inbox)["answered_count"] == 0
    assert inbox("inbox", "undo", made["id"]).code == 6


def test_answer_that_stays_reaches_late_messages_and_is_fetched(inbox: Any) -> None:
    assert inbox("inbox", "ingest", "which clay do you use").code == 0
    [cluster] = {row["cluster"] for row in data(inbox("inbox", "messages", "--json")) if "clay" in row["text"]}
    words = ("inbox", "answer", cluster, "Stoneware, {{name}}.", "--late", "--yes", "--json")
    made = inbox(*words, LIKEWISE_INBOX_UNDO_S="0").json
    assert (made["message_count"], made["answers_late"]) == (1, True)
    assert inbox("inbox", "ingest", "which clay do you use?", "--visitor", "Cy", LIKEWISE_INBOX_UNDO_S="0").code == 0
    ready: list[dict[str, Any]] = []
    for _ in range(20):  # somebody has to have heard of the late one: each ingest works until its message is grouped
        ready = data(inbox("inbox", "deliveries", "--state", "ready", "--action", made["id"], "--json"))
        if len(ready) == 2:
            break
        assert inbox("inbox", "ingest", "which clay do you use?", "--id", "late", LIKEWISE_INBOX_UNDO_S="0").code == 0
    assert "Stoneware, Cy." in {row["text"] for row in ready}
    assert inbox("inbox", "acknowledge", ready[0]["id"], "--json").json["state"] == "delivered"
    assert inbox("inbox", "acknowledge", ready[0]["id"]).code == 6
    assert inbox("inbox", "retry", ready[1]["id"]).code == 6
    assert inbox("inbox", "stop-late", cluster, "--json").json["answers_late"] is False


def test_clusters_are_rearranged_and_every_change_is_undone(inbox: Any) -> None:
    before, other = data(inbox("inbox", "clusters", "--json"))[:2]
    moved = messages_of(inbox, other["id"])[0]["id"]
    both = inbox("inbox", "merge", other["id"], "--into", before["id"], "--json").json["cluster"]
    assert both["message_count"] == before["message_count"] + other["message_count"]
    split = inbox("inbox", "split", before["id"], moved, "--json").json["cluster"]["id"]
    assert inbox("inbox", "move", split, moved, "--into", before["id"], "--json").code == 0
    removed = inbox("inbox", "remove", moved, "--json").json["change"]
    assert (removed["kind"], removed["cluster"]) == ("remove", before["id"])
    assert inbox("inbox", "undo", removed["id"], "--json").json["kind"] == "remove"
    for words in (("rename", before["id"], "Washing up"), ("lock", before["id"]), ("unlock", before["id"])):
        said = inbox("inbox", *words, "--json")
        assert (said.code, said.json["change"]["kind"]) == (0, words[0])
    assert inbox("inbox", "archive", before["id"]).code == 0
    assert inbox("inbox", "archive", before["id"]).code == 6
    assert inbox("inbox", "reopen", before["id"]).code == 0
    shown = inbox("inbox", "show", before["id"], "--json").json
    assert (shown["cluster"]["name"], len(shown["messages"])) == ("Washing up", both["message_count"])
    kinds = {row["kind"] for row in data(inbox("inbox", "changes", "--json"))}
    assert {"merge", "split", "move", "remove", "rename", "lock", "unlock", "archive", "reopen"} <= kinds


def test_search_finds_clusters_by_what_their_messages_say(inbox: Any) -> None:
    found = data(inbox("inbox", "clusters", "--query", "what is the song called", "--json"))
    assert found[0]["examples"][0]["text"] == "what is the song called"
