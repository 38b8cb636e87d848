"""Words of a question: tokens, stems, small words, and spelling that is nearly right."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

import msgspec

__all__ = [
    "CUES",
    "CUE_STEMS",
    "GENERIC",
    "SMALL",
    "SMALL_STEMS",
    "Token",
    "distance",
    "join",
    "listed",
    "nearest",
    "number_of",
    "said",
    "stem",
    "stems",
    "tokens",
]

_TOKEN: Final = re.compile(
    r"exp_[0-9a-z]{26}\b|(?:(?:19|20)\d|\d)0s\b|\d{4}-\d{2}-\d{2}|\d{4}-\d{2}(?!\d)|\d+(?:[.,]\d+)?(?=%|[^\W\d_])|\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*"
)


def listed(text: str) -> frozenset[str]:
    """A list of words that is written as one text."""
    return frozenset(text.split())


_ENDINGS_KEPT: Final = listed(
    "evening morning nothing something anything everything lightning building being during king ring string red "
    "bed wing spring ceiling sibling darling bring thing ufo's always perhaps yes us this is was has its ours "
    "hers glass dress cross chess less loss boss bus gas plus news series species lens numerous various serious "
    "famous previous curious mysterious hundred need seed feed speed weed indeed naked sacred wicked exceed"
)
_IRREGULAR: Final = {
    "men": "man", "women": "woman", "people": "person", "persons": "person", "children": "child", "feet": "foot",
    "mice": "mouse", "wolves": "wolf", "knives": "knife", "lives": "life", "dying": "die", "died": "die", "dies": "die",
    "dead": "dead", "fell": "fall", "fallen": "fall", "flew": "fly", "flown": "fly", "dreamt": "dream",
    "heard": "hear", "felt": "feel", "flies": "fly", "flying": "fly", "ghosts": "ghost", "colours": "color",
    "colour": "color", "coloured": "color", "colored": "color", "discs": "disk", "disc": "disk", "grey": "gray",
    "countries": "country", "lying": "lie", "centre": "center", "metres": "meter", "metre": "meter", "seen": "see",
    "saw": "see", "sees": "see", "seeing": "see", "lasted": "last", "lasting": "last",
    "sighting": "sighting", "sightings": "sighting",
}  # fmt: skip
_VOWELS: Final = "aeiouy"
_DOUBLES_KEPT: Final = "lsz"
_STEM_LETTERS_MIN: Final = 3
_STEMS_MAX: Final = 50_000

SMALL: Final = listed(
    "a an the of in on at to for from by with and or as is are was were be been being am do does did done doing "
    "has have had having it its it's this that these those there here they them their he she his her him we our "
    "us you your i i'm i've me my mine myself so very just really please can could would will shall may might "
    "must also too then than but if while about into onto over out up down off all any some each every other "
    "others another such which what whats what's who whom whose when where why how not no none nor don't "
    "doesn't didn't isn't aren't wasn't weren't without within between among during since until till before "
    "after again ever never always often usually normally typically generally mostly most more less least much "
    "many few several lot lots show give tell find list see look get go come happen occur take make know want "
    "like let try ask question answer need thing something anything everything things stuff kind kinds sort "
    "sorts type types one ones same only even still yet now today currently already hi hello hey thanks thank "
    "ok okay yes well seem say said tells told have's using use per via etc both either neither whether because "
    "actually exactly around across toward towards against person someone anyone everyone somebody anybody "
    "everybody nobody user users member members community common popular rare frequent first last latest newest "
    "recent recently lately oldest earliest time times number total altogether overall compare compared versus "
    "vs difference differ together similar alike resemble people should interesting near close nearby outside "
    "goes going became become becoming getting gets went comes coming made makes making takes took taking "
    "except excluding happened happens happening occurs occurred occurring there's someone's something's right "
    "away else besides once twice new old top best"
)
"""Words that say how something is asked, and nothing of what."""

_GENERIC: Final = (
    "experience report story case post entry record event incident encounter account observation item data"
)

CUES: Final = listed(
    "feel feeling felt trend trending together versus compare similar where remarkable distribution average "
    "median percentage share proportion breakdown typical special characteristic longer shorter bigger larger "
    "smaller higher lower closer nearer further farther taller faster slower talking discussing reading "
    "upvoting hot buzzing attention twin taste develop developed development written writing describes kindred "
    "become louder brighter older younger rarer insight pattern surprising striking increase decrease rise "
    "rising grow growing decline declining drop change associate associated associations correlate linked "
    "related longest shortest biggest largest smallest highest lowest upvote upvoted liked viewed commented "
    "discussed map hotspot place location city country region town area author write wrote post posted remark "
    "notable unusual odd stand frequently frequency chance combination coincide cooccur month year week day "
    "season hour weekday sighting category topic title titled called named description describe mention involve "
    "include contain example correlation between"
)
"""Words that say what is to be done, or of what kind an answer is."""

# Words that nobody misspelled; none of them is corrected to a word of the community that happens to look like it.
_ENGLISH: Final = listed(
    "plane horse house mouse water later paper phone beach peach teach reach great treat trust truth youth "
    "month mouth south north worth earth heart hears beard board bored chair chain train brain grain drain "
    "drink think thank tanks table cable fable stable stone store story storm stork shirt short shore share "
    "shade shake shave shape sharp shark spark speak spear space spice spine shine shone prone prune prime "
    "price pride bride bridge fridge fright eight weight height bright flight slight might fight sight right "
    "light tight knight night weather whether feather leather father mother brother bother other another rather "
    "gather lather matter letter better butter bitter sister mister master faster easter eastern western "
    "pattern lantern planet plant plate place plain blame flame frame grape grade grave brave brake break bread "
    "dread tread thread three there their where which witch watch match catch patch pitch ditch dutch touch "
    "couch coach beast least feast yeast toast coast roast boast ghost frost front count mount amount around "
    "ground sound pound found round wound bound hound angel angle ankle uncle circle circus school schools "
    "scale stale state stage staff stuff stiff still skill spill spell smell small shell shelf cloud clown "
    "crowd crown brown drown frown green greet greek creek cheek check chick thick trick truck track crack "
    "black block clock click flick brick quick quiet quite quote guest guess chess dress cross grass glass "
    "class clash flash flesh fresh brush crush crash trash money honey human woman women happy hoppy puppy "
    "poppy funny sunny bunny party forty dirty thirty river liver lever fever never sever seven eleven heaven "
    "oven woven video radio ratio dragon wagon elephant purple orange people couple simple sample temple pencil "
    "stencil capital president football computer internet program company country county history mystery memory "
    "theory battery gallery grocery recipe doctor lawyer teacher student soldier driver police hospital church "
    "forest mountain desert island ocean lake"
)
_NUMBERS: Final[Mapping[str, float]] = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1_000, "dozen": 12, "half": 0.5,
}  # fmt: skip
_NEAR_LETTERS_MIN: Final = 4
_FAR_LETTERS_MIN: Final = 8


class Token(msgspec.Struct, frozen=True):
    """A word or number: as written, lower case, its stem; where it stands, and what stands before it.

    `corrected` is the word it was taken for where it was misspelled.
    """

    text: str
    word: str
    stem: str
    start: int
    end: int
    gap: str
    corrected: str | None = None


def tokens(text: str) -> list[Token]:
    """The words and numbers of a question."""
    clean = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("`", "'")
    found: list[Token] = []
    last = 0
    for match in _TOKEN.finditer(clean):
        word = match[0].lower().removesuffix("'s").removesuffix("'")
        found.append(Token(match[0], word, stem(word), match.start(), match.end(), clean[last : match.start()]))
        last = match.end()
    return found


@lru_cache(maxsize=_STEMS_MAX)
def stem(word: str) -> str:
    """A word without its ending: the same for "triangle" and "triangles", "glow", "glowed" and "glowing"."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _ENDINGS_KEPT or len(word) <= _STEM_LETTERS_MIN or not word.isalpha():
        return word
    return _without_verb_ending(_singular(word))


def stems(text: str) -> tuple[str, ...]:
    """The stems of a name such as `ufo_sighting`."""
    return tuple(map(stem, said(text)))


@lru_cache(maxsize=_STEMS_MAX)
def said(text: str) -> tuple[str, ...]:
    """The words of a name, lower case."""
    return tuple(token.word for token in tokens(text.replace("_", " ")))


def number_of(word: str) -> float | None:
    """The number a word says: "12", "1,000", "2.5", "five"."""
    if word in _NUMBERS:
        return _NUMBERS[word]
    plain = word.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+", word) else word.replace(",", ".")
    try:
        return float(plain) if plain[:1].isdigit() and "-" not in plain else None
    except ValueError:
        return None


def nearest(word: str, known: Mapping[str, int], *, far_min: int = _FAR_LETTERS_MIN) -> str | None:
    """The known word that a misspelled one stands for, the commonest of the nearest; None where nothing is near.

    The first letter must be right. Words of four letters may have two letters swapped or doubled, longer ones one
    letter wrong, those of `far_min` letters and more two.
    """
    if len(word) < _NEAR_LETTERS_MIN or not word.isalpha() or word in _ENGLISH or stem(word) in _ENGLISH:
        return None
    most = 2 if len(word) >= far_min else 1
    best: tuple[int, int, str] | None = None
    for candidate, count in known.items():
        if candidate[0] != word[0] or abs(len(candidate) - len(word)) > most or len(candidate) < _NEAR_LETTERS_MIN:
            continue
        far = distance(word, candidate, most=most)
        if far is None or (
            len(word) == _NEAR_LETTERS_MIN and sorted(candidate) != sorted(word) and len(candidate) <= len(word)
        ):
            continue
        rank = (far, -count, candidate)
        best = rank if best is None or rank < best else best
    return None if best is None else best[2]


def distance(left: str, right: str, *, most: int) -> int | None:
    """Letters to change, add, drop or swap with their neighbour until both are the same; None beyond `most`.

    Optimal string alignment: Damerau (1964), each letter touched once.
    """
    if abs(len(left) - len(right)) > most:
        return None
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


def join(parts: Iterable[str], *, last: str = "and") -> str:
    """Words one after another: "red, orange and white"."""
    listed = list(parts)
    return f"{', '.join(listed[:-1])} {last} {listed[-1]}" if len(listed) > 1 else "".join(listed)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("shes", "ches", "xes", "sses", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_verb_ending(word: str) -> str:
    for ending in ("ing", "ed"):
        bare = word.removesuffix(ending)
        if bare == word or len(bare) < _STEM_LETTERS_MIN or not any(letter in _VOWELS for letter in bare):
            continue
        if bare[-1] == bare[-2] and bare[-1] not in _DOUBLES_KEPT:
            return bare[:-1]
        return bare
    return word.removesuffix("e") if len(word) > _NEAR_LETTERS_MIN else word


GENERIC: Final = frozenset(stem(word) for word in _GENERIC.split())
"""Words for experiences as such, as stems."""

CUE_STEMS: Final = frozenset(stem(word) for word in CUES)
SMALL_STEMS: Final = CUE_STEMS | {stem(word) for word in SMALL}
"""Stems of all words that ask: by themselves they mean no value."""
