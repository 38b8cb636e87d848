"""The real texts that a month of messages is made from, by what they ask. They are read where they are, never copied.

Of texts that differ in case, punctuation or digits only, the first one counts.
"""

import html
import re
from collections.abc import Iterator, Sequence
from math import gcd
from random import Random
from typing import NamedTuple

from harness import read_jsonl, shared_folder
from inbox_wording import joined

__all__ = ["CREATOR", "Row", "read_rows", "wordings"]

CREATOR = "{creator}"  # stands for the creator's name, where the data calls an assistant
_JOINED_ROWS_MIN = 2
# Catch-alls: their rows have no more in common than that they fit nowhere else.
_NO_GROUP = frozenset({"general_quirky", "qa_factoid", "qa_definition"})
_WAKE_WORDS = re.compile(r"\b(?:olly|s1|pda)\b", re.IGNORECASE)
_FILLED = {"<#>": "5", "<DECIMAL>": "4.50", "<TIME>": "7pm", "<URL>": "www.link.example", "<EMAIL>": "me@mail.example"}


class Row(NamedTuple):
    """A text, its intent and the data set it is from."""

    text: str
    intent: str
    source: str


def read_rows() -> tuple[dict[str, list[Row]], list[Row], list[Row]]:
    """Rows by intent, chit-chat, advertisements; every text once, whatever its case and punctuation."""
    askings: dict[str, list[Row]] = {}
    seen: set[str] = set()
    folder = shared_folder("intents")
    for source in ("banking77", "hwu64"):
        for row in read_jsonl(folder / f"{source}.jsonl.gz"):
            text, intent = " ".join(str(row["text"]).split()), str(row["intent"])
            if intent not in _NO_GROUP and _is_first(text, seen):
                text = _WAKE_WORDS.sub(CREATOR, text) if source == "hwu64" else text
                askings.setdefault(intent, []).append(Row(text, intent, source))
    others: dict[str, list[Row]] = {"ham": [], "spam": []}
    for row in read_jsonl(shared_folder("pairs") / "sms_spam_collection.jsonl.gz"):
        text, label = _mended(str(row["text"])), str(row["label"])
        if _is_first(text, seen):
            others[label].append(Row(text, f"{label}-{row['id']}", "sms"))
    return askings, others["ham"], others["spam"]


def _is_first(text: str, seen: set[str]) -> bool:
    """Whether no text before had the same letters; digits count as alike, as one advertisement has many numbers."""
    letters = re.sub(r"\d", "0", re.sub(r"\W+", " ", text.casefold())).strip()
    if not letters or letters in seen:
        return False
    seen.add(letters)
    return True


def _mended(text: str) -> str:
    """A text message as its sender wrote it: without HTML, masks of numbers filled in, quotes of an old code page."""
    text = html.unescape(text)
    for mask, said in _FILLED.items():
        text = text.replace(mask, said)
    return re.sub(
        r"[\x80-\x9f]", lambda found: found.group().encode("latin-1").decode("cp1252", "ignore"), text
    ).strip()


def wordings(rows: Sequence[Row], chance: Random) -> Iterator[Row]:
    """Each row, then each pair of rows as one text, in no order; none twice."""
    order = list(range(len(rows)))
    chance.shuffle(order)
    for place in order:
        yield rows[place]
    if len(rows) < _JOINED_ROWS_MIN:
        return
    pairs = len(rows) * (len(rows) - 1)
    stride = next(step for step in range(int(pairs * 0.618) + 1, 2 * pairs + 2) if gcd(step, pairs) == 1)
    at = chance.randrange(pairs)
    for _ in range(pairs):
        at = (at + stride) % pairs
        first, second = divmod(at, len(rows) - 1)
        one, other = rows[first], rows[second + (second >= first)]
        intent = one.intent if one.intent == other.intent else f"{one.intent}+{other.intent}"
        yield Row(joined(one.text, other.text, chance), intent, one.source)
