"""What is seen in the sky and in the dark: shapes, colours, lights, movement, sound."""

from typing import Final

from likewise.apps.community.logic.extracting.lexicon import Phrase, vocabulary

__all__ = ["PHRASES"]

_SHAPE: Final = vocabulary(
    "shape",
    {
        None: "diamond head; circular motion|motions|pattern|path|direction|movement|movements; small fire; "
        "camp fire; fire pit; bon fire; cone of light; cross country; cross sky|over|path|road; circle around; "
        "circling; crossed; crossing; football field; traffic light; street light; star trek; egg harbor; "
        "light year; light rail; light blue|green|red|brown|grey|gray|yellow; "
        "light rain|wind|breeze|snow|show|sleeper; day light; light on inside; light bulb; moon light; "
        "light house; bermuda triangle; triangle park; research triangle; flash light; flashlight; ring road; "
        "ring tone; diamond bar; diamond lake; cigar smoke; disk drive; disc golf; "
        "square miles|feet|metres|mile; town square; rectangle of light; flash flood; flash back; "
        "formation of clouds; light source; in light of; light weight; ball game|park|field; cylinder head; "
        "star formation; aircraft light; egg sized; like light switch; v shape formation; light sensor; "
        "light switch; light pole; lights went out; light turned green|red; red light at crossing",
        "light": "light =0.6; lights =0.55; bright light =0.68; lites =0.5; star like object =0.66; starlike; "
        "star like =0.6; point of light =0.75; pinpoint of light =0.75; speck of light =0.7; headlight =0.4; "
        "star =0.4; beam of light =0.6; dot =0.5; glow =0.45; spotlight =0.5; strobe =0.5",
        "circle": "circle; circular; round =0.68; ring =0.7; round light =0.7; round object; round shape; "
        "ring shaped; round shaped; circle shaped; circle of lights =0.75; circular light|object; circled shape",
        "fireball": "fireball; fire ball; ball of fire; fire balls; balls of fire; fire orb; ball of flame; "
        "flaming ball; fireball like; burning ball; fiery ball; fiery orb; flame =0.68; flames =0.62; "
        "on fire =0.66; flare =0.6; meteor =0.68; fiery =0.66; fire =0.66; fiery object|light|lights; "
        "flaming object; fireworks =0.4; lantern =0.58; chinese lantern =0.66; flaming; comet =0.65; "
        "shooting star =0.6; burning object =0.68",
        "orb": "orb =0.8; ball =0.74; ball of light; orb of light; orb like; glowing ball; ball shaped; "
        "round ball; basketball =0.5; golf ball =0.5; fuzzy ball; balloon =0.5; round orb",
        "sphere": "sphere; spherical; globe; sphere shaped; spherical light|object|craft; sphere like; "
        "spheroid; globe of light",
        "triangle": "triangle; triangular; triangle formation|pattern =0.65; "
        "triangular formation|pattern =0.65; formation of triangle =0.6; triangle shaped; triangle shape; "
        "triangular shaped|shape|object|craft; delta shaped; pyramid; arrowhead; arrow head; "
        "three lights in triangle; delta wing; tr 3b; trinagle; triangel; triangluar; trianglular",
        "oval": "oval; oval shaped; oblong; elliptical; ellipse; ovoid =0.7; pill shaped; tic tac; capsule; ovular",
        "formation": "formation =0.66; in formation =0.7; in line =0.66; in straight line =0.62; "
        "single file =0.74; flying in formation; cluster of lights; group of lights|orbs|objects; "
        "row of lights; line of lights =0.74; v formation =0.8; in row =0.6; string of lights =0.7; "
        "diamond formation =0.75; constellation =0.55; fleet =0.6; convoy; swarm =0.55; cluster =0.6",
        "disk": "disk; disc; saucer; flying saucer; disc shaped; disk shaped; saucer shaped; disk like; "
        "disc like; saucer like; frisbee =0.75; hubcap; discus; classic saucer",
        "changing": "changed shape; changing shape; changes shape; change shape; shape shifting; shapeshifting; "
        "morphing; morphed; shape changing; shifting shape|shapes; shape shifter; changing shapes; "
        "transformed into; amorphous; split into =0.5",
        "flash": "flash =0.68; flash of light; flashes =0.68; flash of lightning =0.5; flashes of light; "
        "sudden flash; bright flash; burst of light; blink of light; explosion of light",
        "cylinder": "cylinder; cylindrical; tube; tubular; cylinder shaped; tube shaped; pipe shaped; "
        "barrel shaped; pencil shaped =0.6; rod =0.7; rod shaped; log shaped =0.6; tube like; rocket =0.5; "
        "missile =0.5",
        "cigar": "cigar; cigar shaped; cigar shape; cigar like; blimp =0.6; dirigible =0.6; torpedo; "
        "submarine shaped; zeppelin =0.6",
        "diamond": "diamond; diamond shaped; diamond shape; rhombus; kite shaped; octahedron; diamond like",
        "rectangle": "rectangle; rectangular; square object|craft|light|shape|ufo|thing; perfect square; "
        "like square; big square; square of; large square; box =0.6; cube; box shaped; square shaped; "
        "rectangle shaped; cubic; box like; slab; trapezoid =0.6; box kite",
        "chevron": "chevron; boomerang; v shaped; v shape; crescent =0.75; crescent shaped; boomerang shaped; "
        "wing shaped; flying wing; stealth bomber =0.6; v like; half moon shaped =0.6; chevron shaped; "
        "arrow shaped; like boomerang; shape of v; stealth =0.5; bat wing; horseshoe; horse shoe shaped; "
        "v shaped craft|object|formation|lights; vee shaped",
        "teardrop": "teardrop; tear drop; drop shaped; teardrop shaped; tear drop shaped; pear shaped; "
        "light bulb shaped; raindrop; tear shaped; tadpole =0.6; mushroom =0.4; upside down teardrop; "
        "hot air balloon =0.5; comet like =0.4; bulb shaped",
        "egg": "egg; egg shaped; egg shape; egg like; football shaped =0.5",
        "cone": "cone; cone shaped; conical; funnel; bell shaped; dome; dome shaped; ice cream cone; "
        "parachute =0.45; top shaped =0.5",
        "cross": "a cross; like cross; giant cross; glowing cross; cross formation; cross like; form of cross; "
        "cross shaped; plus sign; x shaped; t shaped; crucifix; in shape of cross; cross shape; shape of cross; "
        "plus shaped",
        "star": "star shaped; star shape; starfish; shape of star",
        "jellyfish": "jellyfish; jelly fish; tentacles; octopus; squid like",
        "ring": "halo; doughnut; donut; smoke ring; torus",
    },
)
_COLOUR: Final = vocabulary(
    "colour",
    {
        None: "orange county|park|beach|city|grove|ca|tx|va|texas; "
        "green bay|valley|river|lake|ville|mountain|party|house; "
        "white house|plains|river|rock|lake|water|noise|lie; "
        "black friday|hills|sea|river|mountain|rock|diamond|out|forest|hawk|lab; "
        "red river|sea|bluff|deer|hook|rock|wing|cross|eye|handed; "
        "silver spring|springs|city|lake|creek|lining|screen; gold coast|creek|beach|bond|fish; "
        "golden gate|valley|eagle; blue ridge|springs|island|moon|mountains|collar|earth|ash; "
        "brown university|county; pink floyd; yellow stone|springs|knife|pages; grey hound; grays harbor; "
        "violet hill; amber alert; blackout; blacked out; mt gray; out of blue; rose up; purple heart; "
        "red light at; black box|sheep|board|market; blue tooth|print; in black and white; black hole; "
        "red dwarf; red tape; red hot; gold mine|standard; orange juice|peel|tree; silver age; in the black; "
        "red light district; went black|white; turned green; white as sheet; green light for; yellow pages",
        "red": "red; reddish; crimson; scarlet; ruby; maroon; blood red; deep red; redish; dark red; reds",
        "orange": "orange; orangish; orangy; amber; amberish; copper; coppery; orange red =0.8; orangeish; "
        "tangerine; reddish orange; red orange; yellow orange; yellowish orange; peach =0.6; apricot =0.6; "
        "bright orange; rust coloured; orangey",
        "yellow": "yellow; yellowish; lemon; straw coloured; yellow white",
        "gold": "gold; golden; goldish; brass coloured; honey coloured",
        "green": "green; greenish; emerald; lime =0.6; bright green; blue green; bluish green; olive =0.6; jade =0.6",
        "blue": "blue; bluish; azure; cobalt; electric blue; turquoise; teal; cyan; blueish; blue white; "
        "bluish white; aqua; navy =0.5; indigo; sapphire =0.5; sky blue; light blue; dark blue; aquamarine",
        "purple": "purple; violet; lilac; magenta; mauve; purplish; lavender =0.5",
        "pink": "pink; pinkish; rose coloured; fuchsia; salmon coloured",
        "white": "white; whitish; milky; pearl =0.5; ivory; snow white; pure white; bright white; white hot; "
        "pearly; chalk white",
        "silver": "silver; silvery; metallic; chrome; aluminum; aluminium; shiny metal; mirror like; "
        "stainless steel; mirrored; polished metal; metal =0.6; steel =0.5; silverish; shiny =0.4",
        "black": "black; jet black; pitch black object|craft|triangle|shape; charcoal =0.6; "
        "dark object|craft|triangle|shape|figure =0.6; blackish; blacker than; inky; dark triangular =0.6; "
        "black as coal",
        "grey": "grey; gray; greyish; grayish; ash coloured; slate =0.5; gunmetal",
        "brown": "brown; brownish; tan =0.5; bronze; chestnut coloured; sepia",
        "multicolour": "multi color|colored|colour|coloured; multicolored; multicolor; multicoloured; "
        "multicolour; rainbow; many colors|colours; all colors|colours; different colored|coloured; "
        "several colors|colours; colorful; colourful; various colors|colours; changing colors|colours; "
        "changed colors|colours; all colors of rainbow; different colors|colours; multiple colors|colours; "
        "changing color|colour; kaleidoscope; iridescent; every color|colour; prism =0.5; multi hued",
        "transparent": "transparent; translucent; see through; clear sphere|object|orb; invisible =0.5; "
        "glass like; glassy",
    },
    confidence=0.9,
)
_MOVEMENT: Final = vocabulary(
    "movement",
    {
        None: "circle of; shot video|footage|film|photos; moving pictures; spinning wheel; circling back to; "
        "hover board; float away in dream; followed by; stop light|sign; falling star|stars|asleep|rain|snow; "
        "shot in dark; rose bush; dropped my|phone|call; straight line of; "
        "turned off|out|on|into|red|green|white|around and; took off his; took off her; took off my; "
        "took off our; took off shoes|coat|hat; shot of",
        "hovering": "hover*; hovered; hoverd; stationary; motionless; stood still; stayed still; not moving; "
        "didn't move; did not move; hung in; hanging in; hanging; stayed in place; suspended; sat still; "
        "hung there; hang* there; no movement; stopped in mid air; still in sky; held position; wasn't moving; "
        "was not moving; hanging motionless; stay* in one place|spot; sitting in sky; never moved; "
        "fixed in sky; sitting still; stays still",
        "zigzag": "zigzag; zig zag; zigzagged; zigzagging; zig zagged; zig zagging; erratic; erratically; "
        "darted; dart*; darting; back and forth; jerky; side to side; jump* around; bounc* around; bounced; "
        "bouncing; in random directions; all over sky; sharp turns; sharp turn; right angle turn; angle turn; "
        "90 degree turn; swerve*; zoom* around; jumping; up and down =0.7; chang* direction; changed direction; "
        "changing direction; changes direction; changed directions; changing directions; various directions; "
        "different directions; extreme maneuvers; maneuver*; danced; dancing; swaying; wobbl*; wobbled; "
        "wobbling; sideways",
        "formation": "in formation; formation; single file; in line; in row; flying together; in sync; "
        "in unison; side by side; v formation; one behind other; equally spaced; following each other; "
        "one after another; one after other; following one another",
        "straight": "straight line; in straight line; straight path; straight across; steady course; "
        "constant course; steady path; straight ahead; without turning; steady line; straight overhead",
        "circling": "circl*; circled; circling; in circles; spiral*; spiraled; spiralling; spiraling; rotat*; "
        "rotating; rotated; spin*; spun; spinning; orbiting; twirl*; in circle; in slow circles; revolv*; "
        "revolving; gyrat*; looped; twisted; looping; swirl*",
        "ascending": "ascend*; ascended; rose; rising; rise; went up; shot up; climb*; climbed; "
        "shot upward|upwards; going up; upward; upwards; lifted off; took off up; straight up; "
        "up into sky|space|clouds; moved up; gained altitude; lift* off; going straight up",
        "descending": "descend*; descended; fell from; falling; fell; came down; going down; dropped; drop*; "
        "went down; downward; downwards; lowered; landed; landing; sank; sinking; coming down; fall* from sky; "
        "plummet*; plunge*; crashed; crash*; dove; dive*",
        "following": "followed us|me|car|him|her|them; following us|me|car; chas* me|us; kept pace; "
        "paced car|us|me|train|plane|truck; pacing; paced; tracked us|me; follows us|me; escort*",
        "departing": "shot off; took off; sped off; sped away; zoom* off|away; flew off|away; shot away; "
        "disappeared; vanished; vanish*; disappear*; disapear*; dissapear*; blinked out; faded out|away; "
        "fade* out|away; gone in; went out; flashed away; fade* into; faded; winked out; dissolve*; dissolved; "
        "tak* off; speed* off|away; streaked off|away; burned out =0.6; shoot* off; moved away; "
        "accelerat* away; took off into",
        "gliding": "glid*; glided; gliding; drift*; drifted; drifting; float*; floated; floating; sail*; "
        "sailed; cruis*; cruising; moving silently; flew silently; silently mov*; slow moving; passed over; "
        "passed overhead; sweep* over; swept over; crossed sky; cross* sky; crossing sky; moving across; "
        "moved across; flew over; fly* over; flying over; flew across; moving overhead; fl* across sky; "
        "traveling across; travelling across; went over; came over; flew by; passing over; pass* by; "
        "travel* across; flew overhead; flying overhead; flying across",
        "accelerating": "accelerat*; accelerated; accelerating; speeding up; sped up; sudden burst of speed; "
        "burst of speed",
        "splitting": "split into; split in two; separated into; divided into; broke into; broke apart; "
        "came apart; dividing; released smaller; emitted another; dropped smaller; split apart; separated; "
        "separating; spawn*",
        "merging": "merg*; merged; joined together; became one; merging; came together; coalesce*; coalesced; "
        "combined; formed one",
        "tumbling": "tumbl*; tumbling; tumbled; flipped; flipping; end over end; rolling over",
    },
    confidence=0.82,
)
_SPEED: Final = vocabulary(
    "speed",
    {
        None: "fast asleep; fast food; slow motion replay; breakfast; hold fast; fast forward; "
        "slow down to look; slowed down to; slowed car; as fast as i|we; quick picture|look|glance; "
        "took off his; took off her; took off my; took off our; ran fast; run fast; i quickly; "
        "quickly grabbed|ran|called|went|got; stood fast; speed limit; instant message; slow dance; we quickly; "
        "hovering motel; shot off gun; faster than i; instant coffee; drove slowly|fast; "
        "slowly walked|turned|opened; walked slowly; slowly realised|realized",
        "hovering": "hover*; hoverd; stationary; motionless; stood still; not moving; hung in sky|air; "
        "hanging in sky|air; suspended in; didn't move; did not move; wasn't moving; was not moving; sat still; "
        "never moved; stay* in one place|spot; hanging motionless",
        "slow": "slow; slowly; slow moving; slower; drift*; drifted; floated =0.6; float* =0.6; glid* =0.5; "
        "unhurried; leisurely; walking pace; crawled; low speed; snail's pace; slow speed; slow rate of speed; "
        "steadily =0.5",
        "fast": "fast; faster; quickly; rapid; rapidly; high speed; high speeds; high rate of speed; "
        "tremendous speed; incredible speed; great speed; supersonic; zoomed; zoom*; shot across; shot off; "
        "sped; at great speed; streaked; streak* across; streak*; speeding; extreme speed; swift; swiftly; "
        "raced; racing; unbelievable speed; hypersonic; very high velocity; amazing speed; unreal speed; "
        "took off; darted; dart*; hurtl*; whizzed; whiz*; top speeds; top speed; high velocity; speed of jet; "
        "blazing speed; insane speed; crazy speed; quick; shoot* across; flash* across; fast moving; "
        "extreme speeds; shot up",
        "instant": "instantly; instantaneous; instantaneously; in instant; in blink; blink of eye; "
        "split second; in flash; speed of light; warp speed; light speed; in second =0.6; in nanosecond; "
        "lightning speed; lightning fast; disappeared instantly; vanished instantly; faster than eye",
    },
    confidence=0.82,
)
_SOUND: Final = vocabulary(
    "sound",
    {
        None: "sound asleep; sound of mind; safe and sound; puget sound; long island sound; pop up; "
        "hissing cat; silent film; boom town; rings of; silent witness; sounds like you; "
        "engine stalled|died|quit|stopped|cut; car engine; our engine; my engine; ring of light; click* on; "
        "hum* to myself; sound barrier; silent treatment; loud speaker; whistle stop; engine light; "
        "no other sound; roar of crowd; silent night; bang on; static display; ring shaped; ringing phone; "
        "engine running",
        "silent": "no sound; silent; silently; silence; no noise; without sound; without noise; soundless; "
        "noiseless; made no sound; no audible sound; no engine sound|noise; quiet =0.7; not sound; "
        "not hear sound; didn't hear sound|anything|thing; did not hear sound|anything; "
        "couldn't hear sound|anything|thing; could not hear sound|anything; soundlessly; noiselessly; "
        "never heard sound|anything; no engine; quietly; heard nothing; no sounds; dead silent; "
        "didn't make sound|noise; did not make sound|noise; zero sound; not making sound|noise; with no sound; "
        "made no noise; wasn't making noise|sound; without making sound|noise; silenty; slient; silant; "
        "couldn't hear it; could not hear it; no hum; nosound; absent of sound",
        "humming": "hum; humming; hummed; buzz; buzzing; buzzed; drone sound; droning; purring; low hum; "
        "vibrating sound; vibration =0.55; whir; whirring; thrum; thrumming; electrical sound|hum|buzz; "
        "like transformer; electric hum; transformer hum",
        "roaring": "roar; roaring; roared; rumble; rumbling; rumbled; jet sound; engine sound; engine noise; "
        "loud engine; jet noise; jet engine; like jet engine; like train; like freight train; thunderous; "
        "growling; growl; loud rumble; sound of engine; low flying jet sound; deep rumble",
        "whistling": "whistle; whistling; whistled; screech; screeching; high pitched; whine; whining; shrill; squeal",
        "swishing": "swoosh; whoosh; swish; whooshing; swooshing; rush of air; hiss; hissing; hissed; sizzl*; "
        "sizzling; rushing sound; fluttering; whooshed",
        "boom": "boom; bang; explosion; exploded; thunderclap; sonic boom; blast; loud boom; booming; pop =0.5; "
        "crack =0.45; thud; clap of thunder; popping",
        "crackling": "crackl*; crackling; crackled; static =0.6; popping sound; snapping sound; electric crackle",
        "clicking": "click; clicking; ticking; tapping; knocking; beeping; beep; ping; pinging; metallic sound; "
        "grinding; clanking; clang",
        "music": "music; singing; sang; melody; choir; bells; chime; chimes; ringing =0.6; flute; organ =0.5; "
        "chanting; orchestra; harp; violin",
        "voice": "voice; voices; whisper*; whispered; whispering; spoke to me; murmur*; calling my name; "
        "called my name; said my name",
        "scream": "scream; screaming; shriek; howl; howling; howled; wail; wailing; cry in night; moan; moaning",
    },
    confidence=0.85,
)
_BRIGHTNESS: Final = vocabulary(
    "brightness",
    {
        None: "bright idea; bright future; bright and early; dim memory; bright side; flash flood; dim view; "
        "bright boy|girl|student; flashlight; flash light; flashing neon; glowing review; glow stick; "
        "flash back; photo flash; flash photography; bright angel; fade into; faded memory",
        "blinding": "blinding; blinded; blindingly; dazzling; too bright to look; too bright; intensely bright; "
        "extremely bright; lit up sky|whole|entire|room|ground|area|street|field; incredibly bright; "
        "brighter than sun|moon; super bright; bright as sun|day; ultra bright; light up sky",
        "bright": "bright; brightly; brilliant; intense light; luminous; brighter; brightest; very bright; "
        "shining; shone; shine*; lit up; vivid =0.5; radiant; well lit; brightly lit; shin* brightly; "
        "brilliantly; illuminated; illuminating; lighted =0.6; lit =0.5",
        "dim": "dim; dimly; faint; faintly; pale =0.6; dull glow; weak light; barely visible; dimmed; dimming; "
        "not very bright; unlit; lightless; no lights; dull glowing; muted; soft light; soft glow; dimmer; "
        "dull =0.6; without lights",
        "glowing": "glow*; glowed; glowing; glow; aglow; luminescent; incandescent; shimmer*; shimmering; halo; "
        "aura; phosphorescent; halo of light; fiery =0.5; ember like; smoulder*",
        "flashing": "flash*; flashed; flashing; blink*; blinking; blinked; strobe; strobing; strobe like; "
        "flashes; strobed; flash; on and off",
        "pulsing": "puls*; pulsed; pulsing; pulsat*; pulsating; pulsated; throbbing; strobing slowly; throb*; "
        "oscillat*; oscillating",
        "flickering": "flicker*; flickered; flickering; twinkl*; twinkling; twinkled; sparkl*; sparkling; "
        "glimmer*; glittering; glitter*; scintillat*",
        "fading": "fad*; faded; fading; fade; dimmed out; burned out; went out; dim* out; fizzl* out; "
        "extinguish*; blink* out; wink* out; turned off; fizzled; gradually dimmed; dimm* and",
        "reflective": "reflective; reflecting; reflected; shiny; glint*; glinting; mirror like; polished; "
        "gleam*; gleaming",
    },
    confidence=0.82,
)
_SIZE: Final = vocabulary(
    "size_m",
    {
        None: "size of star|stars|planet|moon|sun|dime|quarter|pea|venus; half size of; arms length; "
        "at arm's length; bigger than star|planet|moon|venus",
        100.0: "size of football field; big as football field; large as football field; football field; "
        "bigger than football field; two football fields; size of stadium; size of cruise ship; "
        "size of aircraft carrier; big as stadium; length of football field; size of soccer field",
        60.0: "size of jumbo jet; size of 747; size of airliner; size of jet; "
        "size of commercial jet|airliner|plane; size of passenger jet|plane; big as 747|jet|airliner|plane; "
        "size of large plane; size of airplane; size of plane =0.45",
        12.0: "size of house; big as house; size of bus; size of school bus; large as house; size of semi; "
        "size of semi truck; size of barn; big as bus; large as bus; size of building =0.4; size of boat =0.4; "
        "size of small plane|aircraft; size of helicopter; size of cessna; length of bus",
        4.5: "size of car; big as car; size of small car; size of volkswagen; size of vw; large as car; "
        "size of truck; size of suv; size of van; size of vehicle; size of helicopter cabin; "
        "size of automobile; size of beetle; size of compact car",
        1.8: "size of person; size of man; size of human; size of adult; size of door; size of refrigerator; "
        "size of fridge; size of cow; size of horse",
        0.6: "size of beach ball; size of beachball; size of dog; size of washing machine; size of trash can; "
        "size of tyre; size of tire; size of umbrella; size of large dog; size of television",
        0.25: "size of basketball; size of soccer ball; size of dinner plate; size of football; "
        "size of volleyball; size of melon; size of pumpkin; size of bowling ball; size of frisbee; "
        "size of balloon; size of cat; size of watermelon; big as basketball; size of plate; big as football; "
        "size of head",
        0.1: "size of grapefruit; size of softball; size of baseball; size of tennis ball; size of orange; "
        "size of fist; size of apple; size of hand; size of saucer; size of peach; big as fist; size of bird; "
        "size of egg",
        0.04: "size of golf ball; size of ping pong ball; size of walnut; size of marble; size of coin; "
        "size of cherry; size of plum",
    },
    confidence=0.58,
)

PHRASES: Final[tuple[Phrase, ...]] = (
    *_SHAPE,
    *_COLOUR,
    *_MOVEMENT,
    *_SPEED,
    *_SOUND,
    *_BRIGHTNESS,
    *_SIZE,
)
