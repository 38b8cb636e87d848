"""What experiences of every category may tell: feelings, places, weather, animals, proof."""

from typing import Final

from likewise.apps.community.logic.extracting.lexicon import Phrase, vocabulary

__all__ = ["PHRASES"]

_EMOTION: Final = vocabulary(
    "emotion",
    {
        None: "shock wave; panic button; fear factor; joy ride; wonder woman; wonder if|what|why|whether|how; "
        "calm night|sea|sea|water|wind|weather|evening; awe inspiring building; love to see|know|hear; "
        "peace sign|river",
        "fear": "fear; afraid; scared; scare*; terrified; terrify*; terror; frightened; frighten*; frightening; "
        "panic; panicked; horrified; horror; scary; dread; creeped out; freaked out; petrified; spooked; "
        "scared to death; hair stood up =0.6; hair stood on end =0.7; heart pound* =0.6; "
        "heart was pounding =0.7; heart race* =0.5; heart was racing =0.6; frightful",
        "awe": "awe; in awe; awestruck; awed; wonder =0.7; breathtaking; overwhelmed by beauty; amazed; "
        "amazing =0.6; astonished; astounded; mesmerized; mesmerised; spellbound; magnificent =0.6; "
        "jaw dropped; speechless; took my breath away; took breath away; reverence; blown away =0.6; "
        "awe inspiring; stunned =0.6",
        "joy": "joy; joyful; happy; happiness; bliss; blissful; euphoric; euphoria; elated; delighted; "
        "ecstatic; ecstasy; laughed =0.5; laugh* out loud =0.6; thrilled; overjoyed",
        "calm": "calm; peaceful; at peace; peace; serene; serenity; relaxed; tranquil; soothed; soothing; "
        "comforted; comforting; no longer afraid; not afraid; unafraid; not scared; no fear; without fear; "
        "felt safe",
        "sadness": "sad; sadness; grief; griev*; sorrow; wept; weep*; cried; cry*; in tears; "
        "tears ran|rolled|streamed; heartbroken; mourn*; lonely; loneliness; melancholy; homesick",
        "confusion": "confused; confusion; confusing; puzzled; baffled; bewildered; disoriented; disorientated; "
        "perplexed; couldn't understand; could not understand; made no sense; makes no sense; dazed",
        "curiosity": "curious; curiosity; fascinated; fascinating; intrigued",
        "relief": "relief; relieved",
        "anger": "angry; anger; furious; rage",
        "love": "love; loved; unconditional love; felt loved; beloved =0.5",
        "unease": "uneasy; unease; unsettled; unsettling; creepy; eerie; eerily; ominous; nervous; anxious; "
        "anxiety; uncomfortable; on edge; goosebumps; goose bumps; chills; shivers; shiver down spine; "
        "hair on neck|arms; hairs on neck|arms",
        "gratitude": "grateful; gratitude; thankful; blessed =0.6",
        "shock": "shocked; in shock; shock =0.6; startled; disbelief; dumbfounded; flabbergasted",
    },
    confidence=0.82,
)
_LOCATION: Final = vocabulary(
    "location_kind",
    {
        None: "football|soccer field; car park alarm|lights; light house; white house; sea world; house music; "
        "air force; hospital sign; office hours; city hall; home town; hometown; field of view|vision; "
        "come home; went home; welcome home; drive in theater; beach ball; car lights; car alarm|alarms; "
        "car headlights; size of house|car|plane|bus|boat|ship; "
        "size of small|large|big car|house|plane|boat|truck; wide as house|car; car park; parking lot; "
        "big as house|car|plane|bus|ship|boat; like train|plane|car|boat|ship; mountain lion; star ship; "
        "church bell|bells; forest fire; sea level; plane|boat|train|car like; train track|tracks; space ship; "
        "home page; field trip; not plane; small plane; private plane; park ranger|rangers; police car|cars; "
        "like boat|ship|car|bus",
        "home": "at home; house; my home =0.75; apartment; my flat; our flat; in my flat; in our flat; "
        "empty flat; living room; kitchen; my place; balcony; porch; bathroom; hallway; attic; basement; "
        "cellar; upstairs; downstairs; couch; sofa; deck =0.6; garage",
        "bedroom": "bedroom; in bed; my bed; bed; foot of bed; duvet; pillow; mattress",
        "garden": "garden; backyard; back yard; front yard; yard; driveway; patio; lawn",
        "car": "car; while driving; driving; drove; truck; van; passenger seat; behind wheel; suv; taxi; cab; lorry",
        "road": "highway; motorway; freeway; interstate; road; country road; roadside; street",
        "forest": "forest; woods; woodland; jungle; among trees; rainforest; pines; on trail; hiking trail",
        "beach": "beach; shore; seaside; dunes; on sand",
        "sea": "at sea; ocean; sea; boat; ship =0.45; sailing; ferry; on deck of; fishing boat; sail boat; "
        "yacht; bay =0.5",
        "lake": "lake; river; pond; reservoir; canal",
        "mountain": "mountain; mountains; mountaintop; summit; ridge =0.6; valley =0.6; hillside; hut; peak =0.6",
        "desert": "desert",
        "field": "field; meadow; farm; countryside; pasture; barn; vineyard",
        "city": "downtown; city; city centre; city center; town square; rooftop; skyscraper; crossing =0.4; "
        "market square",
        "hospital": "hospital; clinic; operating table; operating room; operating theatre; intensive care; icu; "
        "emergency room; ambulance; ward; hospice; delivery room",
        "work": "office; at work; workplace; warehouse; factory; workshop",
        "church": "church; chapel; cathedral; temple; mosque; monastery; shrine; abbey; synagogue",
        "cemetery": "cemetery; graveyard; graveside; grave =0.6",
        "hotel": "hotel; motel; inn; hostel; guesthouse; guest house",
        "plane": "on plane; airplane seat; aboard flight; cockpit; cabin crew; airliner seat; window seat; "
        "on flight; on board plane|flight",
        "train": "train; metro; subway; tram; railway station; train station; platform =0.4; underground =0.5",
        "school": "school; university; campus; classroom; lecture hall; library; dormitory; dorm",
        "camp": "camping; campsite; tent; campfire; campground",
        "park": "park; playground",
        "museum": "museum; theatre; theater; gallery; castle; ruins",
        "cave": "cave; mine shaft; tunnel under",
        "shop": "shop; supermarket; store =0.6; market stall; cafe; café; restaurant; bakery; pub; bar =0.5",
    },
    confidence=0.8,
)
_WEATHER: Final = vocabulary(
    "weather",
    {
        None: "clear view|shape|outline|that|answer|picture|voice; clear as; made clear; windy city; "
        "storm trooper; like thunder|storm|lightning; like clear; ball lightning; thunder bay; snow white; "
        "mind fog; brain fog; fog lights; cloud of smoke; cloud nine; snow on screen; ball of lightning; "
        "in clear voice",
        "clear": "clear sky|skies|night|day|evening|morning|blue|starry|weather; cloudless; starry night|sky; "
        "no clouds; not cloud; without cloud; stars were out; sky was clear; skies were clear; perfectly clear; "
        "crystal clear night|sky",
        "cloudy": "cloudy; overcast; clouds; cloud cover; low cloud; grey sky|skies; cloud bank; cloud =0.6",
        "rain": "rain; rainy; raining; drizzle; drizzling; downpour; pouring; wet road",
        "storm": "storm; thunderstorm; thunder; lightning; hurricane; gale; squall; tornado; cyclone",
        "snow": "snow; snowing; snowy; blizzard; sleet; hail",
        "fog": "fog; foggy; mist; misty; haze; hazy",
        "wind": "windy; strong wind; gust; wind was howling|blowing; high winds; breezy",
        "still": "no wind; windless; not breath of wind; wind was still; calm night|sea|water|evening|weather; "
        "wind still; air was still; without wind; not leaf moved",
        "hot": "heat wave; heatwave; hot day|night|afternoon; sweltering; scorching",
        "cold": "cold night|day|morning|evening|winter|weather; freezing night|outside|cold; frost; frosty",
        "sunny": "sunny; bright sunshine; sunshine; sunlit",
    },
    confidence=0.82,
)
_EVIDENCE: Final = vocabulary(
    "evidence",
    {
        None: "like photo|video|photograph; photo finish; video game; film noir; photo realistic; radar love; "
        "camera shy; no photo|video|camera; camera died|failed|froze; picture frame; picture on wall; "
        "pictures turned|fell; moving picture; picture book",
        "photo": "photo; photograph; took picture|pictures; pictures of it; snapped picture; picture; pics; "
        "pic; photographed; took photos; camera =0.5",
        "video": "video; filmed; footage; videotaped; video taped; recorded it on phone; on film; camcorder; "
        "videoed; caught on camera; cctv; security camera; doorbell camera; dashcam; trail camera; "
        "recorded video; recorded it =0.6",
        "audio": "sound recording; audio; recorded sound|voice|hum; voice memo; tape recorder; recorder",
        "radar": "radar",
        "physical_trace": "burn mark; scorch mark; scorched; burned grass; burnt grass; crop circle; footprint; "
        "tracks in; dent; imprint; flattened grass; left mark; circle in grass; bruise; claw marks; residue; "
        "pressed flat",
        "written": "wrote it down; written down; diary; journal; notebook; wrote down; logbook; dated entry",
        "medical": "x ray; scan; medical records; doctor confirmed; doctors confirmed; blood test; ecg; mri; "
        "hospital records; flat line",
        "official": "police report; police came|confirmed; air traffic control; airport confirmed; newspaper; "
        "local news; on news; reported it to; pilot reported; weather service",
    },
    confidence=0.8,
)
_SENSE: Final = vocabulary(
    "sense",
    {
        None: "touched by story; smelled rat; saw nothing; heard nothing; heard about|of|that; look like; "
        "touch screen; touched down; makes sense; sense of humour|humor; tasted success",
        "sight": "saw; seen; see*; watched; watch*; witnessed; looked at; noticed; visible; spotted; observed",
        "hearing": "heard; hear*; sound; noise; voice; whisper*; listened; listening; loud; hum; humming",
        "touch": "touched; touch; hand on shoulder|arm|back|hand; felt hand|hands; grabbed; stroked; "
        "something brushed; held my hand; tugged; pushed me",
        "smell": "smell*; smelt; scent; odor; odour; stench; perfume; aroma; fragrance",
        "taste": "taste; tasted; metallic taste",
        "temperature": "went cold; got cold; cold spot; icy; sudden chill; heat; warmth; temperature; ice cold; "
        "warm glow",
        "inner_knowing": "just knew; knew that; knew it; sixth sense; gut feeling; intuition; feeling that; "
        "felt that =0.5; felt presence; sensed; sense of",
    },
    confidence=0.75,
)
_EFFECT: Final = vocabulary(
    "physical_effect",
    {
        None: "burning light|ball|object|up|out|orange|red|fire; headache pills; dizzy heights; fire burn*; "
        "burn* out|up; numb* out; power lines; power line; burned out|up|grass; burnt out|up|grass; "
        "paralyzed with fear; shook his|her head; shook hands; shook me awake; hot tub; shake* head",
        "headache": "headache; migraine; head hurt; head ached",
        "burns": "burns; burned my|skin|hand|face; sunburn; sunburned; burnt skin|face|hand; skin burned; "
        "red skin; blister",
        "tingling": "tingling; tingle; tingled; pins and needles; prickling; static on skin; "
        "electricity through body|me; skin crawled; buzzing in body",
        "nausea": "nausea; nauseous; felt sick; sick to stomach; vomited; threw up; dizzy; dizziness; "
        "lightheaded; vertigo",
        "paralysis": "paralyzed; paralysed; paralysis; couldn't move; could not move; unable to move; "
        "frozen in place; can't move; cannot move; was not able to move; wasn't able to move; frozen stiff; "
        "rooted to spot",
        "goosebumps": "goosebumps; goose bumps; hair stood up|on end; hairs stood up|on end; gooseflesh; chills",
        "electrical_interference": "radio went dead|static; static on radio|phone; "
        "engine died|stalled|quit|stopped; lights flickered|dimmed; lights went out; power went out|off; "
        "power cut; power outage; blackout; phone died|froze; battery drained|died|dead; compass spun|went; "
        "car died|stalled; car alarms|alarm went off; setting off car alarms; headlights dimmed; "
        "headlights went out; tv flickered; engine cut out; screens flickered; lost power; lost signal; "
        "radio crackled; streetlights went out; street lights went out; electronics failed|died",
        "ear_ringing": "ears rang; ringing in ears; ears popped; ears hurt; pressure in ears; tinnitus; "
        "ears were ringing",
        "shaking": "shaking; trembled; trembling; shook; shivering; shivered; knees went weak; legs went weak",
        "tears": "tears in eyes; burst into tears; tears ran|rolled|streamed|came; couldn't stop crying; eyes watered",
        "heat": "felt heat; warmth through; heat through; heat on face|skin; warmth spread; "
        "wave of heat|warmth; hands grew hot; hot all over",
        "exhaustion": "exhausted; drained; slept for; tired for days; wiped out",
        "memory_gap": "no memory; can't remember; cannot remember; memory gap; blacked out; blank in memory; "
        "lost memory",
        "pain": "pain in; sharp pain; pain; ached; aching",
        "heartbeat": "heart race*; heart pound*; heart was racing|pounding; palpitations",
    },
    confidence=0.82,
)
_ANIMAL: Final = vocabulary(
    "animal",
    {
        None: "bird's eye; bird eye; cat scan; like cat|dog|bird|bat|horse|fish|insect|bee|snake|spider; "
        "dog days; hot dog; dog tired; bee line; horse shoe; horsepower; fish eye; fish tank; cat nap; "
        "bull's eye; bird shaped; bat shaped; crow flies; crane arm; dog star; bat of eye; bat eye; "
        "bear in mind; bears no; bore no; seal of; duck down; ducked; fly by; swan song; cow town; not bird; "
        "bird or; or bird; tower crane; dog walk* past",
        "dog": "dog; puppy; hound; labrador; terrier; collie; spaniel; shepherd dog; dachshund",
        "cat": "cat; kitten; tomcat",
        "horse": "horse; pony; mare; foal; donkey; mule",
        "cattle": "cow; cattle; bull; calf; herd; oxen",
        "sheep": "sheep; lamb; goat; flock of sheep",
        "bird": "bird; crow; raven; owl; gull; swallow =0.5; pigeon; robin; magpie; goose; geese; duck; "
        "blackbird; parrot; hawk; eagle; starling; sparrow; heron; swan; crane; rooster; hen; hens; cockatoo; "
        "kookaburra; hummingbird; jackdaw",
        "insect": "bee; ant; butterfly; dragonfly; moth; wasp; firefly; beetle; ladybird; cricket; cicada",
        "sea_animal": "fish; whale; dolphin; seal; shark; orca; carp; salmon; pike; otter",
        "deer": "deer; elk; moose; stag; reindeer; roe",
        "fox_or_wolf": "fox; wolf; wolves; coyote; jackal",
        "bear": "bear",
        "reptile": "snake; lizard; tortoise; turtle; crocodile",
        "frog": "frog; toad",
        "small_mammal": "mouse; mice; rat; squirrel; rabbit; hare; hedgehog; bat",
        "monkey": "monkey; ape; baboon; macaque; lemur",
        "elephant": "elephant",
    },
    confidence=0.78,
)
_TIME: Final = vocabulary(
    "time_of_day",
    {
        None: "last night's; night vision; good morning|night|evening; night light|stand|nurse|owl|bus|shift; "
        "opening night; morning star; nightstand; every night; night after; nights later; three nights; "
        "day and night; evening star; noon day; sunset boulevard; midnight blue; afternoon tea; twilight zone; "
        "sunrise beach; morning after; by morning; until morning; in morning i; next morning =0.3; night before",
        "dawn": "dawn; sunrise; daybreak; first light; before sunrise; at first light; crack of dawn",
        "morning": "morning; breakfast time; early hours of morning; before breakfast; mid morning",
        "midday": "noon; midday; lunchtime; mid day; lunch time; lunch break",
        "afternoon": "afternoon; broad daylight; middle of day; daytime; day time; early afternoon",
        "dusk": "dusk; sunset; twilight; nightfall; sundown; at last light; blue hour; as sun set; sun went down",
        "evening": "evening; early evening; after dinner; after supper",
        "night": "night; tonight; night sky =0.6; midnight; middle of night; at night; night time; nighttime; "
        "late at night; small hours; early hours; before dawn; long after midnight; in dark of night",
    },
    confidence=0.72,
)
_SEASON: Final = vocabulary(
    "season",
    {
        None: "spring water; hot spring; spring up; fall asleep; winter coat; summer house; winter sports; "
        "spring lake|valley|hill|green; summer camp",
        "winter": "winter; christmas; christmas eve; boxing day =0.5",
        "spring": "in spring; spring; last spring; early spring; springtime; that spring",
        "summer": "summer; midsummer; summertime",
        "autumn": "autumn; in fall =0.5; last fall; that fall; early fall; late fall; halloween =0.6",
    },
    confidence=0.65,
)
_WEEKDAY: Final = vocabulary(
    "weekday",
    {
        None: "black friday; ruby tuesday; good friday; sunday paper|papers|roast|best",
        "monday": "monday",
        "tuesday": "tuesday",
        "wednesday": "wednesday",
        "thursday": "thursday",
        "friday": "friday",
        "saturday": "saturday",
        "sunday": "sunday",
    },
    confidence=0.6,
)

PHRASES: Final[tuple[Phrase, ...]] = (
    *_EMOTION,
    *_LOCATION,
    *_WEATHER,
    *_EVIDENCE,
    *_SENSE,
    *_EFFECT,
    *_ANIMAL,
    *_TIME,
    *_SEASON,
    *_WEEKDAY,
)
