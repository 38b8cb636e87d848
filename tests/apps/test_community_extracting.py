"""What is read from experiences: sentences people write, and what no text may do to it."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likewise.apps.community.logic.categories import CATEGORIES, GENERAL_KEYS, find_category
from likewise.apps.community.logic.extracting import RULE_KEYS, VERSION, Extracted, extract
from likewise.apps.community.logic.extracting.vocabulary import PHRASES

NAUGHTY = Path(__file__).parents[3] / "shared" / "data" / "hostile" / "naughty_strings.jsonl.gz"
PIECES = """
two about not no maybe half an hour minutes seconds 10-15 1/2 3 feet ' 7'6" m a the my wife and I , . ? ! - / red orange
light triangle silent hum never without from 9:10 to 9:45 pm north west of each other name Ada number 11:11 could move
late told she said almost dream tunnel couple dozen hundred thousand twenty one
\u2019 \u2026 \u0130 ß 😀 e\u0301 \u202e \u0663
"""
WORDS = [*PIECES.split(), "\n"]


def values(text: str, key: str, *, category: str | None = None, **more: object) -> list[object]:
    """The values of one key, surest first."""
    return [one.value for one in extract(text=text, category=category, **more) if one.key == key]  # type: ignore[arg-type]


def find(text: str, key: str, *, category: str | None = None) -> Extracted:
    return next(one for one in extract(text=text, category=category) if one.key == key)


# What is said, key by key: (category, key, text, the values in the order of their confidence).
SAID: list[tuple[str, str, str, list[object]]] = [
    ("ufo_sighting", "shape", "A black triangle slid over us.", ["triangle"]),
    ("ufo_sighting", "shape", "Two cigar-shaped objects and one disc.", ["cigar", "disk"]),
    ("ufo_sighting", "shape", "Glowing orbs over the bay", ["orb"]),
    ("ufo_sighting", "shape", "It had to cross Orange County.", []),
    ("ufo_sighting", "shape", "It was not a triangle.", []),
    ("ufo_sighting", "colour", "Red/orange ball, not green.", ["red", "orange"]),
    ("ufo_sighting", "colour", "Bluish white glow in Orange County, near Green Bay", ["blue"]),
    ("ufo_sighting", "colour", "No red or green lights at all", []),
    ("ufo_sighting", "colour", "No doubt it was silver.", ["silver"]),
    ("ufo_sighting", "sound", "There was no sound.", ["silent"]),
    ("ufo_sighting", "sound", "It did not make a sound", ["silent"]),
    ("ufo_sighting", "sound", "A low hum, then a loud boom.", ["humming", "boom"]),
    ("ufo_sighting", "movement", "It hovered, zigzagged and shot off.", ["hovering", "zigzag", "departing"]),
    ("ufo_sighting", "speed", "It drifted slowly at 20 mph", ["slow"]),
    ("ufo_sighting", "speed", "faster than 900 km per hour", ["fast"]),
    ("ufo_sighting", "brightness", "A pulsing, blinding light", ["pulsing", "blinding"]),
    ("ufo_sighting", "object_count", "Five glowing orbs flew by.", [5.0]),
    ("ufo_sighting", "object_count", "15 to 20 red/orange objects", [17.5]),
    ("ufo_sighting", "object_count", "A dozen lights in March 2013", [12.0]),
    ("ufo_sighting", "object_count", "In 2013 lights were seen", []),
    ("ufo_sighting", "altitude_m", "at about 500 feet in the air", [152.4]),
    ("ufo_sighting", "altitude_m", "It hung 300 metres above the roofs", [300.0]),
    ("ufo_sighting", "altitude_m", "200 m off the ground", [200.0]),
    ("ufo_sighting", "distance_m", "a light two miles away", [3218.688]),
    ("ufo_sighting", "distance_m", "It stood 400 metres off to the left", [400.0]),
    ("ufo_sighting", "distance_m", "within 50 feet of the car", [15.24]),
    ("ufo_sighting", "size_m", "a disc 30 metres across", [30.0]),
    ("ufo_sighting", "size_m", "about the size of a football field", [100.0]),
    ("ufo_sighting", "size_m", "a 40 foot wingspan", [12.192]),
    ("ufo_sighting", "direction", "heading north-west", ["northwest"]),
    ("ufo_sighting", "direction", "from east to west", ["west", "east"]),
    ("ufo_sighting", "direction", "over East Orlando and North Carolina", []),
    ("dream", "dream_theme", "I was flying over the sea, and my teeth fell out.", ["flying", "water", "teeth"]),
    ("dream", "dream_theme", "I was late for the exam.", ["late", "exam"]),
    ("dream", "dream_theme", "I fell asleep. My late father was there.", ["meeting_the_dead"]),
    ("dream", "recurring", "The same dream since childhood", [True]),
    ("dream", "lucid", "I knew I was dreaming.", [True]),
    ("dream", "lucid", "I did not know; it was not lucid.", [False]),
    ("nightmare", "woke_up", "Then I woke up shaking.", [True]),
    ("near_death", "tunnel", "I went down a dark tunnel.", [True]),
    ("near_death", "tunnel", "There was no tunnel, whatever people say.", [False]),
    ("near_death", "cause", "My heart stopped during surgery", ["cardiac_arrest", "surgery"]),
    ("near_death", "return", "I was told that it was not my time.", ["sent_back"]),
    ("near_death", "return", "I did not want to come back.", ["unwilling"]),
    ("near_death", "deceased_relatives", "My late grandmother stood there.", [True]),
    ("out_of_body", "out_of_body", "I saw my own body from above.", [True]),
    ("sleep_paralysis", "unable_to_move", "I couldn\u2019t move, not a finger.", [True]),
    ("sleep_paralysis", "chest_pressure", "It was sitting on my chest.", [True]),
    ("sleep_paralysis", "chest_pressure", "No pressure on my chest this time.", [False]),
    ("sleep_paralysis", "intruder", "An old woman bent over me", ["hag"]),
    ("sleep_paralysis", "presence", "Somebody stood in the doorway.", [True]),
    ("haunting", "manifestation", "Footsteps, a cold spot, and doors opened.", ["footsteps", "cold_spot", "doors"]),
    ("ghost", "known_person", "It was my late husband", ["husband"]),
    ("poltergeist", "manifestation", "A chair moved by itself.", ["objects_moved"]),
    ("cryptid", "height_m", "It was seven feet tall.", [2.134]),
    ("cryptid", "height_m", "7'6\" tall, no less", [2.286]),
    ("cryptid", "height_m", "at least 2.5 metres tall", [2.5]),
    ("cryptid", "eyes_glow", "Its eyes glowed", [True]),
    ("cryptid", "tracks", "We found no tracks.", [False]),
    ("cryptid", "creature", "covered in hair, on two legs; no bear", ["hairy_biped"]),
    ("synchronicity", "number_seen", "11:11, then 444, then the number 23; 10:45 was nothing", ["11:11", "444", "23"]),
    ("synchronicity", "name_seen", "a woman called Marta Oliveira", ["Marta Oliveira"]),
    ("coincidence", "coincidence_kind", "Same birthday, same name.", ["same_date", "same_name"]),
    ("premonition", "lead_time_s", "Three days later it burned.", [259200]),
    ("premonition", "came_true", "Nothing happened.", [False]),
    ("premonition", "came_true", "It happened exactly as I had said.", [True]),
    ("missing_time", "missing_minutes", "I lost two hours.", [120.0]),
    ("missing_time", "missing_minutes", "We arrived forty minutes late.", [40.0]),
    ("strange_sound", "sound_source", "It came out of the walls.", ["walls"]),
    ("strange_sound", "pitch", "a low rumble", ["low"]),
    ("past_life", "age_years", "When she was three, she spoke of a ship.", [3.0]),
    ("past_life", "age_years", "my four-year-old son", [4.0]),
    ("after_death_communication", "contact_medium", "A robin sat on the spade", ["bird"]),
    ("animal_behaviour", "behaviour", "The dog howled and would not go in", ["howling", "guarding"]),
    ("animal_behaviour", "preceded", "Ten minutes later there was an earthquake", ["earthquake"]),
    ("electronic_anomaly", "device", "All the clocks and the radio", ["clock", "radio"]),
    ("lost_and_found", "object", "my wedding ring", ["ring"]),
    ("healing", "condition", "eleven years of migraine", ["pain"]),
    ("psychedelic", "substance", "Mushrooms at home", ["psilocybin"]),
    ("time_slip", "era", "gas lamps and bonnets", ["nineteenth_century"]),
    ("weather", "phenomenon", "three suns and light pillars", ["halo"]),
    ("astronomical", "celestial_body", "a meteor beside the moon", ["meteor", "moon"]),
    ("angelic", "helper_vanished", "We turned to thank him", [True]),
    (
        "deja_vu",
        "recognised",
        "I have never been here; I knew the next sentence.",
        ["place", "conversation", "next_event"],
    ),
]


@pytest.mark.parametrize(("category", "key", "text", "expected"), SAID)
def test_what_is_said_is_read(category: str, key: str, text: str, expected: list[object]) -> None:
    found = values(text, key, category=category)
    assert set(found) == set(expected)
    assert len(found) == len(expected)


LASTED: list[tuple[str, list[float]]] = [
    ("It lasted about twenty minutes.", [1200.0]),
    ("visible for 10-15 minutes", [750.0]),
    ("for between 5 and 6 minutes", [330.0]),
    ("It hung there for half an hour.", [1800.0]),
    ("an hour and a half", [5400.0]),
    ("2 and a half hours", [9000.0]),
    ("for 1 1/2 hours", [5400.0]),
    ("Two hours and ten minutes in all", [7800.0]),
    ("a couple of minutes", [120.0]),
    ("a split second", [0.5]),
    ("for a second or two", [1.5]),
    ("seen from 9:10 to 9:45 pm", [2100.0]),
    ("3/4 min.", [210.0]),
    ("watched 90sec", [90.0]),
    ("Ten minutes later it came back.", []),
    ("twenty minutes ago", []),
    ("a second light appeared", []),
    ("My daughter is 8 years old", []),
    ("at 30 miles an hour", []),
    ("It was 1900 hours", []),
    ("two F-16s, then the 295s", []),
    ("It did not come back for ten minutes", []),
    ("It did not move for ten minutes", [600.0]),
    ("every five minutes", []),
    ("I have lived here for 30 years.", []),
]


@pytest.mark.parametrize(("text", "expected"), LASTED)
def test_durations_are_told_from_other_times(text: str, expected: list[float]) -> None:
    assert values(text, "duration_s") == expected


WITNESSED: list[tuple[str, list[float]]] = [
    ("My wife and I saw it.", [2.0]),
    ("My brother, my two kids and I looked up", [4.0]),
    ("my mother brother and I", [3.0]),
    ("I & two others were driving", [3.0]),
    ("There were four of us", [4.0]),
    ("3 adults witnessed it", [3.0]),
    ("seen by 8", [8.0]),
    ("I was alone in the car", [1.0]),
    ("eleven children and I", [12.0]),
    ("The dog and a girl, and I understood", []),
    ("one of us laughed", []),
    ("with my father's ashes", []),
]


@pytest.mark.parametrize(("text", "expected"), WITNESSED)
def test_witnesses_are_counted_with_the_author(text: str, expected: list[float]) -> None:
    assert values(text, "witness_count") == expected


GENERAL: list[tuple[str, str, list[object]]] = [
    ("emotion", "I was terrified, then calm.", ["fear", "calm"]),
    ("emotion", "I was not afraid.", ["calm"]),
    ("emotion", "I felt no sadness and no anger.", []),
    ("location_kind", "in the woods behind my house", ["forest", "home"]),
    ("location_kind", "It was the size of a small car, in the car park", []),
    ("weather", "a clear night with fog over the fields", ["clear", "fog"]),
    ("weather", "No rain, no wind.", ["still"]),
    ("evidence", "I took a photo; radar showed nothing", ["photo", "radar"]),
    ("physical_effect", "a headache, and the lights flickered", ["headache", "electrical_interference"]),
    ("animal", "Nineteen cats and an owl", ["cat", "bird"]),
    ("animal", "It shot off like a bird.", []),
    ("time_of_day", "just before midnight", ["night"]),
    ("time_of_day", "at 7:45 pm", ["evening"]),
    ("time_of_day", "at three o'clock in the morning", ["night"]),
    ("season", "last winter", ["winter"]),
    ("sense", "I heard a voice and smelled roses", ["hearing", "smell"]),
]


@pytest.mark.parametrize(("key", "text", "expected"), GENERAL)
def test_general_rules_run_for_every_category(key: str, text: str, expected: list[object]) -> None:
    for category in ("a_category_of_our_own", "other", None):
        assert set(values(text, key, category=category)) == set(expected)


@pytest.mark.parametrize(
    ("plain", "weaker"),
    [
        ("The light was red.", "The light was maybe red."),
        ("The light was red.", "The light was red, perhaps."),
        ("The light was red.", "I think it was red."),
        ("The light was red.", "Was the light red?"),
        ("The light was red.", "My neighbour said the light was red."),
        ("The light was red.", "It seemed red to us."),
        ("The light was red.", "It was kind of red."),
    ],
)
def test_hedges_questions_and_hearsay_weaken(plain: str, weaker: str) -> None:
    sure = find(plain, "colour", category="ufo_sighting")
    unsure = find(weaker, "colour", category="ufo_sighting")
    assert sure.value == unsure.value == "red"
    assert unsure.confidence < sure.confidence


@pytest.mark.parametrize(
    ("sharp", "vague"),
    [
        ("for 10 minutes", "for about 10 minutes"),
        ("for 10 minutes", "for 8-12 minutes"),
        ("for 3 minutes", "for a few minutes"),
        ("for 5 minutes", "for several minutes"),
        ("for 10 minutes", "hovered for 10 minutes"),
    ],
)
def test_inexact_numbers_are_less_sure(sharp: str, vague: str) -> None:
    one, other = find(sharp, "duration_s"), find(vague, "duration_s")
    assert one.value == other.value
    assert other.confidence < one.confidence


def test_i_said_is_no_hearsay() -> None:
    told = find("I told my wife that the light was red.", "colour", category="ufo_sighting")
    assert told.confidence == find("The light was red.", "colour", category="ufo_sighting").confidence


def test_what_is_told_twice_is_surer() -> None:
    once = find("A red lamp.", "colour", category="ufo_sighting")
    twice = find("A red lamp. It was red.", "colour", category="ufo_sighting")
    assert twice.confidence > once.confidence
    assert (twice.start, twice.end) == (2, 5)


def test_spans_count_code_points_of_their_field() -> None:
    title, text = "😀 Orange orbs", "Über uns 😀 three red lights"
    found = extract(text=text, title=title, category="ufo_sighting")
    by_words = {one.words: one for one in found}
    assert by_words["red"].field == "text"
    assert text[by_words["red"].start : by_words["red"].end] == "red"
    assert by_words["Orange"].field == "title"
    assert (by_words["Orange"].start, by_words["Orange"].end) == (2, 8)


def test_keys_of_one_value_keep_the_surest() -> None:
    assert values("It hovered for 2 minutes. It lasted 10 minutes in all.", "duration_s") == [600.0]


def test_category_decides_which_rules_run() -> None:
    text = "A red triangle sat on my chest in the tunnel."
    assert values(text, "shape", category="ufo_sighting") == ["triangle"]
    assert values(text, "shape", category="sleep_paralysis") == []
    assert values(text, "chest_pressure", category="sleep_paralysis") == [True]
    assert values(text, "tunnel", category="near_death") == [True]
    assert values(text, "tunnel", category="our_own") == []


MAY = datetime(2026, 5, 6, 23, 30, tzinfo=timezone(timedelta(hours=2)))


def test_weekday_and_hour_follow_from_the_local_time() -> None:
    found = {one.key: one for one in extract(text="It was strange.", happened_at=MAY)}
    assert found["weekday"].value == "wednesday"
    assert found["time_of_day"].value == "night"
    assert (found["weekday"].field, found["weekday"].words) == ("", "")
    assert "season" not in found


@pytest.mark.parametrize(("latitude", "season"), [(52.0, ["spring"]), (-34.0, ["autumn"]), (3.0, []), (None, [])])
def test_season_needs_to_know_the_half_of_the_world(latitude: float | None, season: list[str]) -> None:
    assert values("It was strange.", "season", happened_at=MAY, latitude=latitude) == season


def test_words_outweigh_the_clock() -> None:
    assert values("It was broad daylight.", "time_of_day", happened_at=MAY) == ["afternoon"]


def test_midnight_to_the_second_is_a_date_without_a_time() -> None:
    assert values("It was strange.", "time_of_day", happened_at=datetime(2026, 5, 6, tzinfo=UTC)) == []


def test_categories_are_many_distinct_and_all_their_keys_have_rules() -> None:
    names = [category.name for category in CATEGORIES]
    assert len(names) == len(set(names)) >= 44
    for category in CATEGORIES:
        assert category.name.isidentifier()
        assert category.name == category.name.lower()
        assert category.title
        assert category.description
        assert set(GENERAL_KEYS) <= set(category.extracts) <= RULE_KEYS
        assert list(category.extracts) == sorted(set(category.extracts))
        assert find_category(category.name) is category
    assert find_category("our_own") is None
    assert len({category.extracts for category in CATEGORIES if set(category.extracts) != set(GENERAL_KEYS)}) >= 20


def test_every_rule_is_used_by_some_category() -> None:
    assert {key for category in CATEGORIES for key in category.extracts} == RULE_KEYS
    assert VERSION >= 1


def test_a_phrase_says_one_value_of_a_key() -> None:
    for key, phrases in PHRASES.items():
        said: dict[tuple[str, ...], object] = {}
        for phrase in phrases:
            assert said.setdefault(phrase.words, phrase.value) == phrase.value, (key, phrase.words)
            assert 0 < phrase.confidence <= 1


def assert_sound(text: str, title: str, category: str | None) -> None:
    """Every promise of `extract`, on whatever text."""
    found = extract(text=text, title=title, category=category, happened_at=MAY, latitude=10.5)
    assert found == extract(text=text, title=title, category=category, happened_at=MAY, latitude=10.5)
    for one in found:
        field = {"text": text, "title": title, "": ""}[one.field]
        assert 0 <= one.start <= one.end <= len(field)
        assert one.words == field[one.start : one.end]
        assert bool(one.words) == bool(one.field)
        assert 0 <= one.confidence <= 1
        assert isinstance(one.value, str | bool) or abs(one.value) < 1e15
    assert len({(one.key, one.value) for one in found}) == len(found)
    for one, other in combinations(found, 2):
        assert one.key <= other.key
        assert one.key != other.key or one.confidence >= other.confidence


NAMES = st.sampled_from([*(category.name for category in CATEGORIES), "our_own", None])


@given(text=st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join), title=st.text(max_size=30), category=NAMES)
def test_sentences_made_of_our_words_keep_every_promise(text: str, title: str, category: str | None) -> None:
    assert_sound(text, title, category)


@given(text=st.text(max_size=200), category=NAMES)
def test_any_text_keeps_every_promise(text: str, category: str | None) -> None:
    assert_sound(text, text[::-1], category)


def test_naughty_strings_keep_every_promise() -> None:
    if not NAUGHTY.exists():
        pytest.skip(f"{NAUGHTY} is not here")
    import gzip

    lines = gzip.decompress(NAUGHTY.read_bytes()).decode().split("\n")
    for line in lines:
        assert_sound(line, line[:100], "ufo_sighting")


REPEATED = [
    "no ",
    "9",
    "1.",
    "1-2 ",
    "a ",
    "half an hour and a ",
    "a'",
    "my brother and ",
    "my wife, ",
    "I and ",
    "?",
    "pressure on the the my ",
    "5 feet ",
    "1/2/",
    "he said ",
    "hundred ",
    "called the ",
    "two of ",
    " ",
    "\n",
    "😀",
    "triangle of light ",
]


@pytest.mark.parametrize("piece", REPEATED)
def test_work_grows_no_faster_than_the_text(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in looks at words, not in seconds: ten times the text, at most about ten times the looks."""
    from likewise.apps.community.logic.extracting import reading

    looks = 0
    look = reading.Reading.word

    def counted(self: reading.Reading, index: int) -> str:
        nonlocal looks
        looks += 1
        return look(self, index)

    monkeypatch.setattr(reading.Reading, "word", counted)
    costs: list[int] = []
    for size in (1_000, 10_000):
        looks = 0
        extract(text=piece * (size // len(piece)), category="ufo_sighting")
        costs.append(looks)
    assert costs[1] <= costs[0] * 11 + 1_000


def test_a_hundred_thousand_characters_are_read_to_the_end() -> None:
    text = "no light a half of " * 5_300 + "A red triangle."
    assert "triangle" in values(text, "shape", category="ufo_sighting")
