"""Single facts asked of what was read: a total, a price, a date, a telephone number, an e-mail address.

A value stands in its label's row, or alone in the row below. Where there are several that it could be, none is chosen:
the rows that they stand in are the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from .reading import Reading, row_text

Answer = Callable[[Reading], str]

_NOT_FOUND = "I found no {fact} in the text of the picture."
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = (
    r"(?<![\d.])(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\.? {_MONTH},? \d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})(?![\d.-]*\d)"
)
_PHONE = r"(?<![\w.,])(?:\+\d|\(0?\d|0\d)(?:[ ()/.-]{0,2}\d){6,13}(?![\w]|[.,-]\d)"
_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_CURRENCY = r"(?:[€$£¥]|EUR|USD|GBP|CHF)"
_AMOUNT = (
    rf"(?<![\d.,])(?:{_CURRENCY} ?)?-?(?:\d{{1,3}}(?:[., ']\d{{3}})+|\d+)[.,]\d\d(?![\d%]|[.,]\d)(?: ?{_CURRENCY})?"
)
_DUE = r"\b(?:grand total|total (?:due|to pay|payable)|(?:amount|balance) due|to pay)\b"
_TOTAL = (
    r"(?<!sub)(?<!sub[ -])\b(?:total|totale|summe|gesamt(?:betrag|summe)?|montant)\b(?! (?:savings?|discount|tax|vat))"
)

_FACTS: Sequence[tuple[str, str, str]] = (
    ("date", r"(?:date|(?:what|which) date is it|when (?:is|was) (?:it|this) (?:dated|issued|printed|paid))", _DATE),
    ("telephone number", r"(?:(?:tele)?phone number|(?:tele)?phone|number to call)", _PHONE),
    ("e-mail address", r"(?:e ?mail(?: address)?)", _EMAIL),
)
"""What is asked for, the words for it, and what it looks like."""
_ASKING = r"(?:please |can you |could you |tell me |read )*(?:what(?: is| was|'s|s) )?(?:the )?"
_PAPER = r"(?: (?:on|of|in|at|from) (?:the|this|that|my) (?:\w+ )?\w+)?"
_TOTALS = (
    rf"{_ASKING}(?:grand |final |overall )?(?:total(?: (?:amount|price|cost|sum|due|to pay))?|amount (?:due|to pay))"
    rf"{_PAPER}"
    r"|how much (?:is|was) (?:the total|it in total|it altogether|the bill|the receipt|the invoice)"
)
_PRICES = (
    rf"{_ASKING}(?:price|cost) (?:of|for) (?:the |an? )?(\w+(?: \w+)?)"
    r"|how much (?:is|are|was|were) (?:the |an? )?(\w+(?: \w+)?)"
    r"|how much (?:does|do|did) (?:the |an? )?(\w+(?: \w+)?) cost"
)
_NO_GOODS = re.compile(r"(?:it|this|that|these|those|they|there|left|everything|in|on|at|of|to|for|too)\b")


def value_asked(question: str) -> Answer | None:
    """Return how a question, English and of one sentence, is answered from what was read; None: not in this way."""
    words = re.sub(r"[^\w']+", " ", question.casefold()).strip()
    if len(words) > 100:
        return None
    if _compiled(_TOTALS).fullmatch(words):
        return lambda reading: _amount(reading, (_DUE, _TOTAL), "total")
    for fact, said, looks in _FACTS:
        if _compiled(rf"{_ASKING}(?:{said}){_PAPER}").fullmatch(words):
            return lambda reading, fact=fact, looks=looks: _only(fact, looks, _rows(reading))  # type: ignore[misc]
    match = _compiled(_PRICES).fullmatch(words)
    label = next(filter(None, match.groups()), "") if match else ""
    if not label or _NO_GOODS.match(label):
        return None
    return lambda reading: _amount(reading, (rf"\b{re.escape(label)}\b",), f"price of {label}")


def _amount(reading: Reading, labels: Sequence[str], fact: str) -> str:
    """Return the amount beside the first of `labels` that is there, or else below it."""
    rows = list(_rows(reading))
    for label in labels:
        named = [index for index, row in enumerate(rows) if _compiled(label).search(row)]
        beside = [rows[index] for index in named if _compiled(_AMOUNT).search(rows[index])]
        below = [row for index in named for row in rows[index + 1 : index + 2] if _compiled(_AMOUNT).fullmatch(row)]
        if named:
            return _only(fact, _AMOUNT, beside or below or [rows[index] for index in named])
    return _NOT_FOUND.format(fact=fact)


def _only(fact: str, looks: str, rows: Iterator[str] | Sequence[str]) -> str:
    """Return the one value that the rows have; the rows where there are several, or none that is like one."""
    kept = list(rows) if isinstance(rows, Sequence) else [row for row in rows if _compiled(looks).search(row)]
    values = dict.fromkeys(found[0].strip() for row in kept for found in _compiled(looks).finditer(row))
    if len(values) == 1:
        return next(iter(values))
    return "\n".join(kept) or _NOT_FOUND.format(fact=fact)


def _rows(reading: Reading) -> Iterator[str]:
    for block in reading.blocks():
        for row in block:
            yield row_text(row)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
