"""Settings of outgoing requests."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["EgressSettings"]


class EgressSettings(Section):
    """Where requests may go, and how much of an answer is read."""

    section: ClassVar[str] = "egress"

    ports: tuple[int, ...] = Field((80, 443, 8080, 8443), description="TCP ports that a request may go to")
    public_hosts: tuple[str, ...] = Field(
        (), description="host or host:port that ANY caller's address may name although it is private or local"
    )
    operator_hosts: tuple[str, ...] = Field(
        (),
        description="host or host:port that the owner's own services may use although it is private or local",
    )
    ca_file: Path | None = Field(None, description="PEM file of certificate authorities trusted besides the usual")
    connect_timeout_s: float = Field(10, gt=0, description="seconds for name, connection and TLS together, per attempt")
    read_timeout_s: float = Field(60, gt=0, description="seconds without a byte from the other side")
    total_timeout_s: float = Field(600, gt=0, description="seconds from the request to the last byte of its answer")
    response_bytes_max: int = Field(64 * 2**20, ge=1, description="bytes of one answer, after decompression")
    redirects_max: int = Field(5, ge=0, description="redirects followed for one request; each is judged anew")
    addresses_max: int = Field(16, ge=1, description="addresses accepted for one name; a name with more is refused")
    connections_max: int = Field(32, ge=1, description="connections open at once per client")
    idle_connections_max: int = Field(8, ge=0, description="connections kept open for reuse per client")
    idle_timeout_s: float = Field(15, ge=0, description="seconds an unused connection is kept, and its address with it")
