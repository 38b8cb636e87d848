"""Settings of stored files."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["FilesSettings"]


class FilesSettings(Section):
    """Where uploaded and produced files are kept, and how large one may be."""

    section: ClassVar[str] = "files"

    url: str | None = Field(
        None, description="s3://bucket/prefix, or a directory; unset: files/ under home. Credentials come from AWS_*"
    )
    s3_endpoint_url: str | None = Field(None, description="address of an S3-compatible server that is not AWS's own")
    s3_region: str | None = Field(None, description="region of the bucket; unset: as the AWS configuration says")
    s3_timeout_s: float = Field(30, gt=0, description="seconds to wait for the S3 server, per call")
    s3_attempts_max: int = Field(3, ge=1, description="tries per call to the S3 server")
    s3_part_bytes: int = Field(8 * 2**20, ge=5 * 2**20, description="bytes per part of a large upload")
    file_bytes_max: int = Field(512 * 2**20, ge=1, description="bytes of the largest file that is accepted")
    chunk_bytes: int = Field(2**20, ge=4096, description="bytes read or written at once")
    signed_url_s_max: int = Field(7 * 86_400, ge=1, description="seconds a signed address may live")
