"""`likewise language` in processes of its own: asking without a key, asking a stub, tables and costs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Cli
from tests.engine.stub_chat import StubChat

KEY = "canary-of-a-provider-31337"


@pytest.fixture
def stub() -> Iterator[StubChat]:
    with StubChat() as running:
        yield running


def test_question_is_answered_from_a_file_without_any_key(cli: Cli) -> None:
    file = cli.folder / "returns.md"
    file.write_text("You may return a mug within 30 days.\n\nRefunds take five working days.\n", "utf-8")
    said = cli("language", "chat", "How long do refunds take?", "--passages", str(file))
    assert said.code == 0, said.err
    assert said.out == "Refunds take five working days. [2]\n"
    assert "extractive (extractive, easy)" in said.err
    rows = cli.folder / "rows.jsonl"
    rows.write_text('{"id": "a", "text": "Refunds take five working days."}\n', "utf-8")
    found = cli("--json", "language", "chat", "How long do refunds take?", "--passages", str(rows)).json
    assert found["citations"] == [{"type": "citation", "passage_id": "a", "start": 0, "end": 31, "number": 1}]
    rows.write_text('{"id": 7}\n', "utf-8")
    refused = cli("language", "chat", "x", "--passages", str(rows))
    assert (refused.code, "line 1 of" in refused.err) == (2, True)


def test_model_is_asked_paid_and_recomputed(cli: Cli, stub: StubChat, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(f"{KEY}\n", "utf-8")
    environment = {
        "LIKEWISE_LANGUAGE_OPENAI_URL": stub.url,
        "LIKEWISE_LANGUAGE_OPENAI_API_KEY_FILE": str(secret),
        "LIKEWISE_LANGUAGE_CHEAP": '["openai/small"]',
        "LIKEWISE_LANGUAGE_STANDARD": "[]",
        "LIKEWISE_LANGUAGE_STRONG": "[]",
        "LIKEWISE_LANGUAGE_PRICES": '{"small": [1, 2]}',
    }
    said = cli("language", "chat", "How hot?", **environment)
    assert (said.code, said.out) == (0, "The kiln is at 1,200 degrees [1].\n"), said.err
    assert "20 tokens in, 7 out, 0.000034 US dollars" in said.err
    assert stub.asked[0].headers["authorization"] == f"Bearer {KEY}"
    month = cli("--json", "language", "costs", **environment).json["data"][0]
    assert month["spent_usd"] == pytest.approx(34e-6)
    table = tmp_path / "table.json"
    table.write_text(cli("--json", "language", "routes", **environment).out, "utf-8")
    found = cli("--json", "language", "what-if", str(table), "--month", month["month"], **environment).json
    assert found["actual_usd"] == pytest.approx(34e-6)
    assert found["what_if_usd"] >= found["actual_usd"] - 1e-9, "what was answered for nothing would have a price, too"
    changed = json.loads(table.read_text("utf-8"))["routing"]
    changed["routes"] = [{"task": "*", "otherwise": "refuse"}]
    table.write_text(json.dumps(changed), "utf-8")
    assert cli("language", "routes", "--set", str(table), "--budget", "0", **environment).code == 0
    refused = cli("language", "chat", "How hot?", **environment)
    assert refused.code == 6
    assert "budget of 0 US dollars" in refused.err
    assert cli("language", "routes", "--reset", **environment).code == 0
    shown = cli("language", "models", **environment).out + cli("config", "show", **environment).out
    assert "openai/small" in shown
    assert KEY not in shown


def test_file_that_is_no_table_is_refused(cli: Cli) -> None:
    file = cli.folder / "odd.json"
    file.write_text('{"tiers": 7}', "utf-8")
    said = cli("language", "what-if", str(file))
    assert said.code == 2
    assert "holds none" in said.err
