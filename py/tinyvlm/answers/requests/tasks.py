"""English requests for what a model that reads pictures does not do: price, date, edit, program, play, chat."""

from __future__ import annotations

from .words import (
    COMMANDS,
    EDITS,
    ITS,
    PERSON,
    PICTURE,
    TECHNIQUE,
    TOLD,
    A,
    Rules,
)

UNSEEN: Rules = (
    (
        "how",
        r"much (?:\S+ ){0,4}worth\b|much (?:would|could|should|might) (?!the (?:total|bill"
        r"|sum))(?:\S+ ){1,4}(?:cost|sell|be|fetch|go for)\b",
    ),
    (
        "what",
        r"is (?:\w+ ){1,3}worth\b|is an? (?:fair|good|reasonable|usual|normal) price\b|(?:would|could|will"
        r"|might) (?:\S+ ){1,4}(?:sell for|cost)\b",
    ),
    (
        "where",
        r"(?:can|could|do|should|would|to) (?:(?:i|we|you|one) )?(?:buy|order|purchase|rent|get (?:one|this"
        r"|it|an?|some))\b"
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
    ("which what who where", r"(?:\w+ )?(?:sells?|sold) (?:this|it|these|that)\b"),
    ("when", rf"(?:this|the|it|that)(?: {PICTURE})? (?:was|is) (?:taken|captured|photographed)$"),
    ("when", r"exactly\b|(?:was|were) (?:this|that) \w+ (?:painted|drawn|composed|written)$"),
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
    ("cut take clean get crop", rf"(?:out|up|rid of) {ITS}\b"),
    (
        "remove crop resize rotate flip blur enhance edit invert convert upscale",
        rf"(?:{PICTURE}|background|by|to|\d+)\b",
    ),
    ("draw paint sketch design illustrate doodle", rf"(?:me |us )?(?:an?|{ITS}|something)\b"),
    (
        "generate create make render produce imagine give show",
        r"(?:me )?(?:an?|another|some|\d+) (?:(?!for\b|of\b|from\b|about\b|in\b|to\b|with\b"
        r"|that\b)[\w-]+ ){0,3}?(?:image|picture|photo"
        r"|drawing|painting|logo|icon|portrait|wallpaper|meme|video|animation|sticker|gif|collage|cartoon)\b"
        r"(?! (?:description|caption|title|summary)\b)",
    ),
    (
        "make",
        r"(?:it|this|that|him|them|everyone|everything|(?:the|my|his|her) (?!list|caption|description|answer)\w+) \w+",
    ),
    (
        "add insert place paste",
        r"(?:an?|the (?!(?:\w+ )?(?:numbers|prices|values|digits|amounts))|some|more"
        r"|me|my|text|him|her|it|his|another|two|three)\b",
    ),
    ("put", r"(?!in\b|into\b|down\b|it in(?:to)?\b|the .* in(?:to)? words)\w+"),
    ("give", rf"(?:him|her|them|it|the \w+) an? (?!.*{TOLD})\w+"),
    (
        "i",
        r"(?:want|would like|need|wish) (?:the|this|that|it|him|her|my) (?:\w+ ){0,3}?(?:to be|to look|\w+er$"
        r"|removed|gone)\b",
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
        r".*\bmy (?:code|program|script|computer|phone|printer|wifi|laptop)\b.*\b(?:not|crash|fail|error|slow"
        r"|work|start)",
    ),
    ("give show", rf"(?!.*\b(?:written|code)\b).*\bin {TECHNIQUE}$"),
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
    ("let", r"us (?:do|have|make|start|write|solve|cook|build|role ?play|play|pretend|talk|chat|imagine|sing|dance)\b"),
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
    (
        "what",
        r"are you(?:$| (?:able to do|capable of|for|good at|made for)\b)|can you (?:do$|help\b)|can i ask"
        r"|else can you do\b",
    ),
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

TASKS = UNSEEN + CHANGES + PROGRAMS + ROLES + ABOUT_THE_MODEL
