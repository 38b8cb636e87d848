"""Who writes to creators: names of many places, habits that stay, and the webhooks by which messages arrive.

The names were put together for this project; given names and family names of one line belong together.
"""

from datetime import datetime
from random import Random

import msgspec

__all__ = ["CHANNELS", "Visitor", "make_visitor", "payload_of"]

CHANNELS = ("instagram", "youtube", "telegram", "email", "web")
WITH_AVATAR = {"instagram": 0.8, "youtube": 0.9, "telegram": 0.6, "email": 0.0, "web": 0.1}
MESSAGES_SHARES = (55, 22, 12, 7, 4)  # who writes once, twice ... five times

_NAMES = (
    ("Amara Chidi Ngozi Emeka Ifeoma", "Okafor Eze Nwosu Obi"),
    ("Sofía Mateo Valentina Diego Lucía Ximena", "García Hernández Rojas Quispe Muñoz"),
    ("João Beatriz Thiago Larissa Davi", "Silva Souza Conceição Araújo"),
    ("Aarav Priya Rohan Ananya Meera Kabir", "Sharma Iyer Patel Chatterjee Reddy"),
    ("Yuki Haruto Sakura Ren Aoi", "Tanaka Suzuki Yamamoto Inoue"),
    ("Minh Linh Thảo Quân Hương", "Nguyễn Trần Phạm Đặng"),
    ("Wei Mei Jiahao Xinyi Ming", "Li Wang Zhang Chen Liu"),
    ("Ji-woo Min-jun Seo-yeon Ha-eun", "Kim Park Choi Jung"),
    ("Fatima Omar Layla Yusuf Salma Khalid", "Al-Masri Haddad Mansour Benali"),
    ("Zeynep Emre Elif Can Defne", "Öztürk Kaya Demir Şahin"),
    ("Parisa Dariush Shirin Navid", "Ahmadi Hosseini Karimi"),
    ("Olena Taras Kateryna Andriy", "Shevchenko Kovalenko Bondar"),
    ("Agnieszka Paweł Zofia Łukasz", "Nowak Wiśniewska Zieliński"),
    ("Ingrid Lars Freja Søren Åsa", "Hansen Lindqvist Nygård"),
    ("Anke Jürgen Lena Finn Käthe", "Müller Schäfer Weiß Brandt"),
    ("Camille Théo Élodie Noé", "Dubois Lefèvre Moreau"),
    ("Giulia Lorenzo Chiara Niccolò", "Rossi Ferrari Esposito"),
    ("Niamh Cian Aoife Oisín", "O'Brien Murphy Ní Dhomhnaill"),
    ("Emily Jack Olivia Harry Grace Tyler", "Smith Jones Taylor Walker Brown"),
    ("Kwame Akosua Kofi Abena", "Mensah Boateng Owusu"),
    ("Wanjiru Otieno Achieng Kamau", "Mwangi Odhiambo Njoroge"),
    ("Tendai Rudo Tatenda Chipo", "Moyo Ncube Sibanda"),
    ("Tariq Ayesha Imran Zainab", "Khan Qureshi Siddiqui"),
    ("Siti Budi Dewi Agus Putri", "Wijaya Santoso Lestari"),
    ("Noa Eitan Yael Amit", "Cohen Levi Mizrahi"),
    ("Mele Sione Hana Tāne", "Tupou Fonua Ngata"),
    ("Aiyana Nizhoni Dakota", "Begay Yazzie Tsosie"),
    ("Jasmine Darnell Keisha Andre", "Washington Jefferson Baptiste"),
    ("Maria Jose Angelica Paolo", "Santos Reyes Bautista"),
    ("美咲 健太 陽菜", "佐藤 高橋"),
    ("伟 芳 思雨", "李 陈"),
    ("محمد نور ليلى", "الحسن عباس"),
    ("Олена Дмитро Соломія", "Мельник Ткаченко"),
    ("Γιώργος Ελένη", "Παππάς Νικολάου"),
    ("अर्जुन दीपा", "शर्मा वर्मा"),
)
_PAIRS = tuple((given.split(), family.split(" ")) for given, family in _NAMES)
_FAMILY_FIRST = frozenset("美健陽伟芳思")
_SIGNS = ("✨", "🌻", "🇵🇭", "🦋", "⚡", "🌙")
_AGENTS = ("Mozilla/5.0 (Linux; Android 15)", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1)", "Mozilla/5.0 (X11; Linux)")


class Visitor(msgspec.Struct):
    """One who writes; everything but `left` is theirs for good. `style` is 0 to 1, see inbox_wording."""

    id: str
    name: str
    first_name: str
    avatar_url: str | None
    channel: str
    style: float
    left: int


def make_visitor(world: str, number: int, *, channel_weights: tuple[float, ...]) -> Visitor:
    """The visitor of this number in a world, always the same one; `left` is how many messages they write, 1 to 5."""
    chance = Random(f"{world}/{number}")
    given, family = chance.choice(_PAIRS)
    first, last = chance.choice(given), chance.choice(family)
    channel = chance.choices(CHANNELS, channel_weights)[0]
    # Numbers that look drawn and never come twice: the factor shares no divisor with the modulus.
    id_ = f"{channel[:2]}_{number * 387_420_489 % 10**9:09}{chance.randrange(10**6):06}"
    has_avatar = chance.random() < WITH_AVATAR[channel]
    return Visitor(
        id=id_,
        name=_shown(first, last, channel, chance),
        first_name=first,
        avatar_url=f"https://avatars.example/{channel}/{id_}.jpg?s=200" if has_avatar else None,
        channel=channel,
        style=chance.random(),
        left=chance.choices(range(1, 6), MESSAGES_SHARES)[0],
    )


def _shown(first: str, last: str, channel: str, chance: Random) -> str:
    """How a name stands above a message."""
    if first[0] in _FAMILY_FIRST:
        return f"{last}{first}"
    kind = 0.0 if channel in {"email", "web"} else chance.random()
    handle = f"{first}{chance.choice(('_', '.', ''))}{last}{chance.choice(('', chance.randrange(100)))}".lower()
    nickname = f"{chance.choice(('just', 'its', 'real', 'the'))}{chance.choice(('', '_'))}{first}".lower()
    shapes = (
        (0.40, f"{first} {last}"),
        (0.55, f"{first} {last[0]}."),
        (0.70, first),
        (0.85, handle),
        (0.93, f"{first} {chance.choice(_SIGNS)}"),
    )
    return next((shape for share, shape in shapes if kind < share), nickname)


def payload_of(
    visitor: Visitor, *, creator: str, external_id: str, text: str, sent_at: datetime, number: int
) -> dict[str, object]:
    """What the channel's webhook carries for this message, in the channel's own shape."""
    unix = int(sent_at.timestamp())
    if visitor.channel == "instagram":
        said = {"mid": external_id, "text": text}
        event = {"sender": {"id": visitor.id}, "recipient": {"id": creator}, "timestamp": unix * 1000, "message": said}
        return {"object": "instagram", "entry": [{"id": creator, "time": unix * 1000, "messaging": [event]}]}
    if visitor.channel == "youtube":
        snippet: dict[str, object] = {
            "textOriginal": text,
            "authorDisplayName": visitor.name,
            "authorProfileImageUrl": visitor.avatar_url,
            "authorChannelId": {"value": visitor.id},
            "likeCount": number % 7 if number % 3 == 0 else 0,
            "publishedAt": sent_at.isoformat(),
        }
        top = {"kind": "youtube#comment", "id": external_id, "snippet": snippet}
        return {"kind": "youtube#commentThread", "id": external_id, "snippet": {"topLevelComment": top}}
    if visitor.channel == "telegram":
        sender = {"id": visitor.id, "is_bot": False, "first_name": visitor.first_name}
        chat = {"id": visitor.id, "type": "private"}
        said = {"message_id": number, "from": sender, "chat": chat, "date": unix, "text": text}
        return {"update_id": 500_000_000 + number, "message": said}
    if visitor.channel == "email":
        address = f"{visitor.id}@mail.example"
        headers = {"Message-ID": f"<{external_id}@mail.example>", "Date": sent_at.isoformat(), "MIME-Version": "1.0"}
        return {
            "from": f"{visitor.name} <{address}>",
            "to": f"{creator}@mail.example",
            "headers": headers,
            "text": text,
        }
    fields = {"name": visitor.name, "message": text}
    return {"form": "contact", "page": "/contact", "fields": fields, "user_agent": _AGENTS[number % len(_AGENTS)]}
