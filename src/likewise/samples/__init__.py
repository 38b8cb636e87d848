"""Sample data written for this project: five small sets of texts, how to load each, and what to ask of them.

Each set is one JSONL file beside this module. A row has a stable key, so loading a set twice adds nothing.
All people, companies and events are invented; coordinates of cities are real.
"""

from pathlib import Path

from msgspec import Struct

SAMPLES: Path = Path(__file__).parent


class SampleSet(Struct, frozen=True, kw_only=True):
    """One file and the names of its fields, as `likewise load` takes them. None: it has no such field.

    A set with `channels` holds messages of the inbox, as `likewise inbox ingest --file` takes them; one with `acts`
    experiences of a community, as `likewise community load` takes them, and a second file of what its people did.
    """

    file: str
    collection: str
    about: str
    channels: tuple[str, ...] = ()
    acts: str = ""
    text: str = "text"
    key: str = "key"
    title: str | None = None
    facets: tuple[str, ...] = ()
    time: str | None = None
    place: tuple[str, str] | None = None  # latitude field, longitude field; degrees
    author: str | None = None
    category: str | None = None

    @property
    def path(self) -> Path:
        """Where the file lies on this machine."""
        return SAMPLES / self.file


class SuggestedQuery(Struct, frozen=True, kw_only=True):
    """A question worth typing first: it finds texts that share its meaning and few or none of its words."""

    text: str
    collection: str
    why: str


SETS: tuple[SampleSet, ...] = (
    SampleSet(
        file="inbox.jsonl",
        collection="inbox",
        about="Messages to a creator of ceramics and cooking videos; many ask the same thing.",
        channels=("direct_message", "email", "livestream", "shop", "video_comment"),
    ),
    SampleSet(
        file="community_experiences.jsonl",
        collection="experiences",
        about="Unusual experiences told by the members of a community on six continents, and what they did with them.",
        acts="community_acts.jsonl",
    ),
    SampleSet(
        file="knowledge.jsonl",
        collection="knowledge",
        about="Passages of the handbook of a small company that makes rotas.",
        title="title",
        facets=("section", "audience"),
        time="updated_at",
        category="section",
    ),
    SampleSet(
        file="companion.jsonl",
        collection="companion",
        about="What nine people told a companion over a year; some of it changed on the way.",
        facets=("conversation", "mood"),
        time="sent_at",
        author="user",
        category="mood",
    ),
    SampleSet(
        file="workspace.jsonl",
        collection="workspace",
        about="Drafts, posts, notes, dates and money of a bakery and a stationery studio.",
        title="title",
        facets=("venture", "platform", "state", "amount_minor", "currency"),
        time="date",
        author="venture",
        category="kind",
    ),
)

TRY: tuple[SuggestedQuery, ...] = (
    SuggestedQuery(
        text="it fell apart when I cleaned it",
        collection="inbox",
        why="Finds the handle that came off after washing, though no telling word of it is in the question.",
    ),
    SuggestedQuery(
        text="my bread is dense and will not puff up",
        collection="inbox",
        why="Finds the loaf that refuses to rise, ahead of messages that merely say bread.",
    ),
    SuggestedQuery(
        text="animals that sensed danger early",
        collection="experiences",
        why="Brings together quiet birds, an old dog and nineteen cats, told on three continents.",
    ),
    SuggestedQuery(
        text="levitating over the city while sleeping",
        collection="experiences",
        why="Two members dreamed of flying, one over snow and one over tin roofs; neither wrote levitating.",
    ),
    SuggestedQuery(
        text="compassionate leave after a bereavement",
        collection="knowledge",
        why="The handbook calls it 'When somebody dies' and uses neither compassionate nor bereavement.",
    ),
    SuggestedQuery(
        text="somebody took my computer",
        collection="knowledge",
        why="Leads to the page on a lost or stolen laptop, which is the one needed within five minutes.",
    ),
    SuggestedQuery(
        text="sports injury",
        collection="companion",
        why="Recalls a sore shin, the months without running and a carpenter's knee from two people's talk.",
    ),
    SuggestedQuery(
        text="looking for bigger premises",
        collection="workspace",
        why="Joins a public post, a private note and a rent payment about one wish to move.",
    ),
)
