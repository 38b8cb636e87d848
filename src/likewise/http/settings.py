"""Bounds of the HTTP surface; section `[http]`."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["HttpSettings"]


class HttpSettings(Section):
    """How much a client may send, how long it may take, and how many are served at once."""

    section: ClassVar[str] = "http"
    body_bytes_max: int = Field(32 * 2**20, ge=1024, description="bytes of a body; uploads have their own bound")
    keyed_body_bytes_max: int = Field(
        32 * 2**20, ge=1024, description="bytes of a body that comes with an Idempotency-Key; it is kept in memory"
    )
    body_wait_s: float = Field(30, gt=0, description="seconds to wait for the next part of a request's body")
    body_bytes_per_s_min: int = Field(1024, ge=0, description="bytes per second a client must send, on average")
    key_lock_s: float = Field(120, gt=0, description="seconds a request may hold its Idempotency-Key")
    answer_bytes_max: int = Field(2**20, ge=1024, description="bytes of an answer kept for its Idempotency-Key")
    wait_s_max: float = Field(60, ge=0, description="seconds `Prefer: wait=N` may ask for")
    heartbeat_s: float = Field(15, gt=0, description="seconds between signs of life in a quiet event stream")
    send_wait_s: float = Field(30, gt=0, description="seconds a client may take to read the next part of a stream")
    backlog: int = Field(1024, ge=128, description="connections waiting to be accepted")
    requests_max: int = Field(512, ge=1, description="requests a process has read at once; the others wait unread")
    streams_max: int = Field(
        1024, ge=1, description="event streams and web sockets a process has open beside its requests; more get 503"
    )
    tenant_streams_max: int = Field(
        512, ge=1, description="event streams and web sockets of one tenant, likewise; more get 429"
    )
    key_check_s: float = Field(
        30, gt=0, description="seconds after which the event streams and web sockets of a revoked key have ended"
    )
    seats_max: int = Field(64, ge=1, description="requests a process answers at once; more wait in its queue")
    queue_max: int = Field(192, ge=0, description="requests that wait for their turn; more are refused with 503")
    queue_wait_s: float = Field(2, gt=0, description="seconds a request waits for its turn before it is refused")
    header_wait_s: int = Field(15, ge=1, description="seconds to wait for a request's headers")
    grace_s: float = Field(20, gt=0, description="seconds running requests get when the server stops")
    key_requests: int = Field(6000, ge=1, description="requests a key may make per minute (policy api)")
    key_burst: int = Field(600, ge=1, description="requests a key may make at once (policy api)")
