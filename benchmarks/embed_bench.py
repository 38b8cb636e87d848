"""E1: short texts per second through the default model, against another runtime of the same weights in the same run.

The baseline is ONNX Runtime in float32 where `--onnx FILE` gives the same encoder in ONNX form and the extra
`likewise[bench]` is installed; otherwise it is our own model held to float32, which tells what bfloat16 is worth on
this processor and nothing about other runtimes. The report names which it was.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import uvloop

from harness import read_jsonl, shared_folder
from likewise.engine.embedding.models import Embeddings, WeightsFiles, find_weights
from likewise.engine.embedding.models.minilm import MiniLM
from likewise.engine.embedding.models.tokens import WordPieces
from likewise.engine.embedding.settings import EmbeddingSettings
from report import forget_peak_memory, middle, peak_memory_mb, ratio, report

Embed = Callable[[Sequence[str]], Awaitable[Embeddings]]
WARM_TEXTS = 256
ONNX_BATCH_TEXTS = 32
ONNX_TOKENS_MAX = 256


def banking_texts(count: int) -> list[str]:
    """Customers' questions, 12 words on average."""
    return [str(row["text"]) for row in read_jsonl(shared_folder("intents") / "banking77.jsonl.gz")][:count]


def scifact_texts(count: int) -> list[str]:
    """Abstracts, 200 words on average."""
    files = sorted((shared_folder("retrieval") / "scifact").glob("corpus*.jsonl*"))
    return [f"{row.get('title', '')} {row['text']}" for file in files for row in read_jsonl(file)][:count]


async def texts_per_second(embed: Embed, texts: Sequence[str], *, runs: int) -> tuple[float, Embeddings]:
    """The median over the runs, after a warm-up; and the vectors of the last run."""
    await embed(texts[:WARM_TEXTS])
    rates: list[float] = []
    vectors = np.empty((0, 0), np.float32)
    for _ in range(runs):
        started = time.perf_counter()
        vectors = await embed(texts)
        rates.append(len(texts) / (time.perf_counter() - started))
    return middle(rates), vectors


def onnx_encoder(path: Path, files: WeightsFiles) -> Embed:
    """The same encoder in ONNX Runtime: sorted by length, mean over real tokens, norm 1."""
    from onnxruntime import InferenceSession  # pyright: ignore[reportMissingImports] - of the extra `bench`

    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    pieces = WordPieces(files.tokenizer)
    inputs = {given.name for given in session.get_inputs()}

    def encode(texts: Sequence[str]) -> Embeddings:
        tokens = pieces.encode(texts, tokens_max=ONNX_TOKENS_MAX)
        order = sorted(range(len(texts)), key=lambda row: len(tokens[row]))
        vectors = np.empty((len(texts), 384), np.float32)
        for start in range(0, len(order), ONNX_BATCH_TEXTS):
            rows = order[start : start + ONNX_BATCH_TEXTS]
            ids = np.zeros((len(rows), max(len(tokens[row]) for row in rows)), np.int64)
            mask = np.zeros_like(ids)
            for place, row in enumerate(rows):
                ids[place, : len(tokens[row])] = tokens[row]
                mask[place, : len(tokens[row])] = 1
            given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            (states, *_) = session.run(None, {name: array for name, array in given.items() if name in inputs})
            summed = (np.asarray(states) * mask[..., None]).sum(axis=1)
            vectors[rows] = summed / np.linalg.norm(summed, axis=1, keepdims=True)
        return vectors

    return lambda texts: asyncio.to_thread(encode, texts)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=4_000, help="BANKING77 texts; a tenth as many SciFact abstracts")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--onnx", type=Path, help="the same weights as an ONNX graph without pooling")
    given = parser.parse_args()
    settings = EmbeddingSettings()
    files = find_weights(settings, home=Path(gettempdir()))
    if files is None:
        parser.exit(1, "The default model's files are not installed: `make setup` brings them.\n")
    forget_peak_memory()
    ours = MiniLM(files, settings)
    plain = MiniLM(files, EmbeddingSettings(precision="f32"))
    baseline = f"ONNX Runtime f32, {given.onnx}" if given.onnx else "our own model in f32"
    other: Embed = (
        onnx_encoder(given.onnx, files) if given.onnx else lambda texts: plain.embed(texts, purpose="passage")
    )
    rows: list[dict[str, object]] = []
    corpora = {"BANKING77": banking_texts(given.texts), "SciFact": scifact_texts(given.texts // 10)}
    for name, texts in corpora.items():
        rate, vectors = await texts_per_second(
            lambda texts: ours.embed(texts, purpose="passage"), texts, runs=given.runs
        )
        base, expected = await texts_per_second(other, texts, runs=given.runs)
        rows.append(
            {
                "what": f"{name}, {len(texts)} texts",
                "texts/s": rate,
                "baseline/s": base,
                "ratio": ratio(rate, base),
                "cosine_min": round(float((vectors * expected).sum(axis=1).min()), 6),
                "precision": ours.precision,
                "peak_mb": peak_memory_mb(),
            }
        )
    await ours.close()
    await plain.close()
    print(f"baseline: {baseline}")
    report("embed", rows, baseline=baseline, runs=given.runs)


if __name__ == "__main__":
    uvloop.run(main())
