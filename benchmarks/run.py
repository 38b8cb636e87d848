"""Run the benchmarks one after the other: the quick set, or `--full`. Each writes its JSON to benchmarks/results/.

`--against FOLDER` then prints what has changed since results that were kept there.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from report import RESULTS, ratio

Script = tuple[str, ...]
QUICK: Sequence[Script] = (
    ("startup_bench.py", "--runs", "3"),
    ("embed_bench.py", "--texts", "2000"),
    ("query_lane_bench.py",),
    ("ingest_bench.py", "--texts", "4000"),
    ("search_latency_bench.py", "--passages", "10000"),
    ("search_quality_bench.py",),
    ("patterns_bench.py", "--attributes", "50000"),
    ("cluster_quality_bench.py", "--texts", "3000"),
    ("cluster_speed_bench.py", "--state", "3000", "--arrivals", "1000"),
    ("recommend_quality_bench.py", "--seeds", "2"),
    ("similar_users_bench.py", "--users", "10000"),
    ("feed_bench.py",),
    ("inbox_list_bench.py", "--messages", "2000", "--seconds", "4"),
    ("inbox_live_bench.py", "--watchers", "200", "--slow", "10", "--messages", "10"),
    ("inbox_month_bench.py", "--creators", "1", "--messages", "4000"),
    ("inbox_storm_bench.py", "--messages", "2000", "--storms", "month"),
    ("community_bench.py", "--size", "1", "--questions", "60"),
    ("community_load_bench.py", "--experiences", "500"),
)
FULL: Sequence[Script] = (
    ("startup_bench.py", "--runs", "10"),
    ("embed_bench.py", "--texts", "13000", "--runs", "5"),
    ("query_lane_bench.py", "--queries", "1000"),
    ("ingest_bench.py", "--texts", "30000", "--runs", "3"),
    ("ingest_bench.py", "--rows", "1000000"),
    ("search_latency_bench.py", "--passages", "10000"),
    ("search_latency_bench.py", "--passages", "100000", "--made"),
    ("search_latency_bench.py", "--passages", "1000000", "--made"),
    ("search_quality_bench.py",),
    ("patterns_bench.py", "--attributes", "50000", "500000", "5000000"),
    ("cluster_quality_bench.py",),
    ("cluster_speed_bench.py", "--state", "10000"),
    ("cluster_speed_bench.py", "--state", "100000"),
    ("recommend_quality_bench.py",),
    ("similar_users_bench.py", "--users", "10000"),
    ("similar_users_bench.py", "--users", "100000"),
    ("feed_bench.py",),
    ("feed_bench.py", "--users", "10000", "--items", "100000", "--interactions", "1000000"),
    ("inbox_list_bench.py", "--messages", "4000"),
    ("inbox_list_bench.py", "--messages", "40000"),
    ("inbox_live_bench.py",),
    ("inbox_month_bench.py",),
    ("inbox_storm_bench.py",),
    ("community_bench.py", "--size", "1"),
    ("community_bench.py", "--size", "10"),
    ("community_bench.py", "--full"),
    ("community_load_bench.py",),
    ("growth.py",),
)


def changes(before: Path) -> Iterator[str]:
    """One line for every figure that is in both results."""
    for path in sorted(RESULTS.glob("*.json")):
        old = before / path.name
        if not old.exists():
            continue
        then = {row["what"]: row for row in json.loads(old.read_text("utf-8"))["rows"] if "what" in row}
        for row in json.loads(path.read_text("utf-8"))["rows"]:
            for name, value in row.items():
                past = then.get(row.get("what"), {}).get(name)
                if isinstance(value, int | float) and isinstance(past, int | float) and past:
                    yield f"{path.stem}: {row['what']}: {name} {past:g} -> {value:g} (x{ratio(value, past)})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="hours instead of minutes")
    parser.add_argument("--against", type=Path, help="folder with earlier results")
    given = parser.parse_args()
    failed: list[str] = []
    for script, *words in FULL if given.full else QUICK:
        print(f"\n== {script} {' '.join(words)}", flush=True)
        done = subprocess.run([sys.executable, str(Path(__file__).with_name(script)), *words], check=False)
        if done.returncode:
            failed.append(script)
    if given.against is not None:
        print("\n== changes", *changes(given.against), sep="\n")
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
