"""Dreams, sleep paralysis, and what lies at the edge of death."""

from typing import Final

from likewise.apps.community.logic.extracting.lexicon import Phrase, vocabulary

__all__ = ["PHRASES"]

_THEME: Final = vocabulary(
    "dream_theme",
    {
        None: "falling asleep; fell asleep; fall asleep; water bottle; fly past; dead tired; dead end; "
        "dead of night; house plant; late at night; late evening; late afternoon; late morning; "
        "late summer|autumn|winter|spring; flying visit; house number; house keys; dead on; falling in love; "
        "too late; later; dying to; fire engine; house music; lately; watered; dead phone; died out; died down; "
        "phone died; battery died|dead; engine died",
        "falling": "falling; fell; plunging; fall from; falling through; fell off|from|through; fell down",
        "flying": "flying; flew; fly; levitat*; levitated; levitating; soared; soaring; hovered over =0.7; "
        "floated over|above|up; wings; swimming through air; rose above",
        "teeth": "teeth; tooth; teeth fell out; teeth falling out; molar; teeth crumbl*",
        "chase": "chased; chasing; being chased; chase; pursued; running from; ran from; running away; hunted; "
        "hunting me; was after me; came after me; hid from; hiding from; followed me",
        "exam": "exam; test paper; exam hall; examination; unprepared; back at school; not studied; "
        "hadn't studied; blank paper; final test; school again; forgot lines",
        "late": "late for; running late; missed train|bus|flight|plane|boat|ferry; couldn't find platform|gate; "
        "missing train|flight|bus; packing suitcase; never ready; never get there; couldn't get there; "
        "trying to pack",
        "naked": "naked; no clothes; without clothes; undressed; in underwear; without trousers; no trousers; "
        "barefoot =0.5; in pyjamas =0.4",
        "death": "died; dead; death; funeral; dying; coffin; grave; corpse; killed; burial; own funeral",
        "water": "water; wave; tidal wave; flood; ocean; sea; drown*; tsunami; underwater; river; swimming; "
        "swam; lake; rising water; flooded; tide",
        "house": "house with rooms; unknown room; new room; hidden room; rooms i; secret door; old house; "
        "childhood home; house; corridor; extra room; staircase; rooms; attic; doors; cellar",
        "animal": "snake; spider; wolf; bear; lion; tiger; horse; dog; cat; bird; whale; shark; rat; fox; deer; "
        "moth; elephant; crow; owl",
        "stage": "on stage; audience; performing; orchestra; microphone; forgotten lines; play =0.3; concert; "
        "conducting",
        "travel": "train; journey; airport; station; luggage; suitcase; ticket; boat; voyage; bus; ship",
        "war": "war; bomb; soldiers; shooting; battle; explosion; planes overhead; siren",
        "fire": "fire; burning; flames; burnt down; burned down",
        "pregnancy": "pregnant; baby; giving birth; newborn",
        "lost": "lost; couldn't find way; maze; labyrinth; could not find way; lost my way; could not find; "
        "couldn't find",
        "monster": "monster; demon; creature; zombie; vampire; shadow; devil; giant",
        "meeting_the_dead": "my late; dead father|mother|grandmother|grandfather|brother|sister|friend; "
        "late father|mother|husband|wife|grandmother|grandfather|brother|sister|aunt|uncle|friend; "
        "grandmother who died; grandfather who died; who had died; who died years; who died last; years dead; "
        "been dead for",
        "library": "library; book; letters; map; reading page; shelves",
        "sky": "stars; moon; two moons; planets; sky full; space; galaxy; sky was",
    },
    confidence=0.78,
)
_RECURRING: Final = vocabulary(
    "recurring",
    {
        True: "recurring; recurrent; same dream; every night; again and again; keeps coming back; comes back; "
        "dream again; dreamed it before; dreamt it before; since childhood; since i was child; third time; "
        "have had this dream; over and over; every few weeks|months; once month =0.6; night after night; "
        "second night running; third night running; returns; keep dreaming; keep having; came back next night; "
        "every year =0.6; same place again; had it before; as child i had",
    },
    confidence=0.82,
)
_LUCID: Final = vocabulary(
    "lucid",
    {
        True: "lucid; knew i was dreaming; realised i was dreaming; realized i was dreaming; "
        "aware i was dreaming; knew it was dream; realised it was dream; realized it was dream; reality check; "
        "this is dream; i am dreaming; i'm dreaming; knew that i was dreaming; understood i was dreaming; "
        "became lucid; looked at my hands; decided to fly; could steer; could control; controlled dream; "
        "must be dreaming =0.6; knew i was asleep; i was dreaming =0.5",
    },
    confidence=0.86,
)
_WOKE: Final = vocabulary(
    "woke_up",
    {
        True: "woke; woke up; awoke; woken; wake up; waking; wakes; awake again; sat up; jolted awake; "
        "awakened; sat bolt upright; woke with; woke from",
    },
    confidence=0.78,
)
_PEOPLE: Final = vocabulary(
    "people_present",
    {
        None: "mother tongue; mother nature; mother of pearl; brother printer; strange noise|light|sound; "
        "boss level; father christmas; friend of; child's play; like child; as child; as a boy|girl; crowded; "
        "mother ship; stranger than; mothers day; man made; stranger still; teacher training; friendly; "
        "family house; family home",
        "mother": "mother; mum; mom; mama; mam",
        "father": "father; dad; papa; daddy",
        "grandparent": "grandmother; grandfather; grandma; grandpa; granny; grandad; granddad; nan; nana; gran; "
        "abuela; oma; opa; nonna; babushka",
        "sibling": "brother; sister; twin; siblings",
        "partner": "wife; husband; girlfriend; boyfriend; partner; fiancé; fiancée; ex",
        "child": "daughter; son; child; children; baby; kids; little girl; little boy; grandson; granddaughter",
        "friend": "friend; best friend; schoolmate; classmate; old friend; flatmate; roommate",
        "stranger": "stranger; unknown man|woman; man i didn't know; woman i didn't know; faceless; "
        "somebody i had never met; unknown people; man in; woman in; old man; old woman; "
        "someone i had never met; someone i didn't know",
        "teacher": "teacher; professor; headmaster; headmistress",
        "colleague": "boss; colleague; coworker; manager",
        "crowd": "crowd; audience; hundreds of people; thousands of people; everybody i; whole village",
        "family": "family; cousins; cousin; aunt; uncle; relatives; parents",
        "neighbour": "neighbour; neighbor; landlady; landlord",
        "nurse": "nurse; doctor; surgeon; midwife; paramedic",
    },
    confidence=0.75,
)
_UNABLE: Final = vocabulary(
    "unable_to_move",
    {
        True: "couldn't move; could not move; unable to move; can't move; cannot move; paralyzed; paralysed; "
        "frozen in bed; couldn't lift; could not lift; unable to lift; couldn't speak; could not speak; "
        "couldn't scream; could not scream; not move finger|muscle|limb|toe; body would not move|obey|answer; "
        "body wouldn't move|obey; not able to move; wasn't able to move; couldn't turn; could not turn; "
        "locked in body; limbs like stone|lead; paralysis; eyes could move; only eyes; only move eyes; "
        "body asleep; body was asleep; body still asleep; nothing moved but eyes; tried to scream; "
        "couldn't shout; could not shout; unable to speak|scream; tried to move; pinned; pinned down; "
        "held down; frozen; limbs did not answer; limbs wouldn't answer; arms were stone; cant move; "
        "couldnt move",
    },
    confidence=0.85,
)
_PRESSURE: Final = vocabulary(
    "chest_pressure",
    {
        True: "pressure on chest; weight on chest; sitting on chest; sat on chest; chest felt heavy; "
        "crushing chest; couldn't breathe; could not breathe; hard to breathe; heavy on chest; "
        "pressing on chest; pressed on chest; knelt on chest; kneeling on chest; chest tight; "
        "something heavy on; weight on ribs|legs|back|breastbone; pressing down; pressed down; pressed me down; "
        "struggling to breathe; stone on chest; heaviness on chest; weight settled on; leaned on chest; "
        "pressed into mattress; pressed into bed; pressure on ribs|throat|body; sat on me; sitting on me; "
        "climbed on chest|me; lay on me|chest; choking me; weight pressed; breath would not come; "
        "chest was being; squeezing chest; held down by weight; chest hurt",
    },
    confidence=0.85,
)
_PRESENCE: Final = vocabulary(
    "presence",
    {
        True: "presence; felt someone; felt somebody; someone in room; somebody in room; something in room; "
        "someone was there; somebody was there; not alone; wasn't alone; being watched; watching me; "
        "someone standing; somebody standing; someone beside; somebody beside; someone behind; somebody behind; "
        "felt watched; something stood; someone stood; somebody stood; standing over me; stood over me; "
        "someone sat; somebody sat; someone walking beside; something was there; someone breathing; "
        "sensed someone; sensed somebody; sense of someone; something breathing; leaning over me; "
        "leaned over me; stared at me; watched me; was not alone; someone near; somebody near; "
        "sensed something; felt something near; another person in room; standing at foot; stood at foot; "
        "stood in doorway; standing in doorway; stood in corner; standing in corner; stood beside bed; "
        "standing beside bed",
    },
    confidence=0.84,
)
_INTRUDER: Final = vocabulary(
    "intruder",
    {
        "shadow": "shadow; shadows; dark shape; dark figure; black figure; black shape; silhouette; "
        "shadow man|person|figure; dark mass; shape of person; black mass; darker than dark",
        "hag": "hag; old woman; witch; old hag; crone",
        "man": "man; hooded man; tall man; man in hat; hat man; man with hat; hooded figure; tall figure; "
        "burglar; stranger; man without face; faceless man",
        "woman": "woman; girl; lady; woman in white; bride",
        "demon": "demon; devil; demonic; imp; goblin",
        "animal": "cat; dog; spider; snake; bird; animal; crow; insect",
        "child": "child; boy; little boy; little girl",
        "alien": "alien; grey being; greys; being with eyes; large eyes",
    },
    confidence=0.78,
)
_TUNNEL: Final = vocabulary(
    "tunnel",
    {
        True: "tunnel; dark tunnel; long corridor; passage of light; tube of light; down tunnel; "
        "through tunnel; narrow passage; shaft of dark; pipe of light; well of light",
    },
    confidence=0.88,
)
_BRIGHT: Final = vocabulary(
    "bright_light",
    {
        True: "bright light; white light; light at end; warm light; golden light; brilliant light; "
        "loving light; light that did not hurt; light didn't hurt; into light; towards light; toward light; "
        "being of light; made of light; light was; light came; light grew; brightest light; blinding light; "
        "beautiful light; brightness; light like; the light; light without source; light everywhere; "
        "surrounded by light",
    },
    confidence=0.8,
)
_REVIEW: Final = vocabulary(
    "life_review",
    {
        True: "life review; life flashed; whole life; saw my life; my life passed; scenes from life; "
        "scenes of life; every moment of life; my life like film; my life in pictures; my entire life; "
        "review of life; film of life; life before eyes; saw my childhood; saw everything i had done; "
        "life again; pictures of life; my life ran; my life unrolled; every kindness; all i had done",
    },
    confidence=0.88,
)
_RELATIVES: Final = vocabulary(
    "deceased_relatives",
    {
        True: "my late; "
        "late father|mother|husband|wife|grandmother|grandfather|brother|sister|uncle|aunt|friend|son|daughter; "
        "dead father|mother|husband|wife|grandmother|grandfather|brother|sister|uncle|aunt|friend; "
        "deceased father|mother|husband|wife|grandmother|grandfather|brother|sister|relative|uncle|aunt|friend; "
        "deceased relatives; grandmother who died; grandfather who died; who had died; who died; "
        "father was there; mother was there; grandmother was there; grandfather was there; relatives waiting; "
        "grandmother waiting; grandfather waiting; grandmother stood; grandfather stood; those who had died; "
        "my dead; years dead; been dead; people i had lost; ancestors; my grandmother told; "
        "my grandfather told; passed away; long dead; dead for years; died before; dead for; her late; "
        "his late; her dead; his dead; buried; died years",
    },
    confidence=0.78,
)
_OUT: Final = vocabulary(
    "out_of_body",
    {
        True: "out of body; left my body; outside my body; above my body; saw myself; watched myself; "
        "looking down at myself; looked down at myself; saw my body; saw my own body; floated above; "
        "floating above; from ceiling; near ceiling; under ceiling; floated up; hovered above; hovering above; "
        "below me; looked down on; looking down on; from above; leave* body; up by ceiling; rose out; "
        "rolled out; slipped out; lifted out; my body lay|lying; my own body; floated out; seeing myself; "
        "separated from body; at ceiling; against ceiling; above bed; above myself; i was above; drifted up; "
        "looked at myself; saw them working; watched doctors|surgeons|nurses|paramedics; saw doctors|surgeons",
    },
    confidence=0.84,
)
_RETURNED: Final = vocabulary(
    "return",
    {
        "sent_back": "sent back; told to go back; not your time; not my time; not yet; go back; must go back; "
        "had to go back; had to return; was told to return; told me to return; turn back; too early; "
        "turned me round; turned me around; it isn't time; it is not time; it wasn't time; it was not time; "
        "not finished; wasn't finished; you have to return; not ready for you; go home",
        "chose": "chose to return; chose to come back; decided to return; decided to come back; given choice; "
        "choice; i chose; wanted to come back; could choose; asked to stay; choose",
        "pulled_back": "pulled back; yanked back; slammed back; snapped back; back in body; fell back into; "
        "dragged back; jolted back; sucked back; dropped back; back into body; back in bed",
        "unwilling": "didn't want to come back; did not want to come back|return|leave; "
        "didn't want to return|leave; wanted to stay; would have stayed; disappointed to be back; "
        "angry to be back; cried because i was back; sorry to be back",
    },
    confidence=0.82,
)
_CAUSE: Final = vocabulary(
    "cause",
    {
        "cardiac_arrest": "cardiac arrest; heart attack; heart stopped; heart had stopped; flatlined; "
        "flat lined; heart failure; no pulse; defibrillator; heart gave out; resuscitated; cpr",
        "accident": "accident; crash; car crash; collision; hit by car; hit by; motorcycle accident; "
        "bike accident; ran over; run over; lorry; rolled over; avalanche; crashed; bicycle",
        "fall": "fell from; fall from; fell off; fell down; slipped from; ladder",
        "surgery": "surgery; operation; operating table; anaesthetic; anesthetic; anaesthesia; anesthesia; "
        "during surgery; surgeon; operating theatre; operating room",
        "drowning": "drowned; drowning; nearly drowned; almost drowned; under water; underwater; under ice; "
        "undertow; rip current; capsized; swept under",
        "illness": "fever; sepsis; pneumonia; infection; coma; meningitis; stroke; covid; malaria; appendix; "
        "kidney failure; diabetic",
        "childbirth": "childbirth; giving birth; labour; labor; delivery room; caesarean; haemorrhage; "
        "hemorrhage; bleeding; lost blood",
        "allergy": "allergic; anaphylaxis; anaphylactic; wasp sting; bee sting; allergy; peanut",
        "electric_shock": "electrocuted; electric shock; struck by lightning; lightning strike; hit by lightning",
        "overdose": "overdose; poisoning; carbon monoxide; gas leak",
        "choking": "choked; choking; couldn't breathe; asthma",
    },
    confidence=0.84,
)
_BORDER: Final = vocabulary(
    "border",
    {
        True: "border; threshold; gate; fence; river i; line i could not cross; bridge; door; wall of light; "
        "shore; could not cross; couldn't cross; point of no return; far bank; other side; hedge; doorway",
    },
    confidence=0.72,
)
_TIMELESS: Final = vocabulary(
    "timeless",
    {
        True: "no time; timeless; outside time; time stopped; time did not exist; time didn't exist; "
        "time stood still; time had stopped; time meant nothing; no sense of time; lost sense of time; "
        "lost track of time; lost all track of time; time disappeared; hours felt like; hours passed like; "
        "felt like minutes; felt like seconds; felt like hours; felt like years; forever; eternity; "
        "time slowed; time slowed down; slow motion; time dissolved; time vanished; time went",
    },
    confidence=0.8,
)
_SEPARATION: Final = vocabulary(
    "separation",
    {
        "vibration": "vibration; vibrations; vibrating; buzzing; humming in body; trembling all over; electric buzz",
        "rolling_out": "rolled out; rolled over and; rolling out; slipped out; slid out; peeled away; peel* off",
        "floating_up": "floated up; floating up; rose; rising; drifted up; lifted; lifted out; floated; floating",
        "pulled": "pulled out; pulled upward|upwards|up; sucked out; yanked out; pulled by feet",
        "popped": "popped out; pop; shot out; snapped out; jumped out",
    },
    confidence=0.78,
)
_CORD: Final = vocabulary(
    "silver_cord",
    {
        True: "silver cord; cord; silver thread; silver rope; thread of light",
    },
    confidence=0.88,
)
_VISITED: Final = vocabulary(
    "verified_detail",
    {
        True: "turned out to be true; was later confirmed; later confirmed; nurse confirmed; doctor confirmed; "
        "exactly where i; exactly as i; could not have known; couldn't have known; could not have seen; "
        "couldn't have seen; went pale; she confirmed; he confirmed; they confirmed; and it was there; "
        "there it was; proved right; it was true; checked later; was right; i described; they checked; "
        "word for word; never told anyone",
    },
    confidence=0.76,
)

PHRASES: Final[tuple[Phrase, ...]] = (
    *_THEME,
    *_RECURRING,
    *_LUCID,
    *_WOKE,
    *_PEOPLE,
    *_UNABLE,
    *_PRESSURE,
    *_PRESENCE,
    *_INTRUDER,
    *_TUNNEL,
    *_BRIGHT,
    *_REVIEW,
    *_RELATIVES,
    *_OUT,
    *_RETURNED,
    *_CAUSE,
    *_BORDER,
    *_TIMELESS,
    *_SEPARATION,
    *_CORD,
    *_VISITED,
)
