"""Embedding models behind one port. Importing this loads no runtime: `choose_model` does, when needed."""

from likewise.engine.embedding.models.choose import choose_model
from likewise.engine.embedding.models.fake import FakeModel
from likewise.engine.embedding.models.files import (
    WeightsAltered,
    WeightsFiles,
    WeightsNotDownloaded,
    WeightsNotThere,
    download_weights,
    find_weights,
)
from likewise.engine.embedding.models.port import (
    BadAnswer,
    DownloadProgress,
    EmbeddingModel,
    Embeddings,
    ModelUnavailable,
    OpenClient,
    ProviderBusy,
    ProviderDenied,
    ProviderFailed,
    ProviderRefused,
    ProviderUnavailable,
    Purpose,
    Purse,
)

__all__ = [
    "BadAnswer",
    "DownloadProgress",
    "EmbeddingModel",
    "Embeddings",
    "FakeModel",
    "ModelUnavailable",
    "OpenClient",
    "ProviderBusy",
    "ProviderDenied",
    "ProviderFailed",
    "ProviderRefused",
    "ProviderUnavailable",
    "Purpose",
    "Purse",
    "WeightsAltered",
    "WeightsFiles",
    "WeightsNotDownloaded",
    "WeightsNotThere",
    "choose_model",
    "download_weights",
    "find_weights",
]
