"""What a cursor is bound to."""

import hashlib

import msgspec

from likewise.engine.search.model import SearchRequest, SimilarRequest

__all__ = ["fingerprint"]


def fingerprint(request: SearchRequest | SimilarRequest) -> str:
    """The same for every page of one list: everything that decides the order, and nothing else."""
    bare = msgspec.structs.replace(request, after=None, explain=False, k=1)
    if isinstance(bare, SearchRequest):
        bare = msgspec.structs.replace(bare, highlight=False, facets=())
    return f"search {hashlib.sha256(msgspec.json.encode(bare, order='deterministic')).hexdigest()}"
