"""Questions in plain words asked of a planted community: every figure equals a recount, every stream says how it
understood, and a chat model that misbehaves is replaced by the rules."""

import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import pytest
from tests.apps.community_circles import circles, sightings, tell
from tests.apps.inbox_scenes import open_client
from tests.engine.stub_chat import Called, ChatSays, StubChat

from likewise.app import Server, open_app
from likewise.apps.community.logic.discovering import Plan
from likewise.apps.community.logic.discovering.figures import together_of
from likewise.apps.community.logic.discovering.results import (
    BarsResult,
    CompareResult,
    InsightsResult,
    LineResult,
    MapResult,
    NumberResult,
    PeopleResult,
    RowsResult,
)
from likewise.apps.community.model import COLLECTION, ExperienceDraft, GivenAttribute
from likewise.apps.community.service import Subject, hide, refresh_patterns_now
from likewise.apps.community.service.discovering import (
    DiscoveryEnded,
    DiscoveryEvent,
    DiscoveryFound,
    DiscoveryPlanned,
    DiscoveryRefused,
    DiscoverySaid,
    discover,
)
from likewise.engine.collections import Place
from likewise.engine.language import list_costs
from likewise.engine.recommend import rebuild
from likewise.platform.config import Settings
from likewise.platform.feature import App
from likewise.platform.ids import decode_id, encode_id, new_id
from likewise.platform.tenancy import create_tenant

R = TypeVar("R")
BERLIN, PARIS = Place(52.52, 13.405), Place(48.8566, 2.3522)


def planted() -> list[ExperienceDraft]:
    """Two hundred and forty reports with attributes of their own, and forty dreams by others."""
    drafts = [
        msgspec.structs.replace(
            one,
            place=BERLIN if n % 4 else PARIS,
            place_name="Berlin, Germany" if n % 4 else "Paris, France",
            happened_at=datetime(2012 + n % 2, 1 + n % 12, 1 + n % 28, 22, 0, tzinfo=UTC),
        )
        for n, one in enumerate(sightings(240))
    ]
    drafts += [
        ExperienceDraft(
            key=f"d{n}",
            author=f"dreamer-{n % 5}",
            category="dream",
            title=f"Dreamt {n}",
            text=f"A dream of flying over the city, number {n}.",
            attributes=(GivenAttribute(key="lucid", value=n % 2 == 0),),
            happened_at=datetime(2013, 6, 1 + n % 28, tzinfo=UTC),
        )
        for n in range(40)
    ]
    return drafts


DRAFTS = planted()


@pytest.fixture(scope="module")
async def community(app: App) -> UUID:
    """A tenant with all of this, for tests that only read."""
    tenant = await create_tenant(app.db, name=encode_id("test", new_id()))
    await tell(app, tenant.tenant_id, DRAFTS)
    return tenant.tenant_id


async def ask(app: App, tenant_id: UUID, question: str, **rest: Any) -> list[DiscoveryEvent]:
    async with aclosing(discover(app, tenant_id, question=question, **rest)) as events:
        return [event async for event in events]


async def result(app: App, tenant_id: UUID, question: str, kind: type[R], **rest: Any) -> R:
    """What the first step of a question found."""
    events = await ask(app, tenant_id, question, **rest)
    found = next(event for event in events if isinstance(event, DiscoveryFound))
    assert isinstance(found.result, kind), (found.problem, found.result)
    return found.result


def plan_of(events: Sequence[DiscoveryEvent]) -> Plan:
    return next(event.plan for event in events if isinstance(event, DiscoveryPlanned))


def said(events: Sequence[DiscoveryEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, DiscoverySaid))


def given(draft: ExperienceDraft, key: str) -> Any:
    return next((one.value for one in draft.attributes if one.key == key), None)


def of(drafts: Sequence[ExperienceDraft], **wanted: object) -> list[ExperienceDraft]:
    return [one for one in drafts if all(given(one, key) == value for key, value in wanted.items())]


async def test_a_question_is_planned_answered_and_summed_up(app: App, community: UUID) -> None:
    events = await ask(app, community, "How many red triangles were seen?")
    kinds = [type(event) for event in events]
    assert kinds == [DiscoveryPlanned, DiscoveryFound, DiscoverySaid, DiscoveryEnded]
    wanted = len(of(DRAFTS, shape="triangle", colour="red"))
    found = events[1]
    assert isinstance(found, DiscoveryFound)
    assert isinstance(found.result, NumberResult)
    assert found.result.value == wanted == 90
    assert found.result.of == len(DRAFTS)
    assert found.result.authors == len({one.author for one in of(DRAFTS, shape="triangle", colour="red")})
    assert said(events).startswith("90 experiences of 280 (32 %)")


async def test_counts_by_month_and_year_equal_a_recount(app: App, community: UUID) -> None:
    by_month = await result(app, community, "how many triangles per month in 2013?", LineResult)
    in_2013 = [one for one in DRAFTS if one.happened_at and one.happened_at.year == 2013]
    counted = Counter(f"{one.happened_at:%Y-%m}" for one in of(in_2013, shape="triangle"))
    of_all = Counter(f"{one.happened_at:%Y-%m}" for one in in_2013 if given(one, "shape"))
    assert {point.period: point.count for point in by_month.points if point.count} == dict(counted)
    assert {point.period: point.of for point in by_month.points if point.of} == dict(of_all)
    by_year = await result(app, community, "how many dreams per year?", LineResult)
    assert {point.period: (point.count, point.of) for point in by_year.points} == {
        year: (
            len([one for one in DRAFTS if one.category == "dream" and str(one.happened_at)[:4] == year]),
            len([one for one in DRAFTS if str(one.happened_at)[:4] == year]),
        )
        for year in ("2012", "2013")
    }


async def test_categories_are_counted(app: App, community: UUID) -> None:
    found = await result(app, community, "what kinds of experiences are told?", BarsResult)
    assert {bar.value: bar.count for bar in found.bars} == dict(Counter(one.category for one in DRAFTS))
    assert found.bars[0].label in {"UFO sighting", "Strange light"}


async def test_distribution_of_words_and_of_numbers_equals_a_recount(app: App, community: UUID) -> None:
    colours = await result(app, community, "what colours are triangles?", BarsResult)
    triangles = of(DRAFTS, shape="triangle")
    assert {bar.value: bar.count for bar in colours.bars} == dict(Counter(given(one, "colour") for one in triangles))
    assert colours.known == colours.total == len(triangles)
    assert [bar.share for bar in colours.bars] == [0.75, 0.25]
    lasted = await result(app, community, "how long do triangles last?", BarsResult)
    seconds = sorted(given(one, "duration_s") for one in triangles)
    assert lasted.spread is not None
    assert (lasted.spread.least, lasted.spread.most) == (seconds[0], seconds[-1])
    assert lasted.spread.median == seconds[len(seconds) // 2]
    assert sum(bar.count for bar in lasted.bars) == len(seconds)
    for bar in lasted.bars:
        assert bar.low is not None
        assert bar.high is not None
        assert bar.count == sum(bar.low <= one < bar.high for one in seconds)


async def test_when_is_told_by_month_weekday_and_attribute(app: App, community: UUID) -> None:
    months = await result(app, community, "in which month are triangles seen most?", BarsResult)
    counted = Counter(f"{one.happened_at:%B}".lower() for one in of(DRAFTS, shape="triangle"))
    assert months.bars[0].value == "january"
    assert {bar.value: bar.count for bar in months.bars if bar.count} == dict(counted)
    days = await result(app, community, "on which weekday are discs seen?", BarsResult)
    counted = Counter(f"{one.happened_at:%A}".lower() for one in of(DRAFTS, shape="disk"))
    assert {bar.value: bar.count for bar in days.bars if bar.count} == dict(counted)


async def test_where_is_told_by_cells_and_names(app: App, community: UUID) -> None:
    found = await result(app, community, "where are discs seen?", MapResult)
    discs = of(DRAFTS, shape="disk")
    assert {place.name: place.count for place in found.places} == dict(Counter(one.place_name for one in discs))
    assert sum(cell.count for cell in found.cells) == found.placed == found.total == len(discs)
    for cell in found.cells:
        inside = [
            one
            for one in discs
            if one.place is not None
            and abs(one.place.lat - cell.lat) <= cell.degrees / 2
            and abs(one.place.lon - cell.lon) <= cell.degrees / 2
        ]
        assert cell.count == len(inside)


async def test_places_are_understood_by_their_names_and_parts_of_names(app: App, community: UUID) -> None:
    for question in ("how many reports near Berlin?", "how many reports in Germany?"):
        found = await result(app, community, question, NumberResult)
        assert found.value == len([one for one in DRAFTS if one.place == BERLIN]), question


async def test_negations_months_and_weekdays_equal_a_recount(app: App, community: UUID) -> None:
    not_red = await result(app, community, "how many triangles that are not red?", NumberResult)
    assert not_red.value == len(of(DRAFTS, shape="triangle", colour="white"))
    spring = await result(app, community, "how many discs between March and May?", NumberResult)
    discs = [one.happened_at for one in of(DRAFTS, shape="disk") if one.happened_at]
    assert spring.value == len([at for at in discs if 3 <= at.month <= 5])
    weekend = await result(app, community, "how many discs on weekends?", NumberResult)
    assert weekend.value == len([at for at in discs if at.weekday() >= 5])
    not_lucid = await result(app, community, "how many dreams that are not lucid?", NumberResult)
    assert not_lucid.value == 20


async def test_together_is_measured_against_chance(app: App, community: UUID) -> None:
    events = await ask(app, community, "how often are triangles red?")
    found = next(event.result for event in events if isinstance(event, DiscoveryFound))
    assert isinstance(found, NumberResult)
    figures = found.together
    assert figures is not None
    assert (figures.known, figures.first_count, figures.second_count, figures.both) == (240, 120, 120, 90)
    expected, lift, p = together_of(90, 120, 120, 240)
    assert (figures.expected, figures.lift, figures.p) == (expected, lift, p)
    assert figures.is_sure
    assert "1.5 times as often as chance has it" in said(events)
    both = {decode_id("exp", one) for one in found.experiences}
    assert len(both) == 20
    moon = await result(app, community, "how often are triangles full?", NumberResult)
    assert moon.together is not None
    assert not moon.together.is_sure


async def test_comparison_finds_what_was_planted_and_nothing_else(app: App, community: UUID) -> None:
    found = await result(app, community, "compare triangles and discs", CompareResult)
    assert (found.left.count, found.right.count) == (120, 120)
    rows = {(row.key, row.value): row for row in found.rows}
    red = rows["colour", "red"]
    assert (red.left_count, red.right_count) == (90, 30)
    assert red.is_sure
    assert found.rows[0].key == "colour"
    assert {row.key for row in found.rows if row.is_sure} <= {"colour", "weekday", "season"}
    assert not rows["moon", "full"].is_sure
    by_key = await result(app, community, "compare triangles and discs by colour", CompareResult)
    assert {(row.value, row.left_count, row.right_count) for row in by_key.rows} == {("red", 90, 30), ("white", 30, 90)}
    longer = await result(app, community, "do triangles last longer than discs?", CompareResult)
    for side, shape in ((longer.left, "triangle"), (longer.right, "disk")):
        seconds = sorted(given(one, "duration_s") for one in of(DRAFTS, shape=shape))
        assert side.spread is not None
        assert side.spread.median == (seconds[59] + seconds[60]) / 2


async def test_associations_find_the_colour_of_triangles(app: App, community: UUID) -> None:
    kept = await result(app, community, "what goes with triangles?", BarsResult)
    best = next(bar for bar in kept.bars if bar.label == "colour red")
    assert best.count == 90
    assert best.lift == pytest.approx(1.5)
    assert best.is_sure
    assert not [bar for bar in kept.bars if bar.label.startswith("moon") and bar.is_sure]
    counted = await result(app, community, "what goes with triangles in 2013?", BarsResult)
    in_2013 = [one for one in DRAFTS if one.happened_at and one.happened_at.year == 2013]
    reds = of(in_2013, shape="triangle", colour="red")
    assert {bar.label: bar.count for bar in counted.bars}.get("colour red", 0) == len(reds)


async def test_trend_tells_rising_from_steady_and_from_too_few(app: App, tenant_id: UUID) -> None:
    drafts = [
        ExperienceDraft(
            key=f"t{month}-{n}",
            author="ada",
            category="ufo_sighting",
            text=f"Report {month} {n}.",
            attributes=(GivenAttribute(key="shape", value="orb" if n < month else "disk"),),
            happened_at=datetime(2013, month, 5, 12, tzinfo=UTC),
        )
        for month in range(1, 13)
        for n in range(14)
    ]
    drafts.append(
        ExperienceDraft(author="ada", category="ghost", text="A ghost.", happened_at=datetime(2013, 5, 1, tzinfo=UTC))
    )
    await tell(app, tenant_id, drafts)
    rising = await result(app, tenant_id, "are orbs becoming more common?", LineResult)
    assert [point.count for point in rising.points] == list(range(1, 13))
    assert {point.of for point in rising.points} == {14}
    assert rising.direction == "rising"
    assert rising.share_per_year == pytest.approx(12 / 14)
    falling = await result(app, tenant_id, "trend of discs", LineResult)
    assert falling.direction == "falling"
    events = await ask(app, tenant_id, "trend of ghosts")
    assert "too few to tell" in said(events)


async def test_people_are_counted_and_named(app: App, community: UUID) -> None:
    found = await result(app, community, "who tells most about dreams?", PeopleResult)
    counted = Counter(one.author for one in DRAFTS if one.category == "dream")
    assert {row.user: row.count for row in found.people} == dict(counted)
    assert found.total == 5
    person = await result(app, community, "who is dreamer-1?", PeopleResult)
    assert [row.user for row in person.people] == ["dreamer-1"]
    assert person.people[0].count == counted["dreamer-1"]
    assert person.people[0].categories == ["Dream"]


async def test_people_alike_share_ground(app: App, tenant_id: UUID) -> None:
    await circles(app, tenant_id)
    await rebuild(app, tenant_id, collection=COLLECTION)
    found = await result(app, tenant_id, "who is like me by taste?", PeopleResult, user="ann")
    assert {row.user for row in found.people[:2]} == {"bea", "cid"}
    assert found.people[0].similarity is not None
    refused = await ask(app, tenant_id, "who is like me?")
    assert isinstance(refused[0], DiscoveryRefused)
    assert refused[0].refusal.reason == "nobody"


async def test_lists_are_in_the_order_asked_for(app: App, community: UUID) -> None:
    longest = await result(app, community, "show the longest triangles", RowsResult)
    assert longest.value_key == "duration_s"
    assert {row.value for row in longest.rows} == {900.0}
    latest = await result(app, community, "show the latest dreams", RowsResult)
    times = [row.happened_at for row in latest.rows if row.happened_at]
    assert (
        times
        == sorted((one.happened_at for one in DRAFTS if one.category == "dream" and one.happened_at), reverse=True)[:10]
    )
    last = await result(app, community, "when was the last dream?", RowsResult)
    assert [row.happened_at for row in last.rows] == times[:1]


async def test_unknown_words_are_searched_by_meaning_within_what_is_known(app: App, community: UUID) -> None:
    events = await ask(app, community, "find dreams about zebras and pianos")
    found = next(event.result for event in events if isinstance(event, DiscoveryFound))
    assert isinstance(found, RowsResult)
    assert found.rows
    assert {row.category for row in found.rows} == {"dream"}
    assert "searched by meaning" in plan_of(events).notes[0]


async def test_where_nothing_is_just_so_the_nearest_by_meaning_are_shown(app: App, community: UUID) -> None:
    events = await ask(app, community, "show red lucid dreams")
    found = next(event.result for event in events if isinstance(event, DiscoveryFound))
    assert isinstance(found, RowsResult)
    assert found.is_nearest
    assert found.rows
    assert {row.category for row in found.rows} == {"dream"}
    assert said(events).startswith("No experience has all of that")


async def test_similar_ones_by_title_and_by_id(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    by_title = await result(app, tenant_id, 'more like "The door in the corridor 3"', RowsResult)
    assert by_title.to is not None
    assert by_title.to.title == "The door in the corridor 3"
    assert {row.category for row in by_title.rows[:5]} == {"haunting"}
    by_id = await result(app, tenant_id, f"similar to {encode_id('exp', ids['haunting-3'])}", RowsResult)
    assert [row.id for row in by_id.rows] == [row.id for row in by_title.rows]
    gone = await ask(app, tenant_id, "similar to exp_00000000000000000000000000")
    found = next(event for event in gone if isinstance(event, DiscoveryFound))
    assert found.result is None
    assert "There is no experience" in (found.problem or "")


async def test_trending_and_insights_are_the_communitys_own(app: App, tenant_id: UUID) -> None:
    ids = await circles(app, tenant_id)
    hot = await result(app, tenant_id, "what is trending?", RowsResult)
    upvoted = {encode_id("exp", ids[f"{kind}-{n}"]) for kind in ("haunting", "ufo_sighting") for n in range(3)}
    assert {row.id for row in hot.rows[:6]} == upvoted
    await tell(app, tenant_id, sightings())
    await refresh_patterns_now(app, tenant_id)
    odd = await result(app, tenant_id, "what is remarkable?", InsightsResult)
    assert any("triangle" in one.sentence and "red" in one.sentence for one in odd.insights)


async def test_hidden_ones_are_counted_no_more_at_once(app: App, tenant_id: UUID) -> None:
    await tell(app, tenant_id, DRAFTS)
    before = await result(app, tenant_id, "how many dreams are there?", NumberResult)
    gone = decode_id("exp", before.experiences[0])
    await hide(app, tenant_id, subject=Subject("experience", gone), actor="mod", reason="spam")
    after = await result(app, tenant_id, "how many dreams are there?", NumberResult)
    assert (before.value, after.value) == (40, 39)
    assert before.experiences[0] not in after.experiences
    assert after.of == before.of - 1


async def test_what_is_not_understood_is_refused_with_questions_that_are(app: App, community: UUID) -> None:
    events = await ask(app, community, "what will the weather be tomorrow?")
    assert [type(event) for event in events] == [DiscoveryRefused, DiscoveryEnded]
    assert isinstance(events[0], DiscoveryRefused)
    for suggestion in events[0].refusal.suggestions:
        again = await ask(app, community, suggestion)
        assert isinstance(again[0], DiscoveryPlanned), suggestion


async def test_an_empty_community_says_so(app: App, tenant_id: UUID) -> None:
    events = await ask(app, tenant_id, "where are triangles seen?")
    assert isinstance(events[0], DiscoveryRefused)
    assert "Nobody has told" in events[0].refusal.sentence


async def test_follow_up_goes_on(app: App, community: UUID) -> None:
    found = await result(app, community, "and the red ones?", NumberResult, history=["how many triangles were seen?"])
    assert found.value == 90


async def test_events_come_over_http_with_ids(app: App, community: UUID) -> None:
    async with open_client(app, community, "read") as client:
        body = {"question": "where are triangles seen?"}
        answer = await client.post("/api/v1/community/discovery", json=body)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = list(events_of(answer.text))
        assert [name for name, _, _ in told] == ["plan", "result", "text", "done"]
        assert [number for _, number, _ in told] == ["1", "2", "3", "4"]
        assert told[0][2]["steps"] == [
            {"tool": "where", "wish": {"attributes": [{"key": "shape", "values": ["triangle"]}]}}
        ]
        assert told[1][2]["result"]["kind"] == "map"
        assert told[3][2]["planner"] == "rules"
        whole = await client.post("/api/v1/community/discovery", json=body, headers={"Accept": "application/json"})
        assert whole.status_code == 200
        found = whole.json()
        assert found["plan"] == told[0][2]
        assert found["results"] == [told[1][2]]
        assert found["text"] == told[2][2]["text"]


async def test_tools_are_listed_with_schemas(app: App, tenant_id: UUID) -> None:
    async with open_client(app, tenant_id, "read") as client:
        tools = (await client.get("/api/v1/community/discovery/tools")).json()["data"]
    assert {tool["name"] for tool in tools} >= {"find", "count", "compare", "together", "trend", "where", "people"}
    for tool in tools:
        assert tool["description"]
        assert "tool" not in tool["parameters"]["properties"]


@pytest.mark.parametrize(
    "body", [{"question": "x" * 1_001}, {"question": "how many?", "history": ["why?"] * 51}, {"quest": "what?"}]
)
async def test_oversized_and_malformed_questions_are_refused_plainly(
    app: App, tenant_id: UUID, body: dict[str, object]
) -> None:
    async with open_client(app, tenant_id, "read") as client:
        answer = await client.post("/api/v1/community/discovery", json=body)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


# With a chat model.

Opened = Callable[..., AbstractAsyncContextManager[App]]


@pytest.fixture
def stub() -> Iterator[StubChat]:
    with StubChat() as running:
        yield running


@pytest.fixture
def opening(server: Server, stub: StubChat, tmp_path: Path) -> Opened:
    @asynccontextmanager
    async def opened(**flags: object) -> AsyncGenerator[App]:
        named: dict[str, object] = {
            "home": tmp_path,
            "embedding_model": "fake",
            "database_pool_max": 6,
            "language_other_url": stub.url,
            "language_cheap": ("other/small",),
            "language_standard": ("other/large",),
            "language_strong": ("other/large",),
            "language_prices": {"other/small": (1.0, 2.0), "other/large": (10.0, 20.0)},
            "language_backoff_s": 0.01,
            "egress_private_allowed": True,
            **flags,
        }
        own = Settings(named, file=Path("/nonexistent/likewise.toml"))
        async with open_app(own, server=server) as app:
            yield app

    return opened


def calls(*named: tuple[str, dict[str, Any]]) -> ChatSays:
    return ChatSays(
        words=(),
        calls=[Called(name, json.dumps(arguments), id=f"call_{n}") for n, (name, arguments) in enumerate(named)],
    )


TRIANGLES = {"wish": {"attributes": [{"key": "shape", "values": ["triangle"]}]}}


async def test_model_plans_by_the_same_tools_and_speaks_from_the_results(
    opening: Opened, stub: StubChat, tenant_id: UUID
) -> None:
    async with opening() as app:
        await tell(app, tenant_id, DRAFTS)
        stub.then(calls(("count", TRIANGLES)), ChatSays(words=("There ", "are ", "120.")))
        events = await ask(app, tenant_id, "triangles, how many of them might there be?")
        made = plan_of(events)
        assert made.planner == "model"
        found = next(event.result for event in events if isinstance(event, DiscoveryFound))
        assert isinstance(found, NumberResult)
        assert found.value == 120
        assert [event.text for event in events if isinstance(event, DiscoverySaid)] == ["There ", "are ", "120."]
        ended = events[-1]
        assert isinstance(ended, DiscoveryEnded)
        assert ended.model == "other/small"
        [costs, *_] = await list_costs(app, tenant_id)
        assert {(row.task, row.tier) for row in costs.rows} == {("discovery", "cheap")}
        assert sum(row.calls for row in costs.rows) == 2
    planning, saying = (asked.body for asked in stub.asked)
    assert planning["temperature"] == 0
    assert {tool["function"]["name"] for tool in planning["tools"]} >= {"count", "find", "decline"}
    prompt = planning["messages"][0]["content"]
    assert "ufo_sighting" in prompt
    assert "triangle" in prompt
    # What members wrote is never shown to the model: only the community's own words and figures.
    assert "report 1." not in json.dumps([planning, saying])
    assert "flying over" not in json.dumps([planning, saying])


async def test_wrong_arguments_are_told_back_once(opening: Opened, stub: StubChat, community: UUID) -> None:
    async with opening() as app:
        wrong = {"wish": {"attributes": [{"key": "form", "values": ["triangle"]}]}}
        stub.then(calls(("where", wrong)), calls(("where", TRIANGLES)), ChatSays())
        events = await ask(app, community, "where do triangles turn up?")
        assert plan_of(events).planner == "model"
        found = next(event.result for event in events if isinstance(event, DiscoveryFound))
        assert isinstance(found, MapResult)
    again = stub.asked[1].body["messages"]
    assert [message["role"] for message in again] == ["system", "user", "assistant", "tool"]
    assert "form" in again[3]["content"]


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        ([calls(("where", {"wish": 3})), calls(("nowhere", {}))], "its plan could not be used"),
        ([ChatSays(words=("Sorry.",)), ChatSays(words=("Sorry ", "again."))], "its plan could not be used"),
        ([ChatSays(status=500, raw=b"{}")] * 2, "it could not be asked"),
        ([ChatSays(stall_after=0)], "it took too long"),
    ],
    ids=["garbage", "talk", "errors", "silence"],
)
async def test_rules_take_over_from_a_model_that_fails_and_say_so(
    opening: Opened, stub: StubChat, community: UUID, replies: list[ChatSays], reason: str
) -> None:
    async with opening(community_discovery_model_s=1.0, language_attempts_max=1) as app:
        stub.then(*replies)
        events = await ask(app, community, "how many triangles are there?")
        made = plan_of(events)
        assert made.planner == "rules"
        assert made.notes[-1] == f"The chat model did not plan this ({reason}), so it was planned by rules."
        found = next(event.result for event in events if isinstance(event, DiscoveryFound))
        assert isinstance(found, NumberResult)
        assert found.value == 120
        assert said(events).startswith("120 experiences")


async def test_rules_take_over_where_the_budget_is_spent(opening: Opened, stub: StubChat, community: UUID) -> None:
    async with opening(language_budget_month_usd=0.0) as app:
        events = await ask(app, community, "how many triangles are there?")
        assert plan_of(events).planner == "rules"
        assert "could not be asked" in plan_of(events).notes[-1]
    assert not stub.asked


async def test_rules_alone_ask_no_model(opening: Opened, stub: StubChat, community: UUID) -> None:
    async with opening(community_discovery_planner="rules") as app:
        events = await ask(app, community, "how many triangles are there?")
        assert plan_of(events).planner == "rules"
        assert not plan_of(events).notes
    assert not stub.asked


async def test_model_may_decline(opening: Opened, stub: StubChat, community: UUID) -> None:
    async with opening() as app:
        stub.then(calls(("decline", {"reason": "advice"})))
        events = await ask(app, community, "whom had I better marry?")
        assert isinstance(events[0], DiscoveryRefused)
        assert events[0].refusal.reason == "advice"
        assert len(events[0].refusal.suggestions) == 3


async def test_closing_words_fall_back_to_the_figures_where_the_model_fails(
    opening: Opened, stub: StubChat, community: UUID
) -> None:
    async with opening(language_attempts_max=1) as app:
        stub.then(calls(("count", TRIANGLES)), *[ChatSays(status=500, raw=b"{}")] * 6)
        events = await ask(app, community, "how many triangles are there?")
        assert plan_of(events).planner == "model"
        assert said(events).startswith("120 experiences")


async def test_who_stops_listening_stops_the_model(opening: Opened, stub: StubChat, community: UUID) -> None:
    async with opening() as app:
        stub.then(calls(("count", TRIANGLES)), ChatSays(words=("One ",) * 50, stall_after=3))
        async with aclosing(discover(app, community, question="how many triangles are there?")) as events:
            async for event in events:
                if isinstance(event, DiscoverySaid):
                    break
        assert stub.left.acquire(timeout=10)


def events_of(text: str) -> Iterator[tuple[str, str, Any]]:
    """Name, id and data of each event of a stream."""
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "event" in fields:
            yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
