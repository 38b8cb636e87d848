"""R1, R2, P1 and search by attribute through the community app, at a size, while others write.

A made-up community (community_made.py) is laid down, everything derived of it is made, and then `likewise serve` and
`likewise worker` run on it as their owner would run them (`--together`: `likewise up`), while a writer sends fifty
experiences, comments, upvotes and views a second at its own pace. Every question is asked in this process, by the
service, and by one client over HTTP with a key. Baselines in the same run: comparing with everybody, trending (the same
for everybody), counting attributes, scanning attributes without an index. Whatever moderators hid must be in no answer.

    python benchmarks/community_bench.py [--size 1 | 10 | 100 | --full] [--questions 200]
"""

import argparse
import asyncio
import gc
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import psycopg
import uvloop

from community_asking import BARS, Asked, ask_here, ask_over_http, shares
from community_changes import Changes
from community_client import API, Client, public_id, writing
from community_counts import count, put_counts
from community_made import PLANTED, Made, make_community
from community_questions import questions
from community_rows import lay_words, put_in
from crowd import Crowd, derive
from harness import open_bench, report
from likewise.apps.community import service
from likewise.apps.community.model import COLLECTION
from likewise.engine.patterns import Group, find_associations, refresh_insights
from likewise.engine.recommend import rebuild, store
from likewise.engine.search import build_vector_indexes
from likewise.platform.feature import App
from likewise.platform.tenancy import create_key
from report import memory_mb, percentile, ratio
from running import cpu_s_of, pss_mb_of, started

PEOPLE, EXPERIENCES, INTERACTIONS = 100, 1_000, 10_000
"""At size 1; 50 attributes each, so 50,000, 500,000 and 5,000,000 attributes at sizes 1, 10 and 100."""
WRITES_A_SECOND = 50
SETTLE_S = 3.0
SLOWEST = 14
HIDDEN = 20
PLANTED_FROM = 10_000
"""Experiences from which what was planted must be found; among few it may not be significant."""
BASELINE_TRIES = 15
COUNTING: LiteralString = """select text_value, count(*) from community.attributes
where tenant_id = %s and key = 'mood' and is_counted group by text_value"""
SCANNING: LiteralString = """select experience_id from community.attributes
where tenant_id = %s and key = 'shape' and text_value = 'triangle' and is_counted
order by experience_id desc limit 20"""

Row = dict[str, object]


class Laid(NamedTuple):
    """What lies in the database, and how long it took."""

    made: Made
    collection_id: UUID
    rows: list[Row]


async def lay_down(app: App, tenant_id: UUID, *, size: int) -> Laid:
    """The community at this size, with everything the program derives of it."""
    rows: list[Row] = []
    last = time.perf_counter()

    def lap(what: str, **facts: object) -> None:
        nonlocal last
        now = time.perf_counter()
        rows.append({"what": what, "seconds": round(now - last, 1)} | facts)
        print(f"   {what}: {now - last:.1f} s", flush=True)
        last = now

    made = make_community(people=PEOPLE * size, experiences=EXPERIENCES * size, interactions=INTERACTIONS * size)
    collection = await put_in(app, tenant_id, made)
    lap("laid down: items, attributes, acts", attributes=sum(_known(column) for _, column in made.columns))
    counted = await asyncio.to_thread(count, made, collection.id)
    lap("laid down: counts of patterns", pairs=await put_counts(app, tenant_id, made, counted))
    del counted
    await lay_words(app, tenant_id, made.ids)
    lap("words of every experience")
    crowd = Crowd(collection.id, made.people, made.ids, [f"made-{number}" for number in range(made.size)])
    await derive(app, tenant_id, crowd)
    lap("standings and profiles of everybody")
    await rebuild(app, tenant_id, collection=COLLECTION)
    lap("rebuild: taste and people alike", memory_mb=memory_mb())
    await build_vector_indexes(app)
    lap("index of meaning")
    found = await refresh_insights(app, tenant_id, collection=COLLECTION)
    lap("insights", tested=found.tested, found=found.found)
    tables = await service.make_partitions(app)
    lap("categories given tables of their own", tables=len(tables))
    async with app.db.owner_connection() as connection:
        await connection.execute("vacuum analyze")
    lap("vacuum")
    return Laid(made, collection.id, rows)


def _known(column: Any) -> int:  # noqa: ANN401 - an array of either kind
    return int(((column == column) & (column != -1)).sum())  # noqa: PLR0124 - nan is what differs from itself


async def find_planted(app: App, tenant_id: UUID, made: Made) -> list[Row]:
    """What was planted, as the patterns tell it; ends the run where one is not found among enough experiences."""
    month = f"{made.moment(made.ends).year - 1}-07"
    groups = {
        "shape:triangle": Group(kind="value", key="shape", value="triangle"),
        "july": Group(kind="period", first=month, last=month),
        "region": Group(kind="place", value="50,5"),
    }
    rows: list[Row] = []
    for one in PLANTED:
        found = await find_associations(
            app, tenant_id, collection=COLLECTION, group=groups[one.group], key=one.key, significant_only=True
        )
        best = next((row for row in found.data if row.value == one.value), None)
        if best is None and made.size >= PLANTED_FROM:
            raise SystemExit(f"patterns do not tell that {one.group} goes with {one.key}:{one.value}")
        lift = None if best is None else round(best.lift, 2)
        rows.append({"what": f"planted: {one.group} with {one.key}:{one.value}", "lift": lift})
    return rows


async def measure_baselines(app: App, tenant_id: UUID, laid: Laid) -> dict[str, list[float]]:
    """Seconds of the same answers without what makes them quick."""
    found: dict[str, list[float]] = defaultdict(list)
    for user in laid.made.people[:: max(1, len(laid.made.people) // BASELINE_TRIES)]:
        begun = time.perf_counter()
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            where: dict[str, Any] = {"collection_id": laid.collection_id, "kind": "meaning"}
            known = await store.find_neighbours(tx, **where, user_key=user)
            vector = None if known is None else await store.find_place(tx, **where, user_id=known.id)
            if known is not None and vector is not None:
                await store.nearest_users(tx, **where, user_id=known.id, vector=vector, limit=10)
                found["comparing with everybody"].append(time.perf_counter() - begun)
    async with await psycopg.AsyncConnection.connect(app.db.maintenance_url) as connection:
        await connection.execute("set enable_bitmapscan = off")
        asked: Sequence[tuple[str, LiteralString]] = (
            ("counting attributes", COUNTING),
            ("scanning attributes", SCANNING),
        )
        for name, statement in asked:
            for _ in range(BASELINE_TRIES):
                begun = time.perf_counter()
                await connection.execute(statement, [tenant_id])
                found[name].append(time.perf_counter() - begun)
            await connection.execute("set enable_indexscan = off")
            await connection.execute("set enable_indexonlyscan = off")
    return found


class Processes(NamedTuple):
    """The processes under measurement, by what they are."""

    pids: Mapping[str, int]
    began: Mapping[str, float]
    at: float

    @classmethod
    async def find(cls, app: App, pids: Mapping[str, int]) -> "Processes":
        """These and the database."""
        async with app.db.owner_connection() as connection:
            cursor = await connection.execute("select pg_backend_pid()")
            (backend,) = await cursor.fetchone() or (0,)
            postmaster = _parent(backend)
        known = {**pids, "database": postmaster}
        return cls(known, {name: cpu_s_of(pid) for name, pid in known.items()}, time.perf_counter())

    def rows(self) -> list[Row]:
        """Memory now, and the share of a processor used since."""
        seconds = time.perf_counter() - self.at
        return [
            {
                "what": f"process: {name}",
                "memory_mb": pss_mb_of(pid),
                "cpu_share": round((cpu_s_of(pid) - self.began[name]) / seconds, 2),
            }
            for name, pid in self.pids.items()
        ]


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[1])


@asynccontextmanager
async def owned(app: App, *, together: bool) -> AsyncGenerator[tuple[str, Mapping[str, int]]]:
    """The program as its owner runs it: its address, and its processes."""
    flags = {"http_key_requests": 10_000_000, "http_key_burst": 1_000_000}
    home = app.settings.core.home
    with ExitStack() as stack:
        if together:
            up = await asyncio.to_thread(stack.enter_context, started(home, "up", "--port", "0", **flags))
            yield up.url, {"server and worker": up.pid}
            return
        worker = await asyncio.to_thread(stack.enter_context, started(home, "worker"))
        server = await asyncio.to_thread(stack.enter_context, started(home, "serve", "--port", "0", **flags))
        yield server.url, {"server": server.pid, "worker": worker.pid}


class Run:
    """One run over a community that lies there."""

    def __init__(self, app: App, tenant_id: UUID, laid: Laid, *, count: int, only: str) -> None:
        self._app, self._tenant_id, self._laid = app, tenant_id, laid
        self._count, self._only = count, only
        self._statements: defaultdict[str, list[float]] = defaultdict(list)
        self._shown: set[bytes] = set()
        self.rows: list[Row] = []

    async def run(self, *, together: bool) -> None:
        """Every row, in the order of asking."""
        key = (await create_key(self._app.db, self._tenant_id, name="bench", scopes=["read", "write", "admin"])).key
        gc.collect()
        gc.freeze()  # as a server does once it has started
        async with owned(self._app, together=together) as (url, pids), Client(url, key, connections=2) as client:
            hidden = _popular(self._laid.made)[:HIDDEN]
            await self._hide(client, hidden)
            async with writing(url, key, rate=WRITES_A_SECOND, made=self._laid.made) as told:
                await asyncio.sleep(SETTLE_S)
                processes = await Processes.find(self._app, pids)
                await self._ask_all(client, hidden)
                self.rows.append(self._leaks(hidden))
                baselines = await measure_baselines(self._app, self._tenant_id, self._laid)
                changes = Changes(client, self._laid.made, tries=max(5, self._count // 10), hidden=hidden)
                self.rows += await changes.run()
                self.rows += processes.rows()
        self.rows += _writes(told)
        self.rows += _compared(self.rows, baselines)
        self.rows.append(await self._disk())
        self.rows += self._slowest()

    async def _hide(self, client: Client, numbers: Sequence[int]) -> None:
        """As moderators do: what else would stand everywhere."""
        for number in numbers:
            body = {"subject": public_id(self._laid.made, number), "reason": "a trial"}
            (await client.ask("POST", f"{API}/moderation/hide", body)).read()

    async def _ask_all(self, client: Client, hidden: Sequence[int]) -> None:
        self._app.db.observe_statements(lambda name, seconds: self._statements[name].append(seconds))
        for question in questions(self._app, self._tenant_id, self._laid.made, left_out=frozenset(hidden)):
            if self._only not in question.name:
                continue
            if question.ask is not None:
                self.rows.append(_row(question.name, question.group, await ask_here(question, self._count)))
                print(f"   {self.rows[-1]}", flush=True)
            if question.request is not None:
                asked = await ask_over_http(question, client, self._count)
                self._shown |= asked.shown
                self.rows.append(_row(f"{question.name}, HTTP", "", asked))
                print(f"   {self.rows[-1]}", flush=True)
        self._app.db.observe_statements(lambda _name, _seconds: None)

    def _leaks(self, hidden: Sequence[int]) -> Row:
        ids = {public_id(self._laid.made, number).encode() for number in hidden}
        return {"what": "hidden, yet shown", "count": len(ids & self._shown), "of": len(self._shown)}

    async def _disk(self) -> Row:
        async with self._app.db.owner_connection() as connection:
            cursor = await connection.execute("select pg_database_size(current_database())")
            (size,) = await cursor.fetchone() or (0,)
        return {"what": "database", "disk_mb": round(size / 2**20)}

    def _slowest(self) -> list[Row]:
        ordered = sorted(self._statements.items(), key=lambda pair: -sum(pair[1]))[:SLOWEST]
        return [{"what": f"statement {name}", "count": len(seconds)} | shares(seconds) for name, seconds in ordered]


def _popular(made: Made) -> list[int]:
    """Experiences most turned to, first."""
    counts = [0] * made.size
    for what in made.deeds.what.tolist():
        counts[what] += 1
    return sorted(range(made.size), key=lambda number: -counts[number])


def _row(name: str, group: str, asked: Asked) -> Row:
    row: Row = {"what": name} | (shares(asked.seconds) if asked.seconds else {})
    if group in BARS and asked.seconds:
        row["bar_ms"] = BARS[group]
    return row | ({"too small": asked.small} if asked.small else {})


def _writes(told: Mapping[str, Any]) -> list[Row]:
    rows: list[Row] = [
        {"what": f"written meanwhile: {kind}", **figures} for kind, figures in sorted(told["kinds"].items())
    ]
    rows.append(
        {
            "what": "written meanwhile",
            "per_s": round(told["per_s"], 1),
            "errors": told["refused_count"],
            "gone": told["gone"],
        }
    )
    if told["refused"]:
        print("   refused:", *told["refused"], sep="\n      ")
    return rows


def _compared(rows: Sequence[Row], baselines: Mapping[str, list[float]]) -> list[Row]:
    """Baselines, and how many times as long each takes as what it is compared with."""
    p95 = {str(row["what"]): float(str(row["p95_ms"])) for row in rows if "p95_ms" in row}
    found: list[Row] = []
    for name, ours in (
        ("comparing with everybody", "similar people by meaning"),
        ("counting attributes", "distribution"),
        ("scanning attributes", "attribute, frequent value, by newest"),
    ):
        if baselines[name]:
            row: Row = {"what": f"baseline: {name}"} | shares(baselines[name])
            found.append(
                row
                | ({"ratio": ratio(percentile(baselines[name], 0.95), p95[ours]), "over": ours} if ours in p95 else {})
            )
    if {"trending", "feed of 20"} <= set(p95):
        found.append(
            {"what": "feed over trending for everybody, p95", "ratio": ratio(p95["feed of 20"], p95["trending"])}
        )
    return found


async def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=10, help="1, 10 or 100 times a hundred people")
    parser.add_argument("--full", action="store_true", help="the same as --size 100")
    parser.add_argument("--questions", type=int, default=200, help="how often each question is asked for the record")
    parser.add_argument("--only", default="", help="only questions with these letters in their name")
    parser.add_argument("--together", action="store_true", help="server and worker in one process, as `likewise up`")
    given = parser.parse_args()
    size = 100 if given.full else given.size
    async with open_bench() as (app, tenant_id):
        laid = await lay_down(app, tenant_id, size=size)
        run = Run(app, tenant_id, laid, count=given.questions, only=given.only)
        run.rows += laid.rows
        run.rows += await find_planted(app, tenant_id, laid.made)
        await run.run(together=given.together)
    report(
        f"community_{EXPERIENCES * size}",
        run.rows,
        people=PEOPLE * size,
        experiences=EXPERIENCES * size,
        interactions=INTERACTIONS * size,
        writes_a_second=WRITES_A_SECOND,
        questions=given.questions,
    )


if __name__ == "__main__":
    uvloop.run(main())
