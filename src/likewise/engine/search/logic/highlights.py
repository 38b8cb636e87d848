"""Where the words of a query stand in a text.

Stemming stays with Postgres: here only the few words that share a beginning with a lexeme are picked out, the
database says what they stem to, and the spans of those that match are returned.
"""

import re
from collections.abc import Collection, Mapping, Sequence

__all__ = ["find_words", "spans_of"]

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_PREFIX = 3
"""Letters a word and its stem have in common at least; a stemmer changes endings only."""


def find_words(texts: Sequence[str], lexemes: Collection[str], *, words_max: int) -> list[str]:
    """The distinct words, in lower case, that might stem to one of `lexemes`; at most `words_max`."""
    beginnings = {lexeme[:_PREFIX] for lexeme in lexemes}
    found: dict[str, None] = {}
    for text in texts:
        for match in _WORD.finditer(text):
            word = match[0].lower()
            if word[:_PREFIX] in beginnings and word not in found:
                if len(found) == words_max:
                    return list(found)
                found[word] = None
    return list(found)


def spans_of(text: str, stems: Mapping[str, Collection[str]], lexemes: Collection[str]) -> tuple[tuple[int, int], ...]:
    """Spans of `text`, in code points, whose word stems to one of `lexemes`. `stems`: word in lower case -> lexemes."""
    wanted = set(lexemes)
    matches = _WORD.finditer(text)
    return tuple(match.span() for match in matches if not wanted.isdisjoint(stems.get(match[0].lower(), ())))
