"""MiniLM (all-MiniLM-L6-v2) on OpenVINO: the default model.

Two lanes, so that a search never waits behind a bulk load: the quick lane computes one call at a time on all
cores, the bulk lane one group of texts per core, and begins none while a query is under way. Building and compiling
the graph takes 0.2 s; importing a stored compiled graph was measured to take 0.5 s, so that none is stored.
"""

import asyncio
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from likewise.engine.embedding.models.batching import Group, TokenIds, pad_group, plan_groups
from likewise.engine.embedding.models.files import WEIGHTS_SHA256, WeightsFiles
from likewise.engine.embedding.models.gate import Gate
from likewise.engine.embedding.models.graph import DIMENSION, Tensors, build_encoder
from likewise.engine.embedding.models.port import Embeddings, Purpose, Purse
from likewise.engine.embedding.models.tokens import WordPieces
from likewise.engine.embedding.settings import EmbeddingSettings

if TYPE_CHECKING:
    from openvino import CompiledModel, Core, InferRequest, Model

__all__ = ["MiniLM"]

STREAMS_MAX = 16
QUICK_LENGTH_STEP = 8
"""Queries are padded to a multiple of this: few shapes, each prepared when first seen (10 ms) and kept."""
WARM_LENGTHS = (8, 16, 24, 32, 40, 48)


class MiniLM:
    """An EmbeddingModel; vectors of 384 dimensions, cosine to a float32 computation at least 0.9999."""

    name = "minilm"
    dimension = DIMENSION
    local = True
    price_per_million_tokens_usd = 0.0

    def __init__(self, files: WeightsFiles, settings: EmbeddingSettings) -> None:
        """Load and compile: about 0.5 s of work, for a thread.

        The bulk lane's queue is bounded by its callers, each of whom has at most `local_batch_texts_max`
        texts in it.
        """
        from openvino import Core
        from safetensors import numpy as safetensors_numpy

        self.version = f"{WEIGHTS_SHA256[:12]}-{settings.tokens_max}"
        self.tokens_max = settings.tokens_max
        self.batch_texts_max = settings.local_batch_texts_max
        self._quick_texts_max = settings.quick_texts_max
        self._group_tokens_max = settings.group_tokens_max
        self._pieces = WordPieces(files.tokenizer)
        self._tensors = cast("_Reader", safetensors_numpy).load_file(
            files.weights
        )  # shared with the graph: kept while it lives
        graph, core = build_encoder(self._tensors), Core()
        threads = settings.threads or _usable_cores()
        self.precision = _choose_precision(core, settings)
        self._gate = Gate(wait_max_s=settings.bulk_wait_max_s)
        self._bulk = _Lane(
            _compile(core, graph, streams=min(threads, STREAMS_MAX), threads=threads, precision=self.precision),
            name="embed-bulk",
            streams=min(threads, STREAMS_MAX),
        )
        self._quick = _Lane(
            _compile(core, graph, streams=1, threads=threads, precision=self.precision),
            name="embed-quick",
            streams=1,
        )
        for length in WARM_LENGTHS:
            self._quick.pool.submit(self._quick.warm, length)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut, with the two special ones."""
        return self._pieces.count(texts)

    async def embed(self, texts: Sequence[str], *, purpose: Purpose, purse: Purse | None = None) -> Embeddings:
        """One unit vector per text, (len(texts), 384)."""
        del purse
        if purpose == "query" and 0 < len(texts) <= self._quick_texts_max:
            with self._gate.query():
                return await asyncio.get_running_loop().run_in_executor(self._quick.pool, self._embed_quickly, texts)
        vectors = np.empty((len(texts), DIMENSION), np.float32)
        for start in range(0, len(texts), self.batch_texts_max):
            stop = start + self.batch_texts_max
            vectors[start:stop] = await self._embed_in_bulk(texts[start:stop])
        return vectors

    async def embed_tokens(self, tokens: Sequence[TokenIds]) -> Embeddings:
        """One unit vector per list of token ids, none empty nor longer than 512, by the bulk lane.

        The groups of all callers share the lane in the order in which they came.
        """
        loop, lane = asyncio.get_running_loop(), self._bulk
        vectors = np.empty((len(tokens), DIMENSION), np.float32)
        groups = plan_groups(
            [len(ids) for ids in tokens], group_tokens_max=self._group_tokens_max, streams=lane.streams
        )
        await asyncio.gather(
            *(loop.run_in_executor(lane.pool, self._compute_in_turn, tokens, group, vectors) for group in groups)
        )
        return vectors

    async def close(self) -> None:
        """Drop what waits, finish what is being computed, end the threads."""
        await asyncio.gather(asyncio.to_thread(self._bulk.close), asyncio.to_thread(self._quick.close))

    def _embed_quickly(self, texts: Sequence[str]) -> Embeddings:
        tokens = self._pieces.encode(texts, tokens_max=self.tokens_max)
        longest = max(map(len, tokens))
        length = -(-longest // QUICK_LENGTH_STEP) * QUICK_LENGTH_STEP
        vectors = np.empty((len(texts), DIMENSION), np.float32)
        self._quick.compute(tokens, Group(rows=tuple(range(len(texts))), length=length), vectors)
        return vectors

    async def _embed_in_bulk(self, texts: Sequence[str]) -> Embeddings:
        tokens = await asyncio.get_running_loop().run_in_executor(self._bulk.pool, self._encode, texts)
        return await self.embed_tokens(tokens)

    def _compute_in_turn(self, tokens: Sequence[TokenIds], group: Group, vectors: Embeddings) -> None:
        self._gate.wait_for_queries()
        self._bulk.compute(tokens, group, vectors)

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        return self._pieces.encode(texts, tokens_max=self.tokens_max)


class _Reader(Protocol):
    """The part of safetensors that is used, with the type its own signature leaves open."""

    def load_file(self, filename: Path) -> Tensors: ...


class _Lane:
    """A compiled model with threads of its own, one per stream, each with its own inference request."""

    def __init__(self, compiled: "CompiledModel", *, name: str, streams: int) -> None:
        self.streams = streams
        self.pool = ThreadPoolExecutor(streams, thread_name_prefix=name)
        self._compiled = compiled
        self._thread = threading.local()

    def compute(self, tokens: Sequence[TokenIds], group: Group, vectors: Embeddings) -> None:
        """Compute one group and write its vectors to their rows; inference frees the interpreter's lock."""
        ids, mask = pad_group(tokens, group)
        vectors[list(group.rows)] = self._infer(ids, mask)

    def warm(self, length: int) -> None:
        """Let the runtime prepare its kernels for one text of this length."""
        ones = np.ones((1, length), np.int32)
        self._infer(ones, ones)

    def close(self) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)

    def _infer(self, ids: NDArray[np.int32], mask: NDArray[np.int32]) -> Embeddings:
        """Vectors of a padded group; a view that is valid until this thread's next call."""
        request = cast("InferRequest | None", getattr(self._thread, "request", None))
        if request is None:
            request = self._thread.request = self._compiled.create_infer_request()
        request.infer([ids, mask], share_inputs=True)
        return cast("Embeddings", request.get_output_tensor().data)


def _compile(core: "Core", graph: "Model", *, streams: int, threads: int, precision: str) -> "CompiledModel":
    return core.compile_model(
        graph,
        "CPU",
        {
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": precision,
            "ENABLE_CPU_PINNING": False,  # the database and the web server live on the same cores
        },
    )


def _choose_precision(core: "Core", settings: EmbeddingSettings) -> str:
    """bfloat16 doubles the speed, but only where the processor has it: elsewhere it would be emulated."""
    abilities = cast("Sequence[str]", core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    return "bf16" if settings.precision == "auto" and "BF16" in abilities else "f32"


def _usable_cores() -> int:
    """Cores this process may run on, which in a container can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
