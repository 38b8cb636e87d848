"""Words that people use for what a community calls otherwise. Only what the community knows is ever meant by them."""

from typing import Final

from likewise.apps.community.logic.discovering.words import stem

__all__ = ["CATEGORY_WORDS", "KEY_WORDS", "NOTHING", "PLACE_WORDS", "UNITS", "VALUE_WORDS"]

KEY_WORDS: Final = {
    "shape": "shape; form; look like; looked like; outline; silhouette",
    "color": "color; hue; shade; tint",
    "duration": "duration; length of time; how long",
    "witness": "witness; observer; onlooker; how many people saw; how many people see; how many saw; number of people",
    "object": "number of objects; how many objects; how many lights; how many craft; object count",
    "sound": "sound; noise; hear; sounded like",
    "size": "size; how big; how large; how wide; diameter",
    "altitude": "altitude; how high; elevation",
    "distance": "distance; how far; how close; how near",
    "height": "height; how tall; tallness",
    "speed": "speed; velocity; how fast; how quick; pace",
    "direction": "direction; heading; which way; what way",
    "weekday": "weekday; day of the week; day of week; which day; what day; days of the week",
    "season": "season; time of year; time of the year",
    "time of day": "time of day; time of the day; what time; hour; part of the day",
    "emotion": "emotion; feeling; feel; mood; felt",
    "movement": "movement; motion; move; how did it move; behavior; behaviour",
    "motion": "movement; motion; move; behavior; behaviour",
    "weather": "weather; sky condition",
    "place type": "surroundings; kind of place; sort of place",
    "age": "age; how old",
    "intensity": "intensity; how strong; strength",
}
"""Phrases for a key, by the stem of its name without its unit (`duration_s`, `witness_count`)."""

VALUE_WORDS: Final = (
    "triangle; triangular; delta shaped; pyramid shaped",
    "disk; saucer; flying saucer; discoid; frisbee; plate shaped",
    "sphere; orb; ball; spherical; globe; round; ball of light",
    "circle; circular; ring shaped",
    "oval; elliptical; ellipse; egg shaped; egg",
    "cigar; cigar shaped; torpedo",
    "cylinder; cylindrical; tube; tube shaped; tubular; tic tac",
    "rectangle; rectangular; box shaped; boxy; square",
    "diamond; diamond shaped; rhombus",
    "chevron; boomerang; v shaped",
    "fireball; ball of fire; fire ball",
    "teardrop; tear drop; drop shaped",
    "cone; conical",
    "light; bright light",
    "red; reddish; crimson; scarlet; ruby",
    "orange; orangish; amber",
    "yellow; yellowish; gold; golden",
    "green; greenish; emerald",
    "blue; bluish; azure; navy",
    "purple; violet; magenta; lilac",
    "white; whitish",
    "black; pitch black",
    "gray; grayish; silver; silvery; metallic",
    "brown; brownish",
    "pink; pinkish; rose",
    "night; nighttime; at night; nocturnal; by night; late at night; middle of the night; after dark; after midnight",
    "dawn; sunrise; daybreak; early morning",
    "morning; in the morning",
    "midday; noon; lunchtime; at noon",
    "afternoon; in the afternoon",
    "evening; dusk; sunset; twilight; nightfall; in the evening",
    "autumn; fall",
    "spring; springtime",
    "summer; summertime",
    "winter; wintertime",
    "silent; silence; soundless; noiseless; quiet; quietly; no sound; no noise; without a sound; none",
    "hum; humming; buzz; buzzing; drone",
    "loud; roar; roaring; thunderous; bang",
    "fear; afraid; scared; frightened; frightening; terrified; scary; terror",
    "joy; happy; happiness; joyful; delighted; bliss; euphoria",
    "peace; calm; peaceful; serene; tranquil",
    "sadness; sad; grief; mourning; sorrow",
    "awe; amazed; amazement; wonder; astonished",
    "anger; angry; rage; furious",
    "love; unconditional love; loving",
    "confusion; confused; puzzled; bewildered",
    "fast; quick; rapid; at high speed; speedy",
    "slow; slowly",
    "hover; hovering; stationary; motionless; standing still; floating",
    "zigzag; zig zag; erratic; erratically",
    "pulse; pulsing; pulsating; blinking; flashing; strobing",
    "glow; glowing; luminous; shining",
    "alone; by myself; on my own",
)
"""Phrases that mean the same: a value named by one of them is meant by the others, where no value is named by these."""

CATEGORY_WORDS: Final = {
    "ufo": "ufo; uap; unidentified flying object; flying object; craft; alien craft; spaceship; spacecraft; sighting; "
    "ufo sighting",
    "dream": "dream; dreaming",
    "lucid": "lucid dream; lucid dreaming; awake in a dream",
    "nightmare": "nightmare; bad dream; scary dream",
    "near death": "near death; near death experience; nde; clinical death; died and came back; brush with death",
    "out of body": "out of body; out of body experience; obe; astral projection; leaving the body; left their body",
    "ghost": "ghost; apparition; haunting; haunted; spirit; phantom; poltergeist; spook",
    "haunting": "haunting; haunted; haunted house; poltergeist",
    "sleep paralysis": "sleep paralysis; paralyzed in sleep; paralysed in sleep",
    "deja vu": "deja vu; déjà vu",
    "synchronicity": "synchronicity; coincidence; meaningful coincidence",
    "premonition": "premonition; precognition; foresight; foreseen; hunch; omen",
    "past life": "past life; previous life; reincarnation; former life",
    "telepathy": "telepathy; mind reading; thought reading; telepathic",
    "cryptid": "cryptid; bigfoot; sasquatch; yeti; monster; unknown creature; unknown animal",
    "bigfoot": "bigfoot; sasquatch; yeti",
    "abduction": "abduction; abducted; taken by aliens; missing time",
    "angel": "angel; guardian angel; being of light",
    "healing": "healing; healed; miracle cure; spontaneous healing",
    "meditation": "meditation; meditating",
    "psychedelic": "psychedelic; ayahuasca; mushroom trip; lsd; dmt; trip",
    "after death": "after death communication; sign from the dead; message from the dead; contact with the dead",
    "time": "time slip; missing time; time loop",
}
"""Phrases for a category whose name or title begins with these words or holds them."""

NOTHING: Final = ("none", "silent", "no", "nothing", "absent", "no_sound")
"""Values that say that there was nothing of a key: "without sound"."""

_UNITS: Final = {
    "second": ("duration", 1.0), "sec": ("duration", 1.0), "minute": ("duration", 60.0), "min": ("duration", 60.0),
    "hour": ("duration", 3_600.0), "hr": ("duration", 3_600.0), "day": ("duration", 86_400.0),
    "week": ("duration", 604_800.0),
    "meter": ("length", 1.0), "m": ("length", 1.0), "foot": ("length", 0.3048), "ft": ("length", 0.3048),
    "yard": ("length", 0.9144), "mile": ("length", 1_609.344), "km": ("length", 1_000.0),
    "kilometer": ("length", 1_000.0), "inch": ("length", 0.0254), "centimeter": ("length", 0.01),
    "cm": ("length", 0.01),
}  # fmt: skip
UNITS: Final = {stem(word): meaning for word, meaning in _UNITS.items()}
"""Units, by stem: what they measure, and how many seconds or metres they are."""

_STATES: Final = (
    "al Alabama; ak Alaska; az Arizona; ar Arkansas; ca California; co Colorado; ct Connecticut; de Delaware; "
    "fl Florida; ga Georgia; hi Hawaii; id Idaho; il Illinois; in Indiana; ia Iowa; ks Kansas; ky Kentucky; la "
    "Louisiana; me Maine; md Maryland; ma Massachusetts; mi Michigan; mn Minnesota; ms Mississippi; mo "
    "Missouri; mt Montana; ne Nebraska; nv Nevada; nh New Hampshire; nj New Jersey; nm New Mexico; ny New York; "
    "nc North Carolina; nd North Dakota; oh Ohio; ok Oklahoma; or Oregon; pa Pennsylvania; ri Rhode Island; sc "
    "South Carolina; sd South Dakota; tn Tennessee; tx Texas; ut Utah; vt Vermont; va Virginia; wa Washington; "
    "wv West Virginia; wi Wisconsin; wy Wyoming"
)
_COUNTRIES: Final = {
    "us": "United States; USA; America; the States", "gb": "United Kingdom; UK; Britain; Great Britain; England",
    "uk": "United Kingdom; Britain; Great Britain; England", "ca": "Canada", "au": "Australia", "de": "Germany",
    "fr": "France", "es": "Spain", "it": "Italy", "nl": "Netherlands; Holland", "ie": "Ireland", "nz": "New Zealand",
    "mx": "Mexico", "br": "Brazil", "in": "India", "jp": "Japan", "za": "South Africa", "at": "Austria",
    "ch": "Switzerland", "se": "Sweden", "no": "Norway", "dk": "Denmark", "fi": "Finland", "pl": "Poland",
    "pt": "Portugal", "be": "Belgium",
}  # fmt: skip
PLACE_WORDS: Final = _COUNTRIES | {
    f"{code}{ending}": name
    for code, _, name in (state.partition(" ") for state in _STATES.split("; "))
    for ending in (", us", ", usa")
}
"""What people call countries and states that a place's name holds by their codes, `TX, US`."""
