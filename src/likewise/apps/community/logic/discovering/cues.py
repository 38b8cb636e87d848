"""The turns of phrase by which a question says what it wants, or that it wants what nobody here can tell."""

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["ASKED_KEY", "CATEGORIES", "COUNT", "FIND", "FOLLOWING", "REFUSED", "SUPERLATIVE", "WANTED"]

_PIECES: Final = {
    "<value>": "#(?:test|category|tag)",
    "<thing>": "#(?:test|category|tag|moment|near|person)",
    "<like>": "(?:like|similar|alike|as|resembles?|same|kindred|close to)",
}
_CONTINUED: Final = "\n+ "


def any_of(text: str) -> re.Pattern[str]:
    """The pattern of several, a line each; one that is too long goes on in a line that begins with a plus."""
    joined = "\n".join(line.strip() for line in text.strip().splitlines()).replace(_CONTINUED, "").replace("\n", "|")
    for name, pattern in _PIECES.items():
        joined = joined.replace(name, pattern)
    return re.compile(joined)


WANTED: Final[Mapping[str, re.Pattern[str]]] = {
    "people_like": any_of(
        r"""
        \b<like>\b.*#person
        #person.*\b(?:similar|alike)\b
        #person'?s? (?:twin|neighbou?rs?)
        """
    ),
    "person": any_of(
        r"""
        \bwho (?:is|was|are|am) #person
        ^#person$
        \b(?:profile|dna|interests?) of #person
        #person (?:profile|dna|interests?)
        \b(?:describe|introduce) #person
        \babout #person$
        what (?:does|do|has|did|is|have) #person (?:mostly |usually |often )?(?:tell|told|write|post|share
        + |interested|about|into|talk|care)
        """
    ),
    "similar": any_of(
        r"""
        ^#experience$
        \b(?:similar|alike|resembl\w*|compar\w+) (?:to |with )?(?:#experience|#title|this|that|the (?:last
        + |latest|newest)|it\b)
        \b(?:like|resembl\w*) (?:#experience|#title|this one|that one|this\b|the (?:last|latest|newest)|mine)
        \b(?:similar|alike|like) (?:experience|report|stor|case|sighting|dream)\w* (?:to|as)\b
        \b(?:similar to|something like|anything like|more like|resembles?|resembling)\b
        """
    ),
    "trending": any_of(
        r"""
        \btrending\b
        \b(?:hot|popular|hyped|buzzing) (?:right )?(?:now|today|at the moment|this week|these days)
        what (?:is|s|are)? ?(?:people|everyone|everybody|members) (?:talking|reading|looking|discussing|upvoting)
        \bwhat is (?:hot|going on|popular|new)\b
        \bwhats (?:hot|going on|popular|new)\b
        \bwhat (?:hot|going on|popular|new)\b
        \banything new\b
        \btalk of the\b
        \bgetting (?:a lot of )?attention\b
        """
    ),
    "insights": any_of(
        r"""
        \b(?:remarkable|insights?|surprising|striking|notable|noteworthy|stands? out|eye ?catching)\b
        \b(?:interesting|unusual|odd|strange) (?:pattern|finding|fact|thing|number|statistic)s?\b
        \bpatterns?\b(?! of <value>)
        \b(?:anything|something|what(?: is)?|whats) (?:interesting|odd|unusual|strange)\b
        \bsurprise me\b
        """
    ),
    "compare": any_of(
        r"""
        \b(?:compare|comparing|comparison|contrast|differences?|differ|versus|vs)\b.*<thing>
        <thing>.*\b(?:compared|versus|vs|differ|different from|unlike)\b.*<thing>
        <thing>.*\b(?:than|as)\b.*<thing>
        \bwhich (?:is|are|were|lasts?) .*<thing> or (?:the )?<thing>
        """
    ),
    "trend": any_of(
        r"""
        \btrends?\b
        \bover (?:the )?(?:time|years|months|decades)\b
        \b(?:more|less|fewer|rarer|common|frequent|often) (?:common |frequent |often )?(?:over time|than before
        + |than they used to|nowadays|these days|lately|recently|now)\b
        \b(?:increas|decreas|declin|rising|grow|shrink|dropp|go up|going up|go down|going down|on the rise
        + |fall off)\w*
        \bbecom(?:e|ing) (?:more|less|rarer)
        \b(?:get|getting) (?:more|less|rarer)
        \bhow (?:has|have|did) .*\bchang
        \bdevelop(?:s|ed|ing|ment)?\b
        \b(?:rise|decline|growth) of\b
        \bused to be\b
        \bmore often than before\b
        """
    ),
    "together": any_of(
        r"""
        <value>.*\b(?:and|with)\b.*<value>.*\b(?:together|coincide|co ?occur|go together|combin\w+
        + |at the same time)\b
        \b(?:together|combination|cooccur|coincid\w+)\b.*<value>.*<value>
        \b(?:both)\b.*<value> and .*<value>
        <value>.*\b(?:together with|along with|go(?:es)? with|linked (?:to|with)|associated with|related to
        + |connected (?:to|with)|correlate\w* with)\b.*<value>
        \b(?:how (?:often|common|likely|frequently|rarely)|what (?:share|percentage|proportion|part|fraction)
        + |how many percent)\b.*<value>.*<value>
        ^(?:are|is|were|was|do|does|did) (?:(?:the|all|most|it|they|more|often|usually|mostly) )*<value>.*<value>
        """
    ),
    "associations": any_of(
        r"""
        \b(?:go(?:es)?|come|comes|associated|linked|connected|correlat\w+|related|typical|characteristic|common
        + |special|unique|distinctive) (?:together )?(?:with|to|of|for|about|in) .*<value>
        \b(?:special|typical|characteristic|unique|distinctive) (?:of|about|for|in) .*<thing>
        \bwhat (?:do|does) .*<value> .*\b(?:have|has) in common
        <value> (?:go(?:es)?|associated|linked|correlated?|connected|come|comes)(?: together)? (?:with|to)\b
        \bwhat else\b
        \bwhat go(?:es)? with <thing>
        \bwhat (?:is|are|was|were) <value> (?:like|associated with|linked to)
        \b(?:what|which things?) (?:happens?|happened|accompan\w+|comes? along)\b
        """
    ),
    "people": any_of(
        r"""
        \bwho\b
        \bwhose\b
        \b(?:which|what|how many|top|most active|list of) (?:people|users?|members?|authors?|persons?
        + |storytellers?|contributors?)\b
        \b(?:authors?|contributors?|storytellers?|active members)\b
        \bhow many (?:different )?(?:people|members|users) (?:tell|told|write|wrote|post|have|share)
        """
    ),
    "where": any_of(
        r"""
        \bwhere\b
        \b(?:which|what|in which|in what|at which|most) (?:places?|cit(?:y|ies)|towns?|countr(?:y|ies)|regions?
        + |areas?|locations?|states?)\b
        \bmap\b
        \bhot ?spots?\b
        \blocations? of\b
        \b(?:places|cities|towns|countries|regions|areas) (?:with|have|has|of)\b
        \bgeograph\w*\b
        """
    ),
    "when": any_of(
        r"""
        \bwhen\b
        \b(?:which|what|in which|in what|at what|on which|on what|at which|during which|busiest
        + |best) (?:months?|years?|weekdays?|days? of the week|days?|seasons?|times?(?: of (?:the )?(?:day
        + |year))?|hours?)\b
        \bseasonal\w*\b
        \btime of (?:the )?(?:day|year)\b
        """
    ),
}
"""What questions want, in the order in which it is looked for. Pieces stand as their kinds: `#test`, `#near` ..."""

COUNT: Final = any_of(
    r"""
    \bhow many\b
    \bnumber of\b
    \bcount\b
    \bhow (?:often|common|rare|frequent|frequently|likely|usual|unusual)\b
    \btotal\b
    \b(?:share|percentage|proportion|fraction|amount|quantity) of\b
    \bhow much of\b
    \bhow large a part\b
    """
)
CATEGORIES: Final = any_of(
    r"""
    (?<!#)\bcategor\w+\b
    \b(?:topics?|subjects?|themes?)\b
    \b(?:kinds?|sorts?|types?) of (?:experience|stor|report|thing|event|encounter)\w*
    \bwhat (?:do|did) (?:people|members|they|users) (?:mostly |usually |most )?(?:tell|talk|write|report
    + |share|experience|post)\b
    """
)
ASKED_KEY: Final = any_of(
    r"""
    \b(?:what|which|how|most|usual\w*|common\w*|typical\w*|average|mean|median|distribution|breakdown|range
    + |top|list|all|different|number of|frequent|popular|main|do|does|show|give|by|per|each)\b
    ^(?:the )?#key
    """
)
SUPERLATIVE: Final = any_of(
    r"""
    \b(?:longest|shortest|briefest|biggest|largest|smallest|highest|lowest|tallest|nearest|closest|furthest
    + |farthest)\b
    \bmost (?:#key|upvot\w+|liked|loved|popular|commented|discussed|viewed|read|seen|recent)
    \b(?:latest|newest|oldest|earliest)\b
    (?:^|\b(?:the|show|find|me|was) )(?:first|last)\b
    """
)
FIND: Final = any_of(
    r"""
    \b(?:show|find|search|list|read|give|look(?:ing)? for|any(?:one|body|thing)?|are there|is there
    + |was there|were there|stor\w+|reports?|experiences?|cases|accounts|tell|want|see|display|example\w*
    + |about|has|have|did|describe|mention\w*|involv\w*)\b
    """
)
FOLLOWING: Final = any_of(
    r"""
    ^(?:and|but|or|also|only|just|what about|how about|same|now|then|what if|instead|ok|okay|but only|not
    + |without|except|restrict|limit|narrow|more precisely|i mean|rather)\b
    """
)

REFUSED: Final[Mapping[str, re.Pattern[str]]] = {
    "arithmetic": any_of(
        r"""
        \d\s*[+*\u00d7\u00f7^=]\s*\d
        \d\s+[-/x]\s+\d
        ^[\s\d+*/().=-]*\d\s*[-+*/]\s*\d[\s\d+*/().=?-]*$
        \bsquare root\b
        \b(?:plus|minus|times|divided by|multiplied by)\s+\d
        \bsolve\b
        \bequation\b
        \b(?:plus|minus|times|divided by|multiplied by) (?:one|two|three|four|five|six|seven|eight|nine|ten)\b
        """
    ),
    "future": any_of(
        r"""
        \btomorrow\b
        \bwill\b(?! (?:power|smith))
        \bgoing to (?:be|rain|happen|see|come|appear)\b
        \bgonna\b
        \bforecast\b
        \bnext (?:week|month|year|summer|winter|spring|autumn|fall|time|night|weekend)\b
        \bin the future\b
        ^(?:can you |please )?predict\b
        """
    ),
    "advice": any_of(
        r"""
        \bshould (?:i|we|you|one|my)\b
        \bwhat (?:can|could|do|shall|must) i do\b
        \badvi[sc]e\b
        \badvice\b
        \bhow (?:do|can|could|would|might|to) (?:i |we |you |one )?(?:get|become|learn|stop|make|cure|fix|cook
        + |avoid|induce|treat|protect|deal|cope|start|build|buy|find a|lose|have a)\b
        \bam i (?:crazy|ill|sick|mad|dead|dying|insane|in danger|normal)\b
        \bis (?:it|this) (?:safe|dangerous|normal|healthy|legal)\b
        \bdo i need\b
        \bhelp me (?:to )?(?:decide|choose|sleep|stop|cope)\b
        \brecommend (?:me )?(?:a|an|some)\b
        """
    ),
    "cause": any_of(
        r"""
        ^(?:and |but |so )?why\b
        \bhow come\b
        \bwhat (?:causes?|caused|explains?)\b
        \bwhat (?:is|are|was|were) the (?:causes?|reasons?|explanations?|meanings?)\b
        \bthe reason (?:for|why|that)\b
        \bexplain why\b
        \bwhat (?:do|does|did) .* mean\b
        """
    ),
    "belief": any_of(
        r"""
        \b(?:are|is|were) (?:ufos?|ghosts?|aliens?|dreams?|spirits?|angels?|they|it|this
        + |these) (?:really )?(?:real|true|fake|hoax\w*)\b
        \b(?:do|does) (?:ufos?|ghosts?|aliens?|god|spirits?|angels?) (?:really )?exist\b
        \bis there (?:a )?(?:life|god|heaven|afterlife)\b
        \bdo you (?:believe|think|like|feel|dream)\b
        \bis it true\b
        \bprove\b
        \bproof that\b
        """
    ),
    "outside": any_of(
        r"""
        \bcapital of\b
        \bstocks?\b(?! of)
        \b(?:price|cost)s? of\b
        \bexchange rate\b
        \bpopulation of\b
        \btranslate\b
        \b(?:write|compose|sing|draw|paint|generate) (?:me |us )?(?:a|an|some)\b
        \b(?:tell|know) (?:me )?(?:a|any|some) jokes?\b
        \bwho (?:are|made|built|created|trained) you\b
        \bwhat are you\b
        \bhow are you\b
        \byour name\b
        \bwhat can you do\b
        \bwhat time is it\b
        \bwhat day is (?:it|today)\b
        \b(?:what is|what's) the (?:date|time)\b
        \bwhat is the weather\b
        \bwho (?:won|invented|discovered|wrote the|is the (?:president|king|queen|pope|chancellor))\b
        \brecipe\b
        \bignore (?:all |the |your )?(?:previous|prior|above)\b
        \bsystem prompt\b
        \bopen the\b
        \bturn (?:on|off) the\b
        \b(?:delete|remove|erase|drop|hide) (?:all|every|the|my|this|that)\b
        \border (?:me )?(?:a|some)\b
        \bbook (?:me )?(?:a|an)\b
        """
    ),
}
"""What no tool can answer, in the order in which it is looked for."""
