"""Which questions ask what an image shows, and for what kind of thing they ask."""

from __future__ import annotations

import re
from functools import cache

_LONGEST = 120
_PICTURE = r"(?:picture|image|photo|photograph|pic|snapshot)"
_THIS = r"(?:this|that|it|these|those|they)"
_WHERE = rf"(?: (?:here|there|in (?:the|this|that|my) {_PICTURE}|(?:on|in) it))?"
_THING = rf"(?:{_THIS}|(?:the|this|that) (?:thing|object|item|one))"
_POLITE = r"(?:(?:please|hi|hello|hey|ok|so|and|now|can you tell me|could you tell me|do you know|tell me) )*"
_ANYTHING = "|".join(
    (
        rf"(?:what|which) (?:is|are|was) {_THING}(?: called)?{_WHERE}",
        rf"(?:what|which) (?:thing|object|item)s? (?:is|are) (?:{_THIS}|shown|there|visible){_WHERE}",
        rf"what (?:thing|object|item)s? (?:can|do|could) you see{_WHERE}",
        rf"what (?:is|are) (?:(?:shown|seen|pictured|depicted|visible) )?in (?:the|this|that|my) {_PICTURE}",
        r"what (?:is|are) (?:shown|pictured|depicted)",
        rf"what (?:do|can|could) (?:you|i|we) (?:see|recogni[sz]e|spot|find){_WHERE}",
        rf"what am i (?:looking at|seeing){_WHERE}",
        rf"what (?:does|do) (?:the|this|that|my) {_PICTURE} (?:show|depict|contain)",
        rf"(?:what|which) {_THING} is",
        rf"(?:identify|name|recogni[sz]e|classify) {_THING}{_WHERE}",
        rf"(?:can|could) you (?:identify|name|recogni[sz]e) {_THING}{_WHERE}",
        rf"what (?:kind|sort|type) of (?:thing|object|item) is {_THIS}{_WHERE}",
    )
)
_A_KIND = "|".join(
    (
        rf"(?:what|which)(?: (?:kind|sort|type|breed|species|make)s? of)? (?:an? )?(?P<a>[a-z]+(?: [a-z]+)?) (?:is|are)"
        rf" (?:{_THIS}|shown|there|in (?:the|this|that|my) {_PICTURE}){_WHERE}",
        rf"(?:what|which)(?: (?:kind|sort|type|breed|species)s? of)? (?P<b>[a-z]+(?: [a-z]+)?)"
        rf" (?:can|do|could) you see{_WHERE}",
        rf"what (?:kind|sort|type|breed|species|make) (?:is|of) (?:the|this|that) (?P<c>[a-z]+(?: [a-z]+)?){_WHERE}",
        rf"(?:identify|name) (?:the|this|that) (?P<d>[a-z]+(?: [a-z]+)?){_WHERE}",
    )
)
_MEANT = {
    "creature": "animal", "pet": "animal", "beast": "animal", "species": "animal", "breed": "dog",
    "dog breed": "dog", "cat breed": "cat", "instrument": "musical instrument", "dish": "food", "meal": "food",
    "snack": "food", "fungus": "mushroom", "serpent": "snake", "tortoise": "turtle", "toad": "frog",
    "bug": "insect", "plane": "aircraft", "airplane": "aircraft", "ship": "boat", "bike": "bicycle",
    "lorry": "truck", "store": "shop", "couch": "furniture", "piece of furniture": "furniture",
    "appliance": "household appliance", "device": "electronic device", "utensil": "kitchen utensil",
    "garment": "clothing", "clothes": "clothing", "veg": "vegetable", "beverage": "drink",
}  # fmt: skip
_SPELLED_OUT = ((r"[’‘`´]", "'"), (r"\b(what|that)'?s\b", r"\1 is"), (r"[^\w']+|_", " "))


def asked_thing(question: str) -> str | None:
    """Return the kind of thing that an English question of one sentence wants named, without article, as in "animal".

    "" where it asks for whatever is there, None where it asks for something else.
    """
    if len(question) > _LONGEST:
        return None
    text = question.casefold()
    for pattern, spelled in _SPELLED_OUT:
        text = re.sub(pattern, spelled, text)
    match = _pattern().fullmatch(text.strip())
    if match is None:
        return None
    thing = next((thing for thing in match.groupdict().values() if thing), "")
    return _MEANT.get(thing, _MEANT.get(_singular(thing), _singular(thing)))


def _singular(noun: str) -> str:
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun


@cache
def _pattern() -> re.Pattern[str]:
    """Compile when a question first needs it: a page starts sooner."""
    return re.compile(f"{_POLITE}(?:(?:{_ANYTHING})|(?:{_A_KIND}))(?: please)?")
