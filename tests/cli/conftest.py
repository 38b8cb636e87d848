"""The real command line, in processes of its own, each test file with a home of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from likewise.platform.db import embedded

TIMEOUT_S = 120


class Said:
    """What a command said and how it ended."""

    def __init__(self, done: "subprocess.CompletedProcess[str]") -> None:
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    @property
    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out)


class Cli:
    """Runs `likewise` in one home."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home = home
        self.folder = folder

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LIKEWISE_")}
        own = {"LIKEWISE_HOME": str(self.home), "LIKEWISE_EMBEDDING_MODEL": "fake", "LIKEWISE_NO_BROWSER": "1"}
        return kept | own | more

    def __call__(self, *words: str, stdin: str | None = None, **environment: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "likewise", *words],
            env=self.environment(**environment),
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        return Said(done)


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """A home whose database runs for as long as the file's tests do."""
    home = tmp_path_factory.mktemp("cli-home")
    embedded.start(home)
    yield Cli(home, tmp_path_factory.mktemp("cli-folder"))
    embedded.stop(home)


@pytest.fixture
def fresh_cli(tmp_path: Path) -> Iterator[Cli]:
    """A home where nothing has ever run."""
    (tmp_path / "folder").mkdir()
    made = Cli(tmp_path / "home", tmp_path / "folder")
    yield made
    embedded.stop(made.home)
