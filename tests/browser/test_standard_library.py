"""The page loads what it uses of Python's standard library; the rest comes when something of it is imported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route

from fixtures.shapes import shape_image
from python_console import CLOSE, CONSOLE, OPEN, run
from test_answers import ASK, KEEP, png
from website.site_files import SiteFiles
from website.site_server import SiteServer
from website.standard_library import SMALL, WHOLE

SCHEMA = {"type": "object", "properties": {"color": {"enum": ["red", "blue"]}}, "required": ["color"]}
ASK_SCHEMA = "(schema) => window.tinyvlm.ask(window.kept, 'Describe it.', { schema })"
READ = "async () => { await window.tinyvlm.canRead; return (await window.tinyvlm.read(window.kept)).lines.length; }"
MISSPELT = "() => window.tinyvlm.ask(null, 'Hello?', { temprature: 1 }).catch(({ code }) => code)"

IMPORT_REST = """
import json, sys
before = [type(finder).__name__ for finder in sys.meta_path]
import email.message, encodings.koi8_r, xml.etree.ElementTree as trees
import inspect, textwrap
json.dumps({
    "mail": email.message.EmailMessage().get_content_type(),
    "letter": b"\\xc1".decode("koi8-r"),
    "tag": trees.fromstring("<a/>").tag,
    "source": inspect.getsource(textwrap.dedent).startswith("def dedent"),
    "asked": before[-1],
    "asked_now": [type(finder).__name__ for finder in sys.meta_path].count(before[-1]),
})
"""
IMPORTED = {
    "mail": "text/plain",
    "letter": "\u0430",
    "tag": "a",
    "source": True,
    "asked": "_RestOfLibrary",
    "asked_now": 0,
}
RENDER = """
from tinyvlm.text.chat_template import compile_template
render = compile_template("{{ strftime_now('%Y') | length }}{% for m in messages %}{{ m | tojson }}{% endfor %}")
render(messages=[{"a": "b"}])
"""
NOWHERE = """
import importlib.util, codecs
found = [importlib.util.find_spec(name) for name in ("numpy", "no_such_module", "json.no_such_module")]
try:
    codecs.lookup("no-such-encoding")
except LookupError:
    found.append(None)
str(found)
"""
TRACEBACK = """
import json, traceback
try:
    json.loads("{")
except ValueError:
    text = traceback.format_exc()
text
"""


@pytest.fixture
def fetched(page: Page) -> list[str]:
    """The names of all that is asked for from now on, by the page's workers as well."""
    names: list[str] = []
    page.on("request", lambda request: names.append(request.url.split("/")[-1]))
    return names


@pytest.fixture(scope="module")
def console_url(site_files: SiteFiles) -> Iterator[str]:
    """The site with that worker, on a page of its own."""
    extra = {"console.js": CONSOLE.encode(), "console.html": b"<!doctype html><link rel=icon href=icon.svg>"}
    server = SiteServer({**site_files, **extra}).start()
    yield f"{server.url}console.html"
    server.close()


def test_the_page_never_needs_the_rest(page: Page, site_url: str, fetched: list[str]) -> None:
    """To answer, to fill in a schema, to read, to refuse an option."""
    page.goto(site_url)
    page.evaluate(KEEP, [png(shape_image())])
    assert page.evaluate(ASK, [png(shape_image()), "image/png", "What color is the shape?"]) == "red"
    assert set(json.loads(page.evaluate(ASK_SCHEMA, SCHEMA))) == {"color"}
    assert page.evaluate(READ) == 0
    assert page.evaluate(MISSPELT) == "sampling-misnamed"
    assert fetched.count(SMALL) == 1
    assert WHOLE not in fetched


def test_what_is_nowhere_is_not_looked_for(page: Page, console_url: str, fetched: list[str]) -> None:
    """Nor is anything fetched for a chat template, or to tell of an error."""
    page.goto(console_url)
    page.evaluate(OPEN)
    assert run(page, RENDER)[1] == '4{"a": "b"}'
    assert run(page, NOWHERE)[1] == "[None, None, None, None]"
    text = run(page, TRACEBACK)[1]
    assert 'File "/lib/python312.zip/json/decoder.py", line' in text
    assert "JSONDecodeError: Expecting property name" in text
    assert WHOLE not in fetched


def test_the_rest_comes_with_the_first_import(page: Page, console_url: str, fetched: list[str]) -> None:
    """Whole, once, also where Python comes out of a snapshot."""
    page.goto(console_url)
    for visit in range(2):
        page.evaluate(OPEN)
        restored, value = run(page, IMPORT_REST)
        assert json.loads(value) == IMPORTED
        assert run(page, "import wsgiref, sqlite3")[1].count("No module named 'sqlite3'") == 1
        assert restored == (visit == 1)
        assert fetched.count(WHOLE) == visit + 1
        page.evaluate(CLOSE)


@pytest.mark.allow_console_errors
def test_a_rest_that_cannot_be_had_is_an_import_error(page: Page, console_url: str) -> None:
    """And can be had later."""
    page.goto(console_url)
    page.evaluate(OPEN)
    answers: list[Callable[[Route], None]] = [lambda route: route.fulfill(status=404)]
    page.route(f"**/{WHOLE}", lambda route: answers[-1](route))  # one for all: a change of routes reaches workers late
    assert "ImportError: email is in the part of the standard library that" in run(page, "import email")[1]
    assert run(page, "try:\n  import email\nexcept ImportError as e:\n  n = e.name\nn")[1] == "email"

    def of_another_version(route: Route) -> None:
        reply = route.fetch()
        route.fulfill(response=reply, body=reply.body() + b" ")

    answers.append(of_another_version)
    assert "the standard library of another version" in run(page, "import email")[1]
    answers.append(lambda route: route.continue_())
    assert run(page, "import email\nemail.__name__")[1] == "email"
