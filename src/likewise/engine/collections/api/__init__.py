"""REST of collections: each route parses, calls one verb, renders."""

from likewise.engine.collections.api.collections import ROUTES as COLLECTION_ROUTES
from likewise.engine.collections.api.items import ROUTES as ITEM_ROUTES
from likewise.engine.collections.api.transfer import ROUTES as TRANSFER_ROUTES

__all__ = ["ROUTES"]

ROUTES = (*COLLECTION_ROUTES, *ITEM_ROUTES, *TRANSFER_ROUTES)
