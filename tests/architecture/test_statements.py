"""Every statement of every queries.sql, asked of the real planner on the migrated schema as the role that runs it."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import getsource, iscoroutinefunction
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from tests.rows import list_tenant_tables

import likewise
from likewise.platform.db import Queries, Statement

ROOT = Path(likewise.__file__).parent
PACKAGES = sorted(".".join(("likewise", *path.parent.relative_to(ROOT).parts)) for path in ROOT.rglob("queries.sql"))
STATEMENTS = {
    statement.name: (package, statement) for package in PACKAGES for statement in Queries(package).all.values()
}
NAMES = sorted(STATEMENTS)

# Statements of the maintenance role: they serve every tenant, or none. Each says why it may.
MAINTENANCE = {
    "clusters.list_grown": "the nightly refinement, over all tenants",
    "events.delete_read_events": "upkeep of the log, a lane at a time",
    "events.get_cursor": "cursors belong to lanes",
    "events.get_progress": "a tenant's position beside its lane's cursor",
    "events.has_foreign_marks": "looks for any mark after a restore",
    "events.count_unread_lanes": "whether draining has come to its end, over all lanes",
    "events.insert_cursors": "cursors belong to lanes",
    "events.list_lags": "health, over all lanes",
    "events.list_lane_bounds": "a lane holds the events of many tenants",
    "events.list_lane_events": "a lane holds the events of many tenants",
    "events.list_missed_events": "a process follows the log for many tenants",
    "events.list_new_events": "a lane holds the events of many tenants",
    "events.list_waiting_lanes": "which lanes have something to read",
    "events.lock_log": "renumbering after a restore",
    "events.mark_cursor": "cursors belong to lanes",
    "events.rebase_cursors": "renumbering after a restore",
    "events.rebase_events": "renumbering after a restore",
    "events.rebase_positions": "renumbering after a restore",
    "events.renumber_events": "renumbering after a restore",
    "embedding.activate_space": "spaces belong to nobody",
    "embedding.count_cached": "the cache belongs to nobody",
    "embedding.count_queue": "health, over all tenants",
    "embedding.delete_cached": "the cache is by text and belongs to nobody",
    "embedding.delete_cached_of_space": "the cache belongs to nobody",
    "embedding.find_next_tenant": "whose texts are next",
    "embedding.insert_cached": "the cache belongs to nobody",
    "embedding.insert_space": "spaces belong to nobody",
    "embedding.is_fence_passed": "transactions of everybody",
    "embedding.is_space_used": "whether any tenant uses a space",
    "embedding.list_cached": "the cache belongs to nobody",
    "embedding.mark_cached_used": "the cache belongs to nobody",
    "embedding.pin_tenants": "every tenant at once, before another space becomes the active one",
    "embedding.read_fence": "transactions of everybody",
    "embedding.sweep_forgotten": "upkeep of the cache, some at a time",
    "embedding.trim_cache_by_age": "the cache belongs to nobody",
    "embedding.trim_cache_by_count": "the cache belongs to nobody",
    "health.count_dead_letters": "health, over all tenants",
    "idempotency.delete_old_keys": "upkeep, some at a time",
    "inbox.count_outbox": "how late answers are, over all tenants",
    "inbox.find_due_tenant": "whose answers are sent next",
    "jobs.beat": "workers serve every tenant",
    "jobs.delete_old_jobs": "upkeep of the queue",
    "jobs.finish_job": "the queue serves every tenant",
    "jobs.insert_schedules": "schedules belong to nobody",
    "jobs.is_waiting": "the queue serves every tenant",
    "jobs.list_jobs": "the queue is the library's; its index is by the tenant",
    "jobs.list_schedules": "schedules belong to nobody",
    "jobs.list_silent_operations": "upkeep, some at a time",
    "jobs.rescue_jobs": "the queue serves every tenant",
    "jobs.retry_job": "the queue serves every tenant",
    "jobs.take_due": "schedules belong to nobody",
    "language.list_tenants_with_old_calls": "whose calls are added up next",
    "search.count_poor_recalls": "health, over all tenants",
    "search.delete_old_recalls": "upkeep, some at a time",
    "search.find_calibration": "what a machine can do belongs to nobody",
    "inbox.list_tenants_with_old": "the monthly archive, over all tenants",
    "recommend.list_grown_old": "the nightly schedule, over all tenants",
    "recommend.list_moved": "whose profile has moved, the longest first",
    "recommend.list_waiting": "whose items had no vector yet, the longest first",
    "search.has_backlog": "whether the machine is busy embedding",
    "search.insert_calibration": "what a machine can do belongs to nobody",
    "search.list_large_corpora": "which tenants' indexes are measured tonight",
    "search.list_loose_indexes": "an index may serve many tenants",
    "search.list_tenants_with_old_queries": "whose searches are added up next",
    "tenancy.delete_tenant_row": "the end of a tenant",
    "tenancy.find_key_by_hash": "authentication, before the tenant is known",
    "tenancy.find_tenant_by_name": "tenants by their name",
    "tenancy.has_keys": "whether any key exists",
    "tenancy.insert_tenant": "the beginning of a tenant",
    "tenancy.list_tenants": "tenants, for their operator",
}

# Statements without a limit or a key that narrows them within the tenant. Each says why they may.
UNBOUNDED = {
    "health.count_content": "a row for each collection",
    "events.rebase_cursors": "after a restore, in one go under a lock",
    "events.rebase_events": "after a restore, in one go under a lock",
    "events.rebase_positions": "after a restore, in one go under a lock",
    "events.renumber_events": "after a restore, in one go under a lock",
    "embedding.insert_space": "spaces are few",
    "embedding.pin_tenants": "a row for each tenant, once in the life of a model",
    "tenancy.delete_tenant_row": "a tenant's id is the whole key",
    "clusters.delete_all_members": "a tenant's derived rows, to build them again",
    "clusters.delete_all_signatures": "a tenant's derived rows, to build them again",
    "clusters.delete_all_summaries": "a tenant's derived rows, to build them again",
    "clusters.forget_axes": "of a tenant, once in the life of a model",
    "clusters.forget_vectors": "of a tenant, once in the life of a model",
    "language.delete_routing": "a tenant has one table",
    "recommend.delete_meanings": "of a tenant, once in the life of a model",
    "recommend.look_at_all": "of a tenant, once in the life of a model",
    "clusters.empty_groupings": "a tenant's derived counts, to build them again",
    "clusters.empty_texts": "a tenant's derived counts, to build them again",
    "community.delete_all_counters": "a tenant's derived rows, to count them again",
    "recommend.delete_all_categories": "a tenant's derived rows, to build them again",
    "recommend.delete_all_neighbours": "a tenant's derived rows, to build them again",
    "recommend.delete_all_profiles": "a tenant's derived rows, to build them again",
    "recommend.delete_all_standings": "a tenant's derived rows, to build them again",
    "recommend.delete_all_vectors": "a tenant's derived rows, to build them again",
    "patterns.delete_all_counted": "a tenant's derived rows, to count them again",
    "patterns.delete_all_members": "a tenant's derived rows, to count them again",
    "patterns.delete_all_pairs": "a tenant's derived rows, to count them again",
    "patterns.delete_all_terms": "a tenant's derived rows, to count them again",
    "search.delete_all_documents": "a tenant's derived rows, to build them again",
    "search.delete_all_lexemes": "a tenant's derived rows, to build them again",
    "search.delete_all_totals": "a tenant's derived rows, to build them again",
}

# What a schema's statements may write. Platform packages share one schema; jobs have the library's as well.
SCHEMAS = {"jobs": {"platform", "procrastinate"}}
UTILITY = {"events.lock_log"}
SLOTS: Mapping[str, LiteralString] = {
    "conditions": "true",
    "space": "1",
    "dimension": "3",
    "columns": "c.id",
    "cluster_order": "s.item_count desc, s.cluster_id",
    "bounds": " and f.number_value > 1",
    "decided": "left",
    "wished": "select i.*, '' as place_name, 0 as utc_offset_min from collections.items i"
    " where i.tenant_id = %(tenant_id)s limit 10",
    "source": "select n.id from unnest(array['00000000-0000-0000-0000-000000000000'::uuid]) as n (id)",
}
_PARAMETER = re.compile(r"%\((\w+)\)s(::)?")
_USES = re.compile(r"Uses ([a-z0-9_]+(?: (?:and|or) [a-z0-9_]+)*)[.,;]")
_KEY = re.compile(r"(?<!tenant_)\b(?!tenant_id\b)[a-z_]+\)?\s*(?:=|<|>|<=|>=)\s*(?:any\s*\(\s*)?:(?!:)", re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_statement_says_what_it_is_for_and_has_a_function_of_its_name(name: str) -> None:
    package, statement = STATEMENTS[name]
    assert re.match(r"^[A-Z].*[.]$", statement.summary), f"{name}: one sentence above it"
    own = name.rpartition(".")[2]
    store = import_module(f"{package}.store")
    function = getattr(store, own, None)
    assert iscoroutinefunction(function), f"{package}.store has no function {own}"
    assert f"QUERIES.{own}" in getsource(function), f"{package}.store.{own} runs another statement"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_is_given_once(package: str) -> None:
    text = (ROOT / Path(*package.split(".")[1:]) / "queries.sql").read_text("utf-8")
    names = re.findall(r"^-- name: (\S+)$", text, re.MULTILINE)
    assert sorted(names) == sorted(Queries(package).all), "a name is given twice, or is not lower_case"


@pytest.mark.parametrize("name", NAMES)
def test_statement_is_valid_for_the_role_that_runs_it(filled: psycopg.Connection, name: str) -> None:
    plan = explain(filled, name, role=role_of(name))
    assert plan


@pytest.mark.parametrize("name", NAMES)
def test_statement_writes_only_its_own_schema(filled: psycopg.Connection, name: str) -> None:
    feature = name.partition(".")[0]
    package, _ = STATEMENTS[name]
    own = {"platform"} if ".platform." in package else {feature}
    for node in nodes(explain(filled, name, role=role_of(name))):
        if node["Node Type"] == "ModifyTable":
            assert node["Schema"] in SCHEMAS.get(feature, own), f"{name} writes {node['Schema']}"


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(MAINTENANCE)))
def test_statement_names_the_tenant_of_every_table_it_reads(filled: psycopg.Connection, name: str) -> None:
    # As maintenance, whose policy is `true`: what is found in the plan then is the statement's own word.
    for node in nodes(explain(filled, name, role="likewise_maintenance")):
        if is_tenant_table(filled, node) and "Scan" in node["Node Type"] and node["Node Type"] != "Bitmap Index Scan":
            said = " ".join(str(node.get(word, "")) for word in ("Index Cond", "Recheck Cond", "Filter"))
            assert re.search(r"tenant_id = \$\d+", said), (
                f"{name} reads {node['Relation Name']} of every tenant: {said}"
            )


@pytest.mark.parametrize("name", sorted(set(MAINTENANCE) & set(NAMES)))
def test_exception_for_maintenance_is_needed(filled: psycopg.Connection, name: str) -> None:
    try:
        plan = explain(filled, name, role="likewise_app")
    except psycopg.errors.InsufficientPrivilege:
        return
    scans = [node for node in nodes(plan) if is_tenant_table(filled, node) and "Scan" in node["Node Type"]]
    plain = explain(filled, name, role="likewise_maintenance")
    unnamed = [node for node in nodes(plain) if is_tenant_table(filled, node) and "tenant_id = $" not in str(node)]
    assert not scans or unnamed, f"{name} could run for one tenant"


@pytest.mark.parametrize("name", NAMES)
def test_statement_is_bounded_by_a_key_or_a_limit(name: str) -> None:
    package, statement = STATEMENTS[name]
    assert is_bounded(statement.sql) == (name not in UNBOUNDED), f"{package}: {name}"


def test_unbounded_statement_would_be_found() -> None:
    assert is_bounded("select id from collections.items where tenant_id = %(tenant_id)s and key = %(key)s")
    assert not is_bounded("select id from collections.items where tenant_id = %(tenant_id)s")
    assert not is_bounded("update collections.items set title = %(title)s where tenant_id = %(tenant_id)s")


def is_bounded(sql: str) -> bool:
    """By a limit, by a key within the tenant, by the rows it was given, or by reading no table at all."""
    text = re.sub(r"%\((\w+)\)s", r":\1", sql)
    conditions = text.partition("where")[2]
    return bool(
        re.search(r"\blimit\b|\bunnest\(\s*:|\block table\b|= '[a-z.]+'::regclass", text)
        or _KEY.search(conditions)
        or re.match(r"\s*insert into [^;]*\bvalues\b", text)
        or not re.search(r"\b(from|update) (?!search\.\w+\()", text)
    )


def test_lists_of_exceptions_name_statements_that_exist() -> None:
    assert not (set(MAINTENANCE) | set(UNBOUNDED)) - set(NAMES)


HOT = [name for name in NAMES if _USES.search(STATEMENTS[name][1].summary)]


@pytest.mark.parametrize("name", HOT)
def test_hot_statement_uses_the_index_it_names(filled: psycopg.Connection, name: str) -> None:
    summary = STATEMENTS[name][1].summary
    match = _USES.search(summary)
    assert match is not None
    indexes = re.split(" and | or ", match[1])
    for index in indexes:
        known = filled.execute("select 1 from pg_class where relname = %s and relkind in ('i', 'I')", [index])
        assert known.fetchone(), f"{name} names the index {index}, which does not exist"
    if "inside a function" in summary:
        return  # the plan shows the call only; tests/engine/test_search.py measures what the function does
    plan = nodes(explain(filled, name, role=role_of(name), seqscan=False))
    used = {parent_index(filled, str(node["Index Name"])) for node in plan if "Index Name" in node}
    used |= {str(index) for node in plan for index in node.get("Conflict Arbiter Indexes", [])}
    is_used = used & set(indexes) if " or " in match[1] else used >= set(indexes)
    assert is_used, f"{name} uses {sorted(used)}"


def test_statement_that_forgets_the_tenant_would_be_found(filled: psycopg.Connection) -> None:
    broken = Statement("broken.read", "", "select id from collections.items where key = %(key)s", frozenset({"key"}))
    scans = [
        node for node in nodes(explain_sql(filled, broken, role="likewise_maintenance")) if "Relation Name" in node
    ]
    assert scans
    assert all("tenant_id = $" not in str(node) for node in scans)


def role_of(name: str) -> str:
    return "likewise_maintenance" if name in MAINTENANCE else "likewise_app"


def explain(connection: psycopg.Connection, name: str, *, role: str, seqscan: bool = True) -> dict[str, Any]:
    if name in UTILITY:
        with connection.transaction(force_rollback=True):
            connection.execute(f"set local role {role}".encode())
            connection.execute(STATEMENTS[name][1].sql)
        return {"Node Type": "Utility"}
    return explain_sql(connection, STATEMENTS[name][1], role=role, seqscan=seqscan)


def explain_sql(
    connection: psycopg.Connection, statement: Statement, *, role: str, seqscan: bool = True
) -> dict[str, Any]:
    """The generic plan of a statement for a role, after PREPARE has taken it as well."""
    slots: dict[str, LiteralString] = {slot: SLOTS[slot] for slot in re.findall(r"\$\((\w+)\)", statement.sql)}
    filled_in = statement.with_slots(**slots).sql if slots else statement.sql
    text = numbered(filled_in)
    with connection.transaction(force_rollback=True):
        connection.execute(f"set local role {role}".encode())
        connection.execute(f"set local app.tenant_id = '{'0' * 8}-0000-0000-0000-{'0' * 12}'")
        if not seqscan:
            connection.execute("set local enable_seqscan = off")
        connection.execute(f"prepare statement as {text}".encode(), prepare=False)
        connection.execute("deallocate statement")
        row = connection.execute(
            f"explain (generic_plan, verbose, format json) {text}".encode(), prepare=False
        ).fetchone()
    assert row is not None
    return row[0][0]["Plan"]


def numbered(text: str) -> str:
    """Named parameters as $1, $2, ...; the tenant's is a uuid, as the driver says it is."""
    places: dict[str, int] = {}

    def place(match: re.Match[str]) -> str:
        number = places.setdefault(match[1], len(places) + 1)
        kind = KINDS.get(match[1])
        return f"${number}{match[2] or (f'::{kind}' if kind else '')}"

    return _PARAMETER.sub(place, text).replace("%%", "%")


KINDS: Mapping[str, str] = {"tenant_id": "uuid"}


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """A plan's nodes, without their children."""

    def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield {word: value for word, value in node.items() if word != "Plans"}
        for child in node.get("Plans", []):
            yield from walk(child)

    return list(walk(plan))


def is_tenant_table(connection: psycopg.Connection, node: dict[str, Any]) -> bool:
    known = {str(table) for table in list_tenant_tables(connection)}
    relation = re.sub(r"_p\d\d$", "", str(node.get("Relation Name")))
    return f"{node.get('Schema')}.{relation}" in known


def parent_index(connection: psycopg.Connection, index: str) -> str:
    """The index of the partitioned table that a partition's index belongs to, or itself."""
    row = connection.execute(
        "select p.relname from pg_class c join pg_inherits h on h.inhrelid = c.oid"
        " join pg_class p on p.oid = h.inhparent where c.relname = %s and c.relkind = 'i'",
        [index],
    ).fetchone()
    return str(row[0]) if row else index
