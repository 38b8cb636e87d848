"""Which model answers, given the settings and what is on this machine."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from likewise.engine.embedding.models.fake import FakeModel
from likewise.engine.embedding.models.files import WeightsFiles, download_weights, find_weights
from likewise.engine.embedding.models.minilm import MiniLM
from likewise.engine.embedding.models.port import DownloadProgress, EmbeddingModel, OpenClient
from likewise.engine.embedding.models.provider import ProviderModel
from likewise.engine.embedding.models.static import HashingModel, load_static_model
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.errors import Fact

__all__ = ["choose_model"]

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


async def choose_model(
    settings: EmbeddingSettings,
    *,
    home: Path,
    open_client: OpenClient,
    open_fallback_client: OpenClient | None = None,
    report: Callable[[DownloadProgress], None] | None = None,
) -> EmbeddingModel:
    """The model the settings name, loaded and ready; the caller closes it.

    Where a local model is named and its weights are neither here nor to be had, the hashing model takes its
    place with a warning in the log. `report` hears of a download's progress. Raises WeightsNotThere,
    WeightsAltered and ModelUnavailable, which are for a person to put right.
    """
    match settings.model:
        case "openai":
            return ProviderModel(settings, open_client=open_client, open_fallback_client=open_fallback_client)
        case "fake":
            return FakeModel(batch_texts_max=settings.local_batch_texts_max)
        case "minilm" | "static":
            files = await _get_weights(settings, home=home, open_client=open_client, report=report)
    if files is None:
        return HashingModel(settings)
    if settings.model == "static":
        return await load_static_model(files, settings, home=home)
    return await asyncio.to_thread(MiniLM, files, settings)


async def _get_weights(
    settings: EmbeddingSettings,
    *,
    home: Path,
    open_client: OpenClient,
    report: Callable[[DownloadProgress], None] | None,
) -> WeightsFiles | None:
    """The default model's files, downloaded where they must be; None, with a warning, where not to be had."""
    files = await asyncio.to_thread(find_weights, settings, home=home)
    if files is not None:
        return files
    reason = "downloading is switched off"
    if settings.download:
        try:
            return await download_weights(settings, home=home, open_client=open_client, report=report)
        except Fact as error:
            reason = error.message
    log.warning(
        "embedding_quality_low",
        reason=reason,
        effect="search finds shared spelling, not shared meaning",
        cure="allow the download, or name a folder with the files in LIKEWISE_EMBEDDING_WEIGHTS_PATH",
    )
    return None
