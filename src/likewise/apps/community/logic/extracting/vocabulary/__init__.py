"""The words by which experiences say things, a vocabulary for each key. Written for this project."""

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from likewise.apps.community.logic.extracting.lexicon import Phrase
from likewise.apps.community.logic.extracting.vocabulary import everywhere, minds, nature, nights, presences, signs, sky

__all__ = ["PHRASES"]


def _by_key() -> Mapping[str, tuple[Phrase, ...]]:
    phrases: defaultdict[str, list[Phrase]] = defaultdict(list)
    for source in (everywhere, minds, nature, nights, presences, signs, sky):
        for phrase in source.PHRASES:
            phrases[phrase.key].append(phrase)
    return MappingProxyType({key: tuple(listed) for key, listed in phrases.items()})


PHRASES: Final[Mapping[str, tuple[Phrase, ...]]] = _by_key()
