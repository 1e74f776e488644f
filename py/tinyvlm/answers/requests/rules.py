"""English requests that no picture answers: a poem, a translation, a person's name, arithmetic, an edit, chat.

A rule is the first words it is for, and a regular expression for what follows, in small letters without punctuation,
with "what's" spelled out. Every rule names something that is asked for; what no rule knows goes to the model.
"""

from __future__ import annotations

from .tasks import TASKS
from .words import (
    ADVISED,
    CREATIONS,
    DOCUMENTS,
    GAP,
    LANGUAGE,
    MINE,
    PERSON,
    PICTURE,
    SERVED_HOW,
    WHOSE,
    WRITTEN,
    A,
    Rules,
    by_head,
)

WRITING: Rules = (
    (
        "write compose draft create generate invent author",
        rf"{GAP}(?:{A}|my) (?:\w+ ){{0,3}}?(?:{CREATIONS}|{DOCUMENTS})\b",
    ),
    ("write compose draft create generate sing", rf"(?:\w+ )?(?:{CREATIONS}|code)\b"),
    (
        "make tell give sing recite produce come think improvise prepare show find know have",
        rf"{GAP}{A} (?:\w+ ){{0,3}}?(?:{CREATIONS}|essay|product description)\b",
    ),
    ("do have", rf"you (?:know|have|got) (?:any|an?|some) (?:\w+ ){{0,3}}?{CREATIONS}\b"),
    ("describe tell explain", rf".*\b(?:as|like) an? (?:\w+ )?(?:{CREATIONS}|pirate|cowboy|child)\b"),
    ("poem haiku limerick sonnet song joke story rhyme riddle essay recipe", r"(?:please|about .+|for .+|now)$"),
    ("a an another some", rf"(?:\w+ )?{CREATIONS}(?: please| now| about .+| for (?:me|my|a)\b.*)$"),
    ("i", rf"(?:would like|would love|want|need) (?:(?!the\b|this\b|that\b)\w+ ){{0,4}}?{CREATIONS}\b"),
    ("i", r"(?:would like|want|need) to (?:buy|sell|learn|eat|talk|play|go|travel|sleep)\b"),
    ("rhyme invent", r""),
    ("crack share", r"(?:an?|some|your) "),
    ("write compose say", r"something (?:romantic|funny|nice|sweet|poetic|creative|clever|mean)\b"),
    ("got", r"any\b"),
    ("make come think", r"up\b|of an?\b"),
    ("finish continue complete", r"(?:this|the|my) (?:story|sentence|poem|song|lyrics|joke|paragraph)\b"),
    ("write compose draft author prepare", rf"(?:me )?(?:an?|some|my|about)\b(?!.*{WRITTEN})"),
    ("make create generate design build produce render", rf"(?:me )?(?:an?|some|my|another)\b(?!.*{WRITTEN})"),
    ("make", r"me (?:laugh|smile|happy|a sandwich)"),
    ("say", r"something\b"),
    ("tell", r"me something (?:funny|nice|smart|interesting|new|cool)$|me about (?:you|yourself)$"),
    ("roast flatter insult surprise amuse entertain", r"me\b"),
    ("rewrite rephrase paraphrase proofread", r""),
)

LANGUAGES: Rules = (
    ("translate translation", r""),
    ("a the", r"translations? (?:of|for|into)\b"),
    (
        "answer reply respond speak talk say write explain tell describe continue count understand ask",
        rf"(?!.*\b(?:if|whether|text|words?|sign|written|label|language)\b)(?:.*\b)?{LANGUAGE}$",
    ),
    ("do", rf"you (?:speak|understand|know) {LANGUAGE}\b"),
    ("how", r"(?:do|does|would|can|could) .* say (?:this|that|it)$|(?:do|is|to) (?:\w+ )?pronounced?\b"),
    ("can could", r"(?:this|it|that) be (?:translated|edited|fixed|removed|restored|improved|converted)\b"),
    ("how", r"(?:do|does|would|can|could|to) (?:(?!the\b|it\b|this\b)\w+ )?say\b"),
    (
        "what",
        r"is (?!.*\b(?:written|text|sign|said|says?|words?|this|that|it|called|language|title|label"
        r"|book)\b).* in english$",
    ),
    (
        "what",
        r"(?:is|are|would|does|do) (?!.*\b(?:written|text|sign|said|says?|the words?|language|title|label"
        rf"|book|{PICTURE})\b)"
        rf".* in {LANGUAGE}$",
    ),
    (
        "what",
        r"does (?!.*\b(?:this|that|the|it|an?|he|she|his|her|sign|arrow|symbol|light|text|word|number|logo|letter"
        r"|colou?r)\b)\w+(?: \w+)? means?(?: in english)?$",
    ),
)

OPINIONS: Rules = (
    (
        "what which who when where how",
        rf"(?:\w+ ){{0,3}}?your {MINE}|(?:do|did|would) you (?:think|feel|reckon) (?:of|about)\b",
    ),
    ("what which", r"(?:\w+ ){0,3}?would you (?:do|choose|buy|wear|change|pick|recommend)\b"),
    ("would", r"you rather\b"),
    ("who which what", r"(?:\w+ ){0,2}?(?:would|will) win\b"),
    (
        "what where which who",
        rf"(?:\w+ ){{0,3}}?(?:can|could|must|shall|do) (?:i|we) (?!read|get|have|order|visit|say|do with){ADVISED}\b"
        r"(?!.*\b(?:here|tickets?)\b)",
    ),
    ("what where which", r"(?:\w+ )?to (?:do|wear|cook|eat|watch|buy|give|say|visit)\b"),
    (
        "how",
        r"(?:long|often|much|many) (?:\w+ ){0,2}?(?:should|do|would|can|must) (?:i|we) (?!.*\b(?:see|find|look|pay)\b)",
    ),
    ("when", r"(?:should|must|shall) (?:i|we)\b(?!.*\b(?:cross|enter|park|stop|sign)\b)"),
    ("what", r"if\b(?! any)"),
    ("how what", r"about (?:you|us)\b"),
    ("do did would", r"you (?:really )?(?:like|love|hate|prefer|enjoy|agree|want|believe in|dream|sleep|eat)\b"),
    ("recommend suggest advise", r"(?!.*\b(?:caption|title|name|word|description)\b)"),
    ("any some", r"(?:\w+ )?(?:advice|tips?|suggestions?|recommendations?|jokes?|facts?)(?:$| (?:for|on|about|how)\b)"),
    (
        "is was would",
        r"it (?:be )?(?:an? )?(?:good|bad|better|best|wise|ok|okay|rude|wrong|normal|legal|ethical|weird)"
        r" (?:idea )?to\b(?!.*\b(?:here|sign)\b)",
    ),
    ("am", r"i (?:pretty|beautiful|handsome|ugly|fat|attractive|hot|cute|good looking|smart|too)\b"),
    ("do does", r"(?:this|it|that|these|those|they|my) (?:\w+ ){0,2}(?:suit|flatter|look good on) (?:me|him|her)\b"),
    ("do", r"i look (?:good|fat|pretty|ok|okay|nice|hot|ugly|old)\b"),
    ("rate judge critique review", r"(?:me|my|this|it|the|our)\b"),
    ("can", r"(?:i|you|we) (?:eat|drink|cook|mix|feed|wash|freeze|microwave|recycle)\b(?!.*\b(?:here|sign|see)\b)"),
    (
        "is are",
        r"(?:this|my|that|the|these) (?:mole|rash|lump|wound|bump|spot|symptoms?)\b.*\b(?:dangerous|cancer\w*|serious"
        r"|normal|infected|malignant)\b",
    ),
    ("diagnose", r""),
    ("what", r"(?:disease|illness)\b|(?:happens|would happen|will happen) (?:if|when) (?:i|you|we)\b"),
    (
        "is are",
        r"(?:this|that|these|my|the|it|he|she|they)\b.*\b(?:fashionable|stylish|overpriced|overrated|trustworthy|ugly"
        r"|attractive|a good (?:idea|person|deal)|good enough|boring|sexy)$",
    ),
    (
        "which who what",
        r"(?:\w+ ){0,3}?(?:is|are|looks?) (?:the )?(?:better|nicer|prettier|best|cuter|uglier|nicest|prettiest|cutest"
        r"|(?:most|more) (?:beautiful|attractive))(?:$| (?:for|on|with) (?:me|my)\b)",
    ),
    (
        "is",
        r"(?:this|it|that) (?:an? )?(?:good|bad|nice|great|suitable) (?:gift|present|idea|choice|deal|investment)\b",
    ),
    ("how", r"do you (?:like|feel)\b"),
    ("do", r"you find (?:him|her|it|this|that|me|them) \w+$"),
    ("who", r"(?:\w+ ){0,3}?you (?:like|prefer|love|think is (?:better|prettier|hotter))\b"),
    (
        "is are would",
        r".*\b(?:good|bad|right|suitable|safe|nice|better) (?:for|on) (?:me|us|my \w+|kids|babies|children|pregnant)\b"
        r"(?!.*\b(?:according|label|sign)\b)",
    ),
    ("can could", rf"i (?!read|get|visit|order|give|say){ADVISED}\b(?!.*\b(?:here|there|sign)\b)"),
    ("is are", r"(?:it|this|that|they|these) worth \w+"),
    (
        "do",
        r"you think (?:my|i|this|that|it|he|she)\b.*\b(?:pretty|beautiful|ugly|nice|good|cute|cool|attractive"
        r"|handsome)$",
    ),
    ("what", r"do you think$"),
    (
        "is are",
        r"(?:my|this|that|these)\b.*\b(?:ok|okay|appropriate|suitable|good"
        r"|fine) for an? \w+(?!.*\b(?:according|sign|label)\b)",
    ),
    ("which what", r"(?:\w+ ){1,3}?(?:suits?|flatters|goes with|looks good on) (?:me|him|her|my)\b"),
    ("thoughts opinions", r"$|on\b|about\b"),
    ("your", r"(?:opinion|thoughts|name|age)\b"),
    ("decide", r""),
    ("choose", r"(?:between|for me|my|a name)\b"),
    ("what which", r"(?:stocks?|shares|crypto\w*)\b"),
)

PEOPLE: Rules = (
    (
        "who",
        rf"(?:is|are|was|were) (?:this|that|these|those|he|she|it|they|him|her)(?: (?:\w+ )?{PERSON})?"
        rf"(?: (?:in|on) (?:the|this) {PICTURE})?$",
    ),
    ("who", rf"(?:is|are|was|were) (?:this|that|these|those) (?:\w+ )?{PERSON}\b"),
    ("whose", r"(?:face|portrait|picture|photo)\b"),
    ("who", rf"(?:is|are|was|were) (?:the |these )?{PERSON}(?: in (?:the|this) {PICTURE})?$|am i$"),
    ("who", rf"(?:this|that|these|those|he|she|it|they|the)(?: (?:\w+ )?{PERSON})? (?:is|are|was|were)$"),
    ("find", r"out who (?:he|she|this|that|they|it)\b"),
    ("what which", r"(?:\w+ )?(?:player|rapper) (?:is|was) (?:this|that|it|he|she)\b"),
    ("who", rf"(?:took|shot|photographed) (?:this|the|that|my) (?:{PICTURE}|shot)\b"),
    ("what", rf"(?:is|are) {WHOSE} (?:full |real |first |last )?names?$"),
    (
        "what",
        rf"(?:is|are) the names? of (?:this|that|the|these) (?:\w+ )?{PERSON}(?: (?:in|on) (?:the|this) {PICTURE})?$",
    ),
    (
        "identify recognize recognise know name",
        rf"(?:him|her|them|me|(?:this|that|these|the) (?:\w+ )?{PERSON}(?! s\b))\b",
    ),
    ("tell", rf"me (?:everything|all|more) about (?:this|that) (?:\w+ )?{PERSON}(?:$| s (?:life|career|past)\b)"),
    ("do know", rf"(?:you know )?{WHOSE} names?$"),
    ("which what who", r"(?:celebrity|actor|actress|famous person) (?:does|do)\b"),
    ("do", rf"you (?:know|recogni[sz]e) (?:him|her|them|me|(?:this|that|these|the) (?:\w+ )?{PERSON}(?! s\b))\b"),
    ("is are", rf"(?:he|she|they|th(?:is|ese) {PERSON}) (?:an? )?(?:famous|celebrit\w+|well known)\b"),
    ("where", r"(?:does|do|did) (?:he|she|they|i|you|this \w+) (?:live|work|come from|grow up)\b"),
    ("how", r"old am i$"),
    ("is are", r"(?:he|she|they) (?:married|single|gay|divorced|rich)\b"),
    ("who", r"am i\b|(?:could|might|may|would) (?:this|that|he|she|it|they|these) be$"),
    ("what", rf"(?:is|are) (?:he|she|they|(?:this|that) {PERSON}) called\b"),
    (
        "what which",
        r"(?:president|actor|actress|singer|celebrity|politician|king|queen|footballer|person|musician"
        r"|writer) (?:is|was)"
        r" (?:this|that|it|he|she)\b",
    ),
    ("tell say give", rf"(?:me )?(?:{WHOSE} names?|the names? of (?:this|that|the|these) (?:\w+ )?{PERSON})$"),
)

HOW_TO: Rules = (
    ("how", rf"(?:do|can|could|should|would|might) (?:i|we|you|one) (?!{SERVED_HOW}\b)\w+|to \w+"),
    ("recipe recipes steps instructions directions", r"(?:to|for|of|with) \w+"),
    ("teach instruct tutor coach train", r"me\b"),
    ("show explain", r"(?:to )?(?:me )?how (?:to|i can|you can|do i|do you)\b"),
    (
        "what a the give find",
        r"(?:is |me )?(?:the |an? )?(?:\w+ )?recipes? (?:for|of|with)\b",
    ),
    ("give show", r"me (?:the |a )?(?:recipe|instructions|steps)\b(?! on\b)"),
    ("what which", r"(?:\w+ )?(?:ingredients|tools|materials) (?:do|would|will|should) (?:i|you|we) need\b"),
    ("what", r"is the (?:best|easiest|fastest|cheapest|quickest|right) way to\b"),
    ("guide walk", r"me\b"),
    (
        "what which",
        r"(?:steps|tools|materials|equipment|supplies)\b.* (?:do|should|can|must) (?:i|we|you) (?!see|read)",
    ),
    ("guess", r"my (?:age|name|weight|job|nationality)\b"),
    ("is", r"there (?:an?|any) (?:\w+ )?(?:way|trick|method|cure|remedy) (?:to|for)\b"),
    ("what", r"do (?:i|we|you) need (?:for\b|to (?:make|build|cook|bake|start|become|learn|fix)\b)"),
    ("ways tips tricks ideas", r"(?:to|for|on)\b"),
    ("help assist", r"(?:me )?(?:with|in) my\b"),
    ("do", r"my (?:homework|taxes)\b"),
)

ALWAYS = by_head(WRITING + LANGUAGES + OPINIONS + PEOPLE + HOW_TO + TASKS)
"""Wherever they stand, whatever else is said of the picture."""

ANYWHERE = "|".join(
    (
        r"\btranslate (?:it|this|that|the|to|into)\b",
        rf"\b(?:into|mean in) {LANGUAGE}\b",
        rf"\b{LANGUAGE} (?:word|name|term|translation|expression) (?:for|of)\b",
        r"(?<!in )\byour opinion\b|\byour (?:thoughts|favou?rite|feelings?|dreams?)\b",
        r"\b(?:his|her|their) (?:phone number|instagram|facebook|twitter|e ?mail|salary|net worth|birthday"
        r"|surname|last name|nationality|religion)\b",
        r"\byou (?:recommend|suggest|advise)\b",
        rf"^(?!.*\b(?:sign|arrow|map|according|{PICTURE})\b).*\bshould (?:i|we) {ADVISED}\b",
        r"\b(?:brighter|darker|sharper|cropped|edited|colou?red|better|cartoon|black and white) version\b",
        r"\bversion of (?:this|it|the (?:picture|photo|image)|me)\b",
        r"\bon a scale (?:of|from)\b",
    )
)
