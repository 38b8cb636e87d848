"""The verbs of collections: declare, write, read, load, delete, forget, export."""

from likewise.engine.collections.service.declaring import (
    create_collection,
    ensure_collection,
    explain_missing,
    find_collection,
    get_collection,
    list_collections,
    update_collection,
)
from likewise.engine.collections.service.loading import (
    LoadProgress,
    LoadReport,
    OnProgress,
    dry_run,
    finish_load,
    load_rows,
    reading_bounds,
    wait_until_searchable,
)
from likewise.engine.collections.service.reading import (
    FacetSummary,
    export_items,
    get_item,
    list_facets,
    list_items,
    list_passage_texts,
)
from likewise.engine.collections.service.removing import (
    Receipt,
    delete_collection,
    delete_item,
    forget_author,
    forget_tenant,
)
from likewise.engine.collections.service.writing import WriteResult, WriteStatus, put_items, settle_items

__all__ = [
    "FacetSummary",
    "LoadProgress",
    "LoadReport",
    "OnProgress",
    "Receipt",
    "WriteResult",
    "WriteStatus",
    "create_collection",
    "delete_collection",
    "delete_item",
    "dry_run",
    "ensure_collection",
    "explain_missing",
    "export_items",
    "find_collection",
    "finish_load",
    "forget_author",
    "forget_tenant",
    "get_collection",
    "get_item",
    "list_collections",
    "list_facets",
    "list_items",
    "list_passage_texts",
    "load_rows",
    "put_items",
    "reading_bounds",
    "settle_items",
    "update_collection",
    "wait_until_searchable",
]
