"""The settings of language: whose models may be asked, how long, and for how much; section `[language]`."""

from typing import ClassVar

from pydantic import Field, SecretStr

from likewise.platform.config import Section

__all__ = ["LanguageSettings"]


class LanguageSettings(Section):
    """`[language]` in the file, `LIKEWISE_LANGUAGE_...` in the environment."""

    section: ClassVar[str] = "language"

    # Servers. A model is named by its server and its own name: openai/gpt-4o-mini.
    openai_url: str = Field(
        default="https://api.openai.com/v1", description="base URL of the server `openai`; /chat/completions is added"
    )
    openai_api_key: SecretStr | None = Field(
        default=None, description="sent as a bearer token; unset: `openai` is configured only with another URL"
    )
    anthropic_url: str = Field(
        default="https://api.anthropic.com/v1", description="base URL of the server `anthropic`; /messages is added"
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None, description="sent as x-api-key; unset: `anthropic` is configured only with another URL"
    )
    other_url: str | None = Field(
        default=None, description="base URL of a second server that answers like OpenAI's, such as a local one: `other`"
    )
    other_api_key: SecretStr | None = Field(default=None, description="its bearer token; unset: none is sent")
    stream_usage: bool = Field(
        default=True, description="ask servers like OpenAI's to count tokens in their streams; some refuse to be asked"
    )

    # Who answers, for tenants without a table of their own.
    cheap: tuple[str, ...] = Field(
        default=("openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"),
        description="models of the cheap tier, the first configured one is asked first",
    )
    standard: tuple[str, ...] = Field(
        default=("openai/gpt-4.1-mini", "anthropic/claude-sonnet-4-5"), description="models of the standard tier"
    )
    strong: tuple[str, ...] = Field(
        default=("openai/gpt-4.1", "anthropic/claude-opus-4-5"), description="models of the strong tier"
    )
    models_more: tuple[str, ...] = Field(default=(), description="further models that tenants' tables may name")
    prices: dict[str, tuple[float, float]] = Field(
        default={},
        description="US dollars per million tokens of input and of output by model, before the packaged price list",
    )
    budget_month_usd: float | None = Field(
        default=None, ge=0, description="US dollars a month (UTC) for tenants that set no budget; unset: no bound"
    )
    budget_month_max_usd: float | None = Field(
        default=None, ge=0, description="most that a tenant may set for itself, US dollars a month; unset: no bound"
    )

    # One call.
    answer_tokens_max: int = Field(default=1_024, ge=1, description="tokens of an answer where the request says none")
    answer_tokens_bound: int = Field(default=32_768, ge=1, description="most tokens of an answer a request may ask for")
    request_bytes_max: int = Field(
        default=2 * 2**20, ge=1_024, description="bytes of the messages, passages and tools of one request"
    )
    messages_max: int = Field(default=500, ge=1, description="messages of one request")
    passages_max: int = Field(default=100, ge=1, description="passages of one request")
    tools_max: int = Field(default=64, ge=1, le=128, description="tools of one request")
    first_token_s: float = Field(
        default=30.0, gt=0, description="longest wait for an answer's first token, connecting included, seconds"
    )
    next_token_s: float = Field(default=20.0, gt=0, description="longest silence between tokens, seconds")
    answer_s: float = Field(default=300.0, gt=0, description="longest time for one whole answer, seconds")
    event_bytes_max: int = Field(default=2**20, ge=1_024, description="bytes of one event of a provider's stream")
    streams_max: int = Field(
        default=32, ge=1, description="answers under way at once per server and process; more wait for their turn"
    )
    attempts_max: int = Field(
        default=2, ge=1, le=10, description="tries of one model before its first token, the first included"
    )
    backoff_s: float = Field(default=0.25, gt=0, description="upper bound of the first random pause, seconds; doubles")
    backoff_max_s: float = Field(default=4.0, gt=0, description="upper bound of any random pause, seconds")
    retry_wait_max_s: float = Field(
        default=5.0, ge=0, description="a server that asks for a longer pause is left for the next model, seconds"
    )
    retry_ratio: float = Field(default=0.1, ge=0, le=1, description="retries allowed per request, as a share")
    retry_reserve: int = Field(default=10, ge=0, description="retries allowed in a burst whatever the share")
    breaker_failures_max: int = Field(
        default=5, ge=1, description="failures in a row after which a server is left alone"
    )
    breaker_open_s: float = Field(
        default=15.0, gt=0, description="how long it is left alone before one request tries, seconds"
    )

    # The extractive model.
    extract_sentences_max: int = Field(default=4, ge=1, le=50, description="sentences of an extracted answer")
    extract_support_min: float = Field(
        default=0.4, gt=0, le=1, description="share of a question's weighty words an answer's sentence has at least"
    )
    extract_likeness_min: float = Field(
        default=0.6, gt=0, le=1, description="or its cosine to the question, where the local model embeds them"
    )
    extract_embedded_max: int = Field(
        default=24, ge=0, le=200, description="sentences compared by meaning; 0: by their words alone"
    )

    # What calls cost.
    calls_kept_days: int = Field(
        default=62, ge=32, description="days a call is kept by itself; then it is added to its month, kept for ever"
    )
    roll_up_batch_max: int = Field(default=5_000, ge=1, description="calls added to their months in one transaction")
    roll_up_cron: str = Field(default="10 3 * * *", description="when old calls are added up (cron, UTC), or off")
    cost_rows_max: int = Field(default=5_000, ge=1, description="rows of a month's costs")
    months_max: int = Field(default=24, ge=1, description="months of costs in one answer")
