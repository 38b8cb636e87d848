"""What is read from a text."""

from typing import Literal

import msgspec

__all__ = ["Extracted", "Field", "Value"]

Field = Literal["", "text", "title"]
Value = str | float | bool


class Extracted(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute, and where it was read.

    `start` and `end` count code points of the field that `field` names, and `words` is exactly that slice of it. What
    follows from the time of the experience has the empty field, no words, and start = end = 0. `confidence` is
    in [0, 1]: how likely the author means this of what they tell, by the rule that found it and by what stands around
    it. Numbers are always floats, in the unit that ends the key's name.
    """

    key: str
    value: Value
    confidence: float
    start: int
    end: int
    words: str
    field: Field = "text"
