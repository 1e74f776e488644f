"""Byte-level BPE from a `tokenizer.json`, in the standard library alone (Sennrich et al. 2016; GPT-2's byte alphabet).

Equal, id for id, to the `tokenizers` package for the parts it supports; a test compares them.
"""

from __future__ import annotations

import codecs
import heapq
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from .errors import ModelError

_CACHED_PIECES = 20_000
_LONGEST_CACHED = 64
_MAX_ID = 10_000_000  # a table is made of all ids: one absurd id must not take the memory
# Unicode White_Space; str.isspace() also takes four control characters.
_SPACES = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
                    "\u2028\u2029\u202f\u205f\u3000")  # fmt: skip
_CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")


@lru_cache(maxsize=1)
def byte_alphabet() -> tuple[str, ...]:
    """Return GPT-2's printable character for every byte."""
    plain = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return tuple(chr(byte) if byte in plain else chr(next(spare)) for byte in range(256))


def clean(text: str) -> str:
    """Join surrogate pairs; a lone surrogate becomes U+FFFD, as browsers do it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Tokenizer:
    """A byte-level BPE tokenizer."""

    def __init__(self, definition: Mapping[str, Any]) -> None:
        """Read a tokenizer.json; raises ModelError for kinds that are not byte-level BPE."""
        try:
            self._read(definition)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError("tokenizer-invalid", f"The model's tokenizer.json is not usable: {error!r}.") from error
        self._cache: dict[str, list[int]] = {}

    @classmethod
    def from_json(cls, definition: str | Mapping[str, Any]) -> Tokenizer:
        """Return the tokenizer of a tokenizer.json, as text or parsed."""
        if isinstance(definition, str):
            try:
                definition = json.loads(definition)
            except (ValueError, RecursionError) as error:
                raise ModelError("tokenizer-invalid", "The model's tokenizer.json is not valid JSON.") from error
        if not isinstance(definition, Mapping):
            raise ModelError("tokenizer-invalid", "The model's tokenizer.json is not an object.")
        return cls(definition)

    def _read(self, definition: Mapping[str, Any]) -> None:
        model = definition["model"]
        if model.get("type", "BPE") != "BPE" or definition.get("normalizer"):
            raise _unsupported("models other than plain BPE, and normalizers,")
        if any(model.get(key) for key in ("continuing_subword_prefix", "end_of_word_suffix", "dropout")):
            raise _unsupported("word prefixes, suffixes or dropout")
        if any(t.get(flag) for t in definition.get("added_tokens", ()) for flag in ("lstrip", "rstrip", "single_word")):
            raise _unsupported("added tokens that take spaces with them or stand only as words")
        vocabulary: dict[str, int] = model["vocab"]
        merges = [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in model["merges"]]
        # (left id, right id) -> (rank, merged id)
        self._merges = {(vocabulary[a], vocabulary[b]): (rank, vocabulary[a + b]) for rank, (a, b) in enumerate(merges)}
        self._specials = {t["content"]: t["id"] for t in definition.get("added_tokens", ()) if t.get("special")}
        added = {t["content"]: t["id"] for t in definition.get("added_tokens", ())}
        if not all(type(index) is int and 0 <= index < _MAX_ID for index in (*vocabulary.values(), *added.values())):
            raise ValueError("ids must be whole numbers of a sane size")
        if "" in added:
            raise ValueError("an added token without text")
        self._added = added
        alternatives = "|".join(re.escape(token) for token in sorted(added, key=len, reverse=True))
        self._split_added = re.compile(f"({alternatives})") if added else None
        alphabet = byte_alphabet()
        self._byte_ids = [vocabulary[char] for char in alphabet]
        byte_of = {char: byte for byte, char in enumerate(alphabet)}
        self._bytes = [b""] * (max([*vocabulary.values(), *added.values()]) + 1)
        for token, index in vocabulary.items():
            self._bytes[index] = bytes(byte_of[c] for c in token) if token not in added else token.encode()
        for token, index in added.items():
            self._bytes[index] = token.encode()
        self._ids = {**vocabulary, **added}
        self._digits: bool | None = None
        self._use_regex = self._prefix_space = False
        self._read_pre_tokenizer(definition["pre_tokenizer"])

    def _read_pre_tokenizer(self, kind: Mapping[str, Any]) -> None:
        steps = kind["pretokenizers"] if kind["type"] == "Sequence" else [kind]
        if not steps or steps[-1]["type"] != "ByteLevel" or any(s["type"] != "Digits" for s in steps[:-1]):
            raise _unsupported("pre-tokenizers other than ByteLevel, or Digits before it,")
        for step in steps[:-1]:
            self._digits = bool(step["individual_digits"])
        self._use_regex = bool(steps[-1].get("use_regex", True))
        self._prefix_space = bool(steps[-1].get("add_prefix_space", False))

    @property
    def vocab_size(self) -> int:
        """One more than the largest id."""
        return len(self._bytes)

    @property
    def special_ids(self) -> frozenset[int]:
        """Ids of special tokens, such as <eos>."""
        return frozenset(self._specials.values())

    @property
    def special_tokens(self) -> Iterable[str]:
        """Special tokens as they are written."""
        return self._specials.keys()

    def id_of(self, token: str) -> int | None:
        """Return the id of a token as it stands in the file, or None."""
        return self._ids.get(token)

    def token_bytes(self, token_id: int) -> bytes:
        """Return the bytes that a token stands for."""
        return self._bytes[token_id]

    def encode(self, text: str) -> list[int]:
        """Return the token ids of `text`; special tokens written out in it are recognised."""
        ids: list[int] = []
        parts = self._split_added.split(clean(text)) if self._split_added else [clean(text)]
        for part in parts:
            if part in self._added:
                ids.append(self._added[part])
                continue
            for piece in self._pieces(part):
                ids.extend(self._encode_piece(piece))
        return ids

    def decode(self, ids: Iterable[int], skip_special_tokens: bool = True) -> str:
        """Return the text of token ids; bytes that are no UTF-8 become U+FFFD."""
        special = self.special_ids if skip_special_tokens else frozenset()
        return b"".join(self._bytes[i] for i in ids if i not in special).decode("utf-8", "replace")

    def _pieces(self, text: str) -> Iterator[str]:
        """Split as the pre-tokenizers do: no merge crosses a piece's end."""
        for part in [text] if self._digits is None else _split_digits(text, self._digits):
            spaced = f" {part}" if self._prefix_space and part and part[0] != " " else part
            if self._use_regex:
                yield from _split_words(spaced)
            elif spaced:
                yield spaced

    def _encode_piece(self, piece: str) -> list[int]:
        cached = self._cache.get(piece)
        if cached is not None:
            return cached
        ids = self._merge([self._byte_ids[byte] for byte in piece.encode()])
        if len(piece) <= _LONGEST_CACHED and len(self._cache) < _CACHED_PIECES:
            self._cache[piece] = ids
        return ids

    def _merge(self, ids: list[int]) -> list[int]:
        """Apply the lowest-ranked merge, leftmost first, until none is left. A heap keeps long words fast."""
        count, merges = len(ids), self._merges
        following, previous = [*range(1, count), -1], list(range(-1, count - 1))
        heap: list[tuple[int, int, int, int]] = []

        def offer(left: int) -> None:
            right = following[left]
            if right >= 0:
                found = merges.get((ids[left], ids[right]))
                if found:
                    heapq.heappush(heap, (found[0], left, ids[left], ids[right]))

        for index in range(count - 1):
            offer(index)
        while heap:
            _, left, a, b = heapq.heappop(heap)
            right = following[left]
            if ids[left] != a or right < 0 or ids[right] != b:
                continue  # one of the two has been merged away since
            ids[left] = merges[a, b][1]
            ids[right] = -1
            following[left] = following[right]
            if following[right] >= 0:
                previous[following[right]] = left
            offer(left)
            if previous[left] >= 0:
                offer(previous[left])
        return [index for index in ids if index >= 0]


class StreamDecoder:
    """Token ids to text, one by one, never splitting a character."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Start a new text."""
        self._tokenizer, self._special = tokenizer, tokenizer.special_ids
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def push(self, token_id: int) -> str:
        """Return the text that this token completes; often a word, sometimes nothing yet."""
        return "" if token_id in self._special else self._decoder.decode(self._tokenizer.token_bytes(token_id))

    def flush(self) -> str:
        """Return what is left of an unfinished character (U+FFFD), or nothing."""
        return self._decoder.decode(b"", final=True)


def _unsupported(what: str) -> ModelError:
    return ModelError("tokenizer-unsupported", f"Tokenizers with {what} are not supported.")


@lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    """Return "L" letter, "N" number, "S" white space, or "P" anything else."""
    if char in _SPACES:
        return "S"
    category = unicodedata.category(char)[0]
    return category if category in "LN" else "P"


def _split_digits(text: str, individual: bool) -> Iterator[str]:
    """Numbers apart from the rest: each by itself, or runs of them."""
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text):
            before, after = _kind(text[end - 1]) == "N", _kind(text[end]) == "N"
            if before == after and not (individual and before):
                continue
        yield text[start:end]
        start = end


def _split_words(text: str) -> Iterator[str]:
    r"""GPT-2's pattern: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ ."""
    at, size = 0, len(text)
    while at < size:
        if text[at] == "'":
            contraction = next((c for c in _CONTRACTIONS if text.startswith(c, at)), None)
            if contraction:
                yield contraction
                at += len(contraction)
                continue
        start = at
        if text[at] == " " and at + 1 < size and _kind(text[at + 1]) != "S":
            at += 1
        kind = _kind(text[at])
        while at < size and _kind(text[at]) == kind:
            at += 1
        if kind == "S" and at < size and at - start > 1:
            at -= 1  # the last space belongs to the word behind it
        yield text[start:at]
