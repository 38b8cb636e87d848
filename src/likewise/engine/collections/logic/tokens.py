"""How many word pieces a text has, estimated without a tokenizer, for every stretch of it at once.

The weights are fitted to MiniLM's tokenizer on 7,500 English texts. Of those with more than 100 tokens, 98 in 100 get
an estimate of 0.80 to 1.11 of the truth: 200 estimated tokens stay within the model's 254.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["CENTITOKENS", "CENTITOKENS_PER_CHARACTER_MAX", "count_centitokens", "estimate_tokens"]

CENTITOKENS = 100  # per token; whole numbers keep sums exact
_SPACE, _LETTER, _DIGIT, _PUNCTUATION, _OTHER, _HANGUL = range(6)
_WEIGHTS = np.array([0, 7, 55, 117, 100, 150], dtype=np.uint8)
_WORD_WEIGHT = np.uint8(74)  # on top, for the first letter of a word
CENTITOKENS_PER_CHARACTER_MAX = 150


def estimate_tokens(text: str) -> int:
    """About how many word pieces the text has, rounded up. Linear in its length."""
    return -(-int(count_centitokens(text)[-1]) // CENTITOKENS)


def count_centitokens(text: str) -> NDArray[np.int64]:
    """Hundredths of tokens up to each place: text[start:end] has counts[end] - counts[start]. One more than len(text).

    Letters are those of Latin alphabets; a character of any other script is about a token of its own.
    """
    codes: NDArray[np.uint8] | NDArray[np.uint32]
    if text.isascii():
        codes = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    else:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    classes = _classes()[codes]
    weights = _WEIGHTS[classes]
    is_first = classes == _LETTER
    is_first[1:] &= classes[:-1] != _LETTER
    weights[is_first] += _WORD_WEIGHT
    counts = np.zeros(len(text) + 1, dtype=np.int64)
    np.cumsum(weights, out=counts[1:])
    return counts


@cache
def _classes() -> NDArray[np.uint8]:
    """The class of every code point (1.1 MB)."""
    classes = np.full(0x110000, _OTHER, dtype=np.uint8)
    for code in range(0x250):
        character = chr(code)
        if character.isalpha():
            classes[code] = _LETTER
        elif character.isdigit():
            classes[code] = _DIGIT
        elif code < 0x80:
            classes[code] = _PUNCTUATION
    classes[0x1100:0x1200] = _HANGUL
    classes[0xAC00:0xD7B0] = _HANGUL
    classes[[code for code in range(0x3001) if chr(code).isspace()]] = _SPACE
    classes[:0x20] = _SPACE
    return classes
