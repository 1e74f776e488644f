"""What the rules for English requests are made of: groups of words, each a regular expression."""

from __future__ import annotations

Rules = tuple[tuple[str, str], ...]


def by_head(rules: Rules) -> dict[str, str]:
    """Return one expression for each first word."""
    found: dict[str, list[str]] = {}
    for heads, rest in rules:
        for head in heads.split():
            found.setdefault(head, []).append(f"(?:{rest})")
    return {head: "|".join(rests) for head, rests in found.items()}


PICTURE = r"(?:picture|image|photo|photograph|pic|screenshot|selfie|drawing|painting|portrait)"
SIGHTS = (
    rf"\b(?:{PICTURE}s?|here|this|that|these|those|see|seen|shown|shows?|showing|visible|depicted|displayed|left|right"
    r"|sign|text|label|page|poster|receipt|chart|graph|map|screen|caption|tag|badge|written|says?|according)\b"
)
"""What points at a picture; questions of general knowledge do without."""
PERSON = (
    r"(?:man|men|woman|women|person|people|guys?|girls?|boys?|lady|ladies|gentleman|actors?|actress|celebrity|singer"
    r"|player|athlete|politician|dude|kid|child|children|couple|model|individual)"
)
WHOSE = rf"(?:his|her|their|(?:the|this|that|these) (?:\w+ )?{PERSON}(?: s)?)"
LANGUAGE = (
    r"(?:german|french|spanish|italian|portuguese|dutch|polish|turkish|russian|ukrainian|chinese|mandarin|cantonese"
    r"|japanese|korean|arabic|hindi|greek|swedish|danish|norwegian|finnish|czech|hungarian|romanian|vietnamese"
    r"|indonesian|hebrew|thai|persian|farsi|urdu|bengali|latin|esperanto|croatian|serbian|bulgarian|catalan|klingon)"
)
ITS = r"(?:the|this|that|these|those|it|its|him|his|her|them|their|my|me|us|all|every\w*|some|both)"
A = r"(?:an?|any|another|some|me|us|one|two|three|five|ten|more|short|good|funny)"
GAP = r"(?:(?!the\b|down\b|out\b|what\b|which\b|all\b|every\b|this\b|that\b|its\b|his\b|her\b)\S+ ){0,4}?"
"""Words between a verb and what is wanted: none that points at something that is there already."""
CREATIONS = (
    r"(?:poems?|poetry|haikus?|sonnets?|limericks?|rhymes?|ballads?|odes?|songs?|lyrics|raps?|stor(?:y|ies)|tales?"
    r"|fairy tales?|speech|slogans?|jingle|riddles?|jokes?|puns?|recipes?|horoscope|compliment|prayer|toast|playlist"
    r"|facts?|tips?|advice|ideas?|examples?|synonyms?|antonyms?|gossip)"
)
DOCUMENTS = (
    r"(?:novel|essays?|articles?|blog|tweets?|posts?|letter|e ?mails?|review|script|screenplay|dialogue|resume|cv"
    r"|advert|press release|biography|quiz|game|quotes?|function|program|app|application|website|product description"
    r"|message|report|plan|name)"
)
TECHNIQUE = (
    r"(?:python|java|javascript|typescript|c\+\+|html|css|sql|php|ruby|rust|bash|excel|regex|react|algorithm|web ?page"
    r"|website|api)"
)
SERVED_HOW = (
    r"(?:describe|call|caption|name|classify|characteri[sz]e|know|tell|see|look|feel|summari[sz]e|title|interpret"
    r"|count|read|think|guess|identify|recogni[sz]e|do$)"
)
"""What "how would you ..." may go on with, and still be about the picture."""
ADVISED = (
    r"(?:buy|wear|invest|do|say|eat|cook|choose|pick|sell|give|use|study|read|watch|marry|call|get|have|name|visit"
    r"|learn|play|paint|quit|move|hire|vote|order|try|bring|plant|feed|drink)"
)
EDITS = (
    "remove delete erase blur sharpen crop resize rotate flip mirror enlarge shrink brighten darken lighten recolor "
    "recolour colorize colorise colourise colourize enhance upscale retouch photoshop edit restore replace swap "
    "convert transform animate invert save download upload share compress post send fix improve change modify adjust "
    "increase decrease reduce turn hide unblur straighten cartoonify"
)
TOPIC = (
    r"(?:quantum \w+|relativity|gravity|photosynthesis|evolution|democracy|capitalism|communism|socialism|inflation"
    r"|recursion|machine learning|deep learning|neural networks?|artificial intelligence|ai|blockchain|bitcoin|dna|rna"
    r"|entropy|black holes?|climate change|global warming|love|happiness|god|life|death|truth|philosophy|psychology"
    r"|mathematics|maths?|algebra|calculus|physics|chemistry|biology|economics|history|politics|world war \w+|ww[12i]+"
    r"|covid\S*|cancer|diabetes|einstein|newton|napoleon|shakespeare|hitler|yourself|the universe|the big bang|osmosis"
    r"|mitosis|money|humou?r|context|cloning|music|beauty|freedom|justice|the stock market"
    r"|electricity|magnetism|nuclear \w+|string theory|the internet|cryptocurrency|the french revolution)"
)
LANDMARK = (
    r"(?:eiffel tower|(?:mount|mt) \w+|everest|burj khalifa|statue of liberty|empire state building|big ben"
    r"|great wall|grand canyon|nile|amazon|mississippi|titanic|universe|milky way|speed of light)"
)
GENERIC = (
    r"(?:people|humans|we|you|cats|dogs|birds|fish|cows|bees|horses|leaves|trees|men|women|babies|kids|some|most"
    r"|planets|stars|onions|volcanoes|earthquakes|planes|ships|plants|flowers|bananas|snakes|spiders)"
)
FACTS = (
    r"(?:capital|currency|population|gdp|official language|chemical (?:symbol|formula)|formula|atomic (?:number|mass)"
    r"|boiling point|melting point|freezing point|speed of light|speed of sound|circumference|distance|definition"
    r"|synonym|antonym|opposite|plural|past tense|etymology|history|theory|law|moral|plot|meaning|purpose|concept"
    r"|principle|scientific name|latin name|lifespan|life expectancy|national \w+)"
)
MEASURES = (
    r"(?:days|hours|minutes|seconds|weeks|months|years|inches|feet|cent\w*|met\w+|grams|ounces|pounds|lit\w+|cups|bytes"
    r"|bits|kilomet\w+|miles|yards|continents|countries|planets|states|oceans|bones|teeth|chromosomes|elements)"
)
LISTED = (
    r"(?:countries|capitals|presidents|planets|continents|facts?|reasons|ways|ideas|tips|synonyms|antonyms|rhymes"
    r"|recipes|benefits|advantages|symptoms|examples of|(?:good|best|famous|popular|great) \w+)"
)
NUMBER = (
    r"(?:\d+(?:[.,]\d+)*|x|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|twenty"
    r"|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:a )?hundred|(?:a )?thousand|half|pi)"
)
OPERATOR = r"(?:[-+*/^×÷−·]|\*\*|plus|minus|times|divided by|multiplied by|to the power of|(?:%|percent) of|mod|over|x)"
SEEING = (
    r"(?:see|think|know|notice|recogni[sz]e|spot|find|read|believe|say|call|describe|detect|count|observe|perceive"
    r"|identify|consider|understand|mean|looking|make of|name|guess|title|caption|suggest|tell|classify|view|locate"
    r"|estimate|show|look|interpret|summari[sz]e|explain|list|point|reckon|label|discern|make out|agree)"
)
"""What somebody may be asked to do about a picture."""
