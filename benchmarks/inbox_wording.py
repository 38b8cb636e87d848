"""How people write: the ways in which one message comes back a little different, and the habits of a writer.

Everything here is a function of its text and of the chance it is given; English, for that is what the data is in.
"""

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Literal

__all__ = ["Variant", "joined", "styled", "vary"]

Variant = Literal["new", "exact", "case", "typo", "greeting", "emoji", "name", "shortened", "mixed"]
Change = Literal["case", "typo", "greeting", "emoji", "name", "shortened"]

_TRIES = 6
_MIXED = 0.14
_CHANGES: dict[Change, float] = {
    "case": 0.22,
    "typo": 0.28,
    "greeting": 0.16,
    "emoji": 0.14,
    "name": 0.08,
    "shortened": 0.12,
}
# Words first, then what stands around them, so that nobody misspells an emoji and greetings keep their place.
_ORDER: Sequence[Change] = ("shortened", "typo", "case", "name", "greeting", "emoji")

_HELLOS = (
    "hey!!", "hey", "hi", "Hi!", "Hi,", "hello", "Hello!", "hello there", "Hello,", "heyy", "heyyy", "good morning!",
    "Good evening,", "hi there!", "yo", "hiya", "hi hi", "Hi everyone,", "sup", "Greetings!", "Good day,", "hey team,",
    "ok so", "quick question:", "Question -", "sorry to bother you,", "hi again,", "hello???", "Big fan here!",
    "love your channel!", "Long time follower here.", "sorry if you've answered this already but", "first time here,",
)  # fmt: skip
_HELLO_WORDS = frozenset({"hey", "hi", "hello", "heyy", "heyyy", "yo", "hiya", "sup", "greetings", "good"})
_THANKS = (
    "thanks", "Thanks!", "thank you", "Thank you!", "thx", "thanks!!", "Thanks in advance", "many thanks", "ty", "tysm",
    "Thank you so much", "thanks a lot", "cheers", "appreciate it", "Much appreciated.", "please help", "help pls",
    "any help appreciated", "love your videos btw", "keep it up!", "let me know", "anyone?", "asap please", "xx",
)  # fmt: skip
_EMOJI = (
    "😭", "🙏", "😂", "❤️", "🔥", "🤔", "😡", "😅", "🙏🏽", "👍", "👀", "😩", "🥺", "💀", "🤷‍♀️", "🤷🏾‍♂️", "😤", "😊",
    "😢", "✨", "🙄", "💯", "👋", "🙌🏿", "❓", "‼️", "😬", "🤦‍♂️", "🥲", "💕", "🫠", "😳", "🎉", "🇧🇷", "👏🏼",
)  # fmt: skip

# The keys beside each key of a phone's keyboard.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {
    key: "".join(
        _ROWS[near][place]
        for near in range(max(0, row - 1), min(len(_ROWS), row + 2))
        for place in range(max(0, column - 1), min(len(_ROWS[near]), column + 2))
        if (near, place) != (row, column)
    )
    for row, keys in enumerate(_ROWS)
    for column, key in enumerate(keys)
}

_CHAT = (
    (r"\bas soon as possible\b", ("asap",)), (r"\bdo not know\b|\bdon't know\b", ("dunno", "idk")),
    (r"\bgoing to\b", ("gonna", "going 2")), (r"\bwant to\b", ("wanna",)), (r"\bi am\b|\bi'm\b", ("im",)),
    (r"\bi have\b|\bi've\b", ("ive",)), (r"\bdo not\b", ("dont",)), (r"\bdoes not\b", ("doesnt",)),
    (r"\bcannot\b", ("cant",)), (r"\byou're\b", ("ur",)), (r"\byou\b", ("u", "u", "ya")), (r"\byours?\b", ("ur",)),
    (r"\bare\b", ("r",)), (r"\bplease\b", ("pls", "plz", "pls pls")), (r"\bthanks\b|\bthank you\b", ("thx", "ty")),
    (r"\bbecause\b", ("cuz", "bc", "cos")), (r"\bpeople\b", ("ppl",)), (r"\bwhat\b", ("wat", "wht")),
    (r"\bokay\b", ("ok",)), (r"\bmessage\b", ("msg",)), (r"\btoday\b", ("2day", "tdy")),
    (r"\btomorrow\b", ("tmrw", "2moro")), (r"\bwith\b", ("w", "w/")), (r"\band\b", ("n", "&")),
    (r"\babout\b", ("abt",)), (r"\bbefore\b", ("b4",)), (r"\bgreat\b", ("gr8",)), (r"\bwhy\b", ("y", "why tf")),
    (r"\baccount\b", ("acc", "acct")),
    (r"\bminutes\b", ("mins",)), (r"\bweeks\b", ("wks",)), (r"\bweek\b", ("wk",)), (r"\bpayment\b", ("pymt",)),
    (r"\btransaction\b", ("txn", "tx")), (r"\bhours\b", ("hrs",)), (r"\bnumber\b", ("no.", "nr")),
    (r"\bthrough\b", ("thru",)), (r"\bthough\b", ("tho",)), (r"\bsomething\b", ("smth", "sth")),
    (r"\bfor\b", ("4", "for")), (r"\breally\b", ("rly",)), (r"\bpicture\b", ("pic",)), (r"\binformation\b", ("info",)),
    (r"\btonight\b", ("2nite",)), (r"\bmoney\b", ("money", "$$")), (r"\bright now\b", ("rn",)),
    (r"\bfavou?rite\b", ("fav",)), (r"\bto\b", ("2", "to", "to")), (r"\b(?:the|a|an)\s", ("",)),
    (r"(?<=\w)'(?=\w)", ("",)),
)  # fmt: skip
_CHAT_RULES = tuple((re.compile(rule, re.IGNORECASE), said) for rule, said in _CHAT)
_POLITE = re.compile(
    r"^(?:(?:can|could|would|will) you (?:please )?(?:tell me|help me|explain|show me)|"
    r"i(?: would|'d) like (?:to know )?|i (?:want|need) to know|please (?:tell me|can you|could you)|do you know|"
    r"i was wondering|is it possible to|"
    r"(?:can|could|would) you(?: please)?|please|i need to|i want to|(?:hi|hello),?)\s+",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:what|why|how|who|where|when|which|is|are|do|does|did|can|could|will|would|has|have|am|was|should)\b",
    re.IGNORECASE,
)


def vary(text: str, chance: Random, *, creator: str, writer: str) -> tuple[str, Variant]:
    """The text as somebody else might send it, never as it is, and in what way it differs.

    `creator` and `writer` are first names. One change, sometimes two or three, which is `mixed`.
    """
    wanted: set[Change] = set()
    count = 1 if chance.random() >= _MIXED else chance.choice((2, 2, 3))
    while len(wanted) < count:
        wanted.add(chance.choices(list(_CHANGES), list(_CHANGES.values()))[0])
    done: list[Change] = []
    now = text
    for way in sorted(wanted, key=_ORDER.index):
        after = _changed(now, way, chance, creator=creator, writer=writer)
        if after != now:
            done.append(way)
            now = after
    if now == text:
        return _with_emoji(text, chance), "emoji"
    return now, done[0] if len(done) == 1 else "mixed"


def _changed(text: str, way: Change, chance: Random, *, creator: str, writer: str) -> str:
    """One change to a text; the text itself where there is nothing to change in this way."""
    if way == "name":
        return _named(text, chance, creator=creator, writer=writer)
    for _ in range(_TRIES):
        made = _MAKE[way](text, chance)
        if made not in {text, ""}:
            return made
    return text


def _recased(text: str, chance: Random) -> str:
    """The same letters in other case, with other punctuation."""
    bare = text.rstrip(" .?!")
    asks = "?" in text[len(bare) :] or _QUESTION.match(text) is not None
    made = (
        text.lower(),
        bare.lower(),
        bare,
        bare + (chance.choice(("??", "???", "?????")) if asks else "!!"),
        f"{bare} {'?' if asks else '.'}",
        bare + chance.choice(("...", "..", ".....")),
        re.sub(r"[.,;:!?]", "", text),
        text[:1].upper() + text[1:],
        bare + ("?" if asks else "."),
        re.sub(r",\s", " ", text),
        text.upper(),
    )
    return chance.choices(made, (4, 5, 3, 4, 1, 2, 2, 2, 2, 1, 0.6))[0]


def _mistyped(text: str, chance: Random) -> str:
    """Slips of a thumb: one in a short text, up to four in a long one."""
    slips = 1 + sum(chance.random() < 0.3 for _ in range(min(3, len(text) // 30)))
    for _ in range(slips):
        places = [place for place in range(1, len(text)) if text[place].isascii() and text[place].isalpha()]
        if not places:
            return text
        place = chance.choice(places)
        if not text[place - 1].isalpha():  # the first letter of a word is seldom wrong
            place = chance.choice(places)
        text = _slip(text, place, chance)
    return text


def _slip(text: str, place: int, chance: Random) -> str:
    letter, before, after = text[place], text[:place], text[place + 1 :]
    near = chance.choice(_BESIDE[letter.lower()])
    kind = chance.random()
    if kind < 0.34:
        return before + (near.upper() if letter.isupper() else near) + after
    if kind < 0.58:
        return before + after
    if kind < 0.78 and after[:1].isalpha():
        return before + after[0] + letter + after[1:]
    if kind < 0.90:
        return before + letter + letter + after
    if kind < 0.95 and " " in after:
        gap = after.index(" ")
        return before + letter + after[:gap] + after[gap + 1 :]
    return before + letter + near + after


def _greeted(text: str, chance: Random) -> str:
    """A greeting before, thanks after, or both."""
    first = re.match(r"\w*", text)
    is_greeting = first is not None and first.group().lower() in _HELLO_WORDS
    kind = chance.random()
    if not is_greeting and kind < 0.72:
        hello = chance.choice(_HELLOS)
        gap = "\n" if hello.endswith(",") and chance.random() < 0.15 else " "
        if hello[-1] not in ".!?" and text[1:2].islower() and chance.random() < 0.6:
            text = text[:1].lower() + text[1:]
        text = f"{hello}{gap}{text}"
    if is_greeting or kind > 0.55:
        gap = " " if text[-1:] in ".?!" else chance.choice((" ", ", ", ". ", " - ", "... "))
        text = f"{text.rstrip()}{gap}{chance.choice(_THANKS)}"
    return text


def _with_emoji(text: str, chance: Random) -> str:
    """Emoji, at the end as a rule: one of them, or one of them several times."""
    mark = chance.choice(_EMOJI)
    marks = chance.choices((mark, mark * 2, mark * 3, mark + chance.choice(_EMOJI)), (6, 1.5, 2, 1.5))[0]
    place = chance.random()
    if place < 0.1:
        return f"{marks} {text}"
    return f"{text}{marks}" if place < 0.3 else f"{text} {marks}"


def _named(text: str, chance: Random, *, creator: str, writer: str) -> str:
    """The creator is spoken to by name, or the writer signs."""
    kind = chance.random()
    if kind < 0.3:
        return f"{creator}{chance.choice((', ', ' ', '! ', ' - ', '... '))}{text}"
    if kind < 0.45:
        return f"@{creator.lower()} {text}"
    if kind < 0.6:
        bare = text.rstrip(" .?!")
        return f"{bare} {creator if chance.random() < 0.6 else creator.lower()}{text[len(bare) :].strip() or '?'}"
    if kind < 0.8:
        return f"{text}{chance.choice((' - ', ' / ', chr(10), ' ~', ' xx '))}{writer}"
    says = chance.choice(("its", "it is", "this is", "hi its", "Hi, I am"))
    return f"{says} {writer}{chance.choice(('. ', ', ', ' '))}{text}"


def _shortened(text: str, chance: Random) -> str:
    """Spelt as in a chat, sometimes with its polite beginning left out."""
    if chance.random() < 0.35:
        text = _POLITE.sub("", text, count=1)
    for rule, said in _CHAT_RULES:
        if chance.random() < 0.7:
            text = rule.sub(chance.choice(said), text)
    return text.strip()


_MAKE: dict[Change, Callable[[str, Random], str]] = {
    "case": _recased,
    "typo": _mistyped,
    "greeting": _greeted,
    "emoji": _with_emoji,
    "shortened": _shortened,
}


def styled(text: str, style: float, chance: Random) -> str:
    """A text in its writer's habit: neat, careless or loud, by `style`, 0 to 1, which is the writer's for good."""
    if style < 0.35:
        made = text
    elif style < 0.6:
        made = re.sub(r"\bi\b(?=[ '])", "I", text[:1].upper() + text[1:])
        if made[-1:].isalnum():
            made += "?" if _QUESTION.match(made) else "."
    elif style < 0.78:
        made = text.lower()
    elif style < 0.97:
        made = re.sub(r",(?=\s)", "", text.lower()).rstrip(" .?!")
    else:
        made = text.upper()
    for share, way in ((0.05, _shortened), (0.06, _mistyped), (0.12, _greeted), (0.08, _with_emoji)):
        if chance.random() < share:
            made = way(made, chance)
    return made or text


def joined(first: str, second: str, chance: Random) -> str:
    """Two texts as one message."""
    if first[-1:] in ".?!":
        return f"{first}{chance.choice((' ', ' ', chr(10)))}{second}"
    return f"{first}{chance.choice(('. ', ' - ', chr(10), '... ', ', ', ' also ', ', and '))}{second}"
