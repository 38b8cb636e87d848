"""A month of messages to several creators, made from real texts (BANKING77, HWU64, the SMS collection), with one seed.

What people ask follows Zipf's law and differs from creator to creator; there are nights, weekends, and bursts: a video
goes out or something breaks, and within hours a third of the day's messages ask one thing. A part of the messages is
an earlier one word for word, a part nearly so, the rest are other wordings (other rows of the data) and chit-chat or
advertisements that nobody else sends. Where an intent's rows run out, two of them make one message; each wording is
new to its creator once. A few messages arrive twice, as webhooks that are tried again.

    python benchmarks/inbox_month.py [--creators 3] [--messages 30000] [--seed 20261121] [--out FILE] [--show 40]
"""

import argparse
import hashlib
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
import numpy as np

from inbox_people import Visitor, make_visitor, payload_of
from inbox_rows import CREATOR, Row, read_rows, wordings
from inbox_wording import Variant, styled, vary

__all__ = ["DAYS", "MonthMessage", "delivered", "make_month"]

SEED = 20261121
START = datetime(2026, 10, 1, tzinfo=UTC)
DAYS = 30
RECENT = 200  # messages of one intent that may come back
RETRIED = 0.006
DELAY_MAX = 2_000
CHAT, ADVERTISEMENT = 0.12, 0.04  # shares of what comes outside bursts
ASKED_AGAIN = 0.05  # of those who write once more
BURSTS = 5
ZIPF = 1.0

# From midnight on, in the creator's own time; the days from Monday on.
_HOURS = (3, 2, 1, 1, 1, 2, 4, 6, 7, 8, 8, 9, 11, 10, 9, 9, 10, 12, 14, 16, 17, 15, 11, 6)
_WEEKDAYS = (1.0, 0.97, 0.95, 1.0, 1.08, 1.25, 1.2)


class MonthMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it arrives, and what only a judge may know: its intent, whence its text comes, and what it repeats.

    `variant` tells how the text differs from that of `origin`, an earlier message to the same creator: not at all
    (`exact`), in one way, or in several (`mixed`); a changed text may by chance be what a third person wrote. `new` has
    no origin. Chit-chat and advertisements have an intent of their own each.
    """

    creator: str
    channel: str
    external_id: str
    text: str
    visitor_id: str
    visitor_name: str
    avatar_url: str | None
    sent_at: datetime
    payload: dict[str, object]
    intent: str
    source: str
    variant: Variant
    origin: str | None


class _Said(NamedTuple):
    """What may be said again: a text, and the wording that it came from."""

    id: str
    text: str
    base_id: str
    base_text: str
    row: Row


class _Shares(NamedTuple):
    exact: float
    near: float


_USUAL = _Shares(0.22, 0.33)
_IN_BURST = _Shares(0.32, 0.42)
_OF_CHAT = _Shares(0.03, 0.02)
_OF_ADVERTISEMENT = _Shares(0.5, 0.2)


class _Persona(NamedTuple):
    key: str
    first_name: str
    utc_hours: int
    home: str
    channels: tuple[float, ...]


_PERSONAS = (
    _Persona("mara.money", "Mara", 1, "banking77", (4, 3, 2, 2, 1)),
    _Persona("tobi.at.home", "Tobi", -5, "hwu64", (2, 6, 1, 1, 1)),
    _Persona("the.linh.show", "Linh", 7, "", (5, 4, 2, 0.5, 0.5)),
    _Persona("ask.adaeze", "Adaeze", 1, "banking77", (5, 1, 3, 1, 1)),
    _Persona("kenji.tinkers", "Kenji", 9, "hwu64", (1, 6, 1, 2, 1)),
    _Persona("rosa.viaja", "Rosa", -3, "", (6, 2, 2, 1, 1)),
)


def make_month(
    *, creators: int = 3, messages: int = 30_000, seed: int = SEED, start: datetime = START
) -> Iterator[MonthMessage]:
    """`messages` messages of the 30 days from `start` (midnight, UTC) in order of sent_at, those that come twice
    counted twice, one right after the other. Memory grows with creators and intents, not with messages."""
    askings, chat, advertisements = read_rows()
    retries = int(messages * RETRIED)
    inboxes = [
        _Inbox(
            number, seed=seed, visitors_about=messages // creators // 25, askings=askings, others=(chat, advertisements)
        )
        for number in range(creators)
    ]
    chance = Random(f"{seed}/times")
    left = messages - retries
    for hour, counts in enumerate(_plan(inboxes, messages=left, seed=seed, start=start)):
        moments = [
            (chance.randrange(3_600_000), number, in_burst)
            for number, pair in enumerate(counts)
            for in_burst, count in zip((False, True), pair, strict=True)
            for _ in range(count)
        ]
        for millisecond, number, in_burst in sorted(moments):
            sent_at = start + timedelta(hours=hour, milliseconds=millisecond)
            message = inboxes[number].write(sent_at, burst=inboxes[number].bursts[hour // 24] if in_burst else None)
            yield message
            # Of those that are left, as many as are wanted, each as likely.
            if chance.random() * left < retries:
                retries -= 1
                yield message
            left -= 1


def delivered(messages: Iterable[MonthMessage], *, seed: int = SEED) -> Iterator[MonthMessage]:
    """The same messages as webhooks bring them: what is tried again comes up to 2,000 messages late."""
    chance = Random(f"{seed}/deliveries")
    late: list[tuple[int, int, MonthMessage]] = []
    before: MonthMessage | None = None
    place = 0
    for place, message in enumerate(messages):
        while late and late[0][0] <= place:
            yield heappop(late)[2]
        if before is not None and message.external_id == before.external_id:
            heappush(late, (place + chance.randint(1, DELAY_MAX), place, message))
        else:
            yield message
        before = message
    while late:
        yield heappop(late)[2]


def _plan(inboxes: Sequence["_Inbox"], *, messages: int, seed: int, start: datetime) -> Iterator[list[tuple[int, int]]]:
    """For each hour how many messages each inbox gets: usual ones, and those of a burst."""
    random = np.random.default_rng(seed)
    weights = np.zeros((DAYS * 24, len(inboxes), 2))
    for number, inbox in enumerate(inboxes):
        for hour in range(DAYS * 24):
            local = start + timedelta(hours=hour + inbox.persona.utc_hours)
            weights[hour, number, 0] = _HOURS[local.hour] * _WEEKDAYS[local.weekday()]
        days = weights[:, number, 0].reshape(DAYS, 24)
        days *= random.lognormal(sigma=0.12, size=(DAYS, 1))
        days /= days.sum() * (number + 1) ** 0.6
        for day in inbox.bursts:
            # Half as much as the day has without it is a third of the day; it ends before midnight.
            first = int(random.integers(6, 19))
            fading = 0.5 ** (np.arange(24 - first) / random.uniform(0.8, 2.0))
            weights[24 * day + first : 24 * (day + 1), number, 1] = fading / fading.sum() * days[day].sum() / 2
    counts = random.multinomial(messages, weights.ravel() / weights.sum()).reshape(weights.shape)
    for of_hour in counts.tolist():
        yield [(usual, burst) for usual, burst in of_hour]


class _Asking:
    """One intent at one creator: wordings that nobody has used yet, and what was said lately."""

    def __init__(self, rows: Sequence[Row], chance: Random) -> None:
        self.fresh = wordings(rows, chance)
        self.said: deque[_Said] = deque(maxlen=RECENT)


class _Inbox:
    """A creator, those who write to them at the moment, and what was said."""

    def __init__(
        self,
        number: int,
        *,
        seed: int,
        visitors_about: int,
        askings: dict[str, list[Row]],
        others: tuple[list[Row], list[Row]],
    ) -> None:
        persona = _PERSONAS[number % len(_PERSONAS)]
        turn = number // len(_PERSONAS)
        self.persona = persona._replace(key=f"{persona.key}.{turn + 1}") if turn else persona
        self._world = f"{seed}/{self.persona.key}"
        self._chance = chance = Random(self._world)
        ranks = sorted(askings, key=lambda name: -chance.gauss() - 1.5 * (askings[name][0].source == persona.home))
        self._askings = [_Asking(askings[name], chance) for name in ranks]
        self._popularity = list(accumulate((rank + 1) ** -ZIPF for rank in range(len(ranks))))
        self._chat, self._advertisements = (_Asking(rows, chance) for rows in others)
        days = chance.sample(range(1, DAYS), BURSTS)
        self.bursts = {day: self._askings[chance.randrange(2, min(30, len(ranks)))] for day in days}
        self._visitors: list[tuple[Visitor, _Said]] = []
        self._visitors_about = min(max(visitors_about, 50), 5_000)
        self._visitors_count = 0
        self._written = 0

    def write(self, sent_at: datetime, *, burst: _Asking | None) -> MonthMessage:
        """The next message; of a burst, one that asks what the burst is about."""
        visitor, last = self._next_visitor()
        self._written += 1
        number = self._written
        external_id = self._external_id(visitor.channel, number)
        if last is not None and self._chance.random() < ASKED_AGAIN:
            said, variant = _Said(external_id, last.text, last.base_id, last.base_text, last.row), "exact"
            origin: str | None = last.id
        else:
            said, variant, origin = self._say(external_id, visitor, burst)
        if visitor.left > 0:
            self._visitors.append((visitor, said))
        return MonthMessage(
            creator=self.persona.key,
            channel=visitor.channel,
            external_id=external_id,
            text=said.text,
            visitor_id=visitor.id,
            visitor_name=visitor.name,
            avatar_url=visitor.avatar_url,
            sent_at=sent_at,
            payload=payload_of(
                visitor,
                creator=self.persona.key,
                external_id=external_id,
                text=said.text,
                sent_at=sent_at,
                number=number,
            ),
            intent=said.row.intent,
            source=said.row.source,
            variant=variant,
            origin=origin,
        )

    def _say(self, external_id: str, visitor: Visitor, burst: _Asking | None) -> tuple[_Said, Variant, str | None]:
        chance = self._chance
        asking, shares = (burst, _IN_BURST) if burst is not None else self._choose()
        kind = chance.random()
        row = None
        if not asking.said or kind > shares.exact + shares.near:
            row = next(asking.fresh, None)
        variant: Variant
        origin: str | None
        if row is not None:
            text = row.text.replace(CREATOR, self.persona.first_name)
            text = text if row.source == "sms" else styled(text, visitor.style, chance)
            said, variant, origin = _Said(external_id, text, external_id, text, row), "new", None
        elif kind > shares.exact:
            before = chance.choice(asking.said)
            text, variant = vary(before.base_text, chance, creator=self.persona.first_name, writer=visitor.first_name)
            said, origin = before._replace(id=external_id, text=text), before.base_id
        else:
            before = chance.choice(asking.said)
            said, variant, origin = before._replace(id=external_id), "exact", before.id
        if variant not in {"name", "mixed"}:  # nobody copies what another has signed
            asking.said.append(said)
        return said, variant, origin

    def _choose(self) -> tuple[_Asking, _Shares]:
        kind = self._chance.random()
        if kind < CHAT:
            return self._chat, _OF_CHAT
        if kind < CHAT + ADVERTISEMENT:
            return self._advertisements, _OF_ADVERTISEMENT
        return self._chance.choices(self._askings, cum_weights=self._popularity)[0], _USUAL

    def _next_visitor(self) -> tuple[Visitor, _Said | None]:
        """Somebody who has written before, or a new one; the more are under way, the rarer a new one."""
        under_way = len(self._visitors)
        visitor: Visitor
        last: _Said | None
        if self._chance.random() * (under_way + self._visitors_about) < under_way:
            place = self._chance.randrange(under_way)
            self._visitors[place], self._visitors[-1] = self._visitors[-1], self._visitors[place]
            visitor, last = self._visitors.pop()
        else:
            self._visitors_count += 1
            weights = self.persona.channels
            visitor, last = make_visitor(self._world, self._visitors_count, channel_weights=weights), None
        visitor.left -= 1
        return visitor, last

    def _external_id(self, channel: str, number: int) -> str:
        drawn = hashlib.blake2b(f"{self._world}/{number}".encode(), digest_size=12).hexdigest()
        return {"instagram": f"m_{drawn}", "youtube": f"Ugx{drawn}", "telegram": f"{int(drawn, 16)}"}.get(
            channel, drawn
        )


def main() -> None:
    """Write a month as lines of JSON and tell what is in it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, default=3)
    parser.add_argument("--messages", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, help="a file for the messages, one JSON object a line")
    parser.add_argument("--show", type=int, default=0, help="print as many messages, drawn from all")
    given = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    shown: list[MonthMessage] = []
    digest, chance, before = hashlib.sha256(), Random(given.seed), ""
    with ExitStack() as stack:
        file = stack.enter_context(given.out.open("wb")) if given.out else None
        for place, message in enumerate(make_month(creators=given.creators, messages=given.messages, seed=given.seed)):
            line = msgspec.json.encode(message) + b"\n"
            digest.update(line)
            if file is not None:
                file.write(line)
            kinds = {"variant": message.variant, "creator": message.creator, "source": message.source}
            kinds |= {"channel": message.channel, "retried": str(message.external_id == before)}
            counts.update(kinds.items())
            before = message.external_id
            if len(shown) < given.show:
                shown.append(message)
            elif given.show and (at := chance.randrange(place + 1)) < given.show:
                shown[at] = message
    for (kind, value), count in sorted(counts.items(), key=lambda pair: (pair[0][0], -pair[1])):
        print(f"{kind:8} {value:16} {count:9} {count / given.messages:7.2%}")
    print(f"sha256   {digest.hexdigest()}")
    for message in sorted(shown, key=lambda each: each.sent_at):
        told = f"{message.visitor_name} [{message.intent}, {message.variant}] {message.text!r}"
        print(f"{message.sent_at:%m-%d %H:%M} {told}")


if __name__ == "__main__":
    main()
