"""Signs and foreknowledge, lost things found, broken time: what came, by which way, and whom it concerned."""

from typing import Final

from likewise.apps.community.logic.extracting.lexicon import Phrase, vocabulary

__all__ = ["PHRASES"]

_CAME_TRUE: Final = vocabulary(
    "came_true",
    {
        False: "never happened; did not happen; didn't happen; hasn't happened; has not happened; "
        "nothing happened; nothing came of it; not come true; didn't come true; did not come true; "
        "hasn't come true; was wrong; not yet; still waiting; has not come true; turned out wrong; "
        "nothing has happened; it never came",
        True: "came true; happened exactly; exactly as i; exactly as in; just as i; "
        "as i had seen|dreamed|dreamt|said; it happened; had happened; turned out; proved right; was right; "
        "next day news; on news; same accident; that very; minutes later; hours later; days later; weeks later; "
        "months later; day later; week later; month later; year later; next day; next morning; phone rang; "
        "rang to say; called to say; called me to; it was true; word for word; same day; there it was; "
        "for real; in waking life; and then it",
    },
    confidence=0.74,
)
_FORESEEN: Final = vocabulary(
    "foreseen",
    {
        None: "dead tired|end|line; dead of night; baby sitter; fire place; fire works; death star; cold war; "
        "storm drain; bomb shelter; lottery of; lost in thought; crash course; late train; call centre; "
        "fell asleep; falling asleep; train of thought; house plant; died down|out; phone died; so called; "
        "call it; called it",
        "death": "death; died; dies; die; dead; funeral; passed away; passing; dying; buried; lost him|her",
        "accident": "accident; crash; crashed; collision; collided; fall; fell; derailed; hit by; run over; "
        "injured; broken leg|arm|wrist|hip; skidded; overturned; brakes failed",
        "illness": "ill; illness; cancer; stroke; heart attack; hospital; sick; diagnosis; tumour; tumor; "
        "ambulance; lump; surgery",
        "birth": "birth; pregnant; baby; born; pregnancy; twins; expecting",
        "disaster": "earthquake; flood; fire; explosion; tsunami; storm; landslide; bridge fell|collapsed; "
        "collapse; collapsed; eruption; avalanche; plane crash; burned down; burnt down; quake; hurricane; "
        "wildfire; derailment",
        "meeting": "meet; met; meeting; stranger; old friend; visitor; arrived; bumped into; ran into; "
        "turned up; at door",
        "message": "call; called me|us; called to; phone call; letter; message; telegram; rang to; rang me; "
        "news; postcard; text message; email; phone rang",
        "win": "won; lottery; prize; win; raffle; winning; winner; score; goal",
        "war": "war; attack; invasion; bomb; bombing; riot; revolution",
        "loss": "lost; stolen; theft; burgled; broken into; burglary; missing; robbed",
        "job": "job; promotion; sacked; redundant; laid off; offer; hired",
        "weather": "hail; snowfall; lightning; drought; frost",
    },
    confidence=0.74,
)
_CHANNEL: Final = vocabulary(
    "channel",
    {
        None: "dream job; dream house; dream car; voice mail; feeling better|well|sick|cold|tired|hungry; "
        "picture frame; dreamily; film crew; so called; letter box; cold feeling; vision test; reading glasses; "
        "card game; text book",
        "dream": "dream; dreamed; dreamt; in my sleep; nightmare; dreams",
        "feeling": "feeling; felt; gut; gut feeling; dread; sense; hunch; intuition; instinct; uneasy; "
        "heavy feeling; knot in stomach; something told me; certain that; restless; stomach turned; "
        "stomach tightened; certainty",
        "vision": "vision; flash; saw clearly; picture in mind; image; saw in mind; mind's eye; saw before me; "
        "picture; film in head; pictured; visions; saw it",
        "voice": "voice; heard word; heard words; voice said; heard name; whisper*; said clearly; "
        "words in head; sentence in head; heard him|her|my",
        "body": "pain; goosebumps; chill; shiver; headache; stomach ache; tingling; sharp pain; ached; "
        "heart jumped; went cold; hands shook",
        "thought": "thought of; thinking of; thinking about; came to mind; crossed my mind; popped into head; "
        "out of nowhere i thought; knew; just knew; same thought; had been thinking; thought about; name came",
        "cards": "tarot; cards; pendulum; ouija; rune; runes; horoscope; tea leaves; coffee grounds; i ching; "
        "palm; palm reader; fortune teller",
        "phone": "phone rang; rang; telephone; called me; she called; he called; phoned; text message; phone",
        "gaze": "looked up; looked at each other; across table; across room; glance; glanced; our eyes met; "
        "same moment; same time; at once; said together; same word; finished my sentence",
    },
    confidence=0.74,
)
_CONTACT: Final = vocabulary(
    "person_concerned",
    {
        None: "mother nature; mother tongue; father christmas; friend request; brother in arms; mother ship; "
        "so called friend; user friendly; friendly",
        "mother": "mother; mum; mom; mama",
        "father": "father; dad; papa",
        "sibling": "brother; sister; twin; siblings",
        "partner": "wife; husband; girlfriend; boyfriend; partner; fiancé; fiancée; ex",
        "child": "daughter; son; child; baby; my boy; my girl",
        "friend": "friend; best friend; schoolmate; classmate; roommate; flatmate; schoolfriend; old friend; "
        "pen friend; penfriend",
        "grandparent": "grandmother; grandfather; grandma; grandpa; grandad; nan; gran; nonna; oma; granny",
        "relative": "aunt; uncle; cousin; nephew; niece; godmother; godfather; mother in law; father in law",
        "colleague": "colleague; coworker; boss; workmate; client; teacher; professor; pupil; student",
        "stranger": "stranger; somebody i had never met; someone i had never met; unknown; man i had never met; "
        "woman i had never met; passer by; man on train|bus; woman on train|bus",
        "neighbour": "neighbour; neighbor; landlord; landlady",
        "pet": "my dog; my cat; our dog; our cat; the dog; the cat",
        "self": "myself; own; to me",
    },
    confidence=0.72,
)
_COINCIDENCE: Final = vocabulary(
    "coincidence_kind",
    {
        "same_date": "same date; same day; same birthday; birthday; anniversary; to the day; date of birth; "
        "exactly years; same day years",
        "same_name": "same name; my name; her name; his name; namesake; name; surname; called like; name on; "
        "with my name",
        "same_place": "same place; same street; same village; same hotel; same room; same seat; same house; "
        "same bench; same town; same bus; same train; same table; next door; seat number; same compartment; "
        "same flat",
        "same_object": "same book; same ring; same coat; same photograph; same picture; same car; same watch; "
        "same dress; same scarf; identical; my own copy; own handwriting; my handwriting; same cup; same toy",
        "same_number": "same number; number; numbers; 11:11; digits; receipt; ticket number; room number; "
        "registration; number plate; house number",
        "meeting": "ran into; bumped into; met; sat next to; sitting next to; turned out to be; "
        "turned out that; by chance; happened to be; chance meeting; of all people; on the other side of world; "
        "sat down beside|opposite",
        "timing": "at that moment; same moment; same minute; exact moment; same second; just then; very moment; "
        "same time; in that second; same hour; to the minute; while i was; as i said; just as i; the instant; "
        "at once; same evening; minutes later; next day",
        "word_or_song": "same word; same song; song came on; the word; radio played; same sentence; song; "
        "same tune; lyric; crossword; on radio; book opened; billboard; headline; television said; radio said",
    },
    confidence=0.74,
)
_OBJECT: Final = vocabulary(
    "object",
    {
        None: "ring road; ring tone; phone ring; ringing; rang; key board; keyboard; key moment; key word; "
        "ring of; watch it|him|her|them|me|out|for|the; to watch; watched; note that; "
        "book* flight|room|hotel|ticket; booked; phone call; on phone; by phone; glass of; glass door; "
        "coin cidence; face book; key to; watching; letter box",
        "ring": "ring; wedding ring; engagement ring; signet ring",
        "keys": "keys; key; house keys; car keys; bunch of keys",
        "glasses": "glasses; spectacles; reading glasses; sunglasses",
        "jewellery": "necklace; earring; bracelet; locket; brooch; pendant; medal; medallion; cufflink; chain",
        "wallet": "wallet; purse; handbag; passport; bag; rucksack; backpack; bank card",
        "phone": "phone; mobile; telephone; laptop; camera",
        "watch": "wristwatch; pocket watch; his watch; her watch; my watch; father's watch; grandfather's watch; watch",
        "book": "book; diary; notebook; cookbook; novel; bible; album; prayer book; recipe book; dictionary",
        "letter": "letter; postcard; envelope; note; telegram; message in bottle; bottle; manuscript",
        "photo": "photograph; photo; picture; portrait; negative; polaroid",
        "toy": "toy; teddy; doll; bear; stuffed rabbit; toy car; marble; rabbit; whistle; kite",
        "coin": "coin; penny; banknote; silver dollar; token",
        "instrument": "violin; guitar; flute; accordion; harmonica; trumpet; bow; mouth organ; tuning fork",
        "clothing": "scarf; glove; hat; coat; jacket; shoe; sock; cardigan; mitten; jumper; umbrella",
        "tool": "screwdriver; scissors; knife; hammer; pen; penknife; spoon; thimble; fountain pen; "
        "tape measure; trowel; secateurs",
        "pet": "cat; dog; tortoise; parrot; budgie; canary; pigeon",
        "cup": "cup; mug; plate; teapot; bowl; sugar bowl",
    },
    confidence=0.76,
)
_FOUND_HOW: Final = vocabulary(
    "found_how",
    {
        "reappeared": "reappeared; turned up; back in place; was back; lay there; lying there; on table again; "
        "back on; there it was; came back; in plain sight; middle of; where i had looked; already looked; "
        "been searched; had searched; exactly where",
        "brought_by_someone": "stranger brought; posted to me; handed me; handed it; brought it; sent it; "
        "sent it back; returned it; gave it back; gave it to; arrived by post; brought back; knocked with; "
        "in post; police rang",
        "washed_ashore": "washed ashore; washed up; on beach; in net; inside fish; low tide; tide; "
        "metal detector; plough; ploughed; dug up; potatoes; in soil; garden bed; turned soil; potato; carrot",
        "second_hand": "second hand; secondhand; flea market; charity shop; market stall; auction; bookshop; "
        "junk shop; antique shop; for sale; jumble sale; car boot; thrift",
        "by_dream": "dream; dreamed; dreamt; voice told; told me where; showed me where; in my sleep",
        "by_animal": "dog brought; crow brought; magpie; cat brought; dog dug; crow; carried in mouth; jackdaw",
        "never": "never found; never came back; still missing; never turned up; never seen again; gone for good",
    },
    confidence=0.76,
)
_GLITCH: Final = vocabulary(
    "glitch_kind",
    {
        "repeated_event": "again; same scene; repeated; twice; happened twice; same conversation; same man; "
        "same woman; same car; loop; replay; second time; exactly same; for second time; same bus",
        "vanished_object": "vanished; disappeared; gone; wasn't there; was not there; no longer there; "
        "never been there; dissolved; nowhere",
        "duplicate": "two of; identical; twins; same person twice; duplicate; double; copies; second copy; "
        "both wearing; same coat; two identical",
        "changed_detail": "always been; had always been; used to be; changed; different colour|color; "
        "never been; nobody remembers; no one remembers; everyone says; everybody says; spelled differently; "
        "was never; different; other side of; wrong side; remember it as; i remember",
        "frozen": "froze; frozen; stood still; nothing moved; motionless; stopped mid; hung in air; "
        "stopped in mid air; paused; stuck; stopped moving; like photograph; stood like statues",
        "impossible_distance": "too fast; could not have; couldn't have; impossible; no way he|she; "
        "minutes early; hours early; before we left; shorter than; in no time; arrived before",
        "wrong_time": "clock; clocks; watch showed; time jumped; hour early; time stamp; timestamp; "
        "receipt said; backwards; ran backwards; clock showed; same time",
    },
    confidence=0.68,
)
_ERA: Final = vocabulary(
    "era",
    {
        "ancient": "roman; romans; ancient egypt; egypt; pyramid; temple; greek; ancient; legion; toga; "
        "legionary; pharaoh; babylon; nile",
        "medieval": "medieval; middle ages; knight; monk; monastery; castle; plague; sword; armour; viking; "
        "crusade; scriptorium; pilgrim; abbey",
        "early_modern": "sixteenth century; seventeenth century; 1600s; 1500s; galleon; pirate; witch; "
        "inquisition; tudor; musket; samurai; sixteen hundreds",
        "eighteenth_century": "eighteenth century; 1700s; wigs; powdered wig; french revolution; guillotine; "
        "plantation; stagecoach; tricorn; 1790s; 1780s",
        "nineteenth_century": "nineteenth century; 1800s; victorian; horse drawn; carriage; carriages; "
        "gas lamp; gas lamps; gaslight; civil war; steam train; crinoline; top hat; bonnet; 1890s; 1880s; "
        "1860s; 1850s; bonnets; gas light; hansom; whaling; whaler; 1870s; steamship",
        "early_twentieth_century": "1900s; 1910s; 1920s; 1930s; 1940s; first world war; great war; trench; "
        "trenches; titanic; second world war; world war; pilot in war; spitfire; bomber; air raid; wartime; "
        "thirties; forties; twenties; flapper; 1912; 1917; 1943; 1944; 1936; blackout curtains; gas mask; "
        "ration; nineteen thirties|forties|twenties; mill; tram conductor; steam locomotive",
        "late_twentieth_century": "1950s; 1960s; 1970s; 1980s; fifties; sixties; seventies; eighties; vietnam; "
        "1950; 1962; 1974; nineteen fifties|sixties|seventies; telephone box; phone box; 1958; 1966; 1971",
        "future": "future; year 2100; hundred years ahead; not yet built; next century; years ahead; not been built",
    },
    confidence=0.76,
)
_PAST_SIGN: Final = vocabulary(
    "memory_sign",
    {
        "child_spoke": "my son said; my daughter said; when he was three|four|two|five; "
        "when she was three|four|two|five; at age three|four; three year old; four year old; two year old; "
        "five year old; as toddler; when i was big; before i was born; my other mother; my old house; "
        "other family; toddler; little one said; aged three|four|two|five; when he was little; "
        "when she was little; my real mother; as small child; nursery",
        "place_recognised": "knew way; knew every; recognised; recognized; knew where; been here before; "
        "could describe; knew what was behind; knew street|streets|house|room|corner; without map; led us; "
        "led me; walked straight to; turn left; knew my way; i knew",
        "birthmark": "birthmark; birth mark; mole; scar; mark on",
        "skill": "could play; spoke language; never learned; spoke words; never been taught; nobody taught; "
        "knew how to; without being taught; hands knew; never learnt; language i|he|she; words of; "
        "never had lesson; tied knots; knot",
        "fear": "fear of water|fire|drowning|horses; afraid of water|fire|horses|ships; phobia; "
        "terrified of water|fire|drowning; scared of water|fire; cannot stand; dread of; panic in",
        "hypnosis": "hypnosis; regression; hypnotised; hypnotized; therapist; hypnotherapist; hypnotist",
        "name": "name; called; his name was; her name was; my name was",
        "dream": "dream; dreamed; dreamt; dreams",
        "verified": "records; archive; archives; parish register; gravestone; registry; found grave; census; "
        "historian; old map; newspaper; church book; register; ledger; photograph in; museum",
    },
    confidence=0.76,
)
_ANACHRONISM: Final = vocabulary(
    "anachronism",
    {
        "clothes": "dressed in; old clothes; old fashioned; bonnet; long dress; clothes from; crinoline; "
        "uniform; apron; shawl; cap; old suit; period dress; waistcoat; frock; top hat; clogs; costume",
        "vehicles": "horse drawn; carriage; cart; old car; old cars; steam; tram; coach; wagon; horse and cart; "
        "vintage; no cars; penny farthing",
        "buildings": "building that; shop that; house that; old shopfront; cobbles; cobbled; gas lamp; "
        "gas lamps; thatched; pub that; chapel that; cottage that; bakery that; shop was; demolished; "
        "pulled down; not there any; no longer there; torn down; gap where; empty plot",
        "money": "old coins; old money; shillings; pence; sixpence; price; prices; banknote; coins; drachma; "
        "lira; pfennig",
        "silence": "silent; silence; no sound; quiet; no traffic; birds stopped; no birds; sound stopped; muffled",
        "speech": "spoke oddly; old accent; accent; called me sir; dialect; strange words; old word; "
        "spoke like; old fashioned speech",
        "objects": "newspaper from; newspaper; paper dated; calendar; poster; oil lamp; typewriter; candle; "
        "date on; magazine; oil lamps; menu",
    },
    confidence=0.76,
)
_DEJA: Final = vocabulary(
    "recognised",
    {
        None: "in place of; took place; take place; room for; words fail; in other words",
        "place": "been here before; been there before; this place; knew place; "
        "knew street|room|house|way|corner; never been; never set foot; first time in; room; street; corridor; "
        "staircase; been here; city; village; square",
        "conversation": "conversation; words; sentence; what she would say; what he would say; "
        "what they would say; said next; next word; would say; the answer; exact words; about to say; joke; "
        "same sentence",
        "person": "met before; knew him|her; stranger; seen her|his face; seen his|her face; knew face; "
        "the face; never met; waiter; known her|him",
        "scene": "scene; moment; whole moment; whole scene; lived this; lived it; happened before; "
        "done this before; everything; same light; spoon; cup; exactly this; seen this; all happened; this exact",
        "from_dream": "dream; dreamed; dreamt; in dream; dreamed it; dreamt it",
        "next_event": "what would happen; would fall; would ring; about to happen; would happen next; "
        "knew next; come next; would come next; what came next; would drop; would turn; going to; was about to; "
        "next thing; would break; would open",
    },
    confidence=0.72,
)

PHRASES: Final[tuple[Phrase, ...]] = (
    *_CAME_TRUE,
    *_FORESEEN,
    *_CHANNEL,
    *_CONTACT,
    *_COINCIDENCE,
    *_OBJECT,
    *_FOUND_HOW,
    *_GLITCH,
    *_ERA,
    *_PAST_SIGN,
    *_ANACHRONISM,
    *_DEJA,
)
