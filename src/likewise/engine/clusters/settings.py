"""How collections are grouped; section `[clusters]`. What fits itself to a collection is not here."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["ClustersSettings"]


class ClustersSettings(Section):
    """`[clusters]` in the file, `LIKEWISE_CLUSTERS_...` in the environment."""

    section: ClassVar[str] = "clusters"

    # Arrival.
    near_verbatim_min: float = Field(
        0.8, gt=0, le=1, description="trigram similarity from which two texts count as the same"
    )
    near_verbatim_candidates_max: int = Field(
        2_000, ge=1, description="texts looked at for the near-verbatim ones of one batch"
    )
    text_characters_max: int = Field(20_000, ge=100, description="characters of a text that are compared as spelling")
    states_mb_max: int = Field(512, ge=1, description="memory of the clusters a process remembers, MB")

    # Refinement.
    refine_growth: float = Field(1.5, gt=1, description="times the texts of the last refinement that ask for the next")
    refine_texts_min: int = Field(30, ge=2, description="texts from which a collection is refined by itself")
    refine_texts_max: int = Field(200_000, ge=100, description="texts one refinement compares; the others join by mean")
    refine_batch: int = Field(5_000, ge=1, description="texts read or moved by one statement of a refinement")
    grouped_collections_max: int = Field(10_000, ge=1, description="collections the nightly refinement looks at")

    # What is told.
    words_max: int = Field(6, ge=1, le=50, description="words of a label")
    exemplars_max: int = Field(5, ge=1, le=50, description="texts shown for a cluster")
    outliers_max: int = Field(20, ge=0, le=200, description="outliers named for a cluster")
    label_texts_max: int = Field(200, ge=1, description="texts of a cluster whose words are counted for its label")
    trend_days: float = Field(7, gt=0, description="days after which an item counts e times less for the trend")
    page_max: int = Field(200, ge=1, description="clusters, items or changes of one page")
    map_points_max: int = Field(100_000, ge=1, description="points of one page of the map")
    change_items_max: int = Field(10_000, ge=1, description="items a person may move at once")
