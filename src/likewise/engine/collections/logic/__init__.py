"""Pure rules of text: what may be stored, how it is cut into passages, how facets are read. No input or output."""

from likewise.engine.collections.logic.bodies import guess_kind, make_draft
from likewise.engine.collections.logic.facets import (
    FacetUnreadable,
    PlaceUnreadable,
    infer_facet_kinds,
    is_empty,
    read_facet,
    read_place,
)
from likewise.engine.collections.logic.filters import FilterMalformed, FilterRefused, parse_filter, read_filter
from likewise.engine.collections.logic.passages import split_passages
from likewise.engine.collections.logic.rows import (
    AUTHOR,
    CATEGORY,
    FacetColumns,
    Prepared,
    facet_columns,
    item_columns,
    passage_columns,
    prepare,
)
from likewise.engine.collections.logic.text import (
    CleanText,
    TextNotStorable,
    TextTooLong,
    check_text,
    clean_text,
    clean_value,
    content_hash,
    default_key,
    normalised_text,
)
from likewise.engine.collections.logic.times import TimeUnreadable, looks_day_first, read_time
from likewise.engine.collections.logic.tokens import estimate_tokens
from likewise.engine.collections.logic.wishes import read_wishes
from likewise.engine.collections.logic.wording import embedded_text

__all__ = [
    "AUTHOR",
    "CATEGORY",
    "CleanText",
    "FacetColumns",
    "FacetUnreadable",
    "FilterMalformed",
    "FilterRefused",
    "PlaceUnreadable",
    "Prepared",
    "TextNotStorable",
    "TextTooLong",
    "TimeUnreadable",
    "check_text",
    "clean_text",
    "clean_value",
    "content_hash",
    "default_key",
    "embedded_text",
    "estimate_tokens",
    "facet_columns",
    "guess_kind",
    "infer_facet_kinds",
    "is_empty",
    "item_columns",
    "looks_day_first",
    "make_draft",
    "normalised_text",
    "parse_filter",
    "passage_columns",
    "prepare",
    "read_facet",
    "read_filter",
    "read_place",
    "read_time",
    "read_wishes",
    "split_passages",
]
