"""Arithmetic that is asked for: sums in figures and words, units, roots."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ASKED = re.compile(
    r"(?:what is|how much is|how many is|calculate|compute|solve|evaluate|work out|find|what does)(?: for [xy])? "
)
_SPOKEN = (
    ("divided by", "/"),
    ("multiplied by", "*"),
    ("to the power of", "^"),
    ("percent of", "%"),
    ("equal to", "="),
    ("a hundred", "hundred"),
    ("a thousand", "thousand"),
)
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[a-z]+|\S")
_NUMBERS = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half pi"
)
_SPOKEN_OPERATORS = _words("plus minus times over mod squared cubed factorial x y")
_OPERATORS = frozenset("-+*/^×÷−·%")
_BETWEEN = _words("( ) = equals make makes is what and")
_PERHAPS_A_DATE = frozenset("-/")

MATHS = (
    r"(?:what is |calculate |find )?(?:the )?(?:square|cube) root of|(?:calculate|compute|solve|integrate|differentiate"
    r"|factori[sz]e) (?:for )?(?:x|y|\d|the (?:equation|integral|derivative|square))|(?:what is |how much is )?\d+ ?"
    r"(?:%|percent) of|convert \d+|how many \w+ (?:is|are) \d+ \w+$|(?:what is |how much is |how many is )?\d+ (?:miles"
    r"|km|kilomet\w+|feet|pounds|kg|cm|ft|lbs|oz|mph|celsius|fahrenheit|inches|euros?|dollars?|degrees \w+) (?:in|to)"
    r" \w+|(?:what is )?(?:half|a third|a quarter|double|twice) (?:of )?\d|(?:what is )?the (?:sum|product|difference"
    r"|average|mean) of \d|(?:add|subtract|multiply|divide) \d|is \d+ (?:an? )?(?:prime|even|odd|divisible|greater"
    r"|bigger|more)\b|(?:what is )?(?:sqrt|log|sin|cos|tan) ?\(|(?:find )?the (?:derivative|integral|factorial|limit)"
    r" of|how many times does \d|if .*\d.*\bhow (?:many|much)\b|calculate the (?:area|volume|probability)"
    r"|count (?:to|from|up to|down from|backwards) (?:\d|ten|one|a)"
)
"""How sentences about numbers begin."""


def is_sum(said: str) -> bool:
    """Whether a sentence is numbers and what is to be done with them, and nothing else.

    Bare figures with a dash or a stroke between them may be a date, or written somewhere: they are none.
    """
    asked = _ASKED.match(said)
    rest = said[asked.end() :] if asked else said
    for words, sign in _SPOKEN:
        rest = rest.replace(words, sign)
    tokens = _TOKEN.findall(rest)
    numbers = [token for token in tokens if token[0].isdigit() or token in _NUMBERS]
    operators = [token for token in tokens if token in _OPERATORS or token in _SPOKEN_OPERATORS]
    others = len(tokens) - len(numbers) - len(operators)
    if not numbers or not operators or others != sum(token in _BETWEEN for token in tokens):
        return False
    certain = asked is not None or "=" in tokens or any(token not in _PERHAPS_A_DATE for token in operators)
    return certain and (len(numbers) > 1 or operators[-1] in ("squared", "cubed", "factorial") or "=" in tokens)
