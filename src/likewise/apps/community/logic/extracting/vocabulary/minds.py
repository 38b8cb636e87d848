"""States of mind, what led to them, and how people were healed."""

from typing import Final

from likewise.apps.community.logic.extracting.lexicon import Phrase, vocabulary

__all__ = ["PHRASES"]

_STATE: Final = vocabulary(
    "state",
    {
        None: "light house; light switch; one day; one of; one night; one by; quiet town; peace treaty; "
        "at one point; at one time; empty room|street|house|road; one with the; still water; still life; "
        "empty handed; light sleeper; energy bill; energy drink",
        "oneness": "oneness; one with; at one with; unity; everything was one; all one; "
        "connected to everything; everything connected; part of everything; merged with; no separation; "
        "no border between; part of it; boundary between; no edge; no edges; same thing; dissolved into",
        "timelessness": "timeless; time stopped; no time; time stood still; lost track of time; outside time; "
        "time disappeared; lost all sense of time; hours passed; time went; time slowed; eternity; "
        "time vanished; felt like minutes; hours had passed; time dissolved",
        "bliss": "bliss; blissful; ecstasy; joy; euphoria; rapture; happiness; happy",
        "stillness": "stillness; silence; still; quiet; calm; peace; peaceful; serenity; silent; quieter",
        "ego_dissolution": "ego death; ego dissolved; no self; lost myself; i was gone; no longer me; "
        "i disappeared; self dissolved; forgot who i was; forgot myself; no i; nobody left; dissolved; "
        "my name meant; did not know my name; without name; there was no me",
        "smallness": "small; tiny; insignificant; how small; so small; speck; grain of sand; dwarfed; nothing and",
        "clarity": "clarity; clear; everything made sense; understood everything; sharp; effortless; "
        "effortlessly; focus; focused; by itself; by themselves; automatic; without thinking; hands knew; "
        "fingers knew; no effort; wrote itself; played itself; without effort; knew what to do",
        "energy": "energy; kundalini; current; electricity; warmth; vibration; heat; tingling; spine; pulse",
        "love": "love; compassion; forgiveness; tenderness; loved; gratitude; grateful",
        "light": "light; white light; golden light; inner light; brightness; glow; brilliance; shone",
        "presence": "presence; god; divine; held by; something greater; something larger; holy; not alone; "
        "sacred; someone near; listening to me",
        "fear": "fear; terror; panic; afraid; terrified; frightened; dread",
        "tears": "tears; wept; cried; weeping; crying; tears ran",
    },
    confidence=0.76,
)
_PRACTICE: Final = vocabulary(
    "practice",
    {
        None: "sit down to; running water|late|out; run out; run away; run into; write to; book club; "
        "played with fire; painting on wall; dance floor; walk in closet; paint work; running joke; "
        "running nose; in the running",
        "sitting_meditation": "meditation; meditated; meditating; meditate; zazen; vipassana; sitting; sat; "
        "cushion; retreat; mindfulness; zen; sesshin",
        "breathwork": "breath; breathing; breathwork; pranayama; breaths; exhale",
        "prayer": "prayer; prayed; praying; rosary; mass; pray; psalm; vespers; pilgrimage; confession; "
        "liturgy; hymn; compline",
        "yoga": "yoga; asana; tai chi; qigong; savasana; nidra; body scan",
        "mantra": "mantra; chant; chanting; chanted; om; kirtan",
        "walking": "walking; walk; hiking; hike; walked; pilgrim; climbing; climbed; trail; summit; hiked",
        "running": "running; ran; run; marathon; rowing; rowed; swim; swimming; cycling; swam; skiing; surfing; "
        "surfed; skied; at kilometre; after kilometre; cycled; race; climb",
        "music": "music; piano; violin; guitar; playing; played; singing; choir; drum; drums; drumming; cello; "
        "saxophone; concert; organ; trumpet; orchestra; sang; fugue; quartet",
        "making": "painting; painted; writing; wrote; drawing; carving; pottery; clay; coding; code; "
        "programming; knitting; weaving; woodwork; carved; potter's wheel; loom; sewing; novel; chapter; dough; "
        "sketch; sanding; drew; throwing pots; cooking",
        "fasting": "fasting; fast; fasted; sweat lodge; sauna; cold water; ice bath; silence retreat; "
        "silent retreat; floating tank; float tank; dark retreat; days of silence",
        "nature": "stars; aurora; eclipse; canyon; mountains; ocean; glacier; waterfall; forest; milky way; "
        "volcano; whales; whale; thunderstorm; desert; redwoods; northern lights; starlings; sunrise; valley",
        "birth": "birth; newborn; born; delivery",
        "dance": "dance; danced; dancing; whirling; sema; tango",
        "chess_or_game": "chess; match; game; goal; serve; tennis; court; climbing wall; fencing",
        "teaching": "teaching; lecture; lesson; surgery; operating; operation; class",
    },
    confidence=0.72,
)
_SUBSTANCE: Final = vocabulary(
    "substance",
    {
        None: "mushroom soup|risotto|picking|pie; acid rain; acid test; trip to; grass was|is; "
        "without substances; pot of",
        "psilocybin": "mushrooms; mushroom; psilocybin; magic mushrooms; truffles; shrooms",
        "lsd": "lsd; acid; blotter; tab; microdose",
        "ayahuasca": "ayahuasca; yage; curandero; vine; brew; maloca",
        "dmt": "dmt; changa; 5 meo; bufo",
        "mescaline": "mescaline; peyote; san pedro; huachuma",
        "ketamine": "ketamine; k hole",
        "mdma": "mdma; ecstasy; molly",
        "cannabis": "cannabis; weed; edible; hashish; marijuana; edibles; hash; brownie; joint",
        "salvia": "salvia",
        "anaesthetic": "laughing gas; nitrous; anaesthetic; anesthetic; morphine; propofol; dentist gas",
        "iboga": "iboga; ibogaine",
        "none": "no drugs; sober =0.4; nothing taken; took nothing; without drugs; no alcohol; hadn't taken anything",
    },
    confidence=0.86,
)
_VISUAL: Final = vocabulary(
    "visual",
    {
        "geometry": "geometry; geometric; patterns; pattern; fractal; fractals; mandala; mandalas; tessellat*; "
        "lattice; grids; grid; mosaic; tiles; hexagons; kaleidoscope; lacework; filigree; spirals",
        "breathing_surfaces": "walls breathed; breathing walls; walls were breathing; wall breathed; "
        "carpet breathed; carpet moved; floor moved; wood grain; breathing; rippling; rippled; melting; melted; "
        "wallpaper; swaying; curtains moved; ceiling breathed",
        "colours": "colours; colors; colour; color; brighter colours|colors; rainbow; glowing; neon; "
        "iridescent; shimmering; jewel",
        "entities": "entity; entities; beings; being; serpent; jaguar; figures; elves; spirit; spirits; "
        "goddess; grandmother vine; faces; animals; snake; jester; woman made; old woman; jesters; snakes",
        "trails": "trails; tracers; afterimages; after images; trailing",
        "visions": "vision; visions; saw my childhood; saw my mother|father|grandmother|grandfather; scenes; "
        "memories; saw myself; ancestors; childhood; city of; cities",
        "synaesthesia": "heard colours; heard colors; saw music; saw sound; music had colour|color; tasted; "
        "music became; sound had; sounds had; colour of sound; music was; saw the music",
    },
    confidence=0.76,
)
_CONDITION: Final = vocabulary(
    "condition",
    {
        "pain": "pain; back pain; headache; migraine; migraines; ache; sciatica; neck; shoulder; knee; "
        "frozen shoulder; hip",
        "cancer": "cancer; tumour; tumor; leukaemia; leukemia; lymphoma; lump; growth; metastases; melanoma; nodule",
        "skin": "rash; eczema; psoriasis; wart; warts; skin; shingles; burn; scald; cyst",
        "mental": "depression; anxiety; panic attacks; addiction; grief; insomnia; ptsd; nightmares; smoking; "
        "drinking; stammer; phobia; cigarettes",
        "injury": "broken; fracture; torn; sprain; injury; wound; ligament; wrist; ankle; tendon; slipped disc; cut",
        "infection": "infection; fever; pneumonia; sepsis; covid; flu; abscess; sinusitis; bronchitis",
        "heart": "heart; blood pressure; arrhythmia; stroke; murmur",
        "paralysis": "paralysed; paralyzed; wheelchair; couldn't walk; could not walk; walk again; numb; palsy; "
        "crutches",
        "senses": "blind; deaf; hearing; sight; eyesight; tinnitus; smell; vision; voice",
        "infertility": "infertility; pregnant; conceive; barren; ivf",
        "chronic": "arthritis; asthma; diabetes; allergy; crohn; fibromyalgia; lupus; multiple sclerosis; "
        "epilepsy; hay fever; chronic",
    },
    confidence=0.74,
)
_METHOD: Final = vocabulary(
    "healing_method",
    {
        None: "bath room; bathroom; hand written; hands of clock; cold hands; on other hand; second hand; "
        "prayer mat; dream job; dream house",
        "prayer": "prayer; prayed; prayers; rosary; blessing; holy water; lourdes; pilgrimage; anointed; "
        "church; chapel; priest; candle; shrine; saint; blessed",
        "touch": "laid hands; laying on of hands; hands on; her hands; his hands; reiki; touch; touched; "
        "massage; healer; warm hands; placed hands; palm; palms; bonesetter",
        "dream": "dream; dreamed; dreamt; in my sleep",
        "water": "spring; well; water; sea; bath; hot spring; river; bathed; springs",
        "plant": "herb; herbs; tea; plant; poultice; honey; ointment; root; leaves; salve; bark; infusion; "
        "moss; plantain; comfrey",
        "meditation": "meditation; breathing; visualised; visualized; imagined; yoga; qigong; hypnosis; meditated",
        "sound": "singing bowl; drum; chant; song; music; singing; bell; bowls",
        "animal": "dog; cat; horse; dolphin; purring",
        "none_known": "no explanation; no treatment; by itself; overnight; on own; without treatment; "
        "nobody can explain; no reason; spontaneous; for no reason; before treatment",
        "light": "light; warm light; golden light; heat",
    },
    confidence=0.72,
)
_RECOVERY: Final = vocabulary(
    "recovery",
    {
        "sudden": "overnight; gone next morning; suddenly; at once; instantly; from one day; same day; "
        "within minutes; within hours; next morning; in moment; immediately; by morning; same evening; "
        "that night; in one night; in second; by breakfast",
        "gradual": "slowly; over weeks; gradually; over months; little by little; within weeks; bit by bit; "
        "each day; weeks later; in month; day by day",
        "complete": "completely; cured; healed; gone; no trace; never came back; never returned; vanished; "
        "disappeared; all clear; has not come back; hasn't come back; free of; not come back; walked out",
        "partial": "better; eased; less pain; improved; almost gone; not quite; halved; weaker; lighter",
        "none": "no change; came back; did not help; didn't help; returned; no better",
    },
    confidence=0.74,
)

PHRASES: Final[tuple[Phrase, ...]] = (
    *_STATE,
    *_PRACTICE,
    *_SUBSTANCE,
    *_VISUAL,
    *_CONDITION,
    *_METHOD,
    *_RECOVERY,
)
