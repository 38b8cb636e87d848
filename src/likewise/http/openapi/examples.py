"""One example per operation, in an order in which they can be run one after another on an empty installation.

The docs show them and a test runs them. Ids that only exist once something was made (`key_...`, `opr_...`) stand for
the ones that running the examples before has made.
"""

from typing import Any

import msgspec

__all__ = ["EXAMPLES", "Example"]


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A request: what goes into its path, its query and its body."""

    path: dict[str, str] = {}
    query: dict[str, Any] = {}
    body: Any = None
    content_type: str = "application/json"


_NAME = {"name": "reviews"}
_ITEM = {**_NAME, "key": "r-1"}
_GROUPING = {"collection": "reviews"}
_CLUSTER = {**_GROUPING, "cluster_id": "clu_06f8x2q0vtt6zv3n1c9d5e7g8h"}
_OPERATION = {"operation_id": "opr_06f8x2q0vtt6zv3n1c9d5e7g8h"}
_CSV = "id,text,stars\nr-8,The lid never closes.,2\nr-9,Warm light and a calm room.,5\n"

EXAMPLES: dict[str, Example] = {
    "is_alive": Example(),
    "is_ready": Example(),
    "create_collection": Example(
        body={"name": "reviews", "facets": {"stars": "number", "city": "keyword"}, "language": "english"}
    ),
    "list_collections": Example(query={"limit": 20}),
    "get_collection": Example(path=_NAME),
    "update_collection": Example(path=_NAME, body={"facets": {"tags": "keywords"}}),
    "put_item": Example(
        path=_ITEM,
        body={
            "body": "The handle came off after the first wash.",
            "author": "ann",
            "facets": {"stars": 1, "city": "Oslo"},
        },
    ),
    "put_items": Example(
        path=_NAME,
        body={
            "items": [
                {"key": "r-2", "body": "Bread came out dense and flat.", "facets": {"stars": 2}},
                {"key": "r-3", "body": "The staff were kind and quick.", "facets": {"stars": 5, "tags": ["service"]}},
            ]
        },
    ),
    "list_items": Example(path=_NAME, query={"limit": 20}),
    "get_item": Example(path=_ITEM),
    "list_facets": Example(path=_NAME, query={"names": "stars,city", "limit": 10}),
    "search": Example(
        body={
            "query": "it broke in the dishwasher",
            "collection": "reviews",
            "k": 3,
            "filter": {"facets": {"stars": {"lte": 3}}},
            "explain": True,
            "facets": ["city"],
        }
    ),
    "search_simply": Example(query={"q": "friendly people", "collection": "reviews", "k": 3}),
    "find_similar": Example(body={"collection": "reviews", "key": "r-1", "k": 3}),
    "note_click": Example(
        body={"search_id": "sea_06f8x2q0vtt6zv3n1c9d5e7g8h", "id": "itm_06f8x2q0vtt6zv3n1c9d5e7g8h", "rank": 1}
    ),
    "analyze_searches": Example(query={"collection": "reviews", "days": 7, "limit": 5}),
    "forget_query": Example(query={"text": "friendly people"}),
    "list_models": Example(),
    "embed": Example(body={"texts": ["The handle came off."]}),
    "retry_failed_texts": Example(),
    "estimate_model_change": Example(body={"model": "minilm"}),
    "change_model": Example(body={"model": "minilm"}),
    "compare_models": Example(body={"collection": "reviews", "queries": 20, "k": 10}),
    "cut_over_model": Example(body={"accept_failed": False}),
    "drop_model": Example(),
    "model_usage": Example(query={"days": 30}),
    "preview_file": Example(path=_NAME, query={"filename": "reviews.csv"}, body=_CSV, content_type="text/csv"),
    "load_file": Example(
        path=_NAME,
        query={"filename": "reviews.csv", "text": "text", "key": "id", "facets": "stars"},
        body=_CSV,
        content_type="text/csv",
    ),
    "list_operations": Example(query={"limit": 20}),
    "get_operation": Example(path=_OPERATION),
    "watch_operation": Example(path=_OPERATION),
    "cancel_operation": Example(path=_OPERATION),
    "export_items": Example(path=_NAME),
    "group_collection": Example(path=_GROUPING, body={"size_min": 1}),
    "get_grouping": Example(path=_GROUPING),
    "regroup_collection": Example(path=_GROUPING, body={"threshold": 0.8, "size_min": 2}),
    "list_clusters": Example(path=_GROUPING, query={"order": "size", "size_min": 2, "limit": 20}),
    "list_map_points": Example(path=_GROUPING, query={"limit": 1000}),
    "list_grouped_items": Example(path=_GROUPING, query={"ids": "itm_06f8x2q0vtt6zv3n1c9d5e7g8h"}),
    "refine_clusters": Example(path=_GROUPING),
    "get_cluster": Example(path=_CLUSTER),
    "change_cluster": Example(path=_CLUSTER, body={"is_locked": True, "name": "Broken handles"}),
    "list_cluster_items": Example(path=_CLUSTER, query={"filter": '{"facets": {"stars": {"lte": 2}}}', "limit": 20}),
    "merge_cluster": Example(path=_CLUSTER, body={"into": "clu_06f8x2q0vtt6zv3n1c9d5e7g9j"}),
    "move_cluster_items": Example(path=_CLUSTER, body={"keys": ["r-1"]}),
    "list_cluster_changes": Example(path=_GROUPING, query={"limit": 20}),
    "undo_cluster_change": Example(path={**_GROUPING, "change_id": "chg_06f8x2q0vtt6zv3n1c9d5e7g8h"}),
    "undo_cluster_run": Example(path={**_GROUPING, "run_id": "run_06f8x2q0vtt6zv3n1c9d5e7g8h"}),
    "ungroup_collection": Example(path=_GROUPING),
    "put_interaction": Example(
        body={"collection": "reviews", "interaction": {"user": "bob", "item": "r-1", "kind": "upvote"}}
    ),
    "put_interactions": Example(
        body={
            "collection": "reviews",
            "interactions": [
                {"user": "bob", "item": "r-3", "kind": "like", "weight": 0.8},
                {"user": "cleo", "item": "r-3", "kind": "view"},
            ],
        }
    ),
    "recommend": Example(body={"collection": "reviews", "user": "cleo", "k": 5, "explain": True}),
    "show_less": Example(body={"collection": "reviews", "user": "cleo", "k": 5, "less": ["r-2"]}),
    "list_similar_users": Example(query={"collection": "reviews", "user": "bob", "by": "taste", "k": 5}),
    "get_shared_ground": Example(query={"collection": "reviews", "user": "bob", "other": "cleo"}),
    "get_profile": Example(query={"collection": "reviews", "user": "bob"}),
    "list_people": Example(query={"collection": "reviews", "limit": 20}),
    "list_trending": Example(query={"collection": "reviews", "k": 5}),
    "evaluate": Example(query={"collection": "reviews", "split": "share", "k": 10}),
    "rebuild_recommendations": Example(body={"collection": "reviews"}),
    "forget_user": Example(body={"user": "cleo"}),
    "put_attributes": Example(
        body={
            "collection": "reviews",
            "attributes": [{"item": "r-1", "key": "complaint", "value": "handle", "confidence": 0.9, "source": "desk"}],
        }
    ),
    "list_attributes": Example(query={"collection": "reviews", "item": "r-1"}),
    "list_pattern_keys": Example(query={"collection": "reviews"}),
    "get_distribution": Example(query={"collection": "reviews", "key": "stars", "segment": "city:Oslo"}),
    "find_together": Example(query={"collection": "reviews", "key": "city", "value": "Oslo", "limit": 10}),
    "find_significant": Example(query={"collection": "reviews", "segment": "city:Oslo", "limit": 10}),
    "list_trends": Example(query={"collection": "reviews", "key": "city"}),
    "get_drift": Example(
        query={
            "collection": "reviews",
            "key": "city",
            "before_first": "2026-01",
            "before_last": "2026-03",
            "after_first": "2026-04",
            "after_last": "2026-06",
        }
    ),
    "refresh_insights": Example(body={"collection": "reviews"}),
    "list_insights": Example(query={"collection": "reviews", "limit": 20}),
    "get_insight": Example(path={"insight_id": "ins_06f8x2q0vtt6zv3n1c9d5e7g8h"}),
    "list_jobs": Example(query={"limit": 20}),
    "list_schedules": Example(),
    "run_schedule": Example(path={"name": "trim_embedding_cache"}),
    "list_dead_letters": Example(query={"limit": 20}),
    "retry_dead_letters": Example(body={"ids": ["ltr_06f8x2q0vtt6zv3n1c9d5e7g8h"]}),
    "create_key": Example(body={"name": "website", "scopes": ["read", "write"]}),
    "list_keys": Example(),
    "revoke_key": Example(path={"key_id": "key_06f8x2q0vtt6zv3n1c9d5e7g8h"}),
    "create_tenant": Example(body={"name": "acme"}),
    "list_tenants": Example(query={"limit": 20}),
    "list_settings": Example(),
    "get_health": Example(),
    "get_metrics": Example(),
    "delete_item": Example(path=_ITEM),
    "forget": Example(body={"author": "ann"}),
    "delete_collection": Example(path=_NAME),
}
