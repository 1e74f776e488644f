"""What the page says, language by language: all say the same things, rightly formed, and nothing that nobody says."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

import pytest
from test_errors import PAGE, fields, web_table

from support.node_tools import LEAST_NODE, ensure_node_programs

Sentence = str | Mapping[str, str]
"""A sentence, or one for each plural category."""
Table = Mapping[str, Sentence]

WEB = Path(__file__).resolve().parents[2] / "web"
CODES = ("en", "es", "fr", "de", "ja", "zh")
READ = """
const { readFileSync } = require("node:fs");
const moduleOf = (path) => import(`data:text/javascript;base64,${readFileSync(path).toString("base64")}`);
const tableOf = async (path) => (await moduleOf(`${process.argv[1]}/i18n/${path}.js`)).default;
const read = async (code) => ({
  table: { ...(await tableOf(code)), ...(await tableOf(`dialogs/${code}`)) },
  both: Object.keys(await tableOf(code)).filter(Object.hasOwn.bind(null, await tableOf(`dialogs/${code}`))),
  first: Object.keys(await tableOf(code)),
  categories: new Intl.PluralRules(code).resolvedOptions().pluralCategories,
});
const codes = process.argv.slice(2);
Promise.all(codes.map(read)).then((all) => {
  console.log(JSON.stringify(Object.fromEntries(codes.map((code, at) => [code, all[at]]))));
});
"""

SAME_AS_ENGLISH = {
    "*": {"title", "image.size", "progress.python", "stats.simd", "status.simd128"},
    "es": {"image.refused", "progress.kernels", "stats.no", "status.threads-because"},
    "fr": {"chat.log", "history.open", "image.region", "progress.kernels", "published.documents", "stats.threads"}
    | {"status.threads-because"},
    "de": {"image.refused", "progress.kernels", "stats.backend", "stats.threads", "status.threads-because"},
    "ja": {"image.refused"},
    "zh": set(),
}
"""Words that a language shares with English, and patterns without words."""

_LEFT_OUT = """
choices-and-schema token-ids-invalid target-not-empty wasmtime-missing model-closed other-process stream-replaced
chat-message-invalid image-not-kept image-of-another-model image-not-found image-file-unreadable image-bad-value
image-bad-array image-array-ambiguous image-array-range image-array-unreadable image-address image-data-url
image-file-not-bytes video-unsupported video-empty reading-invalid bad-sampling sampling-not-positive
sampling-not-a-count seed-invalid stop-invalid sampling-unknown sampling-misnamed bad-choices
bad-schema schema-keyword-invalid schema-type-unknown
schema-required-unknown schema-bounds-wrong schema-name-invalid schema-value-invalid schema-too-deep
schema-unsupported schema-pattern-unsupported schema-format-unsupported schema-ref-unsupported
schema-one-of-overlaps schema-too-many-options schema-impossible json-unwritable quantized-already path-not-found
path-not-found-near folder-not-a-model file-unreadable reader-missing redirect-insecure redirect-endless no-network
no-answer download-short not-cached cache-used cache-not-writable disk-full target-disk-full target-not-writable
kernels-missing
"""
OF_PYTHON_ALONE = frozenset(_LEFT_OUT.split())
"""Codes that no one sees on the page: of paths, arrays and the cache, of options that the page does not offer (schemas,
sampling), of Python's own network. Programs that call tinyvlm.js get their English sentences."""

EXPANDED: dict[str, Set[str]] = {
    "answer.*": {"decoding", "encoding", "waiting-for-reader", "reading", "answering"},
    "image.*": {"waiting", "looking", "seen"},
    "looked.*": {"unsure", "named", "unserved", "read"},
    "progress.*": {"python", "kernels", "package", "model"},
    "published.*": {"documents", "text", "charts", "diagrams", "knowledge"},
    "reading.*": {"idle", "waiting", "reading", "failed"},
    "status.*": {"relaxed", "simd128"},
    "status.reader-*": {"loading", "ready"},
    "storage.*": {"load", "delete"},
    "storage.*-label": {"load", "delete"},
    "threads.*": {"not-isolated", "as-asked", "one-a-core", "not-started"},
}
"""Keys that the page makes of a part and a name: which names there are."""


@pytest.fixture(scope="module")
def languages() -> dict[str, dict[str, Any]]:
    """Each language's `table`, and the plural `categories` that it has."""
    node = ensure_node_programs(LEAST_NODE) / "node"
    command = [str(node), "--eval", READ, str(WEB), *CODES]
    read: dict[str, dict[str, Any]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return read


def mistakes(english: Table, table: Table, categories: Set[str], same: Set[str] = frozenset()) -> list[str]:
    """Return what is wrong with a language's table beside the English one; errors' sentences are another matter."""
    said = {key: sentence for key, sentence in table.items() if not key.startswith("error.")}
    found = [f"{key}: missing" for key in english.keys() - said.keys()]
    found += [f"{key}: unknown" for key in said.keys() - english.keys()]
    for key in english.keys() & said.keys():
        found += [f"{key}: {what}" for what in _mistakes_in(english[key], said[key], categories)]
        if (said[key] == english[key]) != (key in same):
            found.append(
                f"{key}: {'as in English, and not' if key not in same else 'not as in English, but'} in the list"
            )
    return sorted(found)


def _mistakes_in(english: Sentence, said: Sentence, categories: Set[str]) -> Iterator[str]:
    if isinstance(english, str) != isinstance(said, str):
        yield "a sentence in one, plurals in the other"
        return
    if not isinstance(said, str) and said.keys() != categories:
        yield f"plurals of {sorted(said)}, not of {sorted(categories)}"
    expected = _names(english if isinstance(english, str) else english["other"])
    for sentence in [said] if isinstance(said, str) else said.values():
        yield from _malformed(sentence, expected)


def _malformed(sentence: str, expected: Set[str]) -> Iterator[str]:
    if not sentence.strip() or sentence != sentence.strip() or "  " in sentence:
        yield "empty, or with spaces too many"
    if _names(sentence) != expected:
        yield f"{sorted(_names(sentence))} in braces, not {sorted(expected)}"


def _names(sentence: str) -> set[str]:
    return set(re.findall(r"\{\w*\}?|\}", sentence))


def _code_texts() -> str:
    scripts = [path for path in WEB.rglob("*.js") if WEB / "i18n" not in path.parents]
    return "\n".join(path.read_text(encoding="utf-8") for path in [*scripts, WEB / "index.html"])


def _questions() -> set[str]:
    samples = json.loads((WEB / "samples/samples.json").read_text(encoding="utf-8"))
    own = json.loads((WEB / "models/tinyvlm-13m/config.json").read_text(encoding="utf-8"))["card"]["suggestions"]
    others = (WEB / "ui/ask/suggestions.js").read_text(encoding="utf-8")
    lists = re.findall(r"^const ABOUT_\w+ = (\[.*?\]);", others, re.M | re.S)
    assert len(lists) == 2
    return {
        *own,
        *(q for sample in samples for q in sample["questions"]),
        *(q for row in lists for q in json.loads(row)),
    }


def _expanded() -> dict[str, Set[str]]:
    samples = json.loads((WEB / "samples/samples.json").read_text(encoding="utf-8"))
    protocol = (WEB / "engine/shared/protocol.js").read_text(encoding="utf-8")
    figures = set(re.findall(r"@property \{[^}]*\} (\w+)", protocol))
    return {
        **EXPANDED,
        "ask.*": _questions(),
        "samples.*": {sample["file"].removesuffix(".png") for sample in samples},
        "stats.*": figures & {key.removeprefix("stats.") for key in _english_keys() if key.startswith("stats.")},
    }


def _english_keys() -> set[str]:
    text = "".join((WEB / "i18n" / name).read_text(encoding="utf-8") for name in ("en.js", "dialogs/en.js"))
    return set(re.findall(r'^  "?([a-z][^"\s][^"]*?)"?:', text, re.M))


def test_every_language_has_two_files_and_a_row() -> None:
    assert {path.stem for path in WEB.glob("i18n/*.js")} == {*CODES, "strings"}
    assert {path.stem for path in WEB.glob("i18n/dialogs/*.js")} == set(CODES)
    rows = (WEB / "i18n/strings.js").read_text(encoding="utf-8")
    files = r'load: .*?"\./(\w+)\.js"\),\s+loadDialogs: .*?"\./dialogs/(\w+)\.js"'
    row = rf'^  (\w+): \{{\s+name: ".+?",\s+tag: "\1[^}}]*?{files}'
    assert re.findall(row, rows, re.M) == [(code, code, code) for code in CODES]


@pytest.mark.parametrize("code", CODES)
def test_a_sentence_is_in_the_file_where_english_has_it(languages: dict[str, dict[str, Any]], code: str) -> None:
    assert languages[code]["both"] == []
    first = {key for key in languages[code]["first"] if not key.startswith("error.")}
    assert first == set(languages["en"]["first"])


@pytest.mark.parametrize("code", CODES[1:])
def test_a_language_says_what_english_says(languages: dict[str, dict[str, Any]], code: str) -> None:
    english, other = languages["en"]["table"], languages[code]
    assert len(english) > 200
    same = SAME_AS_ENGLISH["*"] | SAME_AS_ENGLISH[code]
    assert mistakes(english, other["table"], set(other["categories"]), same) == []


def test_english_is_rightly_formed(languages: dict[str, dict[str, Any]]) -> None:
    table, categories = languages["en"]["table"], set(languages["en"]["categories"])
    assert mistakes(table, table, categories, table.keys()) == []
    assert [key for key in table if key.startswith("error.")] == [], "they are in engine/shared/error_table.js"
    assert {key: said for key, said in table.items() if key.startswith("ask.") and key != f"ask.{said}"} == {}


@pytest.mark.parametrize("code", CODES[1:])
def test_a_language_has_a_sentence_for_what_can_go_wrong(languages: dict[str, dict[str, Any]], code: str) -> None:
    page = web_table()
    table = languages[code]["table"]
    said = {key.removeprefix("error."): sentence for key, sentence in table.items() if key.startswith("error.")}
    assert page.keys() - said.keys() == OF_PYTHON_ALONE
    assert said.keys() - page.keys() == set()
    braces = {name: {f"{{{field}}}" for field in fields(page[name])} for name in said}
    wrong = [(name, what) for name, sentence in said.items() for what in _malformed(sentence, braces[name])]
    wrong += [(name, "as in English") for name, sentence in said.items() if sentence == page[name]]
    wrong += [(name, "does not end") for name, sentence in said.items() if not re.search(r"[.。]$", sentence)]
    assert wrong == []


def test_what_is_left_out_is_raised_by_python_alone() -> None:
    """But for the options of tinyvlm.js, of which the page offers none."""
    assert OF_PYTHON_ALONE & {site.code for site in PAGE} == {"sampling-unknown"}


def test_the_page_says_what_there_is_and_all_of_it(languages: dict[str, dict[str, Any]]) -> None:
    text, expanded, english = _code_texts(), _expanded(), languages["en"]["table"]
    templates = {f"{head}*{tail}" for head, tail in re.findall(r"`([a-z]+\.[\w-]*)\$\{.+?\}([\w-]*)`", text)}
    assert templates - {"error.*"} == expanded.keys()
    made = {pattern.replace("*", name) for pattern, names in expanded.items() for name in names}
    assert made - english.keys() == set()
    named = {key for key in english if f'"{key}"' in text}
    assert english.keys() - made - named == set(), "said by nobody"


def test_mistakes_are_found() -> None:
    english: Table = {
        "send": "Send",
        "size": "{width} × {height}",
        "files": {"one": "{count} file", "other": "{count} files"},
    }
    german = {
        "send": "Senden",
        "size": "{height} auf {width}",
        "files": {"one": "{count} Datei", "other": "{count} Dateien"},
    }
    both = {"one", "other"}
    assert mistakes(english, german, both) == []
    assert mistakes(english, {**german, "error.x": "{y}"}, both) == []
    assert mistakes(english, {"send": "Send", "size": " ", "stop": "Halt", "files": "{count}"}, both) == [
        "files: a sentence in one, plurals in the other",
        "send: as in English, and not in the list",
        "size: [] in braces, not ['{height}', '{width}']",
        "size: empty, or with spaces too many",
        "stop: unknown",
    ]
    assert mistakes(english, {**german, "size": "{Breite} × {height"}, both, {"send"}) == [
        "send: not as in English, but in the list",
        "size: ['{Breite}', '{height'] in braces, not ['{height}', '{width}']",
    ]
    assert mistakes(english, german, {"other"}) == ["files: plurals of ['one', 'other'], not of ['other']"]
    assert mistakes(english, {"send": "Senden", "size": german["size"]}, both) == ["files: missing"]
