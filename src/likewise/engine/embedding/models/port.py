"""The port: what an embedding model is to everybody else, and the facts it may raise instead of vectors."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeAlias

import httpx
import msgspec
import numpy as np
from numpy.typing import NDArray

from likewise.platform.errors import Rejected, Unavailable

__all__ = [
    "BadAnswer",
    "DownloadProgress",
    "EmbeddingModel",
    "Embeddings",
    "ModelUnavailable",
    "OpenClient",
    "ProviderBusy",
    "ProviderDenied",
    "ProviderFailed",
    "ProviderRefused",
    "ProviderUnavailable",
    "Purpose",
    "Purse",
]

Embeddings: TypeAlias = NDArray[np.float32]
"""Shape (texts, dimension), float32, each row of norm 1; row i belongs to text i."""

Purpose: TypeAlias = Literal["query", "passage"]
"""Why a text is embedded: some models treat the two differently, and no query waits behind passages."""

OpenClient: TypeAlias = Callable[[], httpx.AsyncClient]
"""Opens an HTTP client whose requests the egress guard watches; whoever opens one closes it."""


class DownloadProgress(msgspec.Struct, frozen=True):
    """How far a download has come; `bytes_total` is None where the server does not tell."""

    file: str
    bytes_done: int
    bytes_total: int | None


class Purse(Protocol):
    """Who pays. Money is reserved before each request and given back where the answer says that it cost nothing."""

    async def reserve(self, tokens: int) -> None:
        """Set the price of these tokens aside. Raises what says that there is no money left."""
        ...

    async def release(self, tokens: int) -> None:
        """Give back what was reserved for a request that the provider refused."""
        ...


class EmbeddingModel(Protocol):
    """Turns texts into vectors, comparable where two models agree in `name`, `version` and `dimension`."""

    @property
    def name(self) -> str:
        """What people call it, such as "minilm"."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same text could get a different vector."""
        ...

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        ...

    @property
    def local(self) -> bool:
        """True where no text leaves this machine."""
        ...

    @property
    def price_per_million_tokens_usd(self) -> float:
        """Zero where it is local."""
        ...

    @property
    def tokens_max(self) -> int:
        """Tokens of one text that count; the rest of the text has no influence on its vector."""
        ...

    @property
    def batch_texts_max(self) -> int:
        """Texts that one call of `embed` should bring at most to be answered in one piece."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut: exact for a local encoder, a high estimate for a provider."""
        ...

    async def embed(self, texts: Sequence[str], *, purpose: Purpose, purse: Purse | None = None) -> Embeddings:
        """One unit vector per text, in order, shape (len(texts), dimension). Never blocks the event loop.

        A model that costs nothing leaves the purse alone.

        Raises ProviderRefused (these texts are at fault; halve them to find which), or ProviderBusy,
        ProviderUnavailable, ProviderDenied, BadAnswer (the texts are innocent; try again later).
        """
        ...

    async def close(self) -> None:
        """Give back threads and connections; waits for what is under way."""
        ...


class ModelUnavailable(Unavailable):
    """The embedding model cannot be used: {reason}."""


class ProviderRefused(Rejected):
    """The embedding provider refused {texts} text(s) with status {status_code}: {reason}."""


class ProviderDenied(Unavailable):
    """The embedding provider refused our key ({status_code}). Set LIKEWISE_EMBEDDING_PROVIDER_API_KEY."""


class ProviderUnavailable(Unavailable):
    """The embedding provider could not be reached or failed: {reason}. Nothing is lost; try again later."""


class ProviderFailed(ProviderUnavailable):
    """The embedding provider failed before it did anything: {reason}. Nothing is lost; try again later."""


class ProviderBusy(Unavailable):
    """The embedding provider asks us to slow down. Nothing is lost; try again in {retry_after_s:.0f} s."""

    def __init__(self, *, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(retry_after_s=retry_after_s)


class BadAnswer(Unavailable):
    """The embedding provider answered with vectors that cannot be used: {reason}. None of them was kept."""
