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
_MESSAGE = {"message_id": "msg_06f8x2q0vtt6zv3n1c9d5e7g8h"}
_INBOX_CLUSTER = {"cluster_id": "clu_06f8x2q0vtt6zv3n1c9d5e7g8h"}
_ACTION = {"action_id": "act_06f8x2q0vtt6zv3n1c9d5e7g8h"}
_DELIVERY = {"delivery_id": "dlv_06f8x2q0vtt6zv3n1c9d5e7g8h"}
_ARCHIVE = {"archive_id": "arc_06f8x2q0vtt6zv3n1c9d5e7g8h"}
_PERSON = {"user": "ben"}
_EXPERIENCE = {"experience_id": "exp_06f8x2q0vtt6zv3n1c9d5e7g8h"}
_COMMENT = {"comment_id": "cmt_06f8x2q0vtt6zv3n1c9d5e7g8h"}
_PICTURE = {"picture_id": "pic_06f8x2q0vtt6zv3n1c9d5e7g8h"}
_CHANNEL = {"name": "website"}
_ANSWER = "Hi {{first_name|there}}, yes, every glaze is dishwasher safe."
_ROUTING = {
    "tiers": {"cheap": ["openai/gpt-4o-mini"], "standard": ["anthropic/claude-sonnet-4-5"]},
    "routes": [{"task": "*", "easy": "cheap", "normal": "cheap", "hard": "standard"}],
    "budget_month_usd": 25,
}
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
    "chat": Example(
        body={
            "messages": [{"role": "user", "content": "How hot does the kiln get?"}],
            "passages": [{"id": "kiln-1", "title": "Kiln", "text": "The kiln runs at 1,200 degrees."}],
        }
    ),
    "list_chat_models": Example(),
    "get_routing": Example(),
    "put_routing": Example(body=_ROUTING),
    "list_chat_costs": Example(query={"months": 3}),
    "what_if": Example(body={"routing": _ROUTING}),
    "reset_routing": Example(),
    "create_inbox_channel": Example(
        body={"name": "website", "delivery_url": "https://shop.example/answers", "metadata": {"owner": "desk"}}
    ),
    "list_inbox_channels": Example(query={"limit": 20}),
    "get_inbox_channel": Example(path=_CHANNEL),
    "change_inbox_channel": Example(path=_CHANNEL, body={"delivery_url": "https://shop.example/inbox/answers"}),
    "get_inbox_channel_secret": Example(path=_CHANNEL),
    "rotate_inbox_channel_secret": Example(path=_CHANNEL),
    "ingest_message": Example(
        body={
            "text": "Is the mug dishwasher safe?",
            "id": "c-17",
            "channel": "website",
            "visitor": {"id": "v-3", "name": "Ada Lovell"},
            "sent_at": "2026-11-02T09:30:00Z",
            "payload": {"order": 2041},
        }
    ),
    "ingest_messages": Example(
        body={
            "messages": [
                {"text": "dishwasher safe??", "id": "c-18", "channel": "website", "visitor": {"name": "Tom Wu"}},
                {"text": "Do you gift wrap?", "id": "c-19", "channel": "website", "visitor": {"name": "Ida Brook"}},
            ]
        }
    ),
    "receive_inbox_hook": Example(
        path={"token": "AZLPq3mWf0C8s1uVh2kT9gGSz6t5ln9AvLNblYdpE_YRxcLb7n2KQ4vXo0mJ3aYe"},
        body={"text": "Can it go in the dishwasher?", "visitor": {"id": "v-7", "name": "Noor Haddad"}},
    ),
    "list_inbox_messages": Example(query={"channel": "website", "limit": 20}),
    "get_inbox_message": Example(path=_MESSAGE),
    "get_inbox_avatar": Example(
        path={
            "tenant": "0192cfab79967f40bcb35b9587691361",
            "name": "0192cfab79967f40bcb35b9587691362-17-9f86d081884c7d659a2feaa0c55ad015.webp",
        },
        query={
            "expires": 1795046400,
            "signature": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        },
    ),
    "list_inbox_clusters": Example(query={"state": "open", "order": "trend", "size_min": 2, "limit": 20}),
    "count_inbox_clusters": Example(),
    "get_inbox_cluster": Example(path=_INBOX_CLUSTER),
    "list_inbox_cluster_messages": Example(path=_INBOX_CLUSTER, query={"limit": 20}),
    "change_inbox_cluster": Example(path=_INBOX_CLUSTER, body={"name": "Washing up"}),
    "merge_inbox_cluster": Example(path=_INBOX_CLUSTER, body={"into": "clu_06f8x2q0vtt6zv3n1c9d5e7g9j"}),
    "move_inbox_messages": Example(path=_INBOX_CLUSTER, body={"messages": ["msg_06f8x2q0vtt6zv3n1c9d5e7g8h"]}),
    "remove_message": Example(path=_MESSAGE, body={"into": "clu_06f8x2q0vtt6zv3n1c9d5e7g9j"}),
    "preview_inbox_answer": Example(path=_INBOX_CLUSTER, query={"limit": 20}, body={"response_text": _ANSWER}),
    "action_inbox_cluster": Example(
        path=_INBOX_CLUSTER,
        body={"response_text": _ANSWER, "exceptions": ["msg_06f8x2q0vtt6zv3n1c9d5e7g8h"], "expected_count": 2},
    ),
    "list_inbox_actions": Example(path=_INBOX_CLUSTER, query={"limit": 20}),
    "get_inbox_action": Example(path=_ACTION),
    "undo_inbox_action": Example(path=_ACTION),
    "list_inbox_deliveries": Example(query={"state": "ready", "limit": 20}),
    "retry_inbox_delivery": Example(path=_DELIVERY),
    "acknowledge_inbox_delivery": Example(path=_DELIVERY),
    "list_inbox_changes": Example(query={"limit": 20}),
    "undo_inbox_change": Example(path={"change_id": "chg_06f8x2q0vtt6zv3n1c9d5e7g8h"}),
    "follow_inbox": Example(),
    "archive_messages": Example(body={"older_than_days": 60}),
    "list_inbox_archives": Example(query={"limit": 20}),
    "search_inbox_archives": Example(query={"q": "dishwasher", "limit": 20}),
    "get_inbox_archive": Example(path=_ARCHIVE),
    "list_archived_clusters": Example(path=_ARCHIVE, query={"limit": 20}),
    "restore_archive": Example(path=_ARCHIVE),
    "tell_experience": Example(
        body={
            "author": "ben",
            "text": "A dark triangle with three white lights hovered silently over the bay for ten minutes.",
            "title": "Three lights over the bay",
            "category": "ufo_sighting",
            "key": "told-17",
            "tags": ["night"],
            "attributes": [{"key": "weather", "value": "clear"}],
            "place": {"lat": 60.4, "lon": 5.3},
            "place_name": "Bergen",
            "happened_at": "2013-06-21T23:15:00+02:00",
        }
    ),
    "tell_experiences": Example(
        body={"experiences": [{"author": "ben", "text": "I dreamt of a flood, and woke up.", "category": "dream"}]}
    ),
    "list_experiences": Example(
        query={
            "category": "ufo_sighting",
            "attribute": ["shape:triangle", "duration_s:60..600"],
            "near": "60.4,5.3",
            "radius_km": 100,
            "order": "upvotes",
            "limit": 20,
        }
    ),
    "get_experience": Example(path=_EXPERIENCE),
    "edit_experience": Example(path=_EXPERIENCE, body={"title": "Three white lights", "place_name": "Bergen, the bay"}),
    "list_experience_attributes": Example(path=_EXPERIENCE),
    "list_community_categories": Example(),
    "list_community_attributes": Example(),
    "list_community_attribute_values": Example(path={"key": "shape"}, query={"limit": 10}),
    "put_community_person": Example(path=_PERSON, body={"name": "Ben", "about": "Sails at night."}),
    "list_community_people": Example(query={"limit": 20}),
    "upvote_experience": Example(path={**_EXPERIENCE, "user": "ben"}),
    "take_upvote_back": Example(path={**_EXPERIENCE, "user": "ben"}),
    "view_experience": Example(path=_EXPERIENCE, body={"user": "ben"}),
    "show_less_like_experience": Example(path=_EXPERIENCE, body={"user": "ben"}),
    "take_less_back": Example(path={**_EXPERIENCE, "user": "ben"}),
    "comment_on_experience": Example(
        path=_EXPERIENCE, body={"author": "ben", "text": "I saw it, too, from the other shore."}
    ),
    "list_comments": Example(path=_EXPERIENCE, query={"limit": 20}),
    "get_comment": Example(path=_COMMENT),
    "edit_comment": Example(path=_COMMENT, body={"author": "ben", "text": "I saw it, too, at nine."}),
    "report_comment": Example(path=_COMMENT, body={"reporter": "cleo", "reason": "other", "note": "It was at ten."}),
    "delete_comment": Example(path=_COMMENT, query={"author": "ben"}),
    "report_experience": Example(path=_EXPERIENCE, body={"reporter": "cleo", "reason": "spam"}),
    "list_moderation_cases": Example(query={"open_only": True, "limit": 20}),
    "get_moderation_case": Example(path={"kind": "experience", "subject_id": _EXPERIENCE["experience_id"]}),
    "hide_subject": Example(body={"subject": _EXPERIENCE["experience_id"], "reason": "It tells of something else."}),
    "show_subject_again": Example(body={"subject": _EXPERIENCE["experience_id"]}),
    "clear_subject": Example(body={"subject": _EXPERIENCE["experience_id"], "reason": "It is as it should be."}),
    "add_picture": Example(
        path=_EXPERIENCE, query={"alt": "A light over the bay"}, body="the bytes of a picture", content_type="image/png"
    ),
    "list_pictures": Example(path=_EXPERIENCE),
    "describe_picture": Example(path=_PICTURE, body={"alt": "A light over the bay, seen from the pier"}),
    "delete_picture": Example(path=_PICTURE),
    "get_picture": Example(
        path={"tenant": "0192cfab79967f40bcb35b9587691361", "name": "0192cfab79967f40bcb35b9587691362-small-all.webp"},
        query={
            "expires": 1795046400,
            "signature": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        },
    ),
    "search_experiences": Example(
        body={
            "query": "a light over the water",
            "wish": {"category": ["ufo_sighting"], "near": {"lat": 60.4, "lon": 5.3, "radius_km": 100}},
            "k": 5,
        }
    ),
    "list_similar_experiences": Example(path=_EXPERIENCE, query={"k": 5}),
    "get_person": Example(path=_PERSON, query={"include": "meaning"}),
    "list_similar_people": Example(path=_PERSON, query={"by": "categories", "k": 5}),
    "get_community_feed": Example(
        path=_PERSON, body={"k": 5, "place": {"lat": 60.4, "lon": 5.3}, "categories": ["dream"], "is_recorded": False}
    ),
    "get_community_feed_simply": Example(path=_PERSON, query={"k": 5}),
    "list_trending_experiences": Example(query={"category": "ufo_sighting", "k": 5}),
    "list_community_keys": Example(),
    "get_community_distribution": Example(query={"key": "shape", "category": "ufo_sighting", "limit": 10}),
    "find_community_associations": Example(query={"segment": "shape:triangle", "limit": 10}),
    "get_community_contexts": Example(query={"by": "category"}),
    "get_community_map": Example(query={"segment": "shape:triangle"}),
    "get_community_moments": Example(query={"segment": "shape:triangle"}),
    "list_community_trends": Example(query={"key": "shape", "value": "triangle"}),
    "get_community_drift": Example(
        query={
            "key": "shape",
            "before_first": "2026-01",
            "before_last": "2026-03",
            "after_first": "2026-04",
            "after_last": "2026-06",
        }
    ),
    "list_community_insights": Example(query={"limit": 20}),
    "get_community_insight": Example(path={"insight_id": "ins_06f8x2q0vtt6zv3n1c9d5e7g8h"}),
    "refresh_community_patterns": Example(),
    "ask_community": Example(
        body={"question": "and where at night?", "history": ["how many triangles were seen in 2013?"], "user": "ben"}
    ),
    "list_discovery_tools": Example(),
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
    "delete_experience": Example(path=_EXPERIENCE),
    "forget_community_person": Example(path=_PERSON),
    "delete_item": Example(path=_ITEM),
    "forget": Example(body={"author": "ann"}),
    "delete_collection": Example(path=_NAME),
}
