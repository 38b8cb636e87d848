"""Identifiers: UUID version 7 (RFC 9562), so that keys sort by the time they were made, and their public spelling.

Inside the program and the database an id is a UUID. Outside it is written `itm_01h...`: a prefix that says what
it names and 26 digits of Crockford's base 32, which sorts like the UUID does.
"""

import os
import threading
import time
from uuid import UUID

from likewise.platform.errors import FieldError, Rejected

__all__ = ["IdMalformed", "decode_id", "encode_id", "new_id"]

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_LENGTH = 26
_COUNTER_BITS = 74


class _Last:
    """The greatest value given out by this process, and the lock it is moved under."""

    lock = threading.Lock()
    value = 0


class IdMalformed(Rejected):
    """{text!r} is not an id of this kind: it reads {prefix}_ and 26 digits."""


def new_id() -> UUID:
    """A UUIDv7 that is greater than every one this process made before it."""
    millis = time.time_ns() // 1_000_000
    fresh = (millis << _COUNTER_BITS) | int.from_bytes(os.urandom(9), "big") << 1
    with _Last.lock:
        if fresh <= _Last.value:
            fresh = _Last.value + 1
        _Last.value = fresh
    return _layout(fresh)


def _layout(value: int) -> UUID:
    """Spread 48 bits of time and 74 bits of the rest around the version and variant bits."""
    time_bits, rest = value >> _COUNTER_BITS, value & ((1 << _COUNTER_BITS) - 1)
    high, low = rest >> 62, rest & ((1 << 62) - 1)
    return UUID(int=(time_bits & ((1 << 48) - 1)) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def encode_id(prefix: str, value: UUID) -> str:
    """`("itm", UUID)` to `itm_...`; the order of ids is kept."""
    number, digits = value.int, [""] * _LENGTH
    for place in range(_LENGTH - 1, -1, -1):
        digits[place] = _DIGITS[number & 31]
        number >>= 5
    return f"{prefix}_{''.join(digits)}"


def decode_id(prefix: str, text: str) -> UUID:
    """The UUID behind `itm_...`. Raises IdMalformed where it is not one."""
    head, _, tail = text.partition("_")
    number = 0
    if head == prefix and len(tail) == _LENGTH and tail[0] < "8":
        for digit in tail:
            value = _VALUES.get(digit)
            if value is None:
                break
            number = number << 5 | value
        else:
            return UUID(int=number)
    raise IdMalformed(text=text[:60], prefix=prefix, errors=[FieldError("/id", f"expected {prefix}_ and 26 digits")])
