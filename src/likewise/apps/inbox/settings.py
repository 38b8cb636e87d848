"""How the inbox takes messages in and sends answers out; section `[inbox]`."""

from typing import ClassVar

from pydantic import Field

from likewise.platform.config import Section

__all__ = ["InboxSettings"]


class InboxSettings(Section):
    """`[inbox]` in the file, `LIKEWISE_INBOX_...` in the environment."""

    section: ClassVar[str] = "inbox"

    # Messages.
    message_bytes_max: int = Field(65_536, ge=1, description="bytes of one message's text")
    payload_bytes_max: int = Field(65_536, ge=2, description="bytes of a message's payload, as JSON")
    batch_messages_max: int = Field(10_000, ge=1, description="messages of one batch")
    ingest_stall_s: float = Field(
        60, gt=0, description="seconds without progress after which a load waits no longer for groups"
    )
    channels_max: int = Field(1_000, ge=1, description="channels of one tenant")
    page_max: int = Field(200, ge=1, description="rows of one page")
    examples_max: int = Field(3, ge=1, le=20, description="messages shown for a cluster in a list")
    example_characters_max: int = Field(280, ge=20, description="characters of a message shown for a cluster")
    search_hits_max: int = Field(200, ge=1, le=1_000, description="messages looked at when clusters are searched")
    list_ttl_s: float = Field(60, gt=0, description="seconds a list of clusters is kept; a change ends that at once")

    # Answers.
    response_characters_max: int = Field(20_000, ge=1, description="characters of an answer")
    undo_s: float = Field(10, ge=0, description="seconds before an answer leaves, in which it can be undone")
    exceptions_max: int = Field(10_000, ge=1, description="messages that may be left out of one answer")
    answer_batch: int = Field(1_000, ge=1, description="answers written by one statement")
    change_messages_max: int = Field(10_000, ge=1, description="messages a person may move at once")

    # The way out.
    senders: int = Field(8, ge=1, description="answers that one process sends at once")
    outbox_batch: int = Field(100, ge=1, description="answers that one process takes from the outbox at once")
    outbox_poll_s: float = Field(1.0, gt=0, description="seconds between looks into the outbox where nothing rang")
    lease_s: float = Field(60, gt=1, description="seconds after which an answer that was begun may be taken over")
    send_timeout_s: float = Field(15, gt=0, description="seconds a channel's address has for its answer")
    attempts_max: int = Field(9, ge=1, description="attempts before a delivery is given up")
    retry_first_s: float = Field(5, gt=0, description="seconds before the second attempt; then four times longer each")
    retry_longest_s: float = Field(21_600, gt=0, description="seconds between two attempts, at most")

    # Signed messages in.
    webhook_tolerance_s: float = Field(300, gt=0, description="seconds by which a signed webhook's clock may differ")
    webhook_requests_min: int = Field(6_000, ge=1, description="webhooks that one channel may send in a minute")

    # Pictures.
    avatar_edge_px: int = Field(128, ge=16, le=1_024, description="width and height of a visitor's picture")
    avatar_bytes_max: int = Field(5_242_880, ge=1_024, description="bytes of a picture that is fetched")
    avatar_timeout_s: float = Field(20, gt=0, description="seconds within which a picture is fetched")
    avatar_url_s: int = Field(604_800, ge=60, description="seconds a signed address of a picture holds at least")

    # Archive.
    archive_after_days: int = Field(90, ge=1, description="age from which messages are archived")
    archive_cron: str = Field("30 3 1 * *", description="when old messages of every tenant are archived, UTC")
    archive_batch: int = Field(5_000, ge=1, le=10_000, description="messages of one archive file")
    archive_batch_bytes: int = Field(
        33_554_432, ge=1_024, description="bytes of texts and payloads of one archive file, before compression"
    )
    archive_hits_max: int = Field(200, ge=1, le=1_000, description="clusters that a search of archives finds")
    restore_batch: int = Field(500, ge=1, le=10_000, description="messages that come back in one transaction")
