"""How search looks and how much it may look at; section `[search]`."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["SearchSettings"]


class SearchSettings(Section):
    """`[search]` in the file, `LIKEWISE_SEARCH_...` in the environment."""

    section: ClassVar[str] = "search"

    # What may be asked.
    results_max: int = Field(200, ge=1, description="results of one page")
    depth: int = Field(100, ge=10, description="results each arm brings at most to the first fusion")
    enough: int = Field(25, ge=1, description="results with which an arm leaves it at its first, narrow look")
    depth_max: int = Field(2_000, ge=10, description="results each arm brings when somebody pages on")
    query_characters_max: int = Field(4_000, ge=1, description="characters of a query")
    query_words_max: int = Field(64, ge=1, description="words of a query that the lexical arms read")
    facets_max: int = Field(20, ge=1, description="facets one search counts the values of")
    facet_values_max: int = Field(20, ge=1, description="values of one facet that a search tells")
    examples_max: int = Field(50, ge=1, description="positive and negative examples of one similar search")

    # The vector arm.
    exact_rows_max: int = Field(
        4_000,
        ge=1,
        description="passages compared one by one; unset: as measured on this machine, 4000 until then",
    )
    depth_alone: int = Field(40, ge=10, description="results that one arm brings at first where no other is asked")
    ef_search: int = Field(100, ge=1, le=1_000, description="size of the HNSW search's candidate list before tuning")
    scan_tuples_max: int = Field(20_000, ge=1, description="tuples an iterative HNSW scan visits before it is widened")
    catalog_ttl_s: float = Field(20, gt=0, description="seconds for which a partition's size and index are remembered")
    catalog_tenants_max: int = Field(10_000, ge=1, description="tenants whose partition is remembered")

    # The lexical arms. The two BM25 constants were measured on SciFact and Cranfield (benchmarks/results).
    term_saturation: float = Field(1.2, ge=0, description="BM25's k1: how soon more of the same word counts less")
    length_share: float = Field(0.75, ge=0, le=1, description="BM25's b: how much longer texts are discounted")
    documents_ranked_max: int = Field(400, ge=10, description="documents whose words are counted for one query")
    documents_scanned_max: int = Field(1_000, ge=10, description="documents read where every word of a query is common")
    near_words_max: int = Field(12, ge=1, le=50, description="words of the vocabulary considered for a misspelt one")

    stems_max: int = Field(50_000, ge=1_000, description="words a process remembers the stems of, for highlights")

    # What is measured of vector indexes.
    recall_goal: float = Field(0.98, gt=0, le=1, description="recall@10 that ef_search is tuned to")
    recall_queries: int = Field(40, ge=1, le=1_000, description="searches of a tenant repeated exactly, each night")
    recall_tenants_max: int = Field(200, ge=1, description="large tenants measured in one night")
    recalls_kept_days: int = Field(400, ge=1, description="days for which measured recall is kept")
    calibration_rows_max: int = Field(16_000, ge=1_000, le=200_000, description="vectors a calibration compares")

    # Vector indexes.
    promote_rows_min: int = Field(200_000, ge=1, description="vectors of one tenant that earn it a graph of its own")
    index_rows_min: int = Field(8_000, ge=1, description="vectors of a space in a partition that ask for an index")
    index_backlog_max: int = Field(5_000, ge=0, description="texts waiting for vectors from which building waits")
    index_memory_mb: int = Field(1_024, ge=64, description="memory of the session that builds an index, MB")
    index_workers: int = Field(2, ge=0, le=32, description="parallel workers that help building an index")
    index_wait_s: float = Field(3_600, gt=0, description="longest time one index may take to build, seconds")

    # Analytics.
    record_buffer_max: int = Field(2_000, ge=1, description="answers waiting to be recorded; more are dropped")
    record_batch_max: int = Field(200, ge=1, description="answers recorded in one transaction")
    record_interval_s: float = Field(0.5, gt=0, description="seconds between two writes of the record")
    record_kept_days: int = Field(30, ge=1, description="days after which searches are added up per month")
    roll_up_batch_max: int = Field(5_000, ge=1, description="searches added up in one transaction")
    texts_per_month_max: int = Field(1_000, ge=1, description="queries kept of a collection's month, the commonest")
    analytics_days_max: int = Field(400, ge=1, description="days one view of analytics reaches back at most")
    analytics_queries_max: int = Field(200, ge=1, description="queries one list of analytics holds")
