"""What tests of the community begin with: experiences, and the truth about them by plain SQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from likewise.apps.community.model import AttributeValue, Experience, ExperienceDraft, GivenAttribute, WrittenExperience
from likewise.apps.community.service import list_experiences, place_of, write_experiences
from likewise.platform.db import Statement
from likewise.platform.feature import App

__all__ = ["TRIANGLE", "counted_of", "facets_of", "given", "list_all", "rows_of", "tell", "tell_one", "told"]

TRIANGLE = "A dark triangle with three white lights hovered silently over the lake for ten minutes."


def given(**values: AttributeValue) -> tuple[GivenAttribute, ...]:
    """What an author says: `given(shape="triangle", lights=3.0)`."""
    return tuple(GivenAttribute(key=key, value=value) for key, value in values.items())


def told(text: str = TRIANGLE, **rest: Any) -> ExperienceDraft:
    """An experience of Ada's in the category `ufo_sighting`, or as said."""
    return msgspec.structs.replace(ExperienceDraft(author="ada", category="ufo_sighting", text=text), **rest)


async def tell(app: App, tenant_id: UUID, *drafts: ExperienceDraft) -> list[WrittenExperience]:
    """Store experiences; none is refused."""
    outcomes = await write_experiences(app, tenant_id, drafts=drafts)
    made = [outcome for outcome in outcomes if isinstance(outcome, WrittenExperience)]
    assert len(made) == len(drafts), outcomes
    return made


async def tell_one(app: App, tenant_id: UUID, text: str = TRIANGLE, **rest: Any) -> UUID:
    """Store one experience; its id."""
    return (await tell(app, tenant_id, told(text, **rest)))[0].id


async def counted_of(app: App, tenant_id: UUID) -> dict[tuple[str, str], list[str]]:
    """The counted attributes of every experience, from the table: by experience and key the values, sorted."""
    rows = await rows_of(
        app,
        tenant_id,
        "select experience_id as id, key, coalesce(text_value, cast(number_value as text)) as value"
        " from community.attributes where tenant_id = %(t)s and is_counted",
    )
    return _gathered(rows)


async def facets_of(app: App, tenant_id: UUID) -> dict[tuple[str, str], list[str]]:
    """The same from the facets that searches, feeds and patterns go by."""
    rows = await rows_of(
        app,
        tenant_id,
        "select item_id as id, name as key, coalesce(text_value, cast(number_value as text)) as value"
        " from collections.item_facets where tenant_id = %(t)s and name !~ '^[$]' and name <> 'tags'",
    )
    return _gathered(rows)


async def list_all(app: App, tenant_id: UUID, *, page: int, **asked: Any) -> list[Experience]:
    """Every experience of a list, read page by page."""
    found: list[Experience] = []
    while True:
        after = place_of(found[-1], asked.get("order", "newest")) if found else None
        rows: Sequence[Experience] = await list_experiences(app, tenant_id, after=after, limit=page, **asked)
        found += rows
        if len(rows) < page:
            return found


async def rows_of(app: App, tenant_id: UUID, query: str) -> list[dict[str, Any]]:
    """A query's rows for a tenant (`%(t)s`), by the names of their columns."""
    statement = Statement("tests", "", f"select to_jsonb(r)::text from ({query}) r", frozenset())
    async with app.db.maintenance() as tx:
        return [msgspec.json.decode(row) for row in await tx.fetch_values(statement, str, {"t": tenant_id})]


def _gathered(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], list[str]]:
    gathered: dict[tuple[str, str], list[str]] = {}
    for one in rows:
        gathered.setdefault((one["id"], one["key"]), []).append(one["value"])
    return {place: sorted(values) for place, values in gathered.items()}
