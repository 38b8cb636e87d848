"""`likewise community person | people`: who somebody is by what they do, who is here, and who is like them."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from likewise.apps.community.cli.finding import Count, line_of, tell
from likewise.platform.commands import Context, emit, emit_rows, note, options, run_with_app

if TYPE_CHECKING:
    from likewise.apps.community.model import Member
    from likewise.apps.community.views import MemberAlikeView
    from likewise.platform.feature import App

__all__ = ["PEOPLE"]

PEOPLE = typer.Typer()


class LikenessName(StrEnum):
    """How people can be alike, as the command line offers it."""

    MEANING = "meaning"
    CATEGORIES = "categories"
    TASTE = "taste"


class _ShareRow(msgspec.Struct, frozen=True):
    category: str
    share: str


class _AlikeRow(msgspec.Struct, frozen=True):
    user: str
    name: str
    similarity: str
    categories: str
    both_turned_to: str


@PEOPLE.command("person")
def person(
    user: Annotated[str, typer.Argument(metavar="PERSON", help="Your own id of them.")],
    *,
    meaning: Annotated[bool, typer.Option("--meaning", help="With where they stand by meaning (as JSON).")] = False,
) -> None:
    """Somebody with their DNA: the share of each category in what they tell and turn to."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service

        found = await service.get_member(app, context.tenant_id, user=user, with_meaning=meaning)
        if options().machine_readable:
            emit(found)
            return
        note(_sentence(found))
        shares = {} if found.dna is None else found.dna.categories
        emit_rows(
            [_ShareRow(category, f"{share:.1%}") for category, share in shares.items()],
            columns=("category", "share"),
            empty="They have not told or turned to anything yet.",
        )

    run_with_app(go)


@PEOPLE.command("people")
def people(
    *,
    like: Annotated[str | None, typer.Option("--like", metavar="PERSON", help="Who is like them, most first.")] = None,
    by: Annotated[LikenessName, typer.Option("--by", help="Alike in which way.")] = LikenessName.MEANING,
    after: Annotated[str, typer.Option("--after", metavar="PERSON", help="Those whose id comes after this one.")] = "",
    limit: Count = 10,
) -> None:
    """The people of the community; or those like somebody, and what they share."""

    async def go(app: "App", context: Context) -> None:
        from likewise.apps.community import service
        from likewise.apps.community.views import members_alike_view, person_view

        if like is None:
            rows = await service.list_members(app, context.tenant_id, after=after, limit=limit)
            emit_rows(
                [person_view(row) for row in rows], columns=("user", "name", "about"), empty="Nobody is here yet."
            )
            return
        found = await service.list_similar_members(app, context.tenant_id, user=like, by=by.value, k=limit)
        known = ", ".join(found.known_by) or "nothing yet"
        tell(
            members_alike_view(found).data,
            _row,
            columns=("user", "name", "similarity", "categories", "both_turned_to"),
            empty=f"Nobody is known to be like {like}, who can be compared by {known}.",
        )

    run_with_app(go)


def _sentence(member: "Member") -> str:
    name = member.user if member.name is None else f"{member.name} ({member.user})"
    turned_to = 0 if member.dna is None else member.dna.turned_to
    return f"{name} told {member.experiences:,}, said {member.comments:,} and turned to {turned_to:,}"


def _row(one: "MemberAlikeView") -> _AlikeRow:
    return _AlikeRow(
        one.user,
        one.name or "",
        f"{one.similarity:.3f}",
        ", ".join(one.categories),
        line_of("; ".join(item.title for item in one.experiences), 80),
    )
