"""Whose doing a change is."""

from likewise.platform.ids import encode_id
from likewise.platform.tenancy import Caller

__all__ = ["actor_of"]


def actor_of(caller: Caller) -> str:
    """For those who come after: the key's id, or the owner of this machine."""
    return "owner" if caller.key_id is None else encode_id("key", caller.key_id)
