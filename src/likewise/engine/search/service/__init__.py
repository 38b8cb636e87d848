"""The verbs of search."""

from likewise.engine.search.service.analytics import analyze_searches, forget_query, roll_up_searches
from likewise.engine.search.service.asked import AskedQueries
from likewise.engine.search.service.asking import read_facet_wishes, search
from likewise.engine.search.service.building import build_vector_indexes, list_vector_indexes
from likewise.engine.search.service.calibrating import calibrate, find_calibration
from likewise.engine.search.service.catalog import PartitionCatalog
from likewise.engine.search.service.clicking import note_click
from likewise.engine.search.service.documents import SearchFollower, drop_documents, read_items
from likewise.engine.search.service.likeness import find_similar
from likewise.engine.search.service.recall import measure_recall, sample_recalls
from likewise.engine.search.service.recording import Recorder, recording
from likewise.engine.search.service.wording import Stems

__all__ = [
    "AskedQueries",
    "PartitionCatalog",
    "Recorder",
    "SearchFollower",
    "Stems",
    "analyze_searches",
    "build_vector_indexes",
    "calibrate",
    "drop_documents",
    "find_calibration",
    "find_similar",
    "forget_query",
    "list_vector_indexes",
    "measure_recall",
    "note_click",
    "read_facet_wishes",
    "read_items",
    "recording",
    "roll_up_searches",
    "sample_recalls",
    "search",
]
