"""English requests that no picture answers: a poem, a translation, a person's name, arithmetic, an edit, chat.

A rule is the first words it is for, and a regular expression for what follows, in small letters without punctuation,
with "what's" spelled out. Every rule names something that is asked for; what no rule knows goes to the model.
"""

from __future__ import annotations

from .requests_words import (
    ADVISED,
    COMMANDS,
    CREATIONS,
    DOCUMENTS,
    EDITS,
    GAP,
    ITS,
    LANGUAGE,
    MINE,
    PERSON,
    PICTURE,
    SERVED_HOW,
    TECHNIQUE,
    TOLD,
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
        r"is (?!.*\b(?:written|text|sign|said|says?|words?|this|that|it|called|language|title|label|book)\b).* in english$",
    ),
    (
        "what",
        rf"(?:is|are|would|does|do) (?!.*\b(?:written|text|sign|said|says?|the words?|language|title|label|book|{PICTURE})\b)"
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
        rf"(?:\w+ ){{0,3}}?(?:can|could|must|shall|do) (?:i|we) (?!read|get|have|order|visit|say){ADVISED}\b"
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
    ("who", rf"(?:took|shot|photographed) (?:this|the|that|my) (?:{PICTURE}|shot)\b"),
    ("what", rf"(?:is|are) {WHOSE} (?:full |real |first |last )?names?$"),
    ("what", rf"(?:is|are) the names? of (?:this|that|the|these) (?:\w+ )?{PERSON}$"),
    (
        "identify recognize recognise know name",
        rf"(?:him|her|them|me|(?:this|that|these|the) (?:\w+ )?{PERSON}(?! s\b))\b",
    ),
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
        r"(?:president|actor|actress|singer|celebrity|politician|king|queen|footballer|person|musician|writer) (?:is|was)"
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
    ("is", r"there (?:an?|any) (?:\w+ )?(?:way|trick|method|cure|remedy) (?:to|for)\b"),
    ("what", r"do (?:i|we|you) need (?:for\b|to (?:make|build|cook|bake|start|become|learn|fix)\b)"),
    ("ways tips tricks ideas", r"(?:to|for|on)\b"),
    ("help assist", r"(?:me )?(?:with|in) my\b"),
    ("do", r"my (?:homework|taxes)\b"),
)

UNSEEN: Rules = (
    (
        "how",
        r"much (?:\S+ ){0,4}worth\b|much (?:would|could|should|might) (?!the (?:total|bill|sum))(?:\S+ ){1,4}(?:cost|sell|be|fetch|go for)\b",
    ),
    (
        "what",
        r"is (?:\w+ ){1,3}worth\b|is an? (?:fair|good|reasonable|usual|normal) price\b|(?:would|could|will|might) (?:\S+ ){1,4}(?:sell for|cost)\b",
    ),
    (
        "where",
        r"(?:can|could|do|should|would|to) (?:(?:i|we|you|one) )?(?:buy|order|purchase|rent|get (?:one|this|it))\b"
        r"(?!.*\b(?:here|tickets?)\b)",
    ),
    ("where", r"(?:can|could|do|should) (?:i|we) (?:eat|stay|learn|study|watch|download|travel)\b"),
    ("what", r"(?:is|are) the (?:exact location|coordinates|gps|location of (?:this|the (?:picture|photo|image)))\b"),
    ("what", r"(?:is the )?time (?:is it )?in (?!the)\w+"),
    (
        "what which in",
        r"(?:(?:what|which) )?(?:city|country|town|state|continent|village|region|part of the world)"
        rf" (?:is|was|are|were) (?:this|it|that|he|she|they|(?:the|this|that) (?:{PICTURE}|{PERSON}|place))"
        r"(?: (?:in|from|taken|shot|made|located|photographed)(?: in)?)?$",
    ),
    ("when", rf"(?:was|were|is) (?:this|the|it|that)(?: {PICTURE})? (?:taken|captured|photographed)$"),
    (
        "what which in on",
        rf"(?:(?:what|which) )?(?:year|day|date|month) (?:was|is|were) (?:this|the|it|that)(?: {PICTURE})?"
        r" (?:taken|from|captured|photographed)$",
    ),
    ("what", r"is today\b|(?:is )?(?:the )?(?:date|day|year) (?:is )?(?:it )?(?:today|now|right now)$"),
    ("what how will is", r".*\b(?:weather|rain|snow)\b.*\b(?:tomorrow|tonight|next|forecast|weekend)\b"),
    ("what", r"is the (?:market|resale) (?:value|price) of (?:this|my|the)\b"),
    ("where", r"exactly\b.*\btaken$|(?:is|are) (?:he|she|they|this \w+|these people) from$"),
    ("when", r"exactly\b"),
    ("what", r".*\bfor a living$"),
    ("what", r"is the (?:current )?price of (?:gold|silver|oil|gas|petrol|bitcoin)\b"),
    ("tell", r"me the (?:news|future|truth)\b"),
    ("how", r"is the (?:stock market|economy)\b"),
    ("who", r"is the (?:photographer|cameraman)\b"),
    ("how", r"much (?:is|does|do|are) an? .*\b(?:like this|like that|cost)\b|(?:valuable|rare) is (?:this|it)\b"),
    ("geolocate appraise", r""),
    ("find book", r"(?:me )?(?:(?!the|all|any|my)\w+ ){0,2}?(?:hotels|flights|restaurants|jobs|apartments|tickets)\b"),
    ("what", r"does (?:this|it|that) (?:usually|normally|typically) cost\b"),
    ("where", r"(?:on earth|in the world)\b"),
    ("what", r"is (?:on |in )?the (?:latest )?news(?: today)?$"),
)

CHANGES: Rules = (
    (EDITS, rf"{ITS}\b"),
    ("cut take clean get", rf"(?:out|up|rid of) {ITS}\b"),
    (
        "remove crop resize rotate flip blur enhance edit invert convert upscale",
        rf"(?:{PICTURE}|background|by|to|\d+)\b",
    ),
    ("draw paint sketch design illustrate doodle", rf"(?:me |us )?(?:an?|{ITS}|something)\b"),
    (
        "generate create make render produce imagine give show",
        r"(?:me )?(?:an?|another|some|\d+) (?:(?!for\b|of\b|from\b|about\b|in\b|to\b|with\b|that\b)[\w-]+ ){0,3}?(?:image|picture|photo"
        r"|drawing|painting|logo|icon|portrait|wallpaper|meme|video|animation|sticker|gif|collage|cartoon)\b"
        r"(?! (?:description|caption|title|summary)\b)",
    ),
    (
        "make",
        r"(?:it|this|that|him|them|everyone|everything|(?:the|my|his|her) (?!list|caption|description|answer)\w+) \w+",
    ),
    (
        "add insert place paste",
        r"(?:an?|the (?!numbers|prices|values|digits|amounts)|some|more|me|my|text|him|her|it|his|another|two|three)\b",
    ),
    ("put", r"(?!in\b|into\b|down\b|it in(?:to)?\b|the .* in(?:to)? words)\w+"),
    ("give", rf"(?:him|her|them|it|the \w+) an? (?!.*{TOLD})\w+"),
    (
        "i",
        r"(?:want|would like|need|wish) (?:the|this|that|it|him|her|my) (?:\w+ ){0,3}?(?:to be|to look|\w+er$|removed|gone)\b",
    ),
    ("touch", r"up\b"),
    ("give show make", rf"(?:me )?(?:this|the) {PICTURE} (?:without|but|in|with)\b"),
    ("enhance upscale sharpen crop rotate", r"(?:please)?$"),
    ("zoom", r"(?:in|out|into|on|to)\b"),
)

PROGRAMS: Rules = (
    (
        "write create make build generate code develop implement program fix debug",
        rf"(?!down)(?:\S+ ){{0,5}}?{TECHNIQUE}(?!\w)",
    ),
    ("how what", rf"(?!.*\b(?:written|code|language)\b).*\bin {TECHNIQUE}$"),
    ("code program develop implement", rf"{A}\b"),
    (
        "why how",
        r".*\bmy (?:code|program|script|computer|phone|printer|wifi|laptop)\b.*\b(?:not|crash|fail|error|slow|work|start)",
    ),
    ("give show", r"(?:me )?(?:the |some |an? )?(?:html|css|python|sql|javascript|php)\b"),
    ("write generate", r"(?:me )?(?:an? |some )?(?:\w+ )?(?:code|script|program|unit tests?|query)\b"),
    ("explain fix", r"(?:this |the )?(?:error|bug|exception|code|stack trace)\b"),
    ("debug refactor optimize optimise fix review", r"(?:\w+ ){0,3}?(?:code|bugs?|function|script|program|query)\b"),
)

ROLES: Rules = (
    ("pretend simulate impersonate roleplay", r""),
    ("role", r"play\b"),
    ("act", r"(?:as|like) (?!my eyes)"),
    ("imagine", r"(?:that )?(?:you|we)\b"),
    ("you", r"are (?:now )?(?:an?|my|no longer) \w+"),
    ("let", r"us (?:role ?play|play|pretend|talk|chat|imagine|sing|dance)\b"),
    ("play", r"(?:a|an|some|me|the role|chess|tic|music|with)\b"),
    ("play", r"(?!button|area|ground|time)\w+$"),
    ("sing", r"\w+"),
    ("be", r"my\b"),
    ("talk speak sound write behave answer respond", r"(?:like|as if|as an?|in the style)\b"),
    ("talk chat", r"(?:to|with) me\b"),
    ("ignore forget disregard", r"(?:all|the|your|any|previous|every)"),
    ("from", r"now on\b"),
    ("set start", r"(?:an?|the|my) (?:\w+ )?(?:timer|alarm|reminder|stopwatch|meeting)\b"),
    ("remind wake", r"me\b"),
    ("schedule", rf"{A}\b"),
    ("search browse look", r"(?:.*\b)?(?:the web|the internet|internet|online|google|wikipedia)\b"),
    ("google", r"(?:\w+ )?\w+"),
    ("call phone text message email ring", r"(?:my|me|him|mum|mom|dad|the police|911)\b"),
    ("navigate", r""),
    ("order book buy reserve rent", r"(?:me |us )?(?:an?|me|us|some|two|my|tickets?)\b"),
    ("find", r"me an?\b"),
    (COMMANDS, rf"(?:{A}|{ITS})\b(?!.*\b(?:tell|describe|say|count|what|how|which|where|read|name|see|look)\b)"),
    (
        "give tell send bring get fetch lend offer",
        rf"(?:me|us) (?:an?|some|your|any|\d+|two|three|five|ten)\b(?!.*{TOLD})",
    ),
    ("turn", r"(?:on|off) (?:the|my)\b"),
    ("open", r"(?:my|an?|the (?:door|browser|app|window|file|light))\b"),
)

ABOUT_THE_MODEL: Rules = (
    ("who", r"(?:are|made|created|built|trained|programmed|owns|developed) you\b"),
    ("what", r"are you$|can you (?:do$|help\b)|can i ask|else can you do\b"),
    (
        "how",
        r"old are you|is it going$|(?:are|were|was|do) (?:you|your)(?: \w+)?(?: (?:today|doing|work|made|feeling))?$",
    ),
    ("where", r"(?:are|do|were|did) you\b(?! (?:see|find|think|look|spot|notice))"),
    (
        "are",
        r"you (?:an? |human|real|alive|there|ok|okay|happy|sad|smart|conscious|sentient|free|married|single|chatgpt|gpt"
        r"|ai|sure$|kidding|ready|tired|busy|male|female|stupid|intelligent|awake|listening|online|better)",
    ),
    ("do", r"you (?:feel|work|learn|remember|exist|cost|store|collect)\b|you have (?!an idea|any idea|a clue|a guess)"),
    ("hear feel love help marry hug kiss understand remember", r"me$"),
    ("sing dance fly cook drive swim think learn swear", r"$"),
)

ALWAYS = by_head(
    WRITING + LANGUAGES + OPINIONS + PEOPLE + HOW_TO + UNSEEN + CHANGES + PROGRAMS + ROLES + ABOUT_THE_MODEL
)
"""Wherever they stand, whatever else is said of the picture."""

ANYWHERE = "|".join(
    (
        r"\btranslate (?:it|this|that|the|to|into)\b",
        rf"\b(?:into|mean in) {LANGUAGE}\b",
        rf"\b{LANGUAGE} (?:word|name|term|translation|expression) (?:for|of)\b",
        r"(?<!in )\byour opinion\b|\byour (?:thoughts|favou?rite|feelings?|dreams?)\b",
        r"\b(?:his|her|their) (?:phone number|instagram|facebook|twitter|e ?mail|salary|net worth|birthday|surname|last name|nationality|religion)\b",
        r"\byou (?:recommend|suggest|advise)\b",
        rf"^(?!.*\b(?:sign|arrow|map|according|{PICTURE})\b).*\bshould (?:i|we) {ADVISED}\b",
        r"\b(?:brighter|darker|sharper|cropped|edited|colou?red|better|cartoon|black and white) version\b",
        r"\bversion of (?:this|it|the (?:picture|photo|image)|me)\b",
        r"\bon a scale (?:of|from)\b",
    )
)
