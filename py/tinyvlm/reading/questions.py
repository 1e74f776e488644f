"""Which questions about a picture are answered by what is written in it, and how what was read is told.

A question that is not known goes to the model, as one about the text has to: its colour, its language, whether
there is any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .reading import Reading
from .values import Answer, value_asked

NOTHING_FOUND = "I found no text in the picture."

_LONGEST = 200

_PICTURE = r"(?:picture|image|photo|photograph|pic|screenshot|scan|drawing)s?"
_TEXT = r"(?:text|words?|writing|wording|letters|lettering|sentences?|inscription)"
_WRITING = (
    rf"(?:{_TEXT}|lines?|letter|title|heading|headline|caption|subtitles?|message|handwriting|signs?|labels?|posters?"
    r"|banners?|plaques?|stickers?|notes?|cards?|pages?|documents?|papers?|receipts?|bills?|invoices?|tickets?|menu"
    r"|list|forms?|tables?|slips?|screens?|display|screenshot|(?:black|white|chalk|bill)?boards?|(?:t )?shirts?|caps?"
    r"|hats?|mugs?|bags?|bottles?|box(?:es)?|packages?|packaging|tins?|cans?|jars?|books?|covers?|newspapers?|emails?"
    r"|magazines?|(?:number |license )?plates?|buttons?|doors?|walls?|tags?|front|back|top|bottom)"
)
_THE = r"(?:all(?: of)? )?(?:the|this|that|these|those|my|his|her|their|any|all|every|its)"
_BESIDE = r"(?:in|on|at|of|from|across|over|under|above|below)"
_PLACE = rf"(?: (?:here|there|(?:in|on) it|{_BESIDE} {_THE}(?: [\w']+){{1,5}})){{0,3}}"
_THING = rf"(?:it|this|that|them|these|they|those|{_THE}(?: [\w']+){{0,3}} (?:{_WRITING}|{_PICTURE})|(?:all )?text)"
_ALL = rf"(?:{_THING}|everything|all|what (?:{_THING} says?|is (?:written|there|on it|printed)))"
_SEEN = r"(?:written|printed|visible|shown|seen|displayed|painted|engraved|to (?:be )?(?:read|seen))"
_POLITE = (
    r"(?:(?:please|hi|hello|hey|ok|okay|so|now|and|then|kindly|just|(?:can|could|would|will) you"
    r"|are you able to|help me|(?:tell|show) me|i (?:want|need|would like)(?: you)? to(?: know)?) )*"
)
_ASKED = "|".join(
    (
        rf"what (?:does|do|did) {_THING}{_PLACE} (?:say|read)",
        rf"what {_THING}{_PLACE} (?:says?|reads?)",
        r"what (?:is|was|are) (?:it )?(?:written|printed|painted|engraved|to read)(?: down)?",
        rf"(?:what|which) {_TEXT}(?: (?:is|are|was|were))?(?: there)?(?: {_SEEN})?",
        rf"(?:what|which) {_TEXT} (?:can|do|could) you (?:see|read|find)",
        rf"what (?:is|are) (?:the |this )?{_TEXT}(?: {_SEEN})?",
        r"what (?:can|do|could) (?:you|i|we) read",
        rf"read(?: out| aloud| off| me| to me){{0,2}}(?: {_ALL})?",
        r"(?:transcribe|ocr|extract|copy|type(?: out)?|write (?:down|out)|recogni[sz]e|spell out|get|give me|show"
        rf"|output|print|return|repeat|find|list|i (?:need|want)) {_THE}(?: \w+)? {_TEXT}",
        rf"(?:transcribe|ocr)(?: {_ALL})?",
        r"(?:the )?(?:full |whole )?text",
    )
)
_ENDS = (
    r"(?: (?:aloud|out(?: loud)?|please|to me|for me|exactly|now|thanks|again|word for word|as (?:plain )?text"
    r"|(?:that )?you (?:can )?(?:see|read))){0,4}"
)
_SPELLED_OUT = ((r"[’‘`´]", "'"), (r"\bwhat'?s\b", "what is"), (r"\bt-shirt", "t shirt"), (r"[^\w'.!?;]+|_", " "))


def asks_to_read(question: str) -> bool:
    """Whether a question, English and of one sentence, asks for the text in a picture and for nothing else."""
    if len(question) > _LONGEST:
        return False
    text = question.casefold()
    for pattern, spelled in _SPELLED_OUT:
        text = re.sub(pattern, spelled, text)
    return _asked().fullmatch(text.strip(" .!?;")) is not None


def answer_asked(question: str) -> Answer | None:
    """Return how a question is answered from what was read; None where it is for the model."""
    return _all_text if asks_to_read(question) else value_asked(question)


def answer_pieces(reading: Reading, answer: Answer) -> Iterator[str]:
    """Yield an answer word by word, as answers are streamed; a sentence where nothing was read."""
    yield from re.findall(r"\s*\S+", answer(reading) if reading.lines else NOTHING_FOUND)


def _all_text(reading: Reading) -> str:
    return reading.text


@cache
def _asked() -> re.Pattern[str]:
    """Compile when a question first needs it: a page starts sooner."""
    return re.compile(f"{_POLITE}(?:{_ASKED}){_PLACE}{_ENDS}")
