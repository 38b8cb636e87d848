"""What the inbox works out without a database: templates, secrets and signatures, pauses, archive files."""

from likewise.apps.inbox.logic.archiving import Digest, digests, lines_of, pack, read_payload, unpack
from likewise.apps.inbox.logic.pictures import (
    avatar_etag,
    avatar_expiry,
    avatar_key,
    avatar_name,
    avatar_path,
    avatar_signature,
    is_same,
)
from likewise.apps.inbox.logic.retrying import pause_s
from likewise.apps.inbox.logic.signing import channel_secret, hook_token, read_hook_token
from likewise.apps.inbox.logic.templates import SLOTS, Template, parse_template

__all__ = [
    "SLOTS",
    "Digest",
    "Template",
    "avatar_etag",
    "avatar_expiry",
    "avatar_key",
    "avatar_name",
    "avatar_path",
    "avatar_signature",
    "channel_secret",
    "digests",
    "hook_token",
    "is_same",
    "lines_of",
    "pack",
    "parse_template",
    "pause_s",
    "read_hook_token",
    "read_payload",
    "unpack",
]
