"""Files in an S3 bucket, or a server that speaks like one: `<prefix>/<tenant>/<key>`.

An object appears whole or not at all: small content in one call, large content in parts that are completed at the end
and aborted otherwise. The client is boto3 (`likewise[s3]`), which blocks, so every call runs in a thread. It is the
one connection to the outside that does not pass the egress guard: its address is the owner's setting and nothing else.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from typing import Protocol, TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID

from typing_extensions import override

from likewise.platform.errors import Rejected, Unavailable
from likewise.platform.files.model import (
    Content,
    FileDamaged,
    FileNotStored,
    FileStore,
    FilesUnavailable,
    StoredFile,
    WrittenFile,
    check_key,
    chunks_of,
)
from likewise.platform.files.settings import FilesSettings
from likewise.platform.files.signing import UrlSigner

__all__ = ["S3FileStore", "S3Missing", "S3UrlInvalid"]

T = TypeVar("T")
_DELETED_AT_ONCE = 1000
_ABSENT = {"NoSuchKey", "404", "NotFound"}


class S3Missing(Unavailable):
    """LIKEWISE_FILES_URL is an s3:// address, and its client is not installed. `pip install 'likewise[s3]'` does it."""


class S3UrlInvalid(Rejected):
    """LIKEWISE_FILES_URL is {url!r}; it reads s3://bucket or s3://bucket/prefix."""


class _Body(Protocol):
    def read(self, size: int) -> bytes: ...
    def close(self) -> None: ...


class _Client(Protocol):
    """The part of boto3's client that is used here."""

    def put_object(self, **parameters: object) -> Mapping[str, object]: ...
    def create_multipart_upload(self, **parameters: object) -> Mapping[str, object]: ...
    def upload_part(self, **parameters: object) -> Mapping[str, object]: ...
    def complete_multipart_upload(self, **parameters: object) -> Mapping[str, object]: ...
    def abort_multipart_upload(self, **parameters: object) -> Mapping[str, object]: ...
    def get_object(self, **parameters: object) -> Mapping[str, object]: ...
    def head_object(self, **parameters: object) -> Mapping[str, object]: ...
    def list_objects_v2(self, **parameters: object) -> Mapping[str, object]: ...
    def delete_object(self, **parameters: object) -> Mapping[str, object]: ...
    def delete_objects(self, **parameters: object) -> Mapping[str, object]: ...


class S3FileStore(FileStore):
    """Files under a bucket's prefix. Raises S3Missing without boto3, S3UrlInvalid for another kind of address."""

    def __init__(self, url: str, *, settings: FilesSettings, signer: UrlSigner) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
            raise S3UrlInvalid(url=url)
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/")
        self._settings = settings
        self._signer = signer
        self._client, self._errors = _make_client(settings)

    @override
    async def write(self, tenant_id: UUID, *, key: str, content: Content, sha256: str | None = None) -> WrittenFile:
        name = self._name(tenant_id, key)
        limits = self._settings
        upload = _Upload(self, name)
        digest, size_bytes = hashlib.sha256(), 0
        try:
            async for part in chunks_of(content, bytes_each=limits.s3_part_bytes, bytes_max=limits.file_bytes_max):
                digest.update(part)
                size_bytes += len(part)
                await upload.add(part)
            if sha256 is not None and digest.hexdigest() != sha256:
                raise FileDamaged(key=key, found=digest.hexdigest(), expected=sha256)
            await upload.complete()
        except BaseException:
            # Shielded, so that a cancelled writer does not leave parts behind that cost money.
            await asyncio.shield(upload.abort())
            raise
        return WrittenFile(key=key, size_bytes=size_bytes, sha256=digest.hexdigest())

    @override
    async def read(self, tenant_id: UUID, *, key: str) -> AsyncIterator[bytes]:
        name = self._name(tenant_id, key)
        answer = await self.call(lambda: self._client.get_object(Bucket=self._bucket, Key=name), absent=None)
        if answer is None:
            raise FileNotStored(key=key)
        body = cast("_Body", answer["Body"])
        try:
            while chunk := await self.call(lambda: body.read(self._settings.chunk_bytes), absent=b""):
                yield chunk
        finally:
            body.close()

    @override
    async def find_file(self, tenant_id: UUID, *, key: str) -> StoredFile | None:
        name = self._name(tenant_id, key)
        found = await self.call(lambda: self._client.head_object(Bucket=self._bucket, Key=name), absent=None)
        if found is None:
            return None
        size_bytes, modified_at = cast("int", found["ContentLength"]), cast("datetime", found["LastModified"])
        return StoredFile(key=key, size_bytes=size_bytes, modified_at=modified_at)

    @override
    async def list_files(
        self, tenant_id: UUID, *, prefix: str = "", after: str = "", rows_max: int = 100
    ) -> Sequence[StoredFile]:
        folder = self._folder(tenant_id)
        found: list[StoredFile] = []
        start = folder + after
        while len(found) < rows_max:
            page = await self._page(folder + prefix, after=start, rows_max=rows_max - len(found))
            found += [
                StoredFile(
                    key=cast("str", entry["Key"]).removeprefix(folder),
                    size_bytes=cast("int", entry["Size"]),
                    modified_at=cast("datetime", entry["LastModified"]),
                )
                for entry in page
            ]
            if not page:
                break
            start = cast("str", page[-1]["Key"])
        return found

    @override
    async def delete_file(self, tenant_id: UUID, *, key: str) -> bool:
        name = self._name(tenant_id, key)
        there = await self.find_file(tenant_id, key=key) is not None
        await self.call(lambda: self._client.delete_object(Bucket=self._bucket, Key=name), absent=None)
        return there

    @override
    async def delete_tenant(self, tenant_id: UUID) -> int:
        folder, count = self._folder(tenant_id), 0
        while page := await self._page(folder, after="", rows_max=_DELETED_AT_ONCE):
            names = {"Objects": [{"Key": entry["Key"]} for entry in page], "Quiet": True}
            answer = await self.call(
                lambda names=names: self._client.delete_objects(Bucket=self._bucket, Delete=names), absent=None
            )
            if answer is not None and answer.get("Errors"):
                raise FilesUnavailable(place=self.place, reason="some files could not be deleted")
            count += len(page)
        return count

    @override
    def sign_url(self, tenant_id: UUID, *, key: str, lifetime_s: int) -> str:
        return self._signer.sign(tenant_id, key=key, lifetime_s=lifetime_s)

    @override
    def verify_url(self, tenant_id: UUID, *, key: str, expires: int, signature: str) -> None:
        self._signer.verify(tenant_id, key=key, expires=expires, signature=signature)

    @property
    def place(self) -> str:
        """The bucket and prefix, for errors."""
        return f"s3://{self._bucket}/{self._prefix}"

    @property
    def client(self) -> _Client:
        """The blocking client; call it through `call`."""
        return self._client

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self._bucket

    async def call(self, work: Callable[[], T], *, absent: T) -> T:
        """Run a blocking call in a thread; `absent` where the server says there is no such object."""
        try:
            return await asyncio.to_thread(work)
        except self._errors as error:
            response = cast("Mapping[str, Mapping[str, object]]", getattr(error, "response", {}))
            if response.get("Error", {}).get("Code") in _ABSENT:
                return absent
            raise FilesUnavailable(place=self.place, reason=error) from error

    async def _page(self, prefix: str, *, after: str, rows_max: int) -> Sequence[Mapping[str, object]]:
        answer = await self.call(
            lambda: self._client.list_objects_v2(
                Bucket=self._bucket, Prefix=prefix, StartAfter=after, MaxKeys=min(rows_max, _DELETED_AT_ONCE)
            ),
            absent=cast("Mapping[str, object]", {}),
        )
        return cast("Sequence[Mapping[str, object]]", answer.get("Contents", ()))

    def _folder(self, tenant_id: UUID) -> str:
        return f"{self._prefix}/{tenant_id.hex}/" if self._prefix else f"{tenant_id.hex}/"

    def _name(self, tenant_id: UUID, key: str) -> str:
        return self._folder(tenant_id) + check_key(key)


class _Upload:
    """One object on its way: the first part waits, and travels alone if no second one comes."""

    def __init__(self, store: S3FileStore, name: str) -> None:
        self._store = store
        self._target = {"Bucket": store.bucket, "Key": name}
        self._first = b""
        self._id: str | None = None
        self._parts: list[Mapping[str, object]] = []
        self._count = 0

    async def add(self, part: bytes) -> None:
        """The next part; all but the last have the same size."""
        self._count += 1
        if self._count == 1:
            self._first = part
            return
        if self._id is None:
            begun = await self._do(lambda: self._store.client.create_multipart_upload(**self._target))
            self._id = cast("str", begun["UploadId"])
            await self._send(self._first)
        await self._send(part)

    async def complete(self) -> None:
        """Make the object appear."""
        if self._id is None:
            await self._do(lambda: self._store.client.put_object(**self._target, Body=self._first))
            return
        parts = {"Parts": self._parts}
        target = {**self._target, "UploadId": self._id}
        await self._do(lambda: self._store.client.complete_multipart_upload(**target, MultipartUpload=parts))

    async def abort(self) -> None:
        """Leave nothing behind. Where even that fails, the bucket's own rule for unfinished uploads has to."""
        if self._id is not None:
            target = {**self._target, "UploadId": self._id}
            with suppress(FilesUnavailable):
                await self._do(lambda: self._store.client.abort_multipart_upload(**target))

    async def _send(self, part: bytes) -> None:
        number = len(self._parts) + 1
        target = {**self._target, "UploadId": self._id, "PartNumber": number}
        answer = await self._do(lambda: self._store.client.upload_part(**target, Body=part))
        self._parts.append({"ETag": answer["ETag"], "PartNumber": number})

    async def _do(self, work: Callable[[], Mapping[str, object]]) -> Mapping[str, object]:
        nothing: Mapping[str, object] = {}
        return await self._store.call(work, absent=nothing)


def _make_client(settings: FilesSettings) -> tuple[_Client, tuple[type[Exception], ...]]:
    """A client, and what it raises. The library comes without types, so its modules are taken as they are."""
    try:
        session, config, errors = map(import_module, ("boto3.session", "botocore.config", "botocore.exceptions"))
    except ImportError as error:
        raise S3Missing from error
    client = session.Session(region_name=settings.s3_region).client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        config=config.Config(
            connect_timeout=settings.s3_timeout_s,
            read_timeout=settings.s3_timeout_s,
            retries={"mode": "standard", "max_attempts": settings.s3_attempts_max},
            proxies={},
        ),
    )
    return cast("_Client", client), (errors.BotoCoreError, errors.ClientError, OSError)
