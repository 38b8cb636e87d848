"""The verbs of search."""

from likewise.engine.search.service.asked import AskedQueries
from likewise.engine.search.service.asking import read_facet_wishes, search
from likewise.engine.search.service.building import build_vector_indexes
from likewise.engine.search.service.catalog import PartitionCatalog
from likewise.engine.search.service.clicking import note_click
from likewise.engine.search.service.documents import SearchFollower, drop_documents, read_items
from likewise.engine.search.service.likeness import find_similar
from likewise.engine.search.service.recording import Recorder, recording

__all__ = [
    "AskedQueries",
    "PartitionCatalog",
    "Recorder",
    "SearchFollower",
    "build_vector_indexes",
    "drop_documents",
    "find_similar",
    "note_click",
    "read_facet_wishes",
    "read_items",
    "recording",
    "search",
]
