"""What is committed: the bundle is small, whole, its source's own, and names nobody else's host."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from likewise.console import DIST

WEB = DIST.parent / "web"
FIRST_SCRIPT_BYTES_MAX = 60_000
ALL_SCRIPT_BYTES_MAX = 115_000
STYLE_BYTES_MAX = 15_000
BUILD_TIMEOUT_S = 120
# Names of XML vocabularies, never fetched.
VOCABULARIES = re.compile(r"https?://www\.w3\.org/")


def zipped_bytes(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), mtime=0))


def imported(script: Path) -> set[Path]:
    """The script and everything it imports before it runs."""
    reached: set[Path] = set()
    waiting = [script]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        text = path.read_text(encoding="utf-8")
        waiting += [path.parent / name for name in re.findall(r'(?:from|import)\s*"\./([^"]+\.js)"', text)]
    return reached


def first_load(screen: str) -> set[Path]:
    """The scripts that a first visit to a screen needs; other screens are fetched once a link to them is pointed at."""
    entry = re.search(r'src="/assets/([^"]+\.js)"', (DIST / "index.html").read_text(encoding="utf-8"))
    assert entry is not None
    return imported(DIST / "assets" / entry.group(1)) | imported(next((DIST / "assets").glob(f"{screen}-*.js")))


@pytest.mark.parametrize("screen", ["home", "search", "inbox", "settings", "map", "experience", "ask"])
def test_first_load_stays_within_its_budget(screen: str) -> None:
    assert sum(map(zipped_bytes, first_load(screen))) <= FIRST_SCRIPT_BYTES_MAX
    assert sum(map(zipped_bytes, DIST.rglob("*.css"))) <= STYLE_BYTES_MAX


def test_all_screens_together_stay_within_their_budget() -> None:
    assert sum(map(zipped_bytes, DIST.rglob("*.js"))) <= ALL_SCRIPT_BYTES_MAX


def test_page_holds_no_inline_script_or_style() -> None:
    html = (DIST / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert "<style" not in html
    assert not re.search(r'\s(style|on\w+)="', html)


def test_bundle_names_no_foreign_host() -> None:
    for path in DIST.rglob("*"):
        if path.is_file():
            text = VOCABULARIES.sub("", path.read_text(encoding="utf-8"))
            assert re.findall(r"https?://[\w.-]+", text) == [], path.name


def test_lock_file_names_no_registry() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_bundle_is_what_its_source_builds(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None or not (WEB / "node_modules/vite").exists():
        pytest.skip(f"npm or {WEB}/node_modules is absent: run `npm ci` there to compare the bundle with its source")
    command = [npm, "run", "--silent", "build", "--", "--outDir", str(tmp_path / "dist"), "--logLevel", "error"]
    subprocess.run(command, cwd=WEB, check=True, timeout=BUILD_TIMEOUT_S)
    built = {path.relative_to(tmp_path / "dist"): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    committed = {path.relative_to(DIST): path.read_bytes() for path in DIST.rglob("*") if path.is_file()}
    assert built.keys() == committed.keys()
    assert {str(path) for path in built if built[path] != committed[path]} == set()
