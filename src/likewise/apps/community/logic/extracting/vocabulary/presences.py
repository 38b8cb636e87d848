"""Ghosts, helpers, creatures and doubles: what appeared, what it did, and who it was."""

from typing import Final

from likewise.apps.community.logic.extracting.lexicon import Phrase, vocabulary

__all__ = ["PHRASES"]

_APPARITION: Final = vocabulary(
    "apparition",
    {
        None: "woman next to me; man of; child care; as child; shadow of doubt; my wife woman; to face; "
        "man made; boy band; shadow puppet; ghost town; ghost story|stories; shadow play; man hours",
        "full_figure": "full figure; solid as; looked solid; as solid as; apparition; stood there in; ghost; spirit",
        "woman": "woman; lady; girl; bride; old woman; woman in white; nun; maid; grandmother",
        "man": "man; old man; soldier; monk; gentleman; sailor; farmer; man in; butler; priest; grandfather; "
        "miner; officer",
        "child": "child; boy; little boy; little girl; children",
        "shadow": "shadow; shadow person|figure|man; dark figure; black figure; dark shape; silhouette; shadowy",
        "mist": "mist; white mist; fog figure; vapour; vapor; haze; smoke shape; cloud of mist; misty figure; "
        "column of mist",
        "light": "orb; ball of light; glowing figure; figure of light; blue light; small lights; glow",
        "animal": "ghost dog; ghost cat; phantom dog; black dog; cat that died; phantom horse",
        "face": "face in window|mirror; face at window; face; faces; half face",
        "unseen": "nobody there; no one there; nothing there; unseen; invisible; no one was there; "
        "nobody was there; empty room; room was empty; hallway was empty; corridor was empty",
    },
    confidence=0.76,
)
_MANIFESTATION: Final = vocabulary(
    "manifestation",
    {
        None: "foot steps of church; knock* on wood; knocked out; knock* down; next door; opened my eyes; "
        "opened eyes; closed eyes; door to door; smelled food; front door key; voice mail; light house; "
        "cold war; cold case; cold beer; cold feet; picture perfect; footsteps away; laughter of; cold tea; "
        "voice message; indoor; outdoor",
        "footsteps": "footsteps; foot steps; steps on stairs; steps on stair; "
        "steps in hall|hallway|corridor|attic; steps above; walking upstairs; pacing overhead; steps overhead; "
        "someone walking; somebody walking; boots on; steps; tread on stairs",
        "cold_spot": "cold spot; went cold; ice cold; icy; suddenly cold; temperature dropped; turned cold; "
        "freezing cold; cold air; cold breath; grew cold; got cold; could see my breath; sudden chill; cold as",
        "objects_moved": "moved by itself; moved on own; slid across; flew across; flew off; fell off shelf; "
        "objects moved; things moved; had moved; chair moved; moved in night; moved itself; was moved; "
        "thrown across; thrown; tipped over; turned round; turned to face; swung by itself; rocked by itself; "
        "rocking by itself; slid off; slid along; pictures fell; lifted itself; levitated; knocked over; "
        "rearranged; cups flew; plates flew; fell from shelf; rocking chair; been moved; moved again; "
        "chairs were stacked; drawers open; turned over; shifted",
        "objects_vanished": "disappeared from; went missing; vanished from; keys vanished; things vanish; "
        "keys disappeared; things disappear; reappeared; turned up again; came back in place",
        "smell": "smell of; smelled; smelt; scent of; perfume; pipe smoke; pipe tobacco; lavender; cigar smoke; "
        "odour; odor; stench; tobacco smell; roses; smell",
        "voices": "voice; voices; whisper*; whispering; whispered; called my name; calling my name; "
        "said my name; laughter; laughing; crying; sobbing; singing; humming; child laughing; murmuring",
        "knocking": "knock; knocking; knocks; rapping; raps; tapping; banging; bangs; scratching; bump; thump; "
        "thumping; three knocks; pounding on",
        "doors": "door opened; door open; doors opened; door slammed; doors slam; doors slammed; door closed; "
        "door shut; slammed shut; door creaked; handle turned; latch lifted; door swung; door unlocked; "
        "cupboard doors; doors open; cupboards open; opened by itself; door handle; latch; unlocked itself",
        "lights": "lights flickered; light flickered; lights went out; lamp went on; lights went on; "
        "light turned on; lights turned on; light came on; lamp lit; bulb; bulbs; lamp switched; "
        "lights switched; light switched; lamp flickered; candles went out; lights go on; lights came on",
        "touch": "touched; touch; hand on shoulder|arm|back|hair|cheek; stroked; grabbed; tugged; "
        "pulled hair|sleeve|blanket; felt hand; pushed; sat on bed; mattress sank; blanket pulled; pulled at; "
        "tucked me; scratched; edge of bed sank",
        "apparition": "apparition; figure; saw her; saw him; ghost; stood at; appeared; "
        "walked through wall|door; through wall; in mirror",
        "music": "piano; music; music box; violin; organ; old song; radio played; gramophone; bell rang; bells; "
        "lullaby; waltz",
        "electronics": "radio turned|switched|came; television turned|switched|came; tv turned|switched|came; "
        "phone rang; battery; toy started; toys started; clock stopped; clocks stopped; alarm went off; kettle; "
        "taps; tap ran; machine started; record player",
    },
    confidence=0.82,
)
_KNOWN: Final = vocabulary(
    "known_person",
    {
        None: "mother nature; like father; mother ship; father christmas; great grandmother's clock",
        "mother": "my mother; mum; mom; late mother; dead mother; her mother; his mother; mama",
        "father": "my father; dad; late father; dead father; her father; his father; papa",
        "grandmother": "grandmother; grandma; granny; nan; nana; abuela; nonna; oma; gran",
        "grandfather": "grandfather; grandpa; grandad; granddad; opa; abuelo; nonno",
        "husband": "my husband; late husband; dead husband",
        "wife": "my wife; late wife; dead wife",
        "sibling": "my brother; my sister; late brother|sister; dead brother|sister; twin",
        "friend": "my friend; best friend; old friend; late friend; dead friend; my flatmate; my roommate",
        "child": "my son; my daughter; our son|daughter",
        "aunt_or_uncle": "my aunt; my uncle; late aunt|uncle; great aunt; great uncle; dead aunt|uncle",
        "previous_owner": "previous owner; former owner; man who built; woman who lived; who had lived; "
        "who used to live; owner before; last owner; former tenant; previous tenant; lived here before; "
        "lived there before; who built house; former keeper",
        "pet": "my dog; my cat; old dog; old cat; our dog; our cat; dead dog|cat",
        "neighbour": "my neighbour; my neighbor; our neighbour; our neighbor",
        "teacher": "my teacher; old teacher; professor",
        "stranger": "stranger; unknown man|woman; never seen before; somebody i did not know; "
        "nobody knew her|him; man i had never seen; woman i had never seen",
        "self": "myself; my double; own face; my own face; my own back; another me; second me; looked like me; "
        "exactly like me; my own coat; it was me",
    },
    confidence=0.78,
)
_CREATURE: Final = vocabulary(
    "creature",
    {
        None: "bear with me; like man; dog walker; big foot of; mothers; lake monster festival; bird watching; "
        "no bear; not bear; bigger than bear|dog|wolf; wasn't bear|dog|wolf; than bear|dog|wolf",
        "hairy_biped": "bigfoot; big foot; sasquatch; yeti; hairy man; ape like; ape; upright bear; "
        "walked upright; on two legs; hairy figure; wild man; yowie; ape man; almas; hair covered; "
        "covered in hair; gorilla; on hind legs; wood man",
        "lake_creature": "lake monster; sea serpent; hump; humps; long neck; serpent; coils; neck rose; "
        "wake without boat",
        "big_cat": "panther; black cat; big cat; puma; cougar; leopard; black panther; lynx",
        "canine": "wolf; dogman; werewolf; black dog; huge dog; coyote; hyena; dog the size; like wolf; "
        "chupacabra; hound",
        "winged": "mothman; winged; wings; wingspan; pterodactyl; giant bird; huge bird; thunderbird; bat like; "
        "leathery wings; giant bat; giant owl",
        "small_humanoid": "gnome; little man; small humanoid; fairy; elf; goblin; little people; small figure; "
        "dwarf; small person",
        "reptile": "reptile; lizard; scales; scaly; snake; crocodile; lizard man; reptilian; fins",
        "pale_humanoid": "pale creature; crawler; pale figure; hairless; skinny figure; long arms; thin limbs; "
        "pale skin; emaciated; on all fours",
        "deer_like": "antlers; deer headed; antlered; horned; goatman; goat man; hooves; hoofed",
    },
    confidence=0.78,
)
_FUR: Final = vocabulary(
    "fur",
    {
        "black": "black fur|hair; dark fur|hair; jet black coat; all black; black coat",
        "brown": "brown fur|hair; reddish fur|hair; reddish brown; red hair|fur; brown coat; rust coloured; "
        "chestnut; auburn; dark brown; brown",
        "grey": "grey fur|hair; gray fur|hair; grey coat; silver hair; silver fur; grizzled; grey; gray",
        "white": "white fur|hair; pale fur; white coat; white",
        "shaggy": "shaggy; matted hair|fur; long hair; hairy; covered in hair|fur; furry; fur; matted; thick hair",
        "none": "hairless; no fur|hair; without fur|hair; bald; bare skin; smooth skin",
        "scales": "scales; scaly; leathery; leathery skin; smooth grey|black",
    },
    confidence=0.78,
)
_EYES: Final = vocabulary(
    "eyes_glow",
    {
        True: "glowing eyes; eyes glow*; eyes glowed; red eyes; eyes shone; eyes shine; eye shine; eyeshine; "
        "yellow eyes; green eyes; eyes were red; eyes reflected; eyes burned; eyes like coals; eyes like lamps; "
        "shining eyes; amber eyes; eyes lit; eyes caught light; orange eyes; bright eyes; eyes threw back; "
        "pair of eyes; eyes like lanterns",
    },
    confidence=0.84,
)
_TRACKS: Final = vocabulary(
    "tracks",
    {
        True: "tracks; footprints; footprint; prints; track; prints in snow|mud|sand; print; paw prints; "
        "hoof marks; hoofprints; claw marks; trail of prints; drag marks; spoor; toes; three toes; toe marks; "
        "marks in mud|snow|sand",
    },
    confidence=0.82,
)
_GAIT: Final = vocabulary(
    "gait",
    {
        "upright": "upright; on two legs; on hind legs; walked like man; like person; bipedal; stood up; "
        "two legged; strode",
        "on_all_fours": "on all fours; four legs; crawled; crawling; loped; trotted; galloped",
        "swimming": "swam; swimming; surfaced; dived; submerged; sank below|under",
        "flying": "flew; flying; flapped; glided; soared; wings",
        "leaping": "leapt; leaped; jumped; bounded; in one stride; one jump; hopped; sprang; one bound",
        "running": "ran; running; sprinted; bolted",
    },
    confidence=0.74,
)
_FIGURE: Final = vocabulary(
    "figure_detail",
    {
        None: "hat trick; at hat; old hat; eye contact; eye level; face to face; hood of car; "
        "corner shop|store; coat hanger; mirror like",
        "hat": "hat; hat man; brimmed hat; top hat; wide brim; fedora; bowler",
        "hood": "hood; hooded; cloak; robe; cloaked; robed",
        "no_face": "no face; faceless; without face; no features; featureless; face was blank; no eyes; "
        "where face should",
        "red_eyes": "red eyes; glowing eyes; eyes glowed; white eyes; bright eyes",
        "corner_of_eye": "corner of eye; edge of vision; peripheral; side of vision; edge of sight",
        "in_doorway": "in doorway; in door; at door; by door",
        "by_bed": "foot of bed; beside bed; by bed; next to bed; end of bed; over bed",
        "in_mirror": "mirror; reflection; in glass; window pane; in window",
        "very_tall": "very tall; too tall; head touched ceiling; unusually tall; seven feet; tall as door; taller than",
        "two_dimensional": "flat as paper; two dimensional; like paper cut; cut out; flat black; like cutout; "
        "thin as paper",
        "same_clothes": "same coat|jacket|clothes|shirt|dress|scarf; my coat|jacket|scarf|bag; wearing my; "
        "same bag; same umbrella; dressed like me; in my",
        "running": "ran; darted; slipped away; slid along wall; moved fast; quick",
    },
    confidence=0.78,
)
_HELPER: Final = vocabulary(
    "helper",
    {
        None: "like voice; light house; voice mail; light year; woman's voice mail; nurse's station; man made; "
        "light traffic",
        "stranger": "stranger; man appeared; woman appeared; old man; old woman; man in; woman in; a man; "
        "a woman; somebody; someone; a boy; a girl; cyclist; fisherman; shepherd; hiker; young man; "
        "young woman; lorry driver",
        "voice": "voice; voice said; voice told; heard word; heard words; said clearly; voice shouted; "
        "said turn|stop|wait|go",
        "invisible_hand": "invisible hand; unseen hand; hand on shoulder|back|collar|chest; pulled me back; "
        "pushed me; pushed me aside; lifted me; hand pulled; carried me; something pulled; something pushed; "
        "held me up; caught me; grabbed my collar|coat|arm|hood",
        "angel": "angel; wings; winged; being of light; guardian angel; guardian; figure of light; "
        "shining figure; luminous figure; robed in white",
        "light": "light; warm light; beam; lantern; glow; golden light",
        "animal": "dog; cat; horse; bird; dolphin; seal; crow; owl; stray dog; donkey; goat; fox; robin",
        "the_dead": "my late; late father|mother|grandmother|grandfather|husband|wife|brother; "
        "dead father|mother|grandmother|grandfather|brother; grandmother's voice; grandfather's voice; "
        "father's voice; mother's voice; my dead",
        "child": "child; little girl; little boy; my son; my daughter",
    },
    confidence=0.76,
)
_HELPER_GONE: Final = vocabulary(
    "helper_vanished",
    {
        True: "vanished; disappeared; was gone; were gone; nobody there; no one there; nowhere to be seen; "
        "never found; never saw him|her again; nobody had seen; no one had seen; had seen no; looked round and; "
        "turned to thank; turned round to thank; no such person; nobody by that name; no one by that name; "
        "no trace; gone when i; no footprints; left no footprints; nobody knew; no one knew; "
        "could not find him|her; couldn't find him|her; empty road; he had gone; she had gone",
    },
    confidence=0.76,
)
_DANGER: Final = vocabulary(
    "danger",
    {
        None: "falling asleep; fell asleep; fire brigade came; fell silent; fell in love; night fell; "
        "dark fell; rain fell; fell ill; snow fell; falling snow|rain; fire engine; camp fire; fire place; "
        "fireplace; train station; on train; by train; by bus; bus stop; car park; next to car",
        "traffic": "car; truck; lorry; crash; collision; brake*; brakes; braked; skid*; skidded; motorcycle; "
        "intersection; junction; ran red; bus; tram; traffic; train; crossing; motorway; lane; tyre; bicycle",
        "drowning": "drown*; drowned; drowning; undertow; rip current; current; under ice; through ice; "
        "capsized; went under; swept; tide; riptide; swimming out; river; rip",
        "fall": "fell; falling; cliff; ledge; ladder; scaffolding; edge; slipped; slip*; balcony; crevasse; "
        "precipice; ravine; rockfall; platform edge; scree; ridge",
        "fire": "fire; smoke; burning; flames; gas; explosion; gas leak; carbon monoxide; stove",
        "illness": "stroke; heart attack; cancer; fever; sepsis; tumour; tumor; coma; allergic; choking; "
        "choked; infection; stopped breathing",
        "attack": "attack; robbed; mugged; knife; followed by man; attacker; gun; break in; burglar; assault; "
        "followed me; dog attacked",
        "weather": "storm; avalanche; lightning; flood; blizzard; whiteout; landslide; rockslide; tornado; "
        "earthquake; fog; snow",
        "lost": "lost; no signal; stranded; lost our|my way; lost way; off path; missing child; wandered off; "
        "no idea where",
        "falling_object": "branch fell; tree fell; rock fell; brick; chandelier; falling branch; ceiling came; "
        "ceiling fell; shelf fell; bookcase; roof tile; tile; masonry; crane; beam; lamp fell; branch; "
        "flowerpot; icicle; slab",
    },
    confidence=0.74,
)
_MEDIUM: Final = vocabulary(
    "contact_medium",
    {
        None: "bird's eye; hot dream; voice mail box; dream job; dream house; dream car; "
        "light meal|sleeper|rain; smell of fear; song bird; radio station; clock work; o'clock; call centre; "
        "call it; called it; number of; cold call; light switch; phone box; roll call; so called; letter box",
        "dream": "dream; dreamed; dreamt; dreams; in my sleep",
        "voice": "voice; heard him; heard her; heard my; whisper*; whispered; his voice; her voice; "
        "called my name; said my name; laugh",
        "smell": "smell of; smelled; smelt; scent; perfume; tobacco; pipe smoke; aftershave; his pipe; "
        "her perfume; smell; lavender; cologne",
        "touch": "touch; touched; hand on; kiss; embrace; hug; stroked; held my hand; squeezed my hand; "
        "mattress sank; kissed; hugged; edge of bed; warm hand",
        "sight": "saw him; saw her; standing; stood in; sitting in chair; sitting; appeared; in doorway; "
        "apparition; smiling at me; waved; looked at me; smiled; his face; her face",
        "bird": "robin; bird; cardinal; dove; blackbird; owl; crow; swallow; hummingbird; magpie; wren; heron; "
        "sparrow; raven; kingfisher",
        "butterfly": "butterfly; moth; dragonfly; ladybird; ladybug; firefly; damselfly",
        "electronics": "phone rang; radio; lamp; lights flickered; light went on; clock stopped; watch stopped; "
        "music box; television; voicemail; text message; message from; phone; answering machine; call from; "
        "bulb; lights; screen; clock; doorbell",
        "song": "song; our song; her song; his song; favourite song; favorite song; lullaby; melody; waltz; "
        "tune; humming",
        "object": "found coin; coin; feather; letter; ring; photograph; note; watch; scarf; key; recipe; "
        "button; glasses; penny; handwriting; book fell; thimble; envelope; locket",
        "presence": "presence; felt him; felt her; felt them; not alone; beside me; she was there; "
        "he was there; in room with me",
        "flower": "flower; bloomed; blossom; rose; roses; orchid; blossomed; in bloom; cactus",
        "rainbow": "rainbow; double rainbow",
        "medium": "medium; psychic; seance; séance; clairvoyant; fortune teller",
    },
    confidence=0.76,
)

PHRASES: Final[tuple[Phrase, ...]] = (
    *_APPARITION,
    *_MANIFESTATION,
    *_KNOWN,
    *_CREATURE,
    *_FUR,
    *_EYES,
    *_TRACKS,
    *_GAIT,
    *_FIGURE,
    *_HELPER,
    *_HELPER_GONE,
    *_DANGER,
    *_MEDIUM,
)
