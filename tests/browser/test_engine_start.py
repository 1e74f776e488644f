"""An engine that cannot start says what is missing: a file, a header, or a rule of the page around it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from scripted_page import WEB
from website.site_server import CONTENT_SECURITY_POLICY, HEADERS, ISOLATION

POLICY = "Content-Security-Policy"
ELSEWHERE = "http://elsewhere.test"
REFUSE_WORKERS = """() => {
  let tries = 0;
  window.Worker = class {
    constructor() {
      throw tries++ ? LATER : FIRST;
    }
  };
}"""
EMBED = """async ([module, options]) => {
  const { TinyVLM } = await import(module);
  try {
    window.embedded = new TinyVLM(options);
    return (await window.embedded.ready).id;
  } catch ({ code, message, details }) {
    return { code, message, details };
  }
}"""


def missing(route: Route) -> None:
    route.fulfill(status=404, body="")


def spa(route: Route) -> None:
    """As hosts of single-page applications answer for what they do not have."""
    page = "<!doctype html><title>An application</title>"
    route.fulfill(body=page, headers={**HEADERS, **ISOLATION, "Content-Type": "text/html; charset=utf-8"})


def without_headers(route: Route) -> None:
    """As a host does that sends its headers with pages alone, or once the service worker is gone."""
    reply = route.fetch()
    route.fulfill(body=reply.body(), headers={"Content-Type": reply.headers["content-type"]})


def as_text(route: Route) -> None:
    reply = route.fetch()
    route.fulfill(body=reply.body(), headers={**reply.headers, "content-type": "text/plain"})


def half(route: Route) -> None:
    reply = route.fetch()
    route.fulfill(response=reply, body=reply.body()[:300])


FAULTS = {
    "no module of the lead": ("engine/lead/stream.js", missing, "engine/lead/stream.js could not be downloaded"),
    "no header": ("engine/lead/worker.js", without_headers, "worker.js came without the header Cross-Origin-Embedder"),
    "no header for downloads": (
        "engine/download/worker.js",
        without_headers,
        "without the header Cross-Origin-Embedder",
    ),
    "a page for a worker": ("engine/lead/worker.js", spa, "sent text/html in place of the page's worker.js"),
    "a page for a module": ("engine/lead/stream.js", spa, "sent text/html in place of the page's stream.js"),
    "a text for a module": ("engine/lead/kernels.js", as_text, "sent text/plain in place of the page's kernels.js"),
    "a page for the list": ("site.json", spa, "sent text/html in place of the page's site.json"),
    "half a list": ("site.json", half, "sent application/json in place of the page's site.json"),
    "a page for the kernels": ("kernels/relaxed.wasm", spa, "sent text/html in place of the page's relaxed.wasm"),
    "a page for Python": ("pyodide/pyodide.asm.wasm", spa, "sent text/html in place of the page's pyodide.asm.wasm"),
    "a page for the package": (
        "python/tinyvlm.zip.zlib",
        spa,
        "sent text/html in place of the page's tinyvlm.zip.zlib",
    ),
}


@pytest.mark.allow_console_errors
@pytest.mark.parametrize("name", FAULTS)
def test_what_keeps_the_engine_from_starting_is_named(page: Page, site_url: str, name: str) -> None:
    """At once, and without further tries: those would end alike."""
    path, answer, sentence = FAULTS[name]
    page.route(f"**/{path}", answer)
    page.goto(site_url)
    expect(page.locator("#progress")).to_contain_text(sentence, timeout=120_000)
    assert page.locator("#notices").text_content() == ""


def test_every_worker_is_written_as_bundlers_read_it() -> None:
    """One whose address is computed would be left out of the bundle; only what Trusted Types need is."""
    written = re.compile(r'new Worker\(new URL\("\.[\w./]+\.js", import\.meta\.url\), \{ type: "module" \}\)')
    for path in WEB.glob("engine/**/*.js"):
        code = re.sub(r"(?m)^\s*(\*|//|/\*\*).*$", "", path.read_text(encoding="utf-8"))
        trusted = code.count("new Worker(trusted.createScriptURL(href), MODULE)")
        assert code.count("new Worker(") == len(written.findall(code)) + trusted, path.name


@pytest.fixture
def embed(page: Page, site_url: str) -> Page:
    """A page of somebody else's on the same server."""
    return embedding_page(page, site_url, {})


def embedding_page(page: Page, site_url: str, headers: dict[str, str]) -> Page:
    """Open an empty page with these headers, and an icon so that none is asked for."""
    body = "<!doctype html><link rel=icon href=icon.svg>"
    page.route("**/embed.html", lambda route: route.fulfill(body=body, content_type="text/html", headers=headers))
    page.goto(f"{site_url}embed.html")
    return page


def test_a_module_of_another_server_is_refused_in_a_sentence(embed: Page) -> None:
    def serve(route: Route) -> None:
        path = WEB / route.request.url.removeprefix(f"{ELSEWHERE}/")
        headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "text/javascript"}
        route.fulfill(body=path.read_text(encoding="utf-8"), headers=headers)

    embed.route(f"{ELSEWHERE}/**", serve)
    refused = embed.evaluate(EMBED, [f"{ELSEWHERE}/tinyvlm.js", {}])
    assert (refused["code"], refused["details"]) == ("engine-elsewhere", {"origin": ELSEWHERE})


def test_a_base_that_is_no_address_is_refused_in_a_sentence(embed: Page) -> None:
    refused = embed.evaluate(EMBED, ["./tinyvlm.js", {"baseURL": "https://[bad"}])
    assert (refused["code"], refused["details"]) == ("url-invalid", {"url": "https://[bad"})


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ('new DOMException("No.", "SecurityError")', 'new DOMException("No.", "SecurityError")'),
        ('new TypeError("Say it otherwise.")', 'new DOMException("No.", "SecurityError")'),
    ],
    ids=["at once", "with trusted types"],
)
def test_a_browser_that_starts_no_worker_is_quoted(embed: Page, first: str, later: str) -> None:
    embed.evaluate(REFUSE_WORKERS.replace("FIRST", first).replace("LATER", later))
    refused = embed.evaluate(EMBED, ["./tinyvlm.js", {}])
    assert (refused["code"], refused["details"]) == ("worker-refused", {"reason": "SecurityError: No."})


@pytest.mark.allow_console_errors
@pytest.mark.parametrize(
    ("policy", "directive"),
    [
        ("worker-src 'none'", "worker-src 'self'"),
        ("require-trusted-types-for 'script'; trusted-types other", "trusted-types tinyvlm"),
    ],
)
def test_a_policy_that_lets_no_worker_start_is_named(page: Page, site_url: str, policy: str, directive: str) -> None:
    refused = embedding_page(page, site_url, {POLICY: policy}).evaluate(EMBED, ["./tinyvlm.js", {}])
    assert (refused["code"], refused["details"]) == ("policy-too-strict", {"directive": directive})


@pytest.mark.allow_console_errors
def test_it_runs_where_trusted_types_are_required(page: Page, site_url: str) -> None:
    """In pages as in workers, which come with the policy as well."""
    policy = f"{CONTENT_SECURITY_POLICY}; require-trusted-types-for 'script'; trusted-types tinyvlm"

    def strict(route: Route) -> None:
        reply = route.fetch()
        route.fulfill(response=reply, headers={**reply.headers, "content-security-policy": policy})

    page.route("**/*.js", strict)
    embedding = embedding_page(page, site_url, {POLICY: policy, **ISOLATION})
    assert embedding.evaluate(EMBED, ["./tinyvlm.js", {"threads": 2}]) == "tinyvlm-13m"
    assert embedding.evaluate("() => window.embedded.stats().then(({ threads }) => threads)") == 2
