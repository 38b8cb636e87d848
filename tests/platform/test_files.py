"""One suite for every file store: a directory, and S3 (a stand-in of this test, or the server LIKEWISE_TEST_S3_URL
names, with LIKEWISE_TEST_S3_ENDPOINT_URL for one that is not AWS's own).
"""

import asyncio
import hashlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import pytest

from likewise.platform.clock import FixedClock
from likewise.platform.config import Settings
from likewise.platform.files import (
    FileDamaged,
    FileKeyInvalid,
    FileNotStored,
    FileStore,
    FilesUnavailable,
    FileTooLarge,
    SignatureInvalid,
    open_files,
)
from likewise.platform.ids import new_id

CLOCK = FixedClock(datetime(2026, 11, 21, tzinfo=UTC))
MEBIBYTE = 2**20


class S3StandIn(BaseHTTPRequestHandler):
    """As much of S3 as a file store uses: objects, listings, uploads in parts, deletion of many."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]
    uploads: dict[str, dict[int, bytes]]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class says so
        pass

    def do_PUT(self) -> None:
        path, query, body = self._request()
        if "uploadId" in query:
            self.uploads[query["uploadId"]][int(query["partNumber"])] = body
        else:
            self.objects[path] = body
        self._answer(headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})

    def do_POST(self) -> None:
        path, query, body = self._request()
        if "uploads" in query:
            identity = str(len(self.uploads) + 1)
            self.uploads[identity] = {}
            self._answer(
                f"<InitiateMultipartUploadResult><UploadId>{identity}</UploadId></InitiateMultipartUploadResult>"
            )
        elif "uploadId" in query:
            parts = self.uploads.pop(query["uploadId"])
            self.objects[path] = b"".join(parts[number] for number in sorted(parts))
            self._answer("<CompleteMultipartUploadResult/>")
        else:
            for key in re.findall(r"<Key>(.*?)</Key>", body.decode()):
                self.objects.pop(f"{path.rstrip('/')}/{key}", None)
            self._answer("<DeleteResult/>")

    def do_GET(self) -> None:
        path, query, _ = self._request()
        if "list-type" in query:
            bucket, limit = path.rstrip("/") + "/", int(query.get("max-keys", "1000"))
            keys = sorted(name.removeprefix(bucket) for name in self.objects if name.startswith(bucket))
            keys = [k for k in keys if k.startswith(query.get("prefix", "")) and k > query.get("start-after", "")]
            rows = "".join(
                f"<Contents><Key>{key}</Key><Size>{len(self.objects[bucket + key])}</Size>"
                "<LastModified>2026-11-21T00:00:00Z</LastModified></Contents>"
                for key in keys[:limit]
            )
            self._answer(f"<ListBucketResult>{rows}</ListBucketResult>")
        elif path in self.objects:
            headers = {"Last-Modified": "Sat, 21 Nov 2026 00:00:00 GMT"}
            self._answer(self.objects[path], headers=headers)
        else:
            self._answer("<Error><Code>NoSuchKey</Code></Error>", status=404)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        path, query, _ = self._request()
        if "uploadId" in query:
            self.uploads.pop(query["uploadId"], None)
        else:
            self.objects.pop(path, None)
        self._answer(status=204)

    def _request(self) -> tuple[str, dict[str, str], bytes]:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if "aws-chunked" in self.headers.get("content-encoding", ""):
            body = dechunked(body)
        return unquote(parts.path), query, body

    def _answer(self, body: str | bytes = b"", *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def dechunked(body: bytes) -> bytes:
    """The content of a body sent in signed chunks."""
    content, rest = b"", body
    while rest:
        head, _, rest = rest.partition(b"\r\n")
        size = int(head.split(b";")[0], 16)
        if size == 0:
            break
        content, rest = content + rest[:size], rest[size + 2 :]
    return content


@pytest.fixture(scope="session")
def s3_settings() -> Generator[dict[str, object]]:
    url = os.environ.get("LIKEWISE_TEST_S3_URL")
    if url is not None:
        yield {"files_url": url, "files_s3_endpoint_url": os.environ.get("LIKEWISE_TEST_S3_ENDPOINT_URL")}
        return
    S3StandIn.objects, S3StandIn.uploads = {}, {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), S3StandIn)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield {
            "files_url": "s3://bucket/some/prefix",
            "files_s3_endpoint_url": f"http://127.0.0.1:{server.server_port}",
            "files_s3_region": "us-east-1",
        }
    server.shutdown()
    server.server_close()


OpenStore = Callable[..., FileStore]


@pytest.fixture(params=["directory", "s3"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> OpenStore:
    if request.param == "s3":
        pytest.importorskip("boto3", reason="the extra likewise[s3] is not installed")

    def opened(**changes: object) -> FileStore:
        flags = {"home": tmp_path} | {f"files_{name}": value for name, value in changes.items()}
        if request.param == "s3":
            flags |= request.getfixturevalue("s3_settings")
        return open_files(Settings(flags, file=tmp_path / "none.toml"), signing_key=b"k" * 32, clock=CLOCK)

    return opened


@pytest.fixture
def store(open_store: OpenStore) -> FileStore:
    return open_store()


@pytest.fixture
def tenant() -> UUID:
    return new_id()


async def content_of(store: FileStore, tenant: UUID, key: str) -> bytes:
    return b"".join([chunk async for chunk in store.read(tenant, key=key)])


async def stream(*pieces: bytes) -> AsyncGenerator[bytes]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize("size", [0, 1, MEBIBYTE, MEBIBYTE + 1, 17 * MEBIBYTE + 3])
async def test_file_comes_back_as_it_was_written(store: FileStore, tenant: UUID, size: int) -> None:
    content = os.urandom(size)
    written = await store.write(tenant, key="uploads/a.bin", content=content)
    assert written.sha256 == hashlib.sha256(content).hexdigest()
    assert written.size_bytes == size
    assert await content_of(store, tenant, "uploads/a.bin") == content
    found = await store.find_file(tenant, key="uploads/a.bin")
    assert found is not None
    assert found.size_bytes == size


async def test_stream_of_uneven_pieces_is_written_whole(store: FileStore, tenant: UUID) -> None:
    pieces = [os.urandom(n) for n in (1, 5_000_000, 0, 7, 6_000_000, 3)]
    written = await store.write(tenant, key="s", content=stream(*pieces))
    assert written.size_bytes == 11_000_011
    assert await content_of(store, tenant, "s") == b"".join(pieces)


async def test_second_write_replaces_the_first(store: FileStore, tenant: UUID) -> None:
    await store.write(tenant, key="k", content=b"first and longer")
    await store.write(tenant, key="k", content=b"second")
    assert await content_of(store, tenant, "k") == b"second"


async def test_failed_write_leaves_what_was_there(open_store: OpenStore, tenant: UUID) -> None:
    store = open_store(file_bytes_max=6 * MEBIBYTE, s3_part_bytes=5 * MEBIBYTE)
    await store.write(tenant, key="k", content=b"before")

    async def breaking() -> AsyncGenerator[bytes]:
        yield b"x" * (11 * MEBIBYTE // 2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.write(tenant, key="k", content=breaking())
    with pytest.raises(FileTooLarge, match="LIKEWISE_FILES_FILE_BYTES_MAX"):
        await store.write(tenant, key="k", content=stream(*[b"y" * MEBIBYTE] * 7))
    with pytest.raises(FileDamaged):
        await store.write(tenant, key="k", content=b"other", sha256=hashlib.sha256(b"expected").hexdigest())
    assert await content_of(store, tenant, "k") == b"before"
    assert [file.key for file in await store.list_files(tenant)] == ["k"]


async def test_cancelled_write_leaves_nothing(store: FileStore, tenant: UUID) -> None:
    arrived = asyncio.Event()

    async def hanging() -> AsyncGenerator[bytes]:
        yield b"x" * MEBIBYTE
        arrived.set()
        await asyncio.Event().wait()

    write = asyncio.ensure_future(store.write(tenant, key="k", content=hanging()))
    await arrived.wait()
    write.cancel()
    await asyncio.wait([write])
    assert await store.find_file(tenant, key="k") is None


async def test_missing_file_is_a_fact(store: FileStore, tenant: UUID) -> None:
    with pytest.raises(FileNotStored, match="'no/such'"):
        await content_of(store, tenant, "no/such")
    assert await store.find_file(tenant, key="no/such") is None
    assert await store.delete_file(tenant, key="no/such") is False


async def test_tenants_never_meet(store: FileStore) -> None:
    ours, theirs = new_id(), new_id()
    await store.write(ours, key="same", content=b"ours")
    assert await store.find_file(theirs, key="same") is None
    assert await store.list_files(theirs) == []
    await store.write(theirs, key="same", content=b"theirs")
    assert await store.delete_tenant(theirs) == 1
    assert await content_of(store, ours, "same") == b"ours"


BAD_KEYS = [
    *(
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        ".",
        "./a",
        ".hidden",
        "-rf",
        "a\\b",
        "a\0b",
        "a b",
    ),
    *("a\n", "C:x", "%2e%2e", "é", "a+/b", "x" * 129, "/".join(["abc"] * 130)),
]


async def test_key_that_could_leave_its_folder_is_refused_everywhere(store: FileStore, tenant: UUID) -> None:
    for key in BAD_KEYS:
        for use in (
            lambda key=key: store.write(tenant, key=key, content=b"x"),
            lambda key=key: content_of(store, tenant, key),
            lambda key=key: store.find_file(tenant, key=key),
            lambda key=key: store.delete_file(tenant, key=key),
        ):
            with pytest.raises(FileKeyInvalid):
                await use()
        with pytest.raises(FileKeyInvalid):
            store.sign_url(tenant, key=key, lifetime_s=10)


async def test_listing_pages_by_key(store: FileStore, tenant: UUID) -> None:
    keys = sorted(["a", "a/b", "a/b/c", "a.b", "b/1", "b/2", "b/3", "c"])
    for key in keys:
        await store.write(tenant, key=key, content=key.encode())
    assert [file.key for file in await store.list_files(tenant)] == keys
    assert [file.key for file in await store.list_files(tenant, prefix="b/", rows_max=2)] == ["b/1", "b/2"]
    assert [file.key for file in await store.list_files(tenant, prefix="b/", after="b/2")] == ["b/3"]
    assert [await content_of(store, tenant, key) for key in keys] == [key.encode() for key in keys]


async def test_deletion_removes_the_file_or_everything(store: FileStore, tenant: UUID) -> None:
    for key in ("a/b/c", "a/b", "d"):
        await store.write(tenant, key=key, content=b"x")
    assert await store.delete_file(tenant, key="a/b/c") is True
    assert [file.key for file in await store.list_files(tenant)] == ["a/b", "d"]
    assert await store.delete_tenant(tenant) == 2
    assert await store.list_files(tenant) == []
    assert await store.delete_tenant(tenant) == 0


async def test_signed_address_is_good_for_its_file_and_time_only(store: FileStore, tenant: UUID) -> None:
    parts = urlsplit(store.sign_url(tenant, key="a/b.txt", lifetime_s=60))
    query = parse_qs(parts.query)
    expires, signature = int(query["expires"][0]), query["signature"][0]
    assert parts.path == f"/api/v1/files/{tenant}/a/b.txt"
    store.verify_url(tenant, key="a/b.txt", expires=expires, signature=signature)
    for other in (
        {"key": "a/c.txt", "expires": expires, "signature": signature},
        {"key": "a/b.txt", "expires": expires + 1, "signature": signature},
        {"key": "a/b.txt", "expires": expires, "signature": signature[:-1] + ("0" if signature[-1] != "0" else "1")},
        {"key": "a/b.txt", "expires": expires, "signature": "é"},
    ):
        with pytest.raises(SignatureInvalid):
            store.verify_url(tenant, **other)  # pyright: ignore[reportArgumentType]
    with pytest.raises(SignatureInvalid):
        store.verify_url(new_id(), key="a/b.txt", expires=expires, signature=signature)
    CLOCK.advance(timedelta(seconds=60))
    with pytest.raises(SignatureInvalid):
        store.verify_url(tenant, key="a/b.txt", expires=expires, signature=signature)


# The directory


FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from uuid import UUID
from likewise.platform.config import Settings
from likewise.platform.files import StorageFull, open_files

async def main(home, tenant):
    store = open_files(Settings({"home": home}, file=Path("/nonexistent")), signing_key=b"k" * 32)
    await store.write(tenant, key="k", content=b"before")
    if sys.argv[3] == "bounded":  # a bound of the kernel stands in for a disk that can be filled
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        await store.write(tenant, key="k", content=b"x" * 3_000_000)
    except StorageFull as error:
        print("full:", error.message)
    print(b"".join([chunk async for chunk in store.read(tenant, key="k")])[:6])
    print([path.name for path in (Path(home) / "files" / ".unfinished").iterdir()])

asyncio.run(main(sys.argv[1], UUID(sys.argv[2])))
"""


def write_past_the_end(home: Path, mode: str) -> list[str]:
    arguments = [sys.executable, "-c", FULL_DISK, str(home), str(new_id()), mode]
    return subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


def test_full_disk_is_a_fact_and_leaves_no_half_file(tmp_path: Path) -> None:
    said, content, left_over = write_past_the_end(tmp_path, "bounded")
    assert said.startswith("full:")
    assert "LIKEWISE_FILES_URL" in said
    assert content == "b'before'"
    assert left_over == "[]"


def test_really_full_file_system_is_a_fact_and_leaves_no_half_file(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can only be mounted by root")
    try:
        said, content, left_over = write_past_the_end(tmp_path, "unbounded")
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert said.startswith("full:")
    assert (content, left_over) == ("b'before'", "[]")


def local_store(home: Path, **changes: object) -> FileStore:
    flags = {"home": home} | {f"files_{name}": value for name, value in changes.items()}
    return open_files(Settings(flags, file=home / "none.toml"), signing_key=b"k" * 32, clock=CLOCK)


async def test_reader_keeps_the_file_it_began_with(tmp_path: Path, tenant: UUID) -> None:
    store = local_store(tmp_path, chunk_bytes=4096)
    await store.write(tenant, key="k", content=b"a" * 10_000)
    reader = store.read(tenant, key="k")
    begun = await anext(reader)
    await store.write(tenant, key="k", content=b"b" * 10_000)
    assert begun + b"".join([chunk async for chunk in reader]) == b"a" * 10_000


def test_leftovers_of_a_crash_are_swept_once_they_are_old(tmp_path: Path) -> None:
    unfinished = tmp_path / "files" / ".unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "old").write_bytes(b"x")
    os.utime(unfinished / "old", (0, 0))
    (unfinished / "young").write_bytes(b"x")
    local_store(tmp_path)
    assert [path.name for path in unfinished.iterdir()] == ["young"]


def test_directory_that_cannot_be_made_is_a_fact(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where a directory should be")
    with pytest.raises(FilesUnavailable, match="LIKEWISE_FILES_URL"):
        local_store(tmp_path)


# S3


def test_s3_address_that_is_none_is_refused(tmp_path: Path) -> None:
    for url in ("s3://", "ftp://bucket/x", "s3:///prefix"):
        with pytest.raises(Exception, match="s3://bucket"):
            local_store(tmp_path, url=url)


def test_s3_without_its_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3.session", None)
    with pytest.raises(Exception, match=r"likewise\[s3\]"):
        local_store(tmp_path, url="s3://bucket")


async def test_s3_server_that_is_away_is_a_fact(tmp_path: Path, tenant: UUID, s3_settings: dict[str, object]) -> None:
    pytest.importorskip("boto3", reason="the extra likewise[s3] is not installed")
    assert s3_settings
    store = local_store(
        tmp_path, url="s3://bucket", s3_endpoint_url="http://127.0.0.1:9", s3_region="us-east-1", s3_attempts_max=1
    )
    with pytest.raises(FilesUnavailable, match="s3://bucket"):
        await store.write(tenant, key="k", content=b"x")
