"""English questions of general knowledge, and talk: requests where nothing said points at the picture."""

from __future__ import annotations

from .words import (
    FACTS,
    GENERIC,
    KIND,
    LANDMARK,
    LISTED,
    LIVE,
    MEASURES,
    OURS,
    PEOPLE,
    PLACE,
    SEEING,
    TOPIC,
    Rules,
    by_head,
)

GENERAL_KNOWLEDGE: Rules = (
    (
        "who",
        r"(?:wrote|invented|discovered|composed|directed|founded|coined|assassinated|developed)"
        r" (?!(?:the|his|her|their) (?:movie|film|book|song|play|show|letter|note)$)",
    ),
    (
        "who",
        r"(?:painted|built|created|designed|sang|played|killed) (?:.*\b)?(?:mona lisa|starry night|sistine|pyramids"
        r"|taj mahal|guernica|titanic|facebook|google|microsoft|internet|kennedy|jfk|lincoln|harry potter|batman)\b",
    ),
    (
        "who",
        r"(?:won|has won|is winning) (?:.*\b)?(?:world cup|super bowl|election|oscars?|nobel|war|championship|league"
        r"|olympic\w*|euros?|tour de|wimbledon|grammy|\d{4})\b",
    ),
    (
        "who",
        r"(?:is|was|are|were) (?:the )?(?:\w+ ){0,2}?(?:president|prime minister|queen|king|chancellor|pope|ceo|founder"
        r"|inventor|mayor|governor|emperor|first (?:man|woman|person))(?: (?:of|in|on|who|that|to)\b.*)?$",
    ),
    ("what", rf"(?:is|was|are|were) (?:the )?(?:\w+ )?{FACTS} (?:of|for)\b"),
    ("what", r"is the (?:distance|difference) (?:between (?!the\b|two\b|both\b)|from (?!the\b))"),
    ("what", r"is the (?:distance|difference) between an? "),
    (
        "what which",
        r"(?:is the )?(?:largest|biggest|smallest|longest|tallest|highest|fastest|deepest|hottest|coldest|oldest)"
        r" (?:country|ocean|continent|planet|river|mountain|lake|city|desert|mammal|state) (?:in|on|of)\b",
    ),
    ("how", rf"\w+ (?:is|was|are) (?:the )?{LANDMARK}|far (?:away )?is (?:the )?(?:moon|sun|earth|mars|venus)\b"),
    ("how", r"(?:fast|long|far|old|high|much|big|tall) (?:do|does|can) (?:an? |cats|dogs|humans|people)"),
    (
        "how",
        r"many \w+(?: \w+)? (?:does|do|has|have|can) (?:an?|humans|people|insects|cats|dogs) (?!\w+ (?:in|on|at)\b)",
    ),
    (
        "how",
        rf"many (?:\w+ )?{MEASURES} (?:(?:are|is|does|do|has|make|there) )*(?:in|on|make|has|have)"
        r" (?:an?|one|the (?:us|usa|uk|human|solar|eu|year)|africa|europe|asia|america)\b",
    ),
    (
        "when",
        r"(?:did|was|were|is|will|does) (?:.*\b)?(?:world war|ww[12i]+|war|born|invented|discovered|founded"
        r"|assassinated|independence|christmas|easter|halloween|thanksgiving|revolution|titanic|berlin wall|die|died"
        r"|olympics|dinosaurs)\b",
    ),
    ("what which in", r"(?:(?:what|which) )?year (?:did|was)\b|happened (?:in|on) (?:\d{4}|world|nine|9)"),
    ("why", rf"(?:do|can|did|have|do not) {GENERIC} (?!\w+ing\b)\w+"),
    ("why", r"do (?!the|they|these|those|his|her|its|there)\w+s (?!\w+ing\b)\w+"),
    ("why", r"is (?:the )?(?:sky blue|grass green|sea (?:salty|blue)|ocean (?:salty|blue)|blood red|water wet)"),
    (
        "why",
        r"(?:does|do|did) (?:it (?:rain|snow)|the (?:sun|moon|earth|titanic|dinosaurs)|an? \w+|rome|napoleon)\b",
    ),
    (
        "explain describe define what tell talk who discuss",
        r"(?:(?:is|are|was) |me (?:more )?about |about )?"
        r"(?:the (?:theory|concept|history|law|process|rules?|meaning|idea|principle)s? of |an? )?"
        rf"{TOPIC}(?: (?:to me|like|in|for)\b.*)?$",
    ),
    ("define", r"\w+"),
    ("explain", rf"(?:what|how) (?:an? )?(?!{OURS})\w+(?: \w+)? (?:does|do|is|are|works?|means?)$"),
    ("explain", r".+ (?:to me|like i am (?:five|5)|in simple terms)$|(?:how|why) (?:an? |\w+s )"),
    ("explain", r"the (?:theory|concept|history|law|rules|plot|difference between)\b"),
    ("name list give tell", rf"(?:me )?(?:(?!the\b|all\b|any\b)\w+ ){{0,2}}{LISTED}\b(?! (?:on|in) the)"),
    ("what", r"rhymes with\b"),
    ("a an another some", r"(?:synonyms?|antonyms?|opposite|plural|rhyme|definition|past tense) (?:of|for|to)\b"),
    ("how", r"(?:do|is|are) (?:\w+ )?spell(?:ed)? (?!the\b|it\b|out\b)\w+$"),
    ("conjugate", r""),
    ("summarize summarise retell", r"(?:the )?(?:plot|story|book|novel|movie|film|history) (?:of|for)\b"),
    (
        "how",
        r"(?:is|are) (?!the\b|they\b|it\b|he\b|she\b|his\b|her\b|you\b)\w+ (?:made|produced|manufactured|formed)$",
    ),
    ("how", r"(?:do|does) (?!it\b|they\b|he\b|she\b|the (?:man|woman|boy|girl|dog))(?:\w+ ){1,4}works?$"),
    ("what", r"is an? (?!(?:\w+ )?(?:\w+ing|of)$)\w+(?: \w+)?$|was the (?:name of the )?first\b"),
    (
        "what",
        r"(?:is|are) (?:the |some )?(?:\w+ ){0,2}?(?:differences between|benefits|causes|effects|reasons|rules|symptoms"
        r"|advantages|disadvantages|consequences|implications|challenges|pros|cons)\b",
    ),
    ("what", r"do you call an?\b"),
    (
        "how",
        r"many \w+ (?:are|is) (?:there )?(?:in|on) an? (?:\w+ )?(?:team|dozen|game|match|deck|orchestra|marathon)\b",
    ),
    ("tell", r"me (?:more )?about the (?:history|life|origins?|rules|culture|meaning) of\b"),
    ("what which", r"languages? (?:do|does|is|are) (?:they|people|spoken)\b"),
    ("when", rf"(?:was|were|did) (?:the )?{LANDMARK}"),
    ("how", r"many (?:calories|grams|vitamins|carbs)\b.* (?:in|does) an? \w+(?: \w+)?$"),
    ("what how", r".*\b(?:flight|trip|ticket|train) to \w+(?: \w+)? cost\b"),
    ("who", r"was the first\b"),
    ("what where when", rf"(?:\w+ )?(?:does|do|did) an? \w+ (?:make|sound|come|{LIVE})\b"),
    ("what which", r"(?:day|month|date) (?:is|was) (?!it|this|that|the|shown|on|in|written|there)\w+"),
    ("if", r"(?:i|you|we)\b"),
    ("as", r"an? \w+"),
    (
        "which what",
        r"(?:planet|ocean|continent|river|language|religion|metal|element) (?:is|has|was) (?:the )?(?:most"
        r"|biggest|largest"
        r"|smallest|longest|closest|fastest|hottest)\b",
    ),
    ("what who", rf"(?:is|are|was) (?!{OURS})\w+ (?:known|famous) for$"),
    ("do", r"you think (?:aliens|god|ai|robots|we|humans|people should|i should)\b"),
    ("which what who", r"is (?:better|worse|more important)(?:$| (?!for\b|visible).* or (?!the\b))"),
    ("how", r"many people live in (?!the|this|that|a\b)\w+"),
    ("what", r"is the speed of (?:light|sound)\b"),
    ("what", rf"(?:causes?|caused|makes?|created) (?!{OURS})\w+"),
    ("the", rf"{FACTS} of (?!the\b)\w+(?: \w+)?$"),
    ("can could", rf"{KIND}(?!{OURS}|{PEOPLE})\w+ \w+"),
    ("do", rf"{KIND}(?!{OURS}|{PEOPLE}|all|both|most|many|two|three|four)\w+ (?:ever |really |often )?{LIVE}\b"),
    ("how", r"long (?:does|will|would|did) it take\b"),
    ("when", r"is the next\b(?! (?:train|bus|flight|departure|show|stop|tram))"),
    ("is are", rf"(?!{OURS})\w+ (?:fruits?|vegetables?|mammals?|planets?|birds|insects|reptiles)$"),
    ("what where when how", rf"{KIND}do (?!{OURS}|{PEOPLE})\w+s {LIVE}\b"),
    ("what which", r"(?:\w+ )?(?:is|are) the best (?!before|word|description|caption|title|answer|guess)\w+"),
    ("what", rf"does (?!{OURS})\w+ stand for$"),
    ("who when why", rf".*\b{PLACE}$"),
    ("where", rf"(?:is|are) {PLACE}$"),
    ("what", rf"(?:\w+ ){{1,5}}in {PLACE}$"),
    ("when", rf"(?:is|are|was|were) (?!{OURS}|.*ing\b)\w+"),
    ("how", rf"{KIND}(?:do|does|did) (?!{OURS}|{PEOPLE})\w+ (?!look|feel|sit|stand|seem|appear)\w+"),
    ("should", rf"{KIND}(?!{OURS}|{PEOPLE})\w+|(?:i|we|you) "),
    (
        "is are",
        rf"(?!{OURS})(?:\w+ ){{1,3}}?(?:good for|bad for|better than|worse than|safe to|legal|illegal|immoral)\b",
    ),
    (
        "is are",
        rf"(?!{OURS})\w+ an? (?:fruit|vegetable|planet|country|mammal|language|religion|sin|crime|star|metal"
        r"|gas|bird|fish|insect|reptile)$",
    ),
    ("is", r"it true that\b"),
    (
        "explain discuss debate",
        rf"(?!{OURS}|what|why|how|who|where|more|in\b|your)(?!.*\b(?:the|his|her|their|man|woman|people|person)\b)\w+",
    ),
)

TO_THE_MODEL: Rules = (
    ("you", r"(?!see\b|can see\b|look)\w+"),
    ("are", rf"you (?!{SEEING}|sure\b|certain\b|able\b)"),
    ("do did have were does", rf"you (?:ever |really |often )?(?!{SEEING}|an? )\w+"),
    (
        "can could will would",
        r"you (?:ever |really )?(?:walk|move|die|breathe|fight|mate|run|jump|eat|drink|sleep|feel|lie|dream|malfunction"
        r"|age|cry|laugh|smile|hear|smell|taste|grow|change)(?: .*)?$",
    ),
    ("walk move die breathe fight run jump eat drink sleep lie dream cry laugh smile hear", r"$"),
    ("what who", rf"(?:do|did|are|were|will|would|should|have) you (?!{SEEING})\w+|makes you\b(?! think\b)"),
    ("when why", r"(?:do|did|are|were|will|would|can|have) you\b(?! think\b)"),
    ("how", r"(?:much|many)(?: \w+)? do you (?!see|count|find|notice|spot|think)"),
    (
        "i",
        r"(?:am|was|feel|hope|have|had|do not|hate|like|love|miss|live|work|went|get|got|believe)\b(?!.*\b(?:what|how"
        r"|which|where|who|is|are|looking|trying|wondering|curious|interested|blind|colou?r|count|describe)\b)",
    ),
    ("what which how", rf"(?:\w+ ){{1,2}}(?:do|did|are|can|were|will) you(?: (?!{SEEING})\w+|$)"),
    ("it", r"is (?:a pleasure|nice) to meet\b"),
)
"""Said to the model about itself, or about who asks."""

WITHOUT_SIGHTS = by_head(GENERAL_KNOWLEDGE + TO_THE_MODEL)

ANYWHERE_WITHOUT_SIGHTS = "|".join(
    (
        r"\bmy (?:name|age|password|horoscope|future|boss|homework|birthday|ip|account|phone number|taxes|life)\b",
        r"\b(?:last night|yesterday|last (?:week|year|month))\b",
        r"\b(?:nearest|closest) (?:restaurant|hospital|pharmacy|atm|hotel|airport|supermarket|gas station)\b"
        r"|\bnear me$",
        r"\bwill .*\b(?:tomorrow|tonight|next (?:week|month|year))\b",
        r"\bin the (?:whole |entire )?(?:world|universe|galaxy|solar system)$|\bon (?:the )?(?:planet|earth)$",
        r"\b(?:of all time|in history|ever made)$",
        r"\b(?:capital|population|president|currency) of (?!the )\w+$",
    )
)
