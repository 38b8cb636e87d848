"""What a made-up community talks about: categories, topics of each, and texts that say what happened.

The sentences were put together for this project.
"""

from collections.abc import Sequence
from datetime import datetime
from random import Random

__all__ = [
    "CATEGORIES",
    "COLOURS",
    "COMMENTS",
    "LIGHTS",
    "MOVEMENTS",
    "QUERIES",
    "SHAPES",
    "SOUNDS",
    "TOPICS_EACH",
    "body_of",
    "title_of",
    "topics",
]

SHAPES = tuple("light circle triangle sphere disk oval cigar cylinder diamond cone cross egg star wedge cube ring crescent line".split())  # fmt: skip  # noqa: SIM905, E501
COLOURS = tuple("white orange red green blue yellow silver black grey purple gold pink brown turquoise".split())  # noqa: SIM905
LIGHTS = ("steady", "blinking", "three", "row", "beam", "pulsing", "none", "fading", "rotating")
SOUNDS = ("silence", "hum", "buzzing", "whistle", "roar", "music", "voices", "knocking", "footsteps", "crackle", "bell",
          "wind", "whisper", "engine", "drumming", "singing", "static", "scraping", "heartbeat", "hiss")  # fmt: skip
MOVEMENTS = ("drifting", "hovering", "darting", "falling", "rising", "circling", "zigzag", "still", "following", "fast",
             "slow", "vanishing", "spinning", "swaying", "gliding", "jumping")  # fmt: skip

_SUBJECTS = {
    "ufo_sighting": "something in the sky that no aircraft could be",
    "near_death": "leaving my body while the doctors worked on me",
    "lucid_dream": "knowing that I was dreaming and choosing what came next",
    "ghost": "a figure in the hall that walked through the wall",
    "out_of_body": "floating below the ceiling and seeing myself asleep",
    "sleep_paralysis": "lying awake, unable to move, with somebody in the room",
    "premonition": "knowing what would happen days before it did",
    "deja_vu": "a street I had never seen and knew by heart",
    "synchronicity": "the same number again and again on one day",
    "telepathy": "hearing what my sister thought before she said it",
    "past_life": "remembering a house that stood a century ago",
    "cryptid": "an animal that is in no book, at the edge of the wood",
    "time_slip": "an hour that was gone, and clothes of another age",
    "missing_time": "three hours on the road that nobody can account for",
    "angelic": "a stranger who helped and was never there",
    "shadow_person": "a shape darker than the dark at the door",
    "poltergeist": "plates that moved by themselves all evening",
    "haunting": "a room in which nobody stays the night",
    "presence": "my grandfather at the window the night he died",
    "deathbed_vision": "my mother speaking to people whom we could not see",
    "after_death_communication": "a call from a telephone that was long disconnected",
    "prophecy": "a dream that came true to the last detail",
    "dream": "the same house in my dreams for twenty years",
    "nightmare": "running through water while something came closer",
    "shared_dream": "my brother and I dreaming the same dream in one night",
    "meditation": "a silence so deep that my name was gone",
    "spiritual": "being one with everything for a minute",
    "healing": "a pain of years that was gone in the morning",
    "psychic_reading": "a stranger who told me what nobody knew",
    "remote_viewing": "describing a place from an envelope nobody had opened",
    "rescue": "stepping back a second before the stone fell",
    "intuition": "taking another way home without knowing why",
    "animal_behaviour": "the dog that knew when I would come home",
    "plant_medicine": "a ceremony in the forest and what it showed me",
    "psychedelic": "colours that had a sound and a taste",
    "energy_sensation": "a warmth that rose along my back",
    "aura_vision": "a glow around people in the evening light",
    "strange_sound": "my name, clearly spoken, in an empty house",
    "electronic_anomaly": "words on a tape that nobody had said",
    "crop_formation": "a pattern in the wheat that was not there at noon",
    "strange_light": "small lights that rolled over the marsh",
    "glitch": "the same man crossing the same street twice",
    "awe": "a hill on which everybody grows quiet",
    "ritual_experience": "dancing until the drum was my heart",
    "other": "something I have no name for and cannot forget",
}
CATEGORIES: tuple[str, ...] = tuple(_SUBJECTS)

_TURNS = (
    "It was over before I could fetch anybody",
    "My friend beside me saw the same and will not talk of it",
    "I was wide awake and perfectly calm",
    "It came back the following night at the same hour",
    "The dog would not go near the place afterwards",
    "I wrote it down at once so as not to make it larger",
    "A neighbour told me of the same, years earlier",
    "Since then I sleep with the lamp on",
)
TOPICS_EACH = len(_TURNS)
_OPENINGS = ("I want to tell you about", "For years I kept to myself", "This is about", "It began with", "Nobody believes me about")  # fmt: skip  # noqa: E501
_PLACES = ("by the lake", "at my grandmother's house", "on the way home", "in the old hospital", "above the harbour",
           "behind the school", "in the mountains", "near the railway", "at the campsite", "on the farm")  # fmt: skip
_SYLLABLES = "ba co di fe gu ha ji ko la mi no pe qui ro su ta ve wi xo ya zu bri cla dro fle gra".split()  # noqa: SIM905
_VOCABULARY = 20_000
COMMENTS = (
    "The same happened to me, in the same month.",
    "Did anybody else hear the sound?",
    "I do not believe a word of it, but I read it twice.",
    "Thank you for telling us.",
    "Where exactly was that? I live near by.",
    "Have you looked at what the weather was that night?",
)
QUERIES = (
    "three lights in a triangle above the harbour",
    "a figure that walked through the wall",
    "floating below the ceiling",
    "could not move and somebody was in the room",
    "knew what would happen before it did",
    "a strange animal at the edge of the wood",
    "hours missing on the road",
    "a dream that came true",
    "voices in an empty house",
    "humming sound over the lake at night",
    "my grandfather at the window",
    "lights rolling over the marsh",
    "pattern in the wheat",
    "warmth along my back while meditating",
    "the dog would not go near the place",
    "same number again and again",
)


def topics() -> list[str]:
    """A text for every topic: TOPICS_EACH of the first category, then of the second, and so on."""
    return [f"{subject}. {turn}." for subject in _SUBJECTS.values() for turn in _TURNS]


def title_of(category: int, topic: int) -> str:
    """The title of an experience."""
    subject = _SUBJECTS[CATEGORIES[category]]
    return f"{subject[0].upper()}{subject[1:]} {_PLACES[topic % len(_PLACES)]}"


def body_of(
    category: int, topic: int, *, said: Sequence[tuple[str, object]], happened: datetime, chance: Random
) -> str:
    """The text of an experience: its topic, what some of its attributes say, and words that few others use."""
    told = dict(said)
    rare = " ".join(_word(int(_VOCABULARY * chance.random() ** 4)) for _ in range(14))
    shape, colour, light = told.get("shape", "thing"), told.get("colour", "pale"), told.get("light", "no")
    seconds = int(float(str(told.get("duration_s", 60))))
    return (
        f"{chance.choice(_OPENINGS)} {_SUBJECTS[CATEGORIES[category]]}, {chance.choice(_PLACES)}, in {happened:%B %Y}."
        f" It was a {colour} {shape}, {light} light, {told.get('movement', 'moving')}, with"
        f" {told.get('sound', 'no sound')} to be heard. {_TURNS[topic]}. It lasted about {seconds} seconds. The names"
        f" that stay with me are {rare}."
    )


def _word(number: int) -> str:
    """A word by its number; small numbers are common words."""
    parts: list[str] = []
    number += len(_SYLLABLES)
    while number:
        number, place = divmod(number, len(_SYLLABLES))
        parts.append(_SYLLABLES[place])
    return "".join(parts)
