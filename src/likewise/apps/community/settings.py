"""How a community takes experiences in, shows them, and is kept decent; section `[community]`."""

from typing import ClassVar, Literal

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["CommunitySettings"]


class CommunitySettings(Section):
    """`[community]` in the file, `LIKEWISE_COMMUNITY_...` in the environment."""

    section: ClassVar[str] = "community"

    # Experiences.
    text_bytes_max: int = Field(200_000, ge=1, description="bytes of one experience's text")
    batch_experiences_max: int = Field(1_000, ge=1, description="experiences of one batch")
    attributes_max: int = Field(100, ge=1, description="attributes an author may give one experience")
    keys_max: int = Field(2_000, ge=1, description="different attribute keys of one community")
    tags_max: int = Field(30, ge=0, le=100, description="tags of one experience")
    page_max: int = Field(100, ge=1, description="rows of one page")
    confidence_min: float = Field(0.5, ge=0, le=1, description="confidence from which an attribute is searched by")
    model_extracts: bool = Field(
        default=False, description="let the configured chat model extract attributes too, one call for each experience"
    )
    partition_rows_min: int = Field(
        500_000, ge=1_000, description="attributes of a category from which it has a table of its own"
    )
    partition_cron: str = Field(
        "50 3 * * *", description="when large categories get their tables (five fields, UTC), or off"
    )

    # What people say and do.
    batch_acts_max: int = Field(1_000, ge=1, description="upvotes, views, comments and the like of one transaction")
    comment_characters_max: int = Field(5_000, ge=1, description="characters of a comment")
    media_bytes_max: int = Field(20_000_000, ge=1_000, description="bytes of an uploaded picture")
    media_max: int = Field(10, ge=0, description="pictures of one experience")
    media_ttl_s: int = Field(604_800, ge=60, description="seconds a signed address of a picture is good for")

    # Moderation.
    hide_reports_min: int = Field(
        3, ge=0, description="different people's open reports that hide something until somebody looks; 0 never hides"
    )

    # Discovery.
    discovery_planner: Literal["auto", "rules", "model"] = Field(
        "auto", description="who turns a question into a plan: `auto` asks the model where one is configured"
    )
    discovery_steps_max: int = Field(6, ge=1, le=20, description="tools that one question may use")
    discovery_rows_max: int = Field(20, ge=1, le=100, description="rows of one tool's result")
    question_characters_max: int = Field(1_000, ge=10, description="characters of a question")
    discovery_items_max: int = Field(
        200_000, ge=100, description="experiences that one count of a question looks at, the newest"
    )
    discovery_items_min: int = Field(
        10, ge=5, description="experiences that a difference, a trend or a share rests on before it is told"
    )
    discovery_compared_max: int = Field(
        20_000, ge=100, description="experiences of a group whose every attribute is compared, the newest"
    )
    discovery_values_max: int = Field(3_000, ge=100, description="attribute values that questions are understood by")
    discovery_names_max: int = Field(
        2_000, ge=0, description="places, and as many people, that questions are understood by"
    )
    discovery_names_ttl_s: int = Field(60, ge=1, description="seconds that names of places and people are remembered")
    discovery_model_s: float = Field(
        15.0, gt=0, description="longest wait for the chat model's plan, seconds; then the rules plan"
    )
    discovery_prompt_tokens_max: int = Field(
        2_000, ge=200, description="tokens of a community's own words in the prompt of the planning model"
    )
