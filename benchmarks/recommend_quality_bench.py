"""R3: how well recommendations predict what people rated, on MovieLens 100K, beside popularity and chance.

The split is the usual one: of each user's ratings a part of 75 % by lot is learned from, the rest is to be found; every
rating counts, what was learned from is not recommended, nDCG@10 with gain 1 (as the comparison of recommenders by
Microsoft does it, whose best is 0.475). Its lots cannot be drawn again here, so several seeds are, and their mean told.
Settings were chosen on a part of the training part of seed 42 only.

    python benchmarks/recommend_quality_bench.py [--seeds 5]
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from harness import read_jsonl, report, shared_folder
from likewise.engine.recommend.logic import Ratings, split_by_share, split_by_time
from likewise.engine.recommend.model import Baseline
from likewise.engine.recommend.service import evaluate_split
from likewise.engine.recommend.settings import RecommendSettings
from likewise.platform.config import Settings


def read_ratings() -> tuple[Ratings, np.ndarray]:
    """Ratings from 0.2 to 1, and when they were given."""
    rows = read_jsonl(shared_folder("recs") / "movielens_100k" / "ratings.jsonl.gz")
    users = np.unique([int(str(row["user_id"])) for row in rows], return_inverse=True)
    items = np.unique([int(str(row["item_id"])) for row in rows], return_inverse=True)
    values = np.array([float(str(row["rating"])) / 5 for row in rows], dtype=np.float32)
    times = np.array([float(str(row["rated_at"])) for row in rows])
    return Ratings(users[1], items[1], values, len(users[0]), len(items[0])), times


def _by_time(one: Baseline) -> dict[str, object]:
    return {
        "what": f"{one.name}, 75/25 by time",
        "ndcg@10": one.ndcg,
        "recall@10": one.recall,
        "coverage": one.coverage,
        "novelty": one.novelty,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        settings = Settings({"home": Path(home)}, file=Path(home) / "none.toml").get(RecommendSettings)
    ratings, times = read_ratings()
    figures: dict[str, list[tuple[float, float, float, float]]] = {}
    seconds: list[float] = []
    for seed in range(42, 42 + given.seeds):
        started = time.perf_counter()
        train, test = split_by_share(ratings, share=0.75, seed=seed)
        for one in evaluate_split(train, test, settings, k=10, split="share", seed=seed).data:
            figures.setdefault(one.name, []).append((one.ndcg, one.recall, one.coverage, one.novelty))
        seconds.append(time.perf_counter() - started)
    rows: list[dict[str, object]] = []
    for name, found in figures.items():
        means = np.mean(found, axis=0).round(4).tolist()
        names = ("ndcg@10", "recall@10", "coverage", "novelty")
        low, high = min(one[0] for one in found), max(one[0] for one in found)
        rows.append(
            {"what": f"{name}, 75/25 by lot", **dict(zip(names, means, strict=True)), "lowest": low, "highest": high}
        )
    train, test = split_by_time(ratings, times, share=0.75)
    judged = evaluate_split(train, test, settings, k=10, split="time", seed=42).data
    rows += [_by_time(one) for one in judged]
    rows.append({"what": "seconds for learning and judging, each seed", "seconds": round(float(np.mean(seconds)), 2)})
    report("recommend_quality", rows, seeds=given.seeds)


if __name__ == "__main__":
    main()
