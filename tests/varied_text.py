"""Seeded strings of every kind that a tokenizer may meet: what its ids are compared on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz", "THE QUICK BROWN FOX", "0123456789", "٠١٢٣ ०१२३ ๐๑๒ 〇一二三 ½²³Ⅷ①𝟘𝟙", "     \n\n",
    " \t\n\r\v\f\x1c\x85\u00a0\u1680\u2003\u2009\u2028\u2029\u202f\u205f\u3000", "_-+=<>[]{}()|#@!?.,:;*/\\",
    "'\"`’‘“”…—", "äöüßéñçøåœŁžșİı", "русский язык Ї", "ελληνικά ς", "العربية ـ فارسی", "עברית שָׁלוֹם", "हिन्दी क्षेत्र",
    "ไทยภาษา", "日本語漢字かなカナ・ー", "中文简体繁體", "한국어조선말", "ქართული", "አማርኛ", "𐍈𝔘𝓷𝕚𠀀𪜶",
    "🙂🎉👍\U0001f3fd👩\u200d👧🏳\ufe0f\u200d🌈🇩🇪🇯🇵❤\ufe0f\u200d🔥☎\ufe0e",
    "e\u0301o\u0308\u0304n\u0303\u200d\u200c\u034f", "\x00\x01\x7f\u200b\u200e\u2060\ufeff\ufffd\ufff0",
    "\ud83d\ude42\ud800\udfff\udc00",
)  # fmt: skip
WORDS = (
    "the", " of", " and", "I'll", " don't", "we're", "it's", "'S", "They'Ve", "''s", " 's", "hello", "World", "capital",
    "France", "image", "color", "def f(x):\n    return x\n", "http://example.com/?q=1&r=%20", "3.14159", "1,000,000",
    "2026-11-21", "naïve", "Straße", "Zürich", "  two  spaces", "tab\there", "\r\n", "<", ">", "<|", "|>", "<row_",
    "👩\u200d👩\u200d👧\u200d👦", "a" * 40,
)  # fmt: skip
_BYTES_OF_NO_UTF8 = (
    b"\xff",
    b"\xc3",
    b"\xe2\x82",
    b"\xf0\x9f\x99",
    b"\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"ok",
)


def varied_strings(count: int, seed: int, tokens: Sequence[str] = ()) -> Iterator[str]:
    """Yield `count` strings; `tokens` (special ones, written out) stand in some of them, whole or cut."""
    rng = random.Random(seed)
    for _ in range(count):
        yield _string(rng, tokens)


def _string(rng: random.Random, tokens: Sequence[str]) -> str:
    alphabets = rng.sample(ALPHABETS, rng.randint(1, 4))
    parts = []
    for _ in range(rng.randint(0, 8)):
        kind = rng.random()
        if kind < 0.45:
            alphabet = rng.choice(alphabets)
            parts.append("".join(rng.choice(alphabet) for _ in range(rng.randint(1, 8))))
        elif kind < 0.75:
            parts.append(rng.choice(WORDS))
        elif kind < 0.85 and tokens:
            token = rng.choice(tokens)
            parts.append(token if rng.random() < 0.8 else token[: rng.randrange(len(token))])
        elif kind < 0.95:
            parts.append(b"".join(rng.choices(_BYTES_OF_NO_UTF8, k=3)).decode("utf-8", "replace"))
        else:
            parts.append(rng.choice(rng.choice(alphabets)) * rng.randint(100, 500))
        if rng.random() < 0.3:
            parts.append(" " * rng.randint(1, 3))
    return "".join(parts)
