"""What a community speaks of, from its own data, and which words of a question mean it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final, Literal

import msgspec

from likewise.apps.community.logic.discovering.synonyms import CATEGORY_WORDS, KEY_WORDS, PLACE_WORDS, VALUE_WORDS
from likewise.apps.community.logic.discovering.words import CUE_STEMS, SMALL, SMALL_STEMS, listed, said, stem, stems
from likewise.apps.community.logic.extracting.vocabulary import PHRASES

__all__ = [
    "LOOSE",
    "WIDE_KM",
    "KnownCategory",
    "KnownKey",
    "KnownPerson",
    "KnownPlace",
    "KnownValue",
    "Lexicon",
    "Sense",
    "Vocabulary",
    "bare_name",
    "lexicon",
]

KeyKind = Literal["text", "number", "boolean"]
SenseKind = Literal["category", "value", "key", "tag", "place", "person"]

_UNIT_ENDINGS: Final = listed("s m count km kg minutes seconds hours years percent deg c f kmh score")
_DIRECT, _SYNONYM, LOOSE = 3, 2, 1
_SURE_MIN: Final = 0.75
"""Words by which a text says a value this surely mean it in a question as well."""
_FORM_WORDS_MAX: Final = 8
WIDE_KM: Final = 100.0
_LEXICONS_MAX: Final = 16  # of the communities asked last


class KnownCategory(msgspec.Struct, frozen=True):
    """A category that experiences here have."""

    name: str
    title: str
    count: int


class KnownValue(msgspec.Struct, frozen=True):
    """A value of a key, and how many experiences have it."""

    value: str | bool
    count: int


class KnownKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that attributes here have, its kind, and its commonest values."""

    key: str
    kind: KeyKind
    count: int
    values: tuple[KnownValue, ...] = ()


class KnownPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place as experiences here name it: its middle, how far it reaches, and how many happened there. What reaches
    far, as a country does or a name of several towns, `is_wide`: no circle around its middle is that place."""

    name: str
    lat: float
    lon: float
    reach_km: float
    count: int
    also: tuple[str, ...] = ()
    """What else it is called."""

    @property
    def is_wide(self) -> bool:
        """Whether it is more than a town and what is around it."""
        return self.reach_km > WIDE_KM


class KnownPerson(msgspec.Struct, frozen=True):
    """A member of the community."""

    user: str
    name: str
    count: int


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """What a community speaks of, commonest first; experiences happened from `first_year` to `last_year`."""

    categories: tuple[KnownCategory, ...] = ()
    keys: tuple[KnownKey, ...] = ()
    tags: tuple[KnownValue, ...] = ()
    places: tuple[KnownPlace, ...] = ()
    people: tuple[KnownPerson, ...] = ()
    total: int = 0
    first_year: int | None = None
    last_year: int | None = None

    def find_key(self, key: str) -> KnownKey | None:
        """The key of this name."""
        return next((one for one in self.keys if one.key == key), None)

    def key_like(self, *bare: str, kind: KeyKind | None = None) -> KnownKey | None:
        """The key whose name without its unit is one of these, the first of them that there is."""
        for name in bare:
            for one in self.keys:
                if bare_name(one.key) == " ".join(stems(name)) and (kind is None or one.kind == kind):
                    return one
        return None

    def value_like(self, key: str, *values: str) -> str | bool | None:
        """The value of a key that is spelled as one of these."""
        known = self.find_key(key)
        if known is None:
            return None
        wanted = [stems(value) for value in values]
        return next((one.value for one in known.values if stems(str(one.value)) in wanted), None)

    def title_of(self, category: str) -> str:
        """A category as people read it."""
        return next((one.title for one in self.categories if one.name == category), category.replace("_", " "))


class Sense(msgspec.Struct, frozen=True, kw_only=True):
    """What a phrase may mean. A category has its name in `value`, a person the user, a place its name."""

    kind: SenseKind
    key: str = ""
    value: str | bool = ""
    directness: int = _DIRECT
    count: int = 0
    place: KnownPlace | None = None


class Lexicon:
    """Phrases, as stems, and what they mean. `spelled` are their words as they are written."""

    def __init__(self, senses: Mapping[tuple[str, ...], list[Sense]], *, spelled: Collection[str]) -> None:
        self.spelled = spelled
        self._senses = {
            form: sorted(meant, key=lambda sense: (-sense.directness, -sense.count, sense.key, str(sense.value)))
            for form, meant in senses.items()
        }
        self._longest: dict[str, int] = {}
        self.words: dict[str, int] = {}
        for form, meant in self._senses.items():
            self._longest[form[0]] = max(self._longest.get(form[0], 0), len(form))
            for word in form:
                self.words[word] = max(self.words.get(word, 0), meant[0].count)

    def senses(self, form: tuple[str, ...]) -> list[Sense]:
        """What a phrase means, the likeliest first."""
        return self._senses.get(form, [])

    def longest_from(self, first: str) -> int:
        """How many words the longest phrase has that begins with this stem."""
        return self._longest.get(first, 0)


def lexicon(vocabulary: Vocabulary) -> Lexicon:
    """The words for everything in a vocabulary: names and titles, and what else people call it.

    It is remembered as long as nothing is new and no count doubles or halves: counts only order what a word may mean.
    """
    return _built(_coarse(vocabulary))


@lru_cache(maxsize=_LEXICONS_MAX)
def _built(vocabulary: Vocabulary) -> Lexicon:  # noqa: C901 - one loop for each kind of word
    senses: dict[tuple[str, ...], list[Sense]] = {}
    spelled: set[str] = set()

    def add(words: str | tuple[str, ...], sense: Sense) -> None:
        written = said(words) if isinstance(words, str) else words
        form = tuple(map(stem, written))
        if not 0 < len(form) <= _FORM_WORDS_MAX or (len(form) == 1 and _only_asks(form[0], sense)):
            return
        spelled.update(written)
        known = senses.setdefault(form, [])
        if not any((one.kind, one.key, one.value) == (sense.kind, sense.key, sense.value) for one in known):
            known.append(sense)

    for category in vocabulary.categories:
        for text, directness in _category_forms(category):
            add(text, Sense(kind="category", value=category.name, directness=directness, count=category.count))
    for key in vocabulary.keys:
        _add_key(add, key)
    for tag in vocabulary.tags:
        add(str(tag.value), Sense(kind="tag", value=tag.value, directness=LOOSE, count=tag.count))
    for place in vocabulary.places:
        for text in (place.name, *place.also, *PLACE_WORDS.get(place.name.lower(), "").split("; ")):
            add(text, Sense(kind="place", value=place.name, directness=LOOSE, count=place.count, place=place))
    for person in vocabulary.people:
        for text in {person.user, person.name} - {""}:
            add(text, Sense(kind="person", value=person.user, directness=LOOSE, count=person.count))
    return Lexicon(senses, spelled=spelled)


def _coarse(vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary with powers of two for counts."""

    def values(found: tuple[KnownValue, ...]) -> tuple[KnownValue, ...]:
        return tuple(KnownValue(one.value, one.count.bit_length()) for one in found)

    return Vocabulary(
        categories=tuple(KnownCategory(one.name, one.title, one.count.bit_length()) for one in vocabulary.categories),
        keys=tuple(
            KnownKey(key=one.key, kind=one.kind, count=one.count.bit_length(), values=values(one.values))
            for one in sorted(vocabulary.keys, key=lambda known: known.key)
        ),
        tags=values(vocabulary.tags),
        places=tuple(msgspec.structs.replace(one, count=one.count.bit_length()) for one in vocabulary.places),
        people=tuple(KnownPerson(one.user, one.name, one.count.bit_length()) for one in vocabulary.people),
    )


def bare_name(key: str) -> str:
    """A key's name without its unit, as stems: `duration_s` is "duration", `time_of_day` is "time of day"."""
    parts = key.split("_")
    while len(parts) > 1 and parts[-1] in _UNIT_ENDINGS:
        parts.pop()
    return " ".join(stems("_".join(parts)))


def _only_asks(word: str, sense: Sense) -> bool:
    """Whether a word belongs to the question rather than to what is asked about: "seen" says no sense by itself."""
    if sense.kind == "value":
        return word in CUE_STEMS or (sense.directness == LOOSE and word in SMALL_STEMS)
    return word in SMALL


def _add_key(add: Callable[[str | tuple[str, ...], Sense], None], key: KnownKey) -> None:
    bare = bare_name(key.key)
    directness = LOOSE if key.kind == "boolean" else _DIRECT  # "recurring" says the value, rather
    own = Sense(kind="key", key=key.key, directness=directness, count=key.count)
    add(key.key, own)
    add(bare, own)
    for name, phrases in KEY_WORDS.items():
        if " ".join(stems(name)) == bare:
            for phrase in phrases.split(";"):
                add(phrase, msgspec.structs.replace(own, directness=_SYNONYM))
    if key.kind == "boolean":
        for prefix in ("", "is ", "has ", "was ", "with "):
            if bare.startswith(prefix):
                add(bare.removeprefix(prefix), Sense(kind="value", key=key.key, value=True, count=key.count))
    for value in key.values:
        if isinstance(value.value, str):
            for text, sureness in _value_forms(value.value):
                sense = Sense(kind="value", key=key.key, value=value.value, directness=sureness, count=value.count)
                add(text, sense)
    _add_phrases(add, key)


def _add_phrases(add: Callable[[str | tuple[str, ...], Sense], None], key: KnownKey) -> None:
    """The words by which texts say the key's values."""
    counts = {one.value: one.count for one in key.values}
    for phrase in PHRASES.get(key.key, ()):
        value = phrase.value
        if isinstance(value, str | bool) and value in counts and phrase.confidence >= _SURE_MIN:
            add(
                phrase.words,
                Sense(kind="value", key=key.key, value=value, directness=LOOSE, count=counts[value]),
            )


def _category_forms(category: KnownCategory) -> Iterable[tuple[str, int]]:
    yield category.name, _DIRECT
    yield category.title, _DIRECT
    name, title = stems(category.name), stems(category.title)
    for known, phrases in CATEGORY_WORDS.items():
        wanted = stems(known)
        if name[: len(wanted)] == wanted or title[: len(wanted)] == wanted:
            yield from ((phrase, _SYNONYM) for phrase in phrases.split(";"))
    for ending in ("experience", "sighting", "encounter", "memory", "event"):
        if len(name) > 1 and name[-1] == stems(ending)[0]:
            yield " ".join(category.name.split("_")[:-1]), _SYNONYM


def _value_forms(value: str) -> Iterable[tuple[str, int]]:
    yield value, _DIRECT
    for phrase in _alike().get(stems(value), ()):
        yield phrase, _SYNONYM
    yield f"{value} shaped", _SYNONYM
    yield f"{value} colored", _SYNONYM


@lru_cache(maxsize=1)
def _alike() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Phrases that mean the same as one, by its stems."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for group in VALUE_WORDS:
        phrases = tuple(phrase.strip() for phrase in group.split(";"))
        for phrase in phrases:
            found[stems(phrase)] = (*found.get(stems(phrase), ()), *phrases)
    return found
