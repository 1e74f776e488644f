"""Whether an English question is a request that a model made for pictures cannot serve, or chat.

A question that is wrongly turned away costs more than a request that is not: where a sentence asks about the picture,
or no rule knows it, the model answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal

from .classifier import likeness
from .knowledge import ANYWHERE_WITHOUT_SIGHTS, WITHOUT_SIGHTS
from .rules import ALWAYS, ANYWHERE
from .sums import MATHS, is_sum
from .words import SIGHTS

Request = Literal["greeting", "thanks", "other"]

_GREETING = (
    r"(?:hi+|hello+|hey+|hiya|howdy|greetings|yo|good (?:morning|afternoon|evening|day)|welcome|what is up|sup)"
    r"(?: (?:hi|hello|there|everyone|all|bot|robot|friend|computer|ai|buddy|again|world|you|assistant|tiny|vlm|tinyvlm"
    r"|my friend|sir|to you|how are you(?: \w+)?|nice to meet you|what is up))*"
)
_THANKS = (
    r"(?:ok |okay |great |cool |no )?(?:thanks?|thank you|thx|ty|cheers|many thanks)(?: (?:you|a lot|so much|very much"
    r"|again|for|your|the|help|helping|answer|that|a|lot|million|bye|goodbye|me|it|was|great|very|helpful|nice|and"
    r"|mate|man|buddy|friend|dude))*"
    r"|(?:good ?bye|bye(?: bye)?|see you(?: later| soon)?|good night|take care|farewell)(?: \w+)?"
)
_TALK = (
    r"(?:ok(?:ay)?|cool|great|nice|wow|yes|no|yeah|nope|sure|fine|perfect|awesome|test(?:ing)?|help|please|start|stop"
    r"|hm+|lol|ha(?:ha)+|sorry|never ?mind|well done|i see|good|interesting|whatever|nothing|really"
    r"|wrong|incorrect|try again|that is (?:not (?:right|true|correct)|incorrect|false)|bad answer|liar|good one"
    r"|can i ask you (?:something|a question)|what is new|how have you been|long time no see|shut up"
    r"|go away|knock knock|and you|(?:fuck|screw) .*|that is (?:great|nice|funny|cool|right|wrong))"
    r"|i (?:am|feel) (?:so |very |really |feeling |not )?(?:bored|sad|happy|tired|lonely|hungry|sick|depressed|angry"
    r"|fine|good|ok|great|drunk|in love|stressed|anxious|scared|confused)\b.*"
    r"|i (?:really )?(?:love|like|hate|miss|adore) (?:you|my|pizza|it|this app)\b.*"
    r"|my name is .*|call me \w+|nice to meet you.*"
    r"|you are (?:so |very |really |the )?(?:awesome|great|cute|stupid|dumb|smart|funny|nice|cool|amazing|best|useless"
    r"|wrong|beautiful|right|bad|good|helpful|clever|an idiot|silly|mean|pretty)\b.*"
    r"|good (?:job|work|bot|boy|girl|luck|one)|happy (?:birthday|new year|christmas).*|merry christmas"
)
_POLITE = (
    r"(?:(?:hi|hello|hey|ok|okay|so|well|now|and|but|then|also|just|please|pls|plz|kindly|thanks|thank you|yes|no|great"
    r"|good morning|actually|maybe|sorry|excuse me|honestly|seriously|listen|quick question) )*"
    r"(?:(?:(?:can|could|would|will) you|i (?:want|need|would like|would love|wish)(?: you)?(?: to(?! know))?"
    r"|are you able to|is it possible(?: for you)? to|would you mind|try to|you (?:should|must|can|have to)"
    r"|i was wondering if you (?:can|could)|help me(?: to)?|any chance you (?:can|could)"
    r"|please|just|also|kindly|now|maybe|possibly"
    r"|(?:do you know|tell me|guess|say|i wonder|i (?:want|would like) to know)"
    r"(?= (?:who|what|how|when|where|why|which)\b)) )*"
)
_COMMON = "what how is which where who are does do can there count read describe tell write why when name give"
_ASKING = (
    r"(?:what|how|which|where|who|when|why|is|are|do|does|count|describe|read|name|list|find"
    r"|can you (?:see|tell|read))\b"
)
_SPELLED_OUT = (
    (r"[’‘`´]", "'"),
    (r"\b(what|who|where|how|when|that|it|there|he|she)'?s\b", r"\1 is"),
    (r"\bi'?m\b", "i am"),
    (r"\b(you|they|we)'re\b", r"\1 are"),
    (r"\b(i|you|we|they|he|she)'d\b", r"\1 would"),
    (r"\b(i|you|we|they)'ve\b", r"\1 have"),
    (r"\blet'?s\b", "let us"),
    (r"n't\b", " not"),
    (r"\bu\b", "you"),
    (r"\br\b", "are"),
)
_NAME = r"^\s*[Ww]ho(?:'s|’s| is| was| are| were) [A-Z][a-z]+(?: [A-Z][a-z]+)*\s*\?*\s*$"
"""Only here do capitals tell something: who has a name is not asked about in the picture."""
_END = r"[.!?;]+(?:\s+|$)|\n+"
_BETWEEN = r"[^\w+*/^×÷−·=%()-]+|(?<!\d)(?<!\d )-|-(?! ?\d)|(?<=[a-z])[-/]+|[-/]+(?=[a-z])|_"


_ABOUT_THE_PICTURE = -22
"""Below this likeness no rule is asked: none of the lists' requests is, and rules are wrong now and then."""


def request_in(question: str, *, classified: bool = True) -> Request | None:
    """Return which sentence a question wants in place of an answer; None where the model answers it.

    The classifier speaks first, unless it is not to; rules decide where it is not certain.
    """
    sentences = plain_sentences(question)
    whole = " ".join(sentences)
    if _compiled(_NAME).search(question):
        return "other"
    if _compiled(_GREETING).fullmatch(whole):
        return "greeting"
    if _compiled(_THANKS).fullmatch(whole):
        return "thanks"
    if _compiled(_TALK).fullmatch(whole):
        return "other"
    requested = [_is_wanted(said, classified) for said in sentences]
    others = [_bare(said) for said, known in zip(sentences, requested, strict=True) if not known]
    return "other" if any(requested) and not any(map(_compiled(_ASKING).match, others)) else None


def prepared() -> Iterator[str]:
    """Compile what the commonest first words need, a word at each step, and yield it: later questions wait less."""
    likeness([])
    for head in _COMMON.split():
        _is_unserved(head)
        for rules in (ALWAYS, WITHOUT_SIGHTS):
            _follows(head, "", rules)
        yield head


def plain_sentences(text: str) -> list[str]:
    """Return a text's sentences in small letters, without punctuation."""
    return [said for said in map(_plain, _compiled(_END).split(text)) if said]


def _plain(text: str) -> str:
    """Return a sentence in small letters, without punctuation, one space between words."""
    text = text.casefold()
    for pattern, spelled in _SPELLED_OUT:
        text = _compiled(pattern).sub(spelled, text)
    return " ".join(_compiled(_BETWEEN).sub(" ", text).split())


def _bare(sentence: str) -> str:
    """Return a sentence without the polite words that it begins with."""
    found = _compiled(_POLITE).match(sentence)
    return sentence[found.end() :] if found else sentence


def _is_wanted(sentence: str, classified: bool) -> bool:
    words = sentence.split()
    if classified and any(map(str.isalpha, words)):
        alike = likeness(words)
        if alike > 0 or alike < _ABOUT_THE_PICTURE:
            return alike > 0
    return _is_request(sentence)


def _is_request(sentence: str) -> bool:
    return any(_is_unserved(said) for said in {sentence: None, _bare(sentence): None} if said)


def _is_unserved(said: str) -> bool:
    head, _, rest = said.partition(" ")
    if _follows(head, rest, ALWAYS) or _compiled(ANYWHERE).search(said) or _compiled(MATHS).match(said) or is_sum(said):
        return True
    if _compiled(SIGHTS).search(said):
        return False
    return _follows(head, rest, WITHOUT_SIGHTS) or bool(_compiled(ANYWHERE_WITHOUT_SIGHTS).search(said))


def _follows(head: str, rest: str, rules: Mapping[str, str]) -> bool:
    return head in rules and _compiled(rules[head]).match(rest) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile when a question first needs it: a page starts sooner."""
    return re.compile(pattern)
