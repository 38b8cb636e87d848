"""The categories that are built in, and which attributes matter to each. A community may also use names of its own."""

from types import MappingProxyType
from typing import Final

import msgspec

__all__ = ["CATEGORIES", "GENERAL_KEYS", "CategoryInfo", "find_category"]

GENERAL_KEYS: Final = (
    "animal",
    "duration_s",
    "emotion",
    "evidence",
    "location_kind",
    "physical_effect",
    "season",
    "sense",
    "time_of_day",
    "weather",
    "weekday",
    "witness_count",
)
"""Attributes that are read from experiences of every category, those of a community's own among them."""

_SKY: Final = (
    "shape",
    "colour",
    "movement",
    "speed",
    "sound",
    "brightness",
    "object_count",
    "direction",
    "distance_m",
    "altitude_m",
    "size_m",
)
_DREAM: Final = ("dream_theme", "recurring", "lucid", "woke_up", "people_present", "colour")
_BEYOND: Final = (
    "tunnel",
    "bright_light",
    "life_review",
    "deceased_relatives",
    "out_of_body",
    "return",
    "border",
    "timeless",
    "cause",
    "verified_detail",
)
_GHOST: Final = ("apparition", "manifestation", "known_person", "presence", "sound")
_FOREKNOWN: Final = ("foreseen", "came_true", "lead_time_s", "channel", "person_concerned")
_HELP: Final = ("helper", "helper_vanished", "danger")
_MIND: Final = ("state", "practice", "timeless")


class CategoryInfo(msgspec.Struct, frozen=True):
    """A kind of experience. `extracts` are the keys of the attributes that are read from its texts, sorted."""

    name: str
    title: str
    description: str
    extracts: tuple[str, ...]


def _category(name: str, title: str, description: str, *keys: str) -> CategoryInfo:
    return CategoryInfo(name, title, description, tuple(sorted({*GENERAL_KEYS, *keys})))


CATEGORIES: Final[tuple[CategoryInfo, ...]] = (
    _category("ufo_sighting", "UFO sighting", "Something in the sky that nobody present could name.", *_SKY),
    _category(
        "strange_light", "Strange light", "A light without a lamp: over a road, a marsh, a hill, in a room.", *_SKY
    ),
    _category(
        "ball_lightning", "Ball lightning", "A glowing ball, mostly in a thunderstorm, that drifts and is gone.", *_SKY
    ),
    _category(
        "astronomical",
        "Under the stars",
        "Meteors, comets, eclipses and other things astronomers know, seen by chance or by plan.",
        *(key for key in _SKY if key not in {"altitude_m", "distance_m"}),
        "celestial_body",
    ),
    _category(
        "weather",
        "Odd weather",
        "Halos, whirlwinds, mirages, coloured rain and sudden changes of the air.",
        "phenomenon",
        "colour",
        "size_m",
        "sound",
        "direction",
    ),
    _category(
        "strange_sound",
        "Strange sound",
        "A hum, a bang, a trumpet in the sky: heard, and never explained.",
        "sound",
        "pitch",
        "rhythm",
        "sound_source",
        "recurring",
        "direction",
    ),
    _category("dream", "Dream", "A dream that stayed.", *_DREAM),
    _category("lucid_dream", "Lucid dream", "A dream in which the dreamer knows that it is one.", *_DREAM, "state"),
    _category("nightmare", "Nightmare", "A dream that frightens, once or again and again.", *_DREAM, "intruder"),
    _category(
        "sleep_paralysis",
        "Sleep paralysis",
        "Awake and unable to move, often with somebody else in the room.",
        "unable_to_move",
        "chest_pressure",
        "presence",
        "intruder",
        "sound",
        "recurring",
        "woke_up",
    ),
    _category("near_death", "Near-death experience", "What was seen and felt on the edge of death.", *_BEYOND),
    _category(
        "out_of_body",
        "Out of body",
        "Seeing oneself, or the room, from outside.",
        "out_of_body",
        "separation",
        "silver_cord",
        "verified_detail",
        "bright_light",
        "timeless",
        "return",
    ),
    _category(
        "deathbed_vision",
        "Deathbed vision",
        "What the dying, and those beside them, saw and heard.",
        "apparition",
        "known_person",
        "bright_light",
        "deceased_relatives",
        "contact_medium",
    ),
    _category(
        "after_death_communication",
        "Word from the dead",
        "A sign, a voice or a visit from somebody who had died.",
        "contact_medium",
        "known_person",
        "deceased_relatives",
        "verified_detail",
        "lead_time_s",
    ),
    _category(
        "past_life",
        "Past life",
        "Memories that belong to somebody else's time.",
        "era",
        "memory_sign",
        "age_years",
        "name_seen",
    ),
    _category("ghost", "Ghost", "A figure, or a voice, of somebody who could not be there.", *_GHOST),
    _category("haunting", "Haunted place", "A place where things keep happening.", *_GHOST, "recurring"),
    _category(
        "poltergeist", "Poltergeist", "Things that move, fall and break by themselves.", *_GHOST, "object", "fault"
    ),
    _category(
        "shadow_person",
        "Shadow person",
        "A dark figure at the edge of sight.",
        "apparition",
        "figure_detail",
        "presence",
        "movement",
        "height_m",
    ),
    _category(
        "doppelganger",
        "Double",
        "Oneself, or somebody known, seen where they were not.",
        "known_person",
        "figure_detail",
        "distance_m",
        "helper_vanished",
    ),
    _category("presence", "Presence", "Somebody felt, and not seen.", "presence", "known_person", "direction", "sound"),
    _category(
        "cryptid",
        "Unknown creature",
        "An animal that is in no book, or not in these parts.",
        "creature",
        "height_m",
        "size_m",
        "distance_m",
        "fur",
        "colour",
        "eyes_glow",
        "tracks",
        "gait",
        "sound",
        "speed",
    ),
    _category(
        "encounter",
        "Encounter",
        "A meeting with a being or a person that cannot be placed.",
        "apparition",
        "figure_detail",
        *_HELP,
    ),
    _category("premonition", "Premonition", "Knowing of something before it came.", *_FOREKNOWN),
    _category("prophecy", "Prophecy", "Words said, or drawn, long before they came true.", *_FOREKNOWN, "name_seen"),
    _category(
        "intuition", "Intuition", "A decision without a reason that turned out to be right.", *_FOREKNOWN, "danger"
    ),
    _category(
        "telepathy",
        "Telepathy",
        "The same thought, pain or word in two people who were apart.",
        "channel",
        "person_concerned",
        "distance_m",
        "verified_detail",
    ),
    _category(
        "deja_vu", "Déjà vu", "Being sure to have lived this before.", "recognised", "recurring", "people_present"
    ),
    _category(
        "synchronicity",
        "Synchronicity",
        "Things that belong together by meaning, not by cause.",
        "number_seen",
        "name_seen",
        "person_concerned",
        "coincidence_kind",
        "channel",
        "recurring",
    ),
    _category(
        "coincidence",
        "Coincidence",
        "What was so unlikely that it is told.",
        "coincidence_kind",
        "name_seen",
        "number_seen",
        "object",
        "distance_m",
    ),
    _category(
        "glitch",
        "Glitch",
        "A moment in which the world seemed to skip, double or repeat itself.",
        "glitch_kind",
        "object",
        "number_seen",
    ),
    _category(
        "missing_time",
        "Missing time",
        "Minutes or hours that nobody can account for.",
        "missing_minutes",
        "gap_detail",
        "distance_m",
    ),
    _category(
        "time_slip",
        "Time slip",
        "A walk into a street of another time.",
        "era",
        "anachronism",
        "sound",
        "verified_detail",
    ),
    _category(
        "angelic", "Guardian", "A helper who was there at the right moment and then was not.", *_HELP, "bright_light"
    ),
    _category("rescue", "Rescue", "Saved against the odds.", *_HELP, "animal", "distance_m"),
    _category(
        "miracle", "Miracle", "What could not happen, and did.", *_HELP, "condition", "recovery", "healing_method"
    ),
    _category(
        "healing",
        "Healing",
        "An illness that went in a way nobody expected.",
        "condition",
        "healing_method",
        "recovery",
    ),
    _category("meditation", "Meditation", "What came in silence.", *_MIND, "visual"),
    _category(
        "psychedelic",
        "Psychedelic journey",
        "What was seen and understood under a substance.",
        "substance",
        "visual",
        *_MIND,
    ),
    _category("flow_state", "Flow", "Work, music or movement that did itself.", *_MIND),
    _category("awe", "Awe", "Standing before something too large for words.", *_MIND, "celestial_body"),
    _category("spiritual", "Spiritual experience", "A touch of something holy.", *_MIND, "bright_light", "presence"),
    _category(
        "journey",
        "Journey",
        "A way that changed the person who went it.",
        "practice",
        "helper",
        "direction",
        "distance_m",
    ),
    _category(
        "electronic_anomaly",
        "Odd electronics",
        "Lamps, clocks, phones and radios with a will of their own.",
        "device",
        "fault",
        "known_person",
        "number_seen",
    ),
    _category(
        "animal_behaviour",
        "Animals that knew",
        "Animals that warned, waited, led or mourned.",
        "behaviour",
        "preceded",
        "lead_time_s",
    ),
    _category(
        "lost_and_found",
        "Lost and found",
        "Things that went, and came back in ways that make no sense.",
        "object",
        "found_how",
        "lead_time_s",
        "distance_m",
    ),
    _category("synaesthesia", "Crossed senses", "Sounds with colours, words with tastes.", "visual", "colour", "sound"),
    _category("other", "Something else", "What fits nowhere else."),
)

_BY_NAME: Final = MappingProxyType({category.name: category for category in CATEGORIES})


def find_category(name: str) -> CategoryInfo | None:
    """The built-in category of this name, or None: a community may have invented it."""
    return _BY_NAME.get(name)
