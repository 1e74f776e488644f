"""Which questions ask what an image shows, and for what kind of thing they ask.

Sentences are looked up, not matched: a large regular expression takes a page longer to compile than an answer takes.
"""

from __future__ import annotations

import re

_LONGEST = 120
_POLITE = ("please", "hi", "hello", "hey", "ok", "so", "and", "now", "can you tell me", "could you tell me", "tell me")
_DETERMINERS = ("the", "this", "that", "my")
_PICTURES = ("picture", "image", "photo", "photograph", "pic", "snapshot")
_PICTURE = "PICTURE"
"""What stands for "the picture", "this photo" and their like."""
_PLACES = (f" in {_PICTURE}", f" on {_PICTURE}", f" of {_PICTURE}", " in it", " here", " there", " please", " called")
_OBJECTS = ("thing", "object", "item", "one")
_THIS = ("this", "that", "it", "these", "those", "they")
_THINGS = (*_THIS, *(f"{determiner} {thing}" for determiner in ("the", "this", "that") for thing in _OBJECTS))
_SORTS = ("kind", "sort", "type", "breed", "species", "make")
_ASKED = ("what", "which")
_SHOWN = ("shown", "seen", "pictured", "depicted", "visible")
_SEES = tuple(f"{verb} {who} see" for verb in ("do", "can", "could") for who in ("you", "i", "we"))
_IDENTIFY = ("identify", "name", "recognize", "recognise")
_ANYTHING = frozenset(
    (
        *(f"what {verb} {thing}" for verb in ("is", "are", "was") for thing in _THINGS),
        *(f"what {verb} {place}{_PICTURE}" for verb in ("is", "are") for place in ("in ", "on ")),
        *(f"what {verb} {shown}" for verb in ("is", "are") for shown in _SHOWN),
        *(f"what {sees}" for sees in _SEES),
        *(f"what {verb} {_PICTURE} {shows}" for verb in ("does", "do") for shows in ("show", "depict", "contain")),
        *(
            f"{polite}{verb} {thing}"
            for polite in ("", "can you ", "could you ")
            for verb in _IDENTIFY
            for thing in _THINGS
        ),
        *(f"what am i {looking}" for looking in ("looking at", "seeing")),
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
    text = _plain(question)
    shorter = _without_places(text)
    if text in _ANYTHING or shorter in _ANYTHING:
        return ""
    kind = _kind_in(shorter.split(), is_placed=shorter != text)
    return None if kind is None else _meant(kind)


def _plain(question: str) -> str:
    """Return a question in small letters, without marks and what is only polite; a picture is a word of its own."""
    text = question.casefold()
    for pattern, spelled in _SPELLED_OUT:
        text = re.sub(pattern, spelled, text)
    text = text.strip()
    while polite := next((words for words in _POLITE if text.startswith(f"{words} ")), None):
        text = text[len(polite) + 1 :]
    words = text.split()
    for i in range(len(words) - 1, 0, -1):
        if words[i] in _PICTURES and words[i - 1] in _DETERMINERS:
            words[i - 1 : i + 1] = [_PICTURE]
    return " ".join(words)


def _without_places(text: str) -> str:
    while place := next((place for place in _PLACES if text.endswith(place)), None):
        text = text.removesuffix(place)
    return text


def _kind_in(words: list[str], *, is_placed: bool) -> list[str] | None:
    """Return the words between "what (kind of)" and "is this", or behind "what kind is the" or "what is this".

    `is_placed`: a place stood behind, as in "What animal is in the picture?".
    """
    if words and words[0] in _IDENTIFY and words[1:2] and words[1] in _DETERMINERS:
        return words[2:]
    if words[:1] == ["what"] and words[1:2] in (["is"], ["are"]) and words[2:3] and words[2] in _THIS:
        return words[3:]
    if not words or words[0] not in _ASKED:
        return None
    said = words[1:]
    if len(said) > 2 and said[1] == "of" and (said[0] in _SORTS or said[0].removesuffix("s") in _SORTS):
        said = said[2:]
    elif len(said) > 3 and said[0] in _SORTS and said[1] == "is" and said[2] in ("the", "this", "that"):
        return said[3:]
    verb = next((i for i, word in enumerate(said) if word in ("is", "are", "do", "can", "could")), 0)
    rest = " ".join(said[verb:])
    asks = {f"{be} {this}" for be in ("is", "are") for this in (*_THIS, *_SHOWN)} | {*_SEES}
    if not verb or not (rest in asks or (is_placed and rest in ("is", "are"))):
        return None
    return said[:verb]


def _meant(words: list[str]) -> str | None:
    """Return a kind of thing in the singular and in the table's words; "" for any thing."""
    words = words[1:] if words[:1] in (["a"], ["an"]) else words
    thing = _singular(" ".join(words))
    if thing in _OBJECTS:
        return ""
    return _MEANT.get(thing, thing) or None


def _singular(noun: str) -> str:
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "es")) else noun
