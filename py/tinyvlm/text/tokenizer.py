"""Byte-level BPE from a `tokenizer.json`, in the standard library alone (Sennrich et al. 2016; GPT-2's byte alphabet).

Equal, id for id, to the `tokenizers` package for the parts it supports; a test compares them.
"""

from __future__ import annotations

import codecs
import heapq
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from ..errors import ModelError
from .splits import AddedTokens, split_digits, split_words

_CACHED_PIECES = 20_000
_LONGEST_CACHED = 64
_GONE = -1  # in place of an id
_MAX_ID = 10_000_000  # a table is made of all ids: one absurd id must not take the memory


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
            raise ModelError("tokenizer-invalid", reason=repr(error)) from error
        self._cache: dict[str, list[int]] = {}

    @classmethod
    def from_json(cls, definition: str | Mapping[str, Any]) -> Tokenizer:
        """Return the tokenizer of a tokenizer.json, as text or parsed."""
        if isinstance(definition, str):
            try:
                definition = json.loads(definition)
            except (ValueError, RecursionError) as error:
                raise ModelError("json-invalid", file="tokenizer.json") from error
        if not isinstance(definition, Mapping):
            raise ModelError("json-invalid", file="tokenizer.json")
        return cls(definition)

    def _read(self, definition: Mapping[str, Any]) -> None:
        model = definition["model"]
        if model.get("type", "BPE") != "BPE":
            raise _unsupported("model.type")
        if definition.get("normalizer"):
            raise _unsupported("normalizer")
        for option in ("continuing_subword_prefix", "end_of_word_suffix", "dropout", "byte_fallback"):
            if model.get(option):
                raise _unsupported(f"model.{option}")
        unknown = model.get("unk_token")
        if unknown is not None and model.get("fuse_unk"):
            raise _unsupported("model.fuse_unk")
        if (definition.get("decoder") or {}).get("type", "ByteLevel") != "ByteLevel":
            raise _unsupported("decoder")
        added_tokens = definition.get("added_tokens") or ()
        if any(token.get("single_word") for token in added_tokens):
            raise _unsupported("added_tokens.single_word")
        vocabulary: dict[str, int] = model["vocab"]
        added = {token["content"]: token["id"] for token in added_tokens}
        if not all(type(index) is int and 0 <= index < _MAX_ID for index in (*vocabulary.values(), *added.values())):
            raise ValueError("ids must be whole numbers of a sane size")
        if "" in added:
            raise ValueError("an added token without text")
        self._added = AddedTokens(added_tokens)
        self._specials = {token["content"]: token["id"] for token in added_tokens if token.get("special")}
        self._ids = {**vocabulary, **added}
        self._read_bytes(vocabulary, added)
        # Published vocabularies lack bytes that their training text lacked: these are dropped, or "unknown".
        missing = _GONE if unknown is None else vocabulary[unknown]
        self._byte_ids = [vocabulary.get(char, missing) for char in byte_alphabet()]
        self._whole_pieces = vocabulary if model.get("ignore_merges") else {}
        merges = [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in model["merges"]]
        # (left id, right id) -> (rank, merged id)
        self._merges = {(vocabulary[a], vocabulary[b]): (rank, vocabulary[a + b]) for rank, (a, b) in enumerate(merges)}
        self._digits: bool | None = None
        self._use_regex = self._prefix_space = False
        self._read_pre_tokenizer(definition["pre_tokenizer"])

    def _read_bytes(self, vocabulary: Mapping[str, int], added: Mapping[str, int]) -> None:
        byte_of = {char: byte for byte, char in enumerate(byte_alphabet())}
        self._bytes = [b""] * (max([*vocabulary.values(), *added.values()]) + 1)
        for token, index in vocabulary.items():
            try:
                self._bytes[index] = bytes(byte_of[char] for char in token)
            except KeyError:  # not made of the alphabet: it stands for itself
                self._bytes[index] = _stored_bytes(token)
        for token, index in added.items():
            self._bytes[index] = _stored_bytes(token)

    def _read_pre_tokenizer(self, kind: Mapping[str, Any]) -> None:
        steps = kind["pretokenizers"] if kind["type"] == "Sequence" else [kind]
        if not steps or steps[-1]["type"] != "ByteLevel" or any(s["type"] != "Digits" for s in steps[:-1]):
            raise _unsupported("pre_tokenizer")
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
        """Return the bytes that a token stands for: none for ids behind the vocabulary, which models may have."""
        return self._bytes[token_id] if token_id < len(self._bytes) else b""

    def encode(self, text: str) -> list[int]:
        """Return the token ids of `text`; special tokens written out in it are recognised."""
        ids: list[int] = []
        for part, added in self._added.split(clean(text)):
            if added is not None:
                ids.append(added)
                continue
            for piece in self._pieces(part):
                ids.extend(self._encode_piece(piece))
        return ids

    def decode(self, ids: Iterable[int], skip_special_tokens: bool = True) -> str:
        """Return the text of token ids; bytes that are no UTF-8 become U+FFFD."""
        special = self.special_ids if skip_special_tokens else frozenset()
        return b"".join(self.token_bytes(i) for i in ids if i not in special).decode("utf-8", "replace")

    def _pieces(self, text: str) -> Iterator[str]:
        """Split as the pre-tokenizers do: no merge crosses a piece's end."""
        for part in [text] if self._digits is None else split_digits(text, self._digits):
            spaced = f" {part}" if self._prefix_space and part and part[0] != " " else part
            if self._use_regex:
                yield from split_words(spaced)
            elif spaced:
                yield spaced

    def _encode_piece(self, piece: str) -> list[int]:
        cached = self._cache.get(piece)
        if cached is not None:
            return cached
        ids = self._merge([index for byte in piece.encode() if (index := self._byte_ids[byte]) != _GONE])
        if self._whole_pieces:
            whole = self._whole_pieces.get("".join(byte_alphabet()[byte] for byte in piece.encode()))
            ids = ids if whole is None else [whole]
        if len(piece) <= _LONGEST_CACHED and len(self._cache) < _CACHED_PIECES:
            self._cache[piece] = ids
        return ids

    def _merge(self, ids: list[int]) -> list[int]:
        """Apply the lowest-ranked merge, leftmost first, until none is left. A heap keeps long words fast."""
        count = len(ids)
        merges = self._merges
        following = [*range(1, count), -1]
        previous = list(range(-1, count - 1))
        pairs = (merges.get(pair) for pair in pairwise(ids))
        # One number for each pair: its merge's rank, then where its left half is.
        heap = [found[0] * count + left for left, found in enumerate(pairs) if found]
        heapq.heapify(heap)
        while heap:
            rank, left = divmod(heapq.heappop(heap), count)
            right = following[left]
            found = merges.get((ids[left], ids[right])) if right >= 0 else None
            if not found or found[0] != rank:
                continue  # one of the two has been merged away since
            ids[left] = found[1]
            ids[right] = _GONE
            following[left] = following[right]
            if following[right] >= 0:
                previous[following[right]] = left
            for start in (left, previous[left]):
                end = following[start] if start >= 0 else -1
                found = merges.get((ids[start], ids[end])) if end >= 0 else None
                if found:
                    heapq.heappush(heap, found[0] * count + start)
        return [index for index in ids if index != _GONE]


class StreamDecoder:
    """Token ids to text, one by one, never splitting a character."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Start a new text."""
        self._tokenizer = tokenizer
        self._special = tokenizer.special_ids
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def push(self, token_id: int) -> str:
        """Return the text that this token completes; often a word, sometimes nothing yet."""
        return "" if token_id in self._special else self._decoder.decode(self._tokenizer.token_bytes(token_id))

    def flush(self) -> str:
        """Return what is left of an unfinished character (U+FFFD), or nothing."""
        return self._decoder.decode(b"", final=True)


def _stored_bytes(token: str) -> bytes:
    """Return a token's bytes as its file has them; some that are no UTF-8 were read as surrogates (weights/gguf.py)."""
    try:
        return token.encode(errors="surrogateescape")
    except UnicodeEncodeError:  # a JSON file can spell other surrogates too
        return token.encode(errors="replace")


def _unsupported(field: str) -> ModelError:
    return ModelError("tokenizer-unsupported", field=field)
