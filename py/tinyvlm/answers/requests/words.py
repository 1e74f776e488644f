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
WHOSE = rf"(?!.*\bplayer)(?:his|her|their|(?:the|this|that|these) (?:\w+ )?{PERSON}(?: s)?)"
"""Of whom a name is wanted; players have theirs on the back."""
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
    r"|message|report|plan|name|verses?|hymn|monologue|chapter|fable|legend|eulogy|vows|greeting"
    r"|invitation|motto|tagline"
    r"|tongue twister|bio|pitch|manual|guide|itinerary|budget|thesis|complaint|contract|newsletter)"
)
TECHNIQUE = (
    r"(?:python|java|javascript|typescript|c\+\+|html|css|sql|php|ruby|rust|bash|excel|regex|react|algorithm|web ?page"
    r"|website|api|git|docker|kotlin|swift|golang|matlab|django|flask)"
)
SERVED_HOW = (
    r"(?:describe|call|caption|name|classify|characteri[sz]e|know|tell|see|look|feel|summari[sz]e|title|interpret"
    r"|count|read|spell|think|guess|identify|recogni[sz]e|do$)"
)
"""What "how would you ..." may go on with, and still be about the picture."""
ADVISED = (
    r"(?:write|buy|wear|invest|do|say|eat|cook|choose|pick|sell|give|use|study|read|watch|marry|call|get"
    r"|have|name|visit"
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
    r"|great wall|grand canyon|earth|sun|nile|amazon|mississippi|titanic|universe|milky way|speed of light)"
)
GENERIC = (
    r"(?:people|humans|we|you|cats|dogs|birds|fish|cows|bees|horses|leaves|trees|men|women|babies|kids|some|most"
    r"|planets|stars|onions|volcanoes|earthquakes|planes|ships|plants|flowers|bananas|snakes|spiders)"
)
FACTS = (
    r"(?:capital(?: city)?|currency|population|gdp|official language|chemical (?:symbol|formula)|formula"
    r"|atomic (?:number|mass)"
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
SEEING = (
    r"(?:see|think|know|notice|recogni[sz]e|spot|find|read|believe|say|call|describe|detect|count|observe|perceive"
    r"|identify|consider|understand|mean|looking|make of|name|guess|title|caption|suggest|tell|classify|view|locate"
    r"|estimate|show|look|interpret|summari[sz]e|explain|list|point|reckon|label|discern|make out|agree"
    r"|able|found|noticed|seen|got|detected|identified|spotted|figure)"
)
"""What somebody may be asked to do about a picture."""
MINE = (
    r"(?!guess|best guess|description|answer|understanding|interpretation|reading|caption|impression|first|eyes|left"
    r"|right|view(?! on| about)|words)\w+"
)
"""What is asked of the model when its "your" is no "your guess"."""
TOLD = (
    r"\b(?:descri\w+|captions?|summary|list|text|names?|details?|words?|numbers?|count|colou?rs?|answer|title|hint"
    r"|sentences?|overview|information|idea|label|total|date|price|what|how|which|where|who|see|about"
    r"|picture|image|photo"
    r"|objects?|things?|bit|rough|sense|guess|copy|difference|comparison|alt)\b"
)
"""What may be told about a picture."""
COMMANDS = (
    "apologize argue arrange assemble bake ban boil brainstorm bring build burn buy cancel carve celebrate close "
    "complain congratulate connect contact convince cook correct criticize cure curse debate decode decorate defend "
    "deliver deploy destroy dial disable discuss dress drive email enable encrypt execute export fight flirt format "
    "forward fry grade grow hack hire import install invite judge kill kiss launch lend lock marry memorize mend mix "
    "motivate navigate negotiate notify operate organize pack pay perform persuade pitch play polish practice predict "
    "prescribe promote prove publish punish purchase rank rearrange recreate redo refund register remember rename rent "
    "repair redesign redraw reserve reset restart reverse rewrite schedule sell sew simplify solve sort subscribe "
    "subtract teach tease annotate beautify censor combine extend expand mask merge morph pixelate redact smooth "
    "trim thank throw train transfer tweet unlock update upgrade vote wake warn wash wish wrap"
)
"""What no picture needs: as first words, with something behind them."""
PLACE = (
    r"(?:africa|america|asia|europe|australia|france|germany|italy|spain|england|britain|russia|china"
    r"|japan|india|canada"
    r"|mexico|brazil|egypt|greece|turkey|poland|sweden|norway|switzerland|austria|paris|london|rome|berlin|madrid|tokyo"
    r"|beijing|moscow|new york|los angeles|chicago|sydney|the (?:us|usa|uk|united states|united kingdom|netherlands))"
)
OURS = r"(?:the|this|that|these|those|he|she|it|they|his|her|its|their|there|you|i|we|a|an|any\w*|some\w*|every\w*)\b"
"""How sentences go on that are about a picture; general ones name what they are about."""
PEOPLE = r"(?:people|persons?|men|man|women|woman|kids|boys?|girls?|anyone|anybody)\b"
LIVE = (
    r"(?:sleep|live|eat|need|exist|dream|die|hibernate|migrate|breathe|speak|cause|grow|drink|like|love|hate|taste|fly"
    r"|swim|come from|weigh|cost|lie|lay)"
)
"""What is said of all of a kind."""
WRITTEN = (
    r"\b(?:descri\w+|captions?|summary|list|text|names|details|words?|numbers|colou?rs?|answer|title"
    r"|sentences?|overview"
    r"|label|alt|paragraph|observations?|guess|count|copy|comparison)\b"
)
"""What may be written about a picture."""
KIND = r"(?!.*\b(?:the|there|his|her|its|their|on|at)\b)"
"""Nothing in a question about all of a kind points at one of them."""
