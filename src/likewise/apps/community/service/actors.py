"""Whose doing a decision is."""

from likewise.platform.ids import encode_id
from likewise.platform.tenancy import Caller

__all__ = ["OWNER", "actor_of"]

OWNER = "owner"
"""Who can run commands owns this machine, and so does who needs no key."""


def actor_of(caller: Caller) -> str:
    """For those who come after: the key's id, or the owner of this machine."""
    return OWNER if caller.key_id is None else encode_id("key", caller.key_id)
