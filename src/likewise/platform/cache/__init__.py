"""The door to the cache: get or compute, once, and never stale after one's own write."""

from likewise.platform.cache.cache import Cache, open_cache
from likewise.platform.cache.model import CacheComputeTooSlow, CacheFigures, Namespace
from likewise.platform.cache.settings import CacheSettings
from likewise.platform.cache.store import delete_idle_tags

__all__ = [
    "Cache",
    "CacheComputeTooSlow",
    "CacheFigures",
    "CacheSettings",
    "Namespace",
    "delete_idle_tags",
    "open_cache",
]
