"""P1 and its part of G1: questions to the counts of many attributes, while items are written.

Five attributes an item, values of Zipf's distribution (keys of 12 to 5,000 values, every tenth attribute missing), 60
months, 20 categories, some 400 place cells of uneven population. Counts are made with numpy and copied in, as the
consumer would have left them (terms and pairs, which is what questions read; of who has which value, one key's, for
the baseline); then another process writes single items at a steady rate and runs the worker's loops, while this one
asks every question again and again. The first row is the shortest transaction there is, for comparison: what it takes
is the machine's business. p5 tells what a question takes where nobody is in its way. Freshness: from the commit of an
item until a distribution counts it. Baseline, same run: the same distribution counted from the attributes themselves.

    python benchmarks/patterns_bench.py [--attributes 50000 500000 5000000] [--questions 150]
"""

import argparse
import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from uuid import UUID, uuid5

import numpy as np
import psycopg
import uvloop
from numpy.typing import NDArray

from growth import plot_growth
from harness import open_bench, percentile, report
from likewise.app import open_app
from likewise.cli.host import work
from likewise.engine.collections import (
    Collection,
    FacetKind,
    FacetValue,
    ItemDraft,
    Place,
    ensure_collection,
    get_collection,
    put_items,
)
from likewise.engine.patterns import (
    Group,
    find_associations,
    get_distribution,
    get_drift,
    list_insights,
    list_trends,
    refresh_insights,
)
from likewise.engine.patterns.errors import KeyUnknown
from likewise.engine.patterns.logic.counting import is_pair
from likewise.engine.patterns.logic.terms import context_term, everything, key_term, value_term
from likewise.engine.patterns.model import CATEGORY_KEY, MONTH_KEY, PAIR_ITEMS_MIN, PLACE_KEY, Term
from likewise.engine.patterns.service.groups import get_collection_id
from likewise.platform.config import Settings
from likewise.platform.feature import App
from likewise.platform.tenancy import find_tenant

SEED = 20261121
NAME = "reports"
KEYS = {"shape": 12, "mood": 50, "brand": 400, "tag": 1_500, "city": 5_000}
PLAIN_KEY = "mood"
MONTHS = [f"{year}-{month:02}" for year in range(2020, 2025) for month in range(1, 13)]
CATEGORIES, CELLS = 20, 400
MISSING = 0.1
WRITES_A_SECOND = 50
ASKING = {
    f"patterns.{name}" for name in ("list_values", "list_partners", "list_pairs_with", "count_matrix", "count_values")
}
FRESH_TRIES = 10
FRESH_S = 30.0

Integers = NDArray[np.int64]


class World:
    """Terms, and for each column of items the place of their term in it, -1 where there is none."""

    def __init__(self, collection_id: UUID, items: int) -> None:
        chance = np.random.default_rng(SEED)
        self.items = items
        self.terms: list[Term] = []
        self.columns: list[Integers] = []
        for key, values in KEYS.items():
            column = self._column([value_term(collection_id, key, f"{key}-{n}") for n in range(values)], chance, 1.1)
            self.columns.append(np.where(chance.random(items) < MISSING, -1, column))
        for column, key in zip(self.columns[: len(KEYS)], KEYS, strict=True):
            self.terms.append(key_term(collection_id, key))
            self.columns.append(np.where(column < 0, -1, len(self.terms) - 1))
        cells = [f"{5 * (n // 40) + 5},{5 * (n % 40) - 100}" for n in range(CELLS)]
        for key, names, skew in (
            (CATEGORY_KEY, [f"category-{n}" for n in range(CATEGORIES)], 0.7),
            (MONTH_KEY, MONTHS, 0.05),
            (PLACE_KEY, cells, 0.9),
        ):
            terms = [context_term(collection_id, key, name) for name in names]
            self.columns.append(self._column(terms, chance, skew))
        self.terms.append(everything(collection_id))
        self.columns.append(np.full(items, len(self.terms) - 1))
        self.ids = np.array([term.id for term in self.terms], dtype=np.int64)
        present = np.concatenate([column[column >= 0] for column in self.columns])
        self.counts = np.bincount(present, minlength=len(self.terms))

    def _column(self, terms: Sequence[Term], chance: np.random.Generator, skew: float) -> Integers:
        first = len(self.terms)
        self.terms += terms
        weights = 1 / np.arange(1, len(terms) + 1) ** skew
        found: Integers = first + chance.choice(len(terms), size=self.items, p=weights / weights.sum())
        return found

    def pairs(self) -> Iterable[tuple[int, int, int]]:
        """Every pair that is kept, with its items."""
        rare = np.array([term.kind == "value" for term in self.terms]) & (self.counts < PAIR_ITEMS_MIN)
        size = len(self.terms)
        for place, one in enumerate(self.columns):
            for other in self.columns[place + 1 :]:
                some = (one >= 0) & (other >= 0)
                codes, counts = np.unique(one[some] * size + other[some], return_counts=True)
                for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
                    a, b = divmod(code, size)
                    if not rare[a] and not rare[b] and is_pair(self.terms[a], self.terms[b]):
                        first, second = sorted((int(self.ids[a]), int(self.ids[b])))
                        yield first, second, count

    def members(self, key: str) -> Iterable[tuple[int, int]]:
        """The value of one key that each item has, and the item's place."""
        column = self.columns[list(KEYS).index(key)]
        for place in np.argsort(column, kind="stable").tolist():
            if column[place] >= 0:
                yield int(self.ids[column[place]]), place


async def copy_in(app: App, tenant_id: UUID, collection: Collection, world: World) -> int:
    """Put the counts where the consumer keeps them; how many pairs there are."""
    item_ids = [uuid5(tenant_id, str(n)) for n in range(world.items)]
    head = (tenant_id, collection.id)
    pairs = list(world.pairs())
    async with app.db.owner_connection() as connection:
        await copy(
            connection,
            "terms",
            "tenant_id, collection_id, id, kind, key, value, low, high, item_count",
            (
                (*head, term.id, term.kind, term.key, term.value, term.low, term.high, count)
                for term, count in zip(world.terms, world.counts.tolist(), strict=True)
                if count
            ),
        )
        await copy(
            connection, "pairs", "tenant_id, collection_id, a, b, item_count", ((*head, *pair) for pair in pairs)
        )
        await copy(
            connection,
            "members",
            "tenant_id, collection_id, term_id, item_id",
            ((*head, term_id, item_ids[place]) for term_id, place in world.members(PLAIN_KEY)),
        )
        await connection.execute("vacuum analyze")
    return len(pairs)


async def copy(
    connection: psycopg.AsyncConnection, table: str, columns: str, rows: Iterable[tuple[object, ...]]
) -> None:
    """COPY is closed to tables under row level security: it is lifted for the owner meanwhile."""
    await connection.execute(f"alter table patterns.{table} no force row level security")  # type: ignore[arg-type]
    async with connection.cursor() as cursor, cursor.copy(f"copy patterns.{table} ({columns}) from stdin") as into:  # type: ignore[arg-type]
        for row in rows:
            await into.write_row(row)
    await connection.execute(f"alter table patterns.{table} force row level security")  # type: ignore[arg-type]


def make_item(chance: Random, number: int) -> ItemDraft:
    facets: dict[str, FacetValue] = {
        key: f"{key}-{min(int(chance.paretovariate(0.9)) - 1, values - 1)}" for key, values in KEYS.items()
    }
    return ItemDraft(
        key=f"written {number}",
        body=f"report {number}",
        facets=facets,
        category=f"category-{chance.randrange(CATEGORIES)}",
        place=Place(chance.uniform(5, 50), chance.uniform(-100, 95)),
    )


async def be_writer(home: Path) -> None:
    """Work as a worker, and write an item every fiftieth of a second until a line comes; then say how many a second."""
    settings = Settings({"home": home, "embedding_model": "fake"}, file=home / "none.toml")
    async with open_app(settings) as app, work(app):
        tenant = await find_tenant(app.db, name="default")
        if tenant is None:
            raise RuntimeError("the default tenant is missing")
        collection = await get_collection(app, tenant.tenant_id, name=NAME)
        told = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
        chance, started, written = Random(SEED), time.perf_counter(), 0
        print("ready", flush=True)
        while not told.done():
            await put_items(app, tenant.tenant_id, collection=collection, drafts=[make_item(chance, written)])
            written += 1
            await asyncio.sleep(max(0.0, started + written / WRITES_A_SECOND - time.perf_counter()))
        print(written / (time.perf_counter() - started), flush=True)


@asynccontextmanager
async def writing(home: Path) -> AsyncGenerator[list[float]]:
    """A writer in a process of its own; afterwards the list holds what it wrote a second."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, "--writer", str(home)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if process.stdout is None:
        raise RuntimeError("the writer has no output")
    await process.stdout.readline()
    told: list[float] = []
    try:
        yield told
    finally:
        answer, _ = await process.communicate(b"\n")
        told.append(float(answer.strip() or 0))


def questions(app: App, tenant_id: UUID) -> dict[str, Callable[[Random], Awaitable[object]]]:
    """Every question, with parameters of chance: frequent and rare groups alike."""

    def value(chance: Random) -> tuple[str, str]:
        key = chance.choice(list(KEYS))
        return key, f"{key}-{min(int(chance.paretovariate(0.6)) - 1, KEYS[key] // 20)}"

    def group(chance: Random) -> Group:
        month = chance.choice(MONTHS)
        return chance.choice(
            [
                Group(kind="category", value=f"category-{chance.randrange(CATEGORIES)}"),
                Group(kind="period", first=month, last=month),
                Group(kind="place", value=f"5,{5 * chance.randrange(30) - 100}"),
            ]
        )

    async def together(chance: Random) -> object:
        key, name = value(chance)
        wish = Group(kind="value", key=key, value=name)
        return await find_associations(app, tenant_id, collection=NAME, group=wish, limit=50)

    async def trend(chance: Random) -> object:
        key, name = value(chance)
        return await list_trends(app, tenant_id, collection=NAME, key=key, value=name)

    async def nothing(_: Random) -> None:
        async with app.db.tenant(tenant_id, read_only=True) as tx:
            await get_collection_id(tx, name=NAME)

    return {
        "nothing but a transaction": nothing,
        "distribution": lambda chance: get_distribution(
            app, tenant_id, collection=NAME, key=chance.choice(list(KEYS)), limit=50
        ),
        "distribution in a group": lambda chance: get_distribution(
            app, tenant_id, collection=NAME, key=chance.choice(list(KEYS)), group=group(chance), limit=50
        ),
        "together": together,
        "significant": lambda chance: find_associations(
            app, tenant_id, collection=NAME, group=group(chance), significant_only=True, limit=50
        ),
        "trend of a value": trend,
        "trends of a key": lambda chance: list_trends(app, tenant_id, collection=NAME, key=chance.choice(list(KEYS))),
        "drift": lambda chance: get_drift(
            app,
            tenant_id,
            collection=NAME,
            key=chance.choice(list(KEYS)),
            before=("2023-07", "2023-12"),
            after=("2024-07", "2024-12"),
        ),
        "insights": lambda _: list_insights(app, tenant_id, collection=NAME),
    }


async def measure(ask: Callable[[Random], Awaitable[object]], count: int) -> dict[str, object]:
    """Ask for a while to warm up, then for the record."""
    chance, seconds = Random(SEED), list[float]()
    for n in range(count + count // 3):
        started = time.perf_counter()
        await ask(chance)
        if n >= count // 3:
            seconds.append(time.perf_counter() - started)
        await asyncio.sleep(0)
    return shares(seconds)


def shares(seconds: Sequence[float]) -> dict[str, object]:
    return {f"p{share}_ms": percentile(seconds, share / 100) for share in (5, 50, 95)}


async def freshness(app: App, tenant_id: UUID, collection: Collection) -> list[float]:
    """Seconds from the commit of ten items with a value of their own until a distribution tells of it."""
    waits: list[float] = []
    for attempt in range(FRESH_TRIES):
        drafts = [
            ItemDraft(key=f"fresh {attempt} {n}", body="fresh", facets={f"fresh_{attempt}": "now"}) for n in range(10)
        ]
        target = await ensure_collection(
            app, tenant_id, name=NAME, facets={f"fresh_{attempt}": FacetKind.KEYWORD}, language=collection.language
        )
        await put_items(app, tenant_id, collection=target, drafts=drafts)
        started = time.perf_counter()
        while time.perf_counter() - started < FRESH_S:
            try:
                await get_distribution(app, tenant_id, collection=NAME, key=f"fresh_{attempt}")
                break
            except KeyUnknown:
                await asyncio.sleep(0.01)
        waits.append(time.perf_counter() - started)
    return waits


async def count_plainly(app: App, tenant_id: UUID, collection: Collection, key: str) -> float:
    """Milliseconds of counting a key's values from the attributes themselves."""
    ids = [value_term(collection.id, key, f"{key}-{n}").id for n in range(KEYS[key])]
    async with await psycopg.AsyncConnection.connect(app.db.maintenance_url) as connection:
        seconds: list[float] = []
        for _ in range(3):
            started = time.perf_counter()
            await connection.execute(
                "select term_id, count(*) from patterns.members"
                " where tenant_id = %s and collection_id = %s and term_id = any(%s) group by term_id",
                [tenant_id, collection.id, ids],
            )
            seconds.append(time.perf_counter() - started)
    return percentile(seconds, 0.5)


async def run(attributes: int, count: int) -> list[dict[str, object]]:
    """Every row for one size."""
    async with open_bench(embedding_model="fake") as (app, tenant_id):
        kinds = dict.fromkeys(KEYS, FacetKind.KEYWORD)
        collection = await ensure_collection(app, tenant_id, name=NAME, facets=kinds)
        world = await asyncio.to_thread(World, collection.id, attributes // len(KEYS))
        pairs = await copy_in(app, tenant_id, collection, world)
        started = time.perf_counter()
        found = await refresh_insights(app, tenant_id, collection=NAME)
        refresh_s = time.perf_counter() - started
        plain_ms = await count_plainly(app, tenant_id, collection, PLAIN_KEY)
        rows: list[dict[str, object]] = []
        statements: defaultdict[str, list[float]] = defaultdict(list)
        app.db.observe_statements(lambda name, seconds: statements[name].append(seconds))
        async with writing(app.settings.home) as told:
            for name, ask in questions(app, tenant_id).items():
                rows.append({"what": f"{name}, {attributes}"} | await measure(ask, count))
            waits = await freshness(app, tenant_id, collection)
        rate = told[0]
        for name, seconds in sorted(statements.items()):
            if name in ASKING:
                rows.append({"what": f"statement {name}, {attributes}"} | shares(seconds))
        rows[1] |= {"baseline": "counting attributes", "baseline_ms": plain_ms}
        rows[1]["ratio"] = round(plain_ms / float(str(rows[1]["p95_ms"])), 1)
        rows.append(
            {"what": f"fresh after, {attributes}", "p50_ms": percentile(waits, 0.5), "p95_ms": percentile(waits, 0.95)}
        )
        facts: dict[str, object] = {"attributes": attributes, "pairs": pairs, "writes/s": round(rate, 1)}
        rows.append(
            {"what": f"insights refreshed, {attributes}", "seconds": round(refresh_s, 2), "tested": found.tested}
            | facts
        )
        return rows


async def run_all(sizes: Sequence[int], count: int) -> list[dict[str, object]]:
    """Every size, told after each."""
    rows: list[dict[str, object]] = []
    for attributes in sizes:
        rows += await run(attributes, count)
        report("patterns", rows, questions=count, writes_a_second=WRITES_A_SECOND)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attributes", type=int, nargs="+", default=[50_000, 500_000])
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--writer", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.writer:
        uvloop.run(be_writer(given.writer))
        return
    rows = uvloop.run(run_all(given.attributes, given.questions))
    if len(given.attributes) > 1:
        plot(rows)


def plot(rows: Sequence[Mapping[str, object]]) -> None:
    """p95 of every question against the size."""
    curves: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        name, _, size = str(row["what"]).rpartition(", ")
        if "p95_ms" in row and not name.startswith("statement"):
            curves.setdefault(name, []).append((int(size), float(str(row["p95_ms"]))))
    plot_growth("patterns", curves, over="attributes", unit="p95, ms")


if __name__ == "__main__":
    main()
