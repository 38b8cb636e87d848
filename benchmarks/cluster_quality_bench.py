"""C2: how well groups are found whose number nobody knows, against k-means that is given the true number.

One default for every set. `batch` is what a refinement finds; `online` is what stands after the texts came in a random
order, refined whenever there are half as many again. BERTopic's figures on BANKING77 test are those of
spec/performance.md, measured on the same vectors; it is not installed here.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

import numpy as np
import uvloop
from numpy.typing import NDArray

from agreement import Labels, scores
from harness import read_jsonl, shared_folder
from likewise.engine.clusters import logic
from likewise.engine.embedding.models import find_weights
from likewise.engine.embedding.models.minilm import MiniLM
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.config import Settings
from report import report

SEED = 3
FIRST_FIT_TEXTS = 30
GROWTH = 1.5
FAR_QUANTILE = 0.05
BATCH_TEXTS = 1_024


def sets() -> dict[str, list[tuple[str, str]]]:
    """Texts with their true groups."""
    banking = read_jsonl(shared_folder("intents") / "banking77.jsonl.gz")
    hwu = read_jsonl(shared_folder("intents") / "hwu64.jsonl.gz")
    stack = read_jsonl(shared_folder("clustering") / "stackoverflow_titles_20.jsonl.gz")
    return {
        "banking77_test": [(str(row["text"]), str(row["intent"])) for row in banking if row["split"] == "test"],
        "hwu64": [(str(row["text"]), str(row["intent"])) for row in hwu],
        "stackoverflow": [(str(row["text"]), str(row["label"])) for row in stack],
    }


async def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of the default model, norm 1."""
    home = Path(gettempdir())
    settings = Settings({"home": home}).get(EmbeddingSettings)
    files = find_weights(settings, home=home)
    if files is None:
        raise SystemExit("This benchmark needs the weights of the default model.")
    model = MiniLM(files, settings)
    parts = [
        await model.embed(texts[start : start + BATCH_TEXTS], purpose="passage")
        for start in range(0, len(texts), BATCH_TEXTS)
    ]
    return logic.unit(np.concatenate(parts))


def online(vectors: NDArray[np.float32]) -> Labels:
    """Groups as they stand after texts came one batch after the other."""
    count = min(FIRST_FIT_TEXTS, len(vectors))
    while True:
        labels = logic.fit_partition(vectors[:count]).labels
        if count == len(vectors):
            return labels
        means = logic.group_means(vectors[:count], labels)
        alike = np.einsum("nd,nd->n", vectors[:count], means[labels])[np.bincount(labels)[labels] > 1]
        threshold = float(np.quantile(alike, FAR_QUANTILE))
        state = logic.State(
            tuple(uuid4() for _ in means),
            means,
            np.arange(len(means)),
            np.full(len(means), threshold, dtype=np.float32),
        )
        end = min(len(vectors), int(count * GROWTH))
        choices = logic.choose(state, vectors[count:end], threshold=threshold)
        if end == len(vectors):
            return np.concatenate([labels, [choice.place for choice in choices]]).astype(np.int64)
        count = end


def k_means(vectors: NDArray[np.float32], *, groups: int, seed: int, rounds: int = 40) -> Labels:
    """Lloyd's algorithm from k-means++ seeds."""
    random = np.random.default_rng(seed)
    means = [vectors[random.integers(len(vectors))]]
    far = 2 - 2 * vectors @ means[0]
    for _ in range(groups - 1):
        chances = np.maximum(far, 0)
        means.append(vectors[random.choice(len(vectors), p=chances / chances.sum())])
        far = np.minimum(far, 2 - 2 * vectors @ means[-1])
    middle = np.array(means)
    labels = np.zeros(len(vectors), np.int64)
    for _ in range(rounds):
        labels = (vectors @ middle.T - 0.5 * (middle * middle).sum(axis=1)).argmax(axis=1)
        sums = np.zeros_like(middle)
        np.add.at(sums, labels, vectors)
        sizes = np.bincount(labels, minlength=groups)
        middle = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], middle)
    return labels


async def main(texts_max: int) -> None:
    """Every set, shuffled with one seed."""
    rows: list[dict[str, object]] = []
    for name, pairs in sets().items():
        order = np.random.default_rng(SEED).permutation(len(pairs))[:texts_max]
        texts = [pairs[place][0] for place in order]
        truth = np.unique([pairs[place][1] for place in order], return_inverse=True)[1].astype(np.int64)
        vectors = await embed(texts)
        true_count = int(truth.max()) + 1
        for method in ("batch", "online", "k-means, true number"):
            started = time.perf_counter()
            if method == "batch":
                found = logic.fit_partition(vectors).labels
            elif method == "online":
                found = online(vectors)
            else:
                found = k_means(vectors, groups=true_count, seed=0)
            seconds = time.perf_counter() - started
            ami, ari, nmi = scores(truth, found)
            rows.append(
                {
                    "set": name,
                    "texts": len(texts),
                    "true_groups": true_count,
                    "method": method,
                    "groups": int(found.max()) + 1,
                    "ami": round(ami, 3),
                    "ari": round(ari, 3),
                    "nmi": round(nmi, 3),
                    "seconds": round(seconds, 1),
                }
            )
    report("cluster_quality", rows, bertopic_banking77_test={"ami": 0.756, "ari": 0.558})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000_000, help="texts of each set at most")
    uvloop.run(main(parser.parse_args().texts))
