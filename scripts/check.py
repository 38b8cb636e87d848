"""What `make check` runs: form, lint, types, arrows, links, and whether the built console is its source's own.

Every step runs, whatever an earlier one found; the exit code is 1 where any of them did.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAMS = Path(sys.executable).parent
_FOLDERS = [name for name in ("src", "tests", "benchmarks", "scripts") if (ROOT / name).is_dir()]
_STEPS: dict[str, list[str | Path]] = {
    "form": [PROGRAMS / "ruff", "format", "--check", "--quiet", *_FOLDERS],
    "lint": [PROGRAMS / "ruff", "check", "--quiet", *_FOLDERS],
    "types": [PROGRAMS / "pyright", *_FOLDERS],
    "arrows": [PROGRAMS / "lint-imports", "--no-cache"],
    "docs": [sys.executable, "scripts/reference.py", "--check"],
    "console": [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/console/test_bundle.py"],
}
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
_SKIPPED = {".venv", "node_modules", "dist", ".git"}


def broken_links() -> Iterator[str]:
    """Links between our own pages that lead nowhere, as `page: target`."""
    for page in ROOT.rglob("*.md"):
        if _SKIPPED.isdisjoint(page.relative_to(ROOT).parts):
            for target in _LINK.findall(page.read_text("utf-8")):
                if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                    yield f"{page.relative_to(ROOT)}: {target}"


def run(name: str) -> bool:
    """Run a step and say how it went; what it has to say is shown only where it found something."""
    started = time.perf_counter()
    done = subprocess.run(_STEPS[name], cwd=ROOT, capture_output=True, text=True, check=False)
    is_well = done.returncode == 0
    print(f"{name:8} {'ok' if is_well else 'FAILED':7} {time.perf_counter() - started:5.1f} s", flush=True)
    if not is_well:
        print(done.stdout + done.stderr, flush=True)
    return is_well


def main() -> int:
    """Run every step."""
    results = [run(name) for name in _STEPS]
    lost = list(broken_links())
    print(f"{'links':8} {'FAILED' if lost else 'ok'}", *lost, sep="\n         " if lost else "")
    return 0 if all(results) and not lost else 1


if __name__ == "__main__":
    sys.exit(main())
