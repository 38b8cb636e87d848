"""Animals, weather, the sky of astronomers, sounds, machines that misbehave, and hours that are missing."""

from typing import Final

from likewise.apps.community.logic.extracting.lexicon import Phrase, vocabulary

__all__ = ["PHRASES"]

_BEHAVIOUR: Final = vocabulary(
    "behaviour",
    {
        "fleeing": "fled; flee*; ran away; bolted; flew off; left all at once; took off; stampede; scattered; "
        "went to higher ground; higher ground; uphill; left the; moved out; streamed out; ran; up the hill; "
        "broke out; galloped off",
        "silence": "silent; stopped singing; fell silent; went quiet; no birds; silence; birds stopped; "
        "stopped barking; stopped croaking; quiet; not one bird; crickets stopped; stopped at once; "
        "frogs stopped; cicadas stopped",
        "howling": "howl*; howled; howling; barked; bark*; barking; whined; whin*; growled; growl*; growling; "
        "hissed; hissing; yowled; meowed; neighed; screamed; crowed; wail*; whimper*; brayed",
        "staring": "stared at; stare*; staring; watched corner; watched empty; looked at wall; "
        "followed with eyes; fixed on; gazed; stares; looking at nothing; stare at corner|wall|door; "
        "watch* door|corner|wall; watching something; eyes followed; looked up at",
        "gathering": "gathered; gather*; gathering; hundreds of; in circle; circle; stood in circle; lined up; "
        "dozens of; all facing; came in hundreds; assembled; sat in row; in row; in line; ring; formed; "
        "together; crowd of; all at once; facing",
        "guarding": "guard*; guarded; would not let; wouldn't let; blocked; block*; stood in way; pulled me; "
        "pulled at; refused; refus*; wouldn't move; would not move; would not leave; wouldn't leave; "
        "stood between; lay across; lay in front; would not go; wouldn't go; tugged; held by sleeve; "
        "lay down in front",
        "waiting": "waited; wait*; waiting; at door; at window; at station; met me; knew when; before i came; "
        "sat by; sat at; lay by; every day at; before he came; before she came; minutes before; by door; "
        "by gate; at gate",
        "leading": "led; led us; led me; showed; followed it; looked back; brought us; lead*; "
        "turned back to look; guided; walked ahead",
        "homecoming": "came home; came back; found way; found its way; walked home; kilometres home; "
        "miles home; returned; way home; way back",
        "mourning": "mourn*; refused food; wouldn't eat; would not eat; lay on grave; grave; lay down beside; "
        "stopped eating; coffin; funeral; lay on coat; stayed beside; lay under",
        "friendliness": "landed on; came up to; sat on; perched; tame; unafraid; not afraid; let me touch; "
        "ate from; on my shoulder; walked beside; rested head; rested its; leaned against; leaned on; nuzzled; "
        "beside me; came close",
        "gift": "brought gift; brought me; present; left on; dropped at feet; gifts; brought a; laid it; left a",
    },
    confidence=0.76,
)
_PRECEDED: Final = vocabulary(
    "preceded",
    {
        None: "dead of night; dead tired; dead end; thunder bay; like storm|earthquake; brain storm; "
        "fire place; fireplace; fire works; fireworks; camp fire; visitor centre; late train; heart of; "
        "house plant",
        "earthquake": "earthquake; quake; tremor; tremors; ground shook; earth shook; shaking began; "
        "ground began|started",
        "storm": "storm; thunderstorm; tornado; lightning; hurricane; hail; typhoon; cyclone; gale; thunder; squall",
        "death": "died; death; passed away; dead; dying; last breath; funeral",
        "flood": "flood; tsunami; wave; dam; water rose; river rose; mudslide; flooded; landslide",
        "fire": "fire; smoke; gas leak; burning; gas; boiler; carbon monoxide",
        "illness": "seizure; heart attack; stroke; cancer; illness; fit; low sugar; tumour; tumor; fainted; "
        "blood sugar; lump; collapsed; epileptic",
        "visitor": "came home; arrival; visitor; arrived; postman; doorbell; homecoming; train came; "
        "bus arrived; knocked; key in; car turned",
        "eclipse": "eclipse; meteor; aurora",
        "eruption": "eruption; erupted; volcano; ash",
        "avalanche": "avalanche; rockfall; snow slab; slab; rocks came; cliff fell; tree fell; branch fell; bridge",
        "birth": "pregnant; born; birth; labour; labor",
    },
    confidence=0.74,
)
_PHENOMENON: Final = vocabulary(
    "phenomenon",
    {
        "ball_lightning": "ball lightning; ball of lightning; ball of fire; glowing ball; fireball",
        "lightning": "lightning; sheet lightning; bolt; sprite; sprites; bolt from blue; heat lightning; "
        "red sprites; blue jets",
        "halo": "halo; sun dog; sundog; sun dogs; rings around sun|moon; ring around sun|moon; circumzenithal; "
        "light pillar; light pillars; moon ring; parhelion; false sun; false suns; three suns; pillars of light",
        "rainbow": "rainbow; moonbow; double rainbow; fogbow; fog bow; triple rainbow; white rainbow; "
        "brocken spectre; glory",
        "aurora": "aurora; northern lights; southern lights; aurora borealis; steve",
        "strange_cloud": "lenticular; strange cloud; cloud shaped; roll cloud; mammatus; noctilucent; "
        "hole in clouds; fallstreak; hole punch; undulatus; shelf cloud; morning glory cloud; tube of cloud; "
        "asperitas; hole in cloud; wave clouds; cloud like",
        "whirlwind": "tornado; dust devil; waterspout; whirlwind; twister; snow devil; fire whirl; "
        "snow rollers; snow roller",
        "hail": "hail; hailstones; hailstone; ice fell; ice fall; megacryometeor; lump of ice",
        "odd_rain": "red rain; rain of fish|frogs; rained fish|frogs; fish fell; frogs fell; coloured rain; "
        "rain from clear; blood rain; frogs; fish; worms; red dust; pink snow; orange snow; yellow rain; "
        "raining from clear",
        "mirage": "mirage; fata morgana; floating ship; upside down; ship in air; floating above horizon; city above",
        "green_flash": "green flash; green ray; green sky; yellow sky; red sky; green light at; purple sky",
        "sudden_change": "temperature dropped; sudden wind; sudden calm; temperature rose; heat burst; "
        "sudden fog; sudden silence; wind stopped; wind dropped; degrees in; eye of storm; gust; warm wind; "
        "fog bank; fog came",
        "ground_light": "earthquake lights; will o the wisp; st elmo's fire; marsh light; foxfire; elmo's fire; "
        "marsh lights; bluish flame; blue flames; glow in soil; glowing sea; sea glowed; bioluminescence; "
        "milky sea; sea fire",
        "frost": "frost flowers; hair ice; ice circle; frost flower; ice disc; ice pancake; spinning ice; "
        "singing ice; ice sang; thundersnow; thunder snow; diamond dust",
    },
    confidence=0.84,
)
_CELESTIAL: Final = vocabulary(
    "celestial_body",
    {
        None: "venus williams; mars bar; super star; full moon party; film star; pop star; rock star; "
        "mercury rising; moon lit; movie star; five star; star fish",
        "meteor": "meteor; meteors; shooting star; shooting stars; falling star; perseids; geminids; leonids; "
        "fireball; bolide; meteor shower; meteorite; lyrids; quadrantids",
        "comet": "comet; tail of comet; coma of",
        "eclipse": "eclipse; totality; corona; lunar eclipse; solar eclipse; blood moon; annular; diamond ring; "
        "bailey's beads; eclipsed",
        "planet": "venus; jupiter; saturn; mars; mercury; conjunction; planets; planet; rings of saturn; "
        "moons of jupiter",
        "moon": "moon; full moon; supermoon; crescent moon; moonrise; crater; terminator",
        "satellite": "satellite; starlink; space station; iss; satellites; iridium; rocket; launch; re entry; "
        "reentry; booster",
        "aurora": "aurora; northern lights; southern lights",
        "star": "sirius; betelgeuse; star; new star; nova; supernova; stars; pleiades; orion; arcturus; "
        "antares; albireo",
        "galaxy": "milky way; andromeda; galaxy; nebula; magellanic; galaxies; zodiacal light; globular cluster",
        "occultation": "occultation; grazing; earthshine; lunar x; transit",
        "sun": "sunspot; sunspots; solar flare; sun; prominence",
    },
    confidence=0.8,
)
_DEVICE: Final = vocabulary(
    "device",
    {
        None: "phone call; clock work; o'clock; light house; radio silence; watch out|it|him|her|them; "
        "light rain; lamp post; phone box; night watch; light sleeper; watch tower; watched; to watch",
        "phone": "phone; mobile; smartphone; telephone; cell phone; voicemail; landline; answering machine; handset",
        "computer": "computer; laptop; printer; screen; server; tablet; monitor; modem; router; keyboard; "
        "smart speaker; speaker",
        "television": "television; tv; set; remote",
        "radio": "radio; stereo; walkie talkie; baby monitor; record player; tape; gramophone; cassette; "
        "turntable; transistor; doorbell; intercom",
        "lamp": "lamp; lights; light bulb; bulb; street lamp; streetlight; street lamps; chandelier; torch; "
        "light; bulbs; nightlight",
        "clock": "clock; clocks; watch; watches; alarm clock; wristwatch; cuckoo clock; pocket watch; timer",
        "car": "car; engine; headlights; ignition; dashboard; satnav; gps; indicator; wipers; horn; car radio; sat nav",
        "camera": "camera; cameras; camcorder; cctv; webcam; doorbell camera",
        "appliance": "kettle; oven; toaster; microwave; fridge; washing machine; hoover; vacuum; "
        "coffee machine; blender; lift; elevator; dishwasher; fan; boiler; heater; thermostat; music box; toy; "
        "sewing machine; till; cash register; smoke alarm",
        "compass": "compass; pacemaker; hearing aid; meter; multimeter; pacemakers; hearing aids",
    },
    confidence=0.76,
)
_FAULT: Final = vocabulary(
    "fault",
    {
        None: "turned on me; went on to; turned off road; went off to; stopped to; stopped by; came on time; "
        "stopped for; went on holiday",
        "turned_on_by_itself": "turned on; switched on; came on; started by itself; turned itself on; "
        "switched itself on; lit up; went on; started playing; began to play; began playing; came alive; "
        "played; by itself; on its own; unplugged; not plugged; no batteries; without batteries; rang; "
        "plug in hand; nobody had touched; no one had touched; began to ring; started up; lit",
        "went_dead": "went dead; died; shut down; turned off; switched off; went out; went black; dead; "
        "cut out; failed; stopped working; went dark; blew; burned out; burnt out; went off",
        "flickered": "flicker*; flickered; flickering; blink*; blinked; blinking; dimmed; dim*; on and off; "
        "pulsed; glitch*; static; crackle*; crackled; hissed; went grey",
        "drained_battery": "drained; battery empty; battery flat; battery went; flat battery; battery died; "
        "full battery; battery; batteries",
        "stopped": "stopped; stood still; froze; stopped at; halted; stop* at; stood at; all stopped; frozen",
        "wrong_display": "showed; displayed; date; wrong time; backwards; letters; upside down; my own number; "
        "own name; printed; printed page|out; symbols; strange text; screen said; read; 00:00; year",
        "strange_call": "call from; called from; dead number; own number; nobody spoke; no one spoke; "
        "disconnected; cancelled number; number no longer; message from; voice on; no caller; missed call; "
        "breathing",
        "repeated": "every night; same time; every time; again; whenever; each time; three nights; three times; "
        "twice; always when; every evening; each night; every year",
    },
    confidence=0.7,
)
_SOURCE: Final = vocabulary(
    "sound_source",
    {
        None: "sky blue; sky light; sky scraper; ground floor; sea level; sky news; wall paper; wall street; "
        "sky dive; roof rack; piped water; pipeline; sea view; walled garden; in the air of",
        "sky": "sky; from above; overhead; above us; above me; above house; clouds; in air; horizon",
        "ground": "underground; ground; beneath; floor; below; under floor; earth; under ground; from below; "
        "bedrock; soil; feet; under the ice; ice",
        "walls": "walls; wall; inside wall; ceiling; attic; roof; chimney; pipes; radiator; loft; floorboards; "
        "cupboard; skirting",
        "sea": "sea; lake; water; ocean; lagoon; bay; river; harbour; fjord",
        "forest": "forest; woods; trees; jungle; wood; bush; hill; valley; dunes; field; reeds; mountain; "
        "marsh; spruces",
        "everywhere": "everywhere; nowhere; all directions; no direction; couldn't locate; could not locate; "
        "every side; all sides; no source; couldn't find source; could not find source; no louder in any; "
        "every direction; every room; whichever way",
        "head": "in my head; inside head; ears; in my ear; my ear; inside skull; in my skull; left ear; right ear; ear",
        "machine": "transformer; engine; pump; factory; generator; machine; power line; turbine; lorry; fridge; "
        "pylon; substation; wind farm; compressor; motor; aircraft",
        "building": "church; empty house; room; corridor; next door; upstairs; stairwell; tower; empty flat; "
        "station; hall; mine; tunnel; lighthouse; upper floor",
    },
    confidence=0.72,
)
_PITCH: Final = vocabulary(
    "pitch",
    {
        None: "low light|tide|water|sun|cloud|clouds|flying|voice volume; "
        "high tide|water|street|school|rise|ground|up|above|over|speed|grass; "
        "deep sleep|breath|water|snow|valley; low season; deep end; high season; deeply; low wall",
        "low": "low; deep; bass; rumble; rumbling; low pitched; low frequency; drone; hum; growl; humming; "
        "thrum; deep note; throbbing; infrasound; boom; organ pipe; foghorn; groan; groaned; thunder",
        "high": "high; high pitched; shrill; whine; piercing; whistle; squeal; whistling; screech; tinkl*; "
        "tinkling; ringing; scream; whistled; thin; flute; glass; chirp; keening; bells",
        "mid": "voice; tone; middle c; hoot; horn; trumpet; choir; singing; trumpets; gong; cello",
        "changing": "rising and falling; rose and fell; up and down; wavering; changed pitch; rising; falling; "
        "slid; warbl*; warbling; swelled; modulated; glissando; climbing; rose; sank",
    },
    confidence=0.7,
)
_RHYTHM: Final = vocabulary(
    "rhythm",
    {
        "steady": "steady; constant; continuous; without pause; never stopped; all night; without stopping; "
        "unbroken; for hours; non stop; day and night; does not stop; doesn't stop; day or night; never changes",
        "pulsing": "pulsing; pulsed; in pulses; on and off; throbbing; beats; rhythmic; rhythm; regular; "
        "every seconds; every few seconds; every minute; beat; pulses; intervals; heartbeat; like heart; "
        "ticking; tapping; morse",
        "single": "once; single; one loud; one bang; one boom; one note; only once; never again; one long; "
        "single note; just once; one knock",
        "irregular": "irregular; random; now and then; stopped and started; came and went; come and go; "
        "comes and goes; every so often; broken; unpredictable; three times; twice; three knocks; three notes; "
        "three",
    },
    confidence=0.7,
)
_GAP: Final = vocabulary(
    "gap_detail",
    {
        None: "clock work; by clock; watch it|him|her; watched; to watch; petrol station attendant",
        "clock_jump": "clock; clocks; watch; clock said; watch said; clock showed; clock jumped; "
        "dashboard said; my watch; dashboard clock; the time was; display; church clock; it was suddenly",
        "place_jump": "kilometres further; miles further; further on; other side of; wrong road; "
        "different road; past exit; past the exit; already past; other direction; wrong way; villages further; "
        "different street; beyond; further down; already home; wrong village; kilometres away; miles away; "
        "facing the other",
        "fuel": "tank; fuel; petrol; mileage; odometer; battery; trip meter",
        "tea_cold": "tea cold; coffee cold; tea was cold; candle; burned down; burnt down; dark outside; "
        "sun had; shadows; fire out; candles; food cold; sun was; light had changed; already dark; was cold; "
        "had gone cold; soup; tea; coffee; bath water; ash; kettle",
        "others_noticed": "where have you been; waited for; looking for me; missed calls; called police; "
        "they were worried; worried; searched for us; search party; had searched; everyone had; "
        "dinner was over; been calling; looked for me; she said i; he said i; phone showed; looked for us; "
        "shop had closed; already closed",
        "no_memory": "no memory; can't remember; cannot remember; don't remember; do not remember; "
        "remember nothing; blank; nothing in between; gap; no recollection; never felt; nothing between; "
        "like a cut; film cut; no idea where; hole; as if cut; missing piece; cut out",
        "seen_light": "bright light; light in; strange light; light; glow; fog; mist; white fog",
    },
    confidence=0.74,
)

PHRASES: Final[tuple[Phrase, ...]] = (
    *_BEHAVIOUR,
    *_PRECEDED,
    *_PHENOMENON,
    *_CELESTIAL,
    *_DEVICE,
    *_FAULT,
    *_SOURCE,
    *_PITCH,
    *_RHYTHM,
    *_GAP,
)
