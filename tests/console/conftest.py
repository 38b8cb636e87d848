"""Fixtures for the console's tests: Debian's Chromium, one page per test, axe, and a collection to look at.

A test takes `page` (a fresh context on `base_url`) and finds things as a reader does: by role and name.
Everything it needs on the server is put there through the public API; `base_url` is the running server.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypedDict, cast

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from likewise.console import DIST

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WEB = DIST.parent / "web"
AXE = WEB / "node_modules/axe-core/axe.min.js"
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ACTION_TIMEOUT_MS = 10_000

SIGHTINGS: tuple[tuple[str, str, str, float], ...] = (
    ("s-01", "Three orange lights drifted over the harbour without a sound.", "light", 120),
    ("s-02", "A silent black triangle hung above the motorway for minutes.", "triangle", 300),
    ("s-03", "Bright fireball crossed the valley and broke into green sparks.", "fireball", 5),
    ("s-04", "Orange glow moving slowly, no engine noise at all, then it faded.", "light", 60),
    ("s-05", "My neighbour and I saw a silver disc reflect the evening sun.", "disc", 45),
    ("s-06", "A row of white lamps followed each other like a train in the sky.", "formation", 180),
    ("s-07", "Something the shape of a cigar vanished behind one small cloud.", "cigar", 20),
    ("s-08", "The dog barked at a hovering ball of light near the old barn.", "light", 600),
    ("s-09", "Two triangles turned around each other above the lake.", "triangle", 90),
    ("s-10", "It looked like a star until it stopped and went straight up.", "light", 15),
    ("s-11", "A red blinking object paced our car for ten miles.", "other", 900),
    ("s-12", "<b>Bold</b> claim: a \U0001f6f8 saucer, seen by half the village.", "disc", 30),
)


class AxeNode(TypedDict):
    target: list[str]
    failureSummary: str


class AxeViolation(TypedDict):
    id: str
    impact: str
    nodes: list[AxeNode]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, started once."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing: `apt-get install chromium` brings it")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`likewise up` in a home of its own, with the model that needs no files; its address is what it prints first."""
    home = Path(
        tempfile.mkdtemp(prefix="likewise-console-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    )
    home.chmod(0o755)
    log = tmp_path_factory.mktemp("console") / "up.log"
    environment = {
        **os.environ,
        "LIKEWISE_HOME": str(home),
        "LIKEWISE_EMBEDDING_MODEL": "fake",
        "LIKEWISE_NO_BROWSER": "1",
    }
    with log.open("wb") as errors:
        running = subprocess.Popen(
            [sys.executable, "-m", "likewise", "up", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert running.stdout is not None
    try:
        address = re.search(r"http://[0-9a-z.:]+", running.stdout.readline())
        assert address, log.read_text()
        yield address[0]
    finally:
        running.terminate()
        running.wait(timeout=60)
        running.stdout.close()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def context(browser: Browser, base_url: str) -> Iterator[BrowserContext]:
    """A browser profile of its own: no preferences, no key."""
    fresh = browser.new_context(base_url=base_url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    fresh.set_default_timeout(ACTION_TIMEOUT_MS)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """One empty tab."""
    return context.new_page()


@pytest.fixture
def api(base_url: str) -> Iterator[httpx.Client]:
    """The public API the console is a client of."""
    with httpx.Client(base_url=f"{base_url}/api/v1", timeout=30) as client:
        yield client


@pytest.fixture
def sightings(api: httpx.Client) -> Iterator[str]:
    """The name of a collection of twelve short texts with a keyword and a number facet; gone after the test."""
    name = "console-sightings"
    api.delete(f"/collections/{name}")
    facets = {"shape": "keyword", "duration_s": "number"}
    api.post("/collections", json={"name": name, "facets": facets}).raise_for_status()
    items = [
        {"key": key, "title": f"Sighting {key}", "body": body, "facets": {"shape": shape, "duration_s": duration_s}}
        for key, body, shape, duration_s in SIGHTINGS
    ]
    api.post(f"/collections/{name}/items:batch", json={"items": items}).raise_for_status()
    yield name
    api.delete(f"/collections/{name}")


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The accessibility checker's script; it is a development dependency and never part of the bundle."""
    if not AXE.exists():
        hint = f"run `npm ci` in {WEB}" if shutil.which("npm") else "it comes with npm, which is not installed"
        pytest.skip(f"axe-core is absent: {hint}")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def violations(page: Page, axe_source: str) -> Callable[[], list[str]]:
    """Runs axe on what the page shows and returns one line for each thing it found."""

    def check() -> list[str]:
        # The page's own policy forbids foreign script, so axe enters through the debugger.
        page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": axe_source})
        found = cast(
            "list[AxeViolation]",
            page.evaluate("tags => axe.run(document, {runOnly: tags}).then(r => r.violations)", list(AXE_TAGS)),
        )
        return [f"{one['id']} ({one['impact']}): {node['target']}" for one in found for node in one["nodes"]]

    return check
