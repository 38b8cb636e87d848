"""Cost against size as a picture: both axes by powers of ten, a curve for each question; SVG always, PNG where Debian's
chromium and playwright are there to paint it. The same figures are written as JSON beside it.

G1 for what is measured one size at a time: after those benchmarks have run at two sizes or more,

    python benchmarks/growth.py
"""

import json
import math
import shutil
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from report import RESULTS

__all__ = ["plot_growth"]

_WIDTH, _HEIGHT, _MARGIN, _LEGEND = 900, 480, 60, 220
_COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#0b7285", "#bf3989", "#57606a", "#e16f24", "#111")

Curves = Mapping[str, Sequence[tuple[int, float]]]


class Series(NamedTuple):
    """Results NAME_SIZE.json, and which rows of theirs (all where none is named) show which figure of growth."""

    over: str
    rows: Sequence[str]
    figures: Sequence[str] = ("p95_ms",)
    unit: str = "p95, ms"


SERIES: Mapping[str, Series] = {
    "search_latency": Series(
        "passages",
        (
            "search, vector",
            "search, all arms",
            "statement search.nearest_approximate",
            "HTTP, vector",
            "HTTP, all arms",
            "filter: a half matches",
            "filter: a tenth matches",
            "filter: a hundredth matches",
            "filter: a thousandth matches",
        ),
    ),
    "similar_users": Series(
        "users",
        (
            "lookup by meaning, top 10",
            "lookup by categories, top 10",
            "lookup by taste, top 10",
            "baseline: compare with everybody when asked",
            "change of one profile until its list is new",
        ),
    ),
    "cluster_speed": Series("messages", (), ("arrival_ms",), "ms per message that arrives"),
    "feed": Series(
        "interactions", ("feed of 20", "baseline: trending for everybody", "like, next feed, profile moved")
    ),
    "community": Series(
        "experiences",
        (
            "feed of 20",
            "similar people by meaning",
            "similar people by meaning, with shared ground",
            "distribution",
            "associations of a value",
            "map of a value",
            "attribute, frequent value, by newest",
            "attribute, frequent value, by upvotes",
            "attribute and category and place",
            "baseline: scanning attributes",
        ),
    ),
}


def plot_growth(name: str, curves: Curves, *, over: str, unit: str) -> None:
    """Write NAME_growth.json, .svg and .png to the results."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    figures = {"over": over, "unit": unit, "curves": curves}
    (RESULTS / f"{name}_growth.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    svg = _picture(curves, over=over, unit=unit)
    (RESULTS / f"{name}_growth.svg").write_text(svg, "utf-8")
    _paint(name, svg)


def _picture(curves: Curves, *, over: str, unit: str) -> str:
    points = [point for curve in curves.values() for point in curve]
    left, right = (math.log10(edge(x for x, _ in points)) for edge in (min, max))
    low = math.floor(math.log10(max(min(y for _, y in points), 1e-3)))
    high = math.ceil(math.log10(max(y for _, y in points)))

    def x_of(value: float) -> float:
        share = (math.log10(value) - left) / max(right - left, 1e-9)
        return _MARGIN + share * (_WIDTH - 2 * _MARGIN - _LEGEND)

    def y_of(value: float) -> float:
        share = (math.log10(max(value, 1e-3)) - low) / max(high - low, 1)
        return _HEIGHT - _MARGIN - share * (_HEIGHT - 2 * _MARGIN)

    parts: list[str] = []
    for power in range(low, high + 1):
        y = y_of(10.0**power)
        parts.append(f'<line x1="{_MARGIN}" x2="{_WIDTH - _MARGIN - _LEGEND}" y1="{y}" y2="{y}" stroke="#d0d7de"/>')
        parts.append(f'<text x="{_MARGIN - 8}" y="{y + 4}" text-anchor="end">{10.0**power:g}</text>')
    parts += [
        f'<text x="{x_of(size)}" y="{_HEIGHT - _MARGIN + 20}" text-anchor="middle">{size:,}</text>'
        for size in sorted({x for x, _ in points})
    ]
    for place, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[place % len(_COLOURS)]
        line = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in curve)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="3.5" fill="{colour}"/>' for x, y in curve]
        parts.append(f'<text x="{_WIDTH - _LEGEND}" y="{_MARGIN + 22 * place}" fill="{colour}">{name}</text>')
    parts.append(f'<text x="{_MARGIN}" y="{_MARGIN - 24}">{unit}</text>')
    parts.append(f'<text x="{_WIDTH - _LEGEND - _MARGIN}" y="{_HEIGHT - 14}" text-anchor="end">{over}</text>')
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13" fill="#1f2328">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def _paint(name: str, svg: str) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        return
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        page.set_content(f"<style>body{{margin:0}}</style>{svg}")
        page.screenshot(path=str(RESULTS / f"{name}_growth.png"))
        browser.close()


def gather(name: str) -> Curves:
    """What the results of a series tell, smallest first."""
    series = SERIES[name]
    curves: dict[str, list[tuple[int, float]]] = {}
    for path in RESULTS.glob(f"{name}_*.json"):
        size = path.stem.removeprefix(f"{name}_")
        if not size.isdecimal():
            continue
        for row in json.loads(path.read_text("utf-8"))["rows"]:
            if series.rows and row.get("what") not in series.rows:
                continue
            for figure in series.figures:
                if isinstance(row.get(figure), int | float):
                    curves.setdefault(row.get("what", figure), []).append((int(size), row[figure]))
    return {title: sorted(points) for title, points in curves.items()}


def main() -> None:
    for name, series in SERIES.items():
        curves = gather(name)
        if len({size for points in curves.values() for size, _ in points}) < 2:
            print(f"{name}: results of one size at most; nothing to draw")
            continue
        plot_growth(name, curves, over=series.over, unit=series.unit)
        print(f"{name}: {RESULTS / name}_growth.png")


if __name__ == "__main__":
    main()
