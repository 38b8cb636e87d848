"""Attributes read from what people tell, by rules: shape, colour, duration, witnesses, and what each category is about.

`extract` gives each attribute with its value, its confidence and the words it came from. A key has one vocabulary
(vocabulary/) or one small grammar (durations, lengths, counts, moments, marks); a category lists the keys that matter
to it (categories.py). A denied thing ("no sound", "not red") is not found; hedges ("maybe"), questions, hearsay ("she
said") and approximate numbers lower the confidence. Everything is deterministic and linear in the text.
"""

from likewise.apps.community.logic.extracting.model import Extracted, Field, Value
from likewise.apps.community.logic.extracting.rules import RULE_KEYS, VERSION, extract

__all__ = ["RULE_KEYS", "VERSION", "Extracted", "Field", "Value", "extract"]
