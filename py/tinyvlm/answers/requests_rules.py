"""English requests that no picture answers: a poem, a translation, a person's name, arithmetic, an edit, chat.

A rule is the first words it is for, and a regular expression for what follows, in small letters without punctuation,
with "what's" spelled out. Every rule names something that is asked for; what no rule knows goes to the model.
"""

from __future__ import annotations

from .requests_words import (
    ADVISED,
    CREATIONS,
    DOCUMENTS,
    EDITS,
    GAP,
    ITS,
    LANGUAGE,
    PERSON,
    PICTURE,
    SERVED_HOW,
    TECHNIQUE,
    WHOSE,
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
    ("poem haiku limerick sonnet song joke story rhyme riddle essay recipe", r"(?:please|about .+|for .+|now)$"),
    ("a an another some", rf"(?:\w+ )?{CREATIONS}(?: please| now| about .+| for (?:me|my|a)\b.*)$"),
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
        "answer reply respond speak talk say write explain tell describe continue count understand",
        rf"(?!.*\b(?:if|whether|text|words?|sign|written|label|language)\b)(?:.*\b)?{LANGUAGE}$",
    ),
    ("do", rf"you (?:speak|understand|know) {LANGUAGE}\b"),
    ("how", r"(?:do|does|would|can|could|to) (?:(?:you|i|we|one|they|people) )?say\b"),
    (
        "what",
        rf"is (?!.*\b(?:written|text|sign|said|says?|words?|language|title|label|here|this|that|{PICTURE})\b)"
        rf".* in {LANGUAGE}$",
    ),
    (
        "what",
        r"does (?!.*\b(?:this|that|the|it|an?|he|she|his|her|sign|arrow|symbol|light|text|word|number|logo|letter"
        r"|colou?r)\b)\w+(?: \w+)? means?(?: in english)?$",
    ),
)

OPINIONS: Rules = (
    ("what which", r"(?:is|are|was) your\b|(?:do|did|would) you (?:think|feel|reckon) (?:of|about)\b"),
    ("what which", r"(?:\w+ ){0,3}?would you (?:do|choose|buy|wear|change|pick|recommend)\b"),
    ("do did would", r"you (?:really )?(?:like|love|hate|prefer|enjoy|agree|want|believe in|dream|sleep|eat)\b"),
    ("recommend suggest advise", r""),
    ("any some", r"(?:\w+ )?(?:advice|tips?|suggestions?|recommendations?|jokes?)(?:$| (?:for|on|about|how)\b)"),
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
    ("what which", r"(?:stocks?|shares|crypto\w*)\b"),
)

PEOPLE: Rules = (
    (
        "who",
        rf"(?:is|are|was|were) (?:this|that|these|those|he|she|it|they|him|her)(?: (?:\w+ )?{PERSON})?"
        rf"(?: (?:in|on) (?:the|this) {PICTURE})?$",
    ),
    ("who", rf"(?:is|are|was|were) (?:the |these )?{PERSON}(?: in (?:the|this) {PICTURE})?$|am i$"),
    ("who", rf"(?:this|that|these|those|he|she|it|they|the)(?: (?:\w+ )?{PERSON})? (?:is|are|was|were)$"),
    ("who", rf"(?:took|shot|photographed) (?:this|the|that|my) (?:{PICTURE}|shot)\b"),
    ("what", rf"(?:is|are) {WHOSE} (?:full |real |first |last )?names?$"),
    ("what", rf"(?:is|are) the names? of (?:this|that|the|these) (?:\w+ )?{PERSON}$"),
    (
        "identify recognize recognise know name",
        rf"(?:him|her|them|me|(?:this|that|these|the) (?:\w+ )?{PERSON}(?! s\b))\b",
    ),
    ("do", rf"you (?:know|recogni[sz]e) (?:him|her|them|me|(?:this|that|these|the) (?:\w+ )?{PERSON}(?! s\b))\b"),
    ("is are", rf"(?:he|she|they|th(?:is|ese) {PERSON}) (?:an? )?(?:famous|celebrit\w+|well known)\b"),
    ("where", r"(?:does|do|did) (?:he|she|they|i|you|this \w+) (?:live|work|come from|grow up)\b"),
    ("how", r"old am i$"),
)

HOW_TO: Rules = (
    ("how", rf"(?:do|can|could|should|would|might) (?:i|we|you|one|people|someone) (?!{SERVED_HOW}\b)\w+|to \w+"),
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
    ("help assist", r"(?:me )?(?:with|in) my\b"),
    ("do", r"my (?:homework|taxes)\b"),
)

UNSEEN: Rules = (
    (
        "how",
        r"much (?:\S+ ){0,4}worth\b|much (?:would|could|should|might) (?:\S+ ){1,4}(?:cost|sell|be|fetch|go for)\b",
    ),
    ("what", r"is (?:\w+ ){1,3}worth\b|(?:would|could|will|might) (?:\S+ ){1,4}(?:sell for|cost)\b"),
    (
        "where",
        r"(?:can|could|do|should|would|to) (?:(?:i|we|you|one) )?(?:buy|order|purchase|rent|get (?:one|this|it))\b",
    ),
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
        r"(?:me )?(?:an?|another|some|\d+) (?:(?!for\b|of\b|from\b|about\b|in\b)[\w-]+ ){0,3}?(?:image|picture|photo"
        r"|drawing|painting|logo|icon|portrait|wallpaper|meme|video|animation|sticker|gif|collage|cartoon)\b"
        r"(?! (?:description|caption|title|summary)\b)",
    ),
    (
        "make",
        r"(?:it|this|that|him|them|everyone|everything|(?:the|my|his|her) (?!list|caption|description|answer)\w+) \w+",
    ),
    (
        "add put insert place paste",
        r"(?:an?|the (?!numbers|prices|values|digits|amounts)|some|more|me|my|text|him|her|it|his|another|two|three)\b",
    ),
    ("zoom", r"(?:in|out|into|on|to)\b"),
)

PROGRAMS: Rules = (
    (
        "write create make build generate code develop implement program fix debug",
        rf"(?!down)(?:\S+ ){{0,5}}?{TECHNIQUE}\b",
    ),
    ("give show", r"(?:me )?(?:the |some |an? )?(?:html|css|python|sql|javascript|php)\b"),
    ("write generate", r"(?:me )?(?:an? |some )?(?:\w+ )?(?:code|script|program|unit tests?|query)\b"),
    ("debug refactor optimize optimise fix review", r"(?:\w+ ){0,3}?(?:code|bugs?|function|script|program|query)\b"),
)

ROLES: Rules = (
    ("pretend simulate impersonate roleplay", r""),
    ("role", r"play\b"),
    ("act", r"(?:as|like) (?!my eyes)"),
    ("imagine", r"(?:that )?(?:you|we)\b"),
    ("you", r"are (?:now )?(?:an?|my|no longer) \w+"),
    ("let", r"us (?:play|pretend|talk|chat|imagine|sing|dance)\b"),
    ("play", r"(?:a|an|some|me|the role|chess|tic|music|with)\b"),
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
    ("order book buy reserve rent", r"(?:me |us )?(?:an?|me|us|some|two|my|tickets?)\b"),
    ("find", r"me an?\b"),
    ("turn", r"(?:on|off) (?:the|my)\b"),
    ("open", r"(?:my|an?|the (?:door|browser|app|window|file|light))\b"),
)

ABOUT_THE_MODEL: Rules = (
    ("who", r"(?:are|made|created|built|trained|programmed|owns|developed) you\b"),
    ("what", r"are you$|can you do$|can i ask|else can you do\b"),
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
        r"\byour (?:opinion|thoughts|favou?rite|name|feelings?|dreams?|age|job)\b",
        r"\byou (?:recommend|suggest|advise)\b",
        rf"^(?!.*\b(?:sign|arrow|map|according|{PICTURE})\b).*\bshould (?:i|we) {ADVISED}\b",
        r"\bon a scale (?:of|from)\b",
    )
)
