"""The settings of embedding: which model, where its weights are, how a provider is called, what bounds it."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from likewise.platform.config import Section

__all__ = ["EmbeddingSettings", "ModelName"]

ModelName = Literal["minilm", "static", "openai", "fake"]


class EmbeddingSettings(Section):
    """`[embedding]` in the file, `LIKEWISE_EMBEDDING_...` in the environment."""

    section: ClassVar[str] = "embedding"

    model: ModelName = Field(
        default="minilm",
        description="minilm (best, local), static (fast, local), openai (any compatible provider) or fake",
    )
    model_retry_s: float = Field(
        default=60.0, gt=0, description="how long a model that could not be loaded is left alone, seconds"
    )

    # The local models.
    weights_path: Path | None = Field(
        default=None,
        description="folder with model.safetensors and tokenizer.json; unset: looked for, then downloaded",
    )
    download: bool = Field(
        default=True, description="download the default model's weights when they are nowhere to be found"
    )
    hub_url: str = Field(
        default="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/{file}",
        description="where a file of the default model is downloaded; {file} is replaced by its name",
    )
    download_timeout_s: float = Field(default=30.0, gt=0, description="longest silence during a download, seconds")
    precision: Literal["auto", "f32"] = Field(
        default="auto",
        description="auto: bfloat16 where the processor has it (cosine to f32 at least 0.9999), else f32",
    )
    threads: int = Field(
        default=0, ge=0, le=64, description="processor threads for embedding; 0: every one allowed to us"
    )
    tokens_max: int = Field(
        default=256, ge=8, le=512, description="tokens of one text that are read; the rest is cut off"
    )
    group_tokens_max: int = Field(
        default=512,
        ge=64,
        description="padded tokens computed at once on one stream; a query may have to wait for one such group",
    )
    quick_texts_max: int = Field(
        default=8, ge=1, le=64, description="texts of a query that go by the lane of their own"
    )
    bulk_wait_max_s: float = Field(
        default=0.05, ge=0, description="longest that a group of bulk work waits for queries under way, seconds"
    )
    local_batch_texts_max: int = Field(default=1024, ge=1, description="texts in one call of a local model")

    # A provider that answers like OpenAI's /v1/embeddings.
    provider_url: str = Field(default="https://api.openai.com/v1", description="base URL; /embeddings is appended")
    provider_model: str = Field(default="text-embedding-3-small", description="model named in each request")
    provider_api_key: SecretStr | None = Field(default=None, description="sent as a bearer token; unset: none is sent")
    provider_dimension: int = Field(
        default=384, ge=1, le=4000, description="length of the vectors asked for and insisted on"
    )
    provider_send_dimension: bool = Field(
        default=True, description="name the dimension in requests; some servers refuse it"
    )
    provider_encoding: Literal["base64", "float"] = Field(default="base64", description="form of the vectors asked for")
    provider_price_per_million_tokens_usd: float = Field(default=0.02, ge=0, description="price of input, US dollars")
    provider_tokens_max: int = Field(default=8_191, ge=1, description="tokens of one text that the provider reads")
    provider_batch_texts_max: int = Field(default=2_048, ge=1, le=2_048, description="texts in one request")
    provider_batch_tokens_max: int = Field(default=250_000, ge=1, description="estimated tokens in one request")
    provider_concurrency_max: int = Field(default=4, ge=1, le=64, description="requests of bulk work under way at once")
    provider_query_concurrency_max: int = Field(
        default=2, ge=1, le=64, description="requests of queries under way at once, beside those of bulk work"
    )
    provider_query_deadline_s: float = Field(
        default=10.0, gt=0, description="longest time for the vector of a query, retries included, seconds"
    )
    provider_fallback_url: str | None = Field(
        default=None, description="base URL of another server of the same model, asked while the first one fails"
    )
    provider_fallback_model: str | None = Field(
        default=None, description="that server's name for the model; unset: the same name"
    )
    provider_fallback_api_key: SecretStr | None = Field(
        default=None, description="that server's key; unset: none is sent"
    )
    provider_timeout_s: float = Field(default=60.0, gt=0, description="longest wait for one whole answer, seconds")
    provider_deadline_s: float = Field(
        default=120.0, gt=0, description="longest time for one request with its retries, seconds"
    )
    provider_attempts_max: int = Field(default=4, ge=1, le=10, description="tries of one request, the first included")
    provider_backoff_s: float = Field(
        default=0.5, gt=0, description="upper bound of the first random pause, seconds; doubles"
    )
    provider_backoff_max_s: float = Field(default=20.0, gt=0, description="upper bound of any random pause, seconds")
    provider_retry_ratio: float = Field(default=0.10, ge=0, le=1, description="retries allowed per request, as a share")
    provider_retry_reserve: int = Field(default=10, ge=0, description="retries allowed in a burst whatever the share")
    breaker_failures_max: int = Field(
        default=5, ge=1, description="failures in a row after which the provider is left alone"
    )
    breaker_open_s: float = Field(
        default=15.0, gt=0, description="how long it is left alone before one request tries, seconds"
    )

    spend_cap_day_usd: float | None = Field(
        default=None, ge=0, description="most that a tenant may spend on a provider in a day (UTC), US dollars"
    )
    spend_cap_month_usd: float | None = Field(
        default=None, ge=0, description="most that a tenant may spend on a provider in a month (UTC), US dollars"
    )
    spend_recheck_s: float = Field(
        default=60.0, gt=0, description="how long the texts of a tenant that has spent its cap are left alone, seconds"
    )

    # The cache of vectors.
    cache_rows_max: int = Field(
        default=5_000_000, ge=0, description="cached vectors kept; the least recently used go first"
    )
    cache_ttl_days: int = Field(default=90, ge=1, description="days after its last use that a cached vector is kept")

    cache_forget_s: float = Field(
        default=600.0,
        gt=0,
        description="when after a removal its texts' vectors are swept from the cache again, seconds",
    )
    usage_flush_s: float = Field(default=2.0, gt=0, description="how often what was used and saved is noted, seconds")

    # The pipeline.
    lease_s: float = Field(
        default=15.0,
        gt=0,
        description="how long a batch stays with a worker that gives no sign of life, seconds; a living one renews it",
    )
    batch_texts_max: int = Field(default=1_024, ge=1, le=2_048, description="pending texts leased at once")
    workers: int = Field(default=2, ge=1, le=16, description="batches under way at once in one process")
    attempts_max: int = Field(default=5, ge=1, le=20, description="tries of one text before it is put down as failed")
    retry_backoff_s: float = Field(
        default=2.0, gt=0, description="pause before a failed text is tried again, seconds; doubles"
    )
    retry_backoff_max_s: float = Field(default=300.0, gt=0, description="upper bound of that pause, seconds")
    poll_interval_s: float = Field(
        default=1.0, gt=0, description="how often pending texts are looked for without a hint, seconds"
    )
    recover_s: float = Field(
        default=1.0, gt=0, description="pause of a worker whose batch was interrupted from outside, seconds"
    )
    wait_texts_max: int = Field(
        default=32, ge=0, description="texts of one write that it may wait for to be searchable"
    )
    wait_timeout_s: float = Field(
        default=5.0, gt=0, description="longest such wait, seconds; then the write answers 202"
    )

    # Changing the model.
    change_batch_rows: int = Field(
        default=5_000, ge=1, le=50_000, description="passages queued, or vectors dropped, in one transaction"
    )
    change_poll_s: float = Field(
        default=0.5, gt=0, description="how often a change of the model looks how far it is, seconds"
    )
    drop_grace_s: float = Field(
        default=5.0,
        ge=0,
        description="how long after cutting over the other space is kept at least, for searches under way, seconds",
    )
    compare_queries_max: int = Field(default=50, ge=1, le=500, description="queries of one comparison of two models")
    compare_vectors_max: int = Field(
        default=20_000, ge=10, description="vectors of each space that a query of a comparison looks at"
    )
    compare_examples_max: int = Field(default=5, ge=0, le=50, description="queries whose results a comparison shows")
