"""Texts by their spelling: the hash that identical texts share, MinHash bands that near-verbatim ones share, and how
alike two texts are in their trigrams."""

import hashlib
import unicodedata

import numpy as np

__all__ = ["bands", "text_hash", "trigram_similarity", "trigrams"]

_HASH_BYTES = 16
_BANDS, _ROWS = 4, 3
# Multiply-shift hashing of shingles; odd multipliers, fixed for ever, because bands are stored.
_RANDOM = np.random.default_rng(20_261_121)
_MULTIPLIERS = _RANDOM.integers(1, 2**63, size=_BANDS * _ROWS, dtype=np.uint64) | np.uint64(1)
_OFFSETS = _RANDOM.integers(0, 2**63, size=_BANDS * _ROWS, dtype=np.uint64)


def folded(text: str) -> str:
    """Letters and digits of one case, words apart by one space: what is left where punctuation and spacing differ."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(mark if mark.isalnum() else " " for mark in plain).split())


def text_hash(title: str | None, body: str) -> bytes:
    """The hash of a text in its normal form, 16 bytes. A text without letters or digits counts as it is written."""
    whole = f"{title or ''}\n{body}"
    normal = folded(whole) or unicodedata.normalize("NFKC", whole).strip()
    return hashlib.sha256(normal.encode()).digest()[:_HASH_BYTES]


def trigrams(text: str) -> frozenset[str]:
    """The trigrams of each word, with two blanks before and one after, as pg_trgm has them."""
    return frozenset(
        padded[place : place + 3]
        for word in set(folded(text).split())
        for padded in (f"  {word} ",)
        for place in range(len(padded) - 2)
    )


def trigram_similarity(first: frozenset[str], second: frozenset[str]) -> float:
    """Shared trigrams over all, 0 to 1."""
    together = len(first | second)
    return len(first & second) / together if together else 0.0


def bands(shingles: frozenset[str]) -> list[int]:
    """A text's MinHash bands as signed 64-bit numbers. Two texts with a Jaccard similarity of .8 share one with a
    probability of .94, two with .4 of .23."""
    if not shingles:
        return []
    codes = np.array([_code(shingle) for shingle in sorted(shingles)], dtype=np.uint64)
    hashed = codes[:, None] * _MULTIPLIERS + _OFFSETS
    hashed ^= hashed >> np.uint64(29)
    lowest = (hashed * _MULTIPLIERS[0]).min(axis=0).reshape(_BANDS, _ROWS)
    found: list[int] = []
    for band, row in enumerate(lowest):
        digest = hashlib.blake2b(bytes([band]) + row.astype("<u8").tobytes(), digest_size=8).digest()
        found.append(int.from_bytes(digest, "little", signed=True))
    return found


def _code(shingle: str) -> int:
    return int.from_bytes(shingle.encode("utf-32-le")[:12], "little") % (2**61 - 1)
