"""The built site on a plain host, under a sub-path: threads, no network, new versions, damage."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Page, expect

from fixtures.shapes import shape_image
from python_console import CONSOLE, OPEN, run
from static_host import StaticHost
from support.environment import ROOT
from test_answers import ASK, png
from website.site_files import PythonFiles, SiteFiles, list_site
from website.site_server import HEADERS
from website.standard_library import WHOLE

# Which version the page gets, and which of the files that it names are not that version's.
SERVED = """async () => {
  const { version, files } = await (await fetch("site.json")).json();
  const wrong = [];
  for (const [name, { sha256 }] of Object.entries(files)) {
    const hash = await crypto.subtle.digest("SHA-256", await (await fetch(name)).arrayBuffer());
    const hex = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== sha256) wrong.push(name);
  }
  return { version, wrong };
}"""
KEPT = """async () => {
  const names = await caches.keys();
  const requests = names.length === 1 ? await (await caches.open(names[0])).keys() : [];
  const paths = requests.map(({ url }) => url.slice(document.baseURI.length).split("?"));
  return paths.filter(([name]) => name);
}"""
# Names of kept files whose bytes are not those that their key promises.
SPOILT = """async () => {
  const cache = await caches.open((await caches.keys())[0]);
  const spoilt = [];
  for (const { url } of await cache.keys()) {
    const [, name, sha256] = url.slice(document.baseURI.length).match(/^([^?]+)[?]([0-9a-f]{64})$/) ?? [];
    if (!name) continue;
    const hash = await crypto.subtle.digest("SHA-256", await (await cache.match(url)).arrayBuffer());
    const hex = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== sha256) spoilt.push(name);
  }
  return spoilt;
}"""
DAMAGE = """async (name) => {
  const cache = await caches.open((await caches.keys())[0]);
  const [request] = await cache.keys(name, { ignoreSearch: true });
  const text = await (await cache.match(request)).text();
  await cache.put(request, new Response(`${text} `, { headers: { "Content-Type": "text/javascript" } }));
}"""
DAMAGE_NEXT = """async () => {
  const cache = await caches.open((await caches.keys())[0]);
  const next = await (await cache.match(`${document.baseURI}?next`)).text();
  await cache.put(`${document.baseURI}site.json?${next}`, new Response("{"));
}"""
UNTIL_KEPT = f"""async () => {{
  while (!(await ({KEPT})()).some(([name]) => name === "site.json")) await new Promise((go) => setTimeout(go, 20));
}}"""
# The page asks for it itself once its model is there, which would mend what a test damages before.
UNTIL_KEPT_ANEW = """async () => {
  await window.tinyvlm.ready;
  const { waiting, active } = await navigator.serviceWorker.ready;
  await new Promise((told) => {
    navigator.serviceWorker.addEventListener("message", told, { once: true });
    (waiting ?? active).postMessage({ type: "keep" });
  });
}"""
NEW_VERSION = "A new version"

Build = Callable[..., SiteFiles]


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Service workers run, as they do for people."""
    return {**browser_context_args, "service_workers": "allow"}


@pytest.fixture
def context(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    browser_context_args: dict[str, Any],
    tmp_path: Path,
) -> Iterator[BrowserContext]:
    """A browser with a profile on the disk, as people have."""
    options = {**browser_type_launch_args, **browser_context_args}
    context = browser_type.launch_persistent_context(tmp_path / "profile", **options)
    yield context
    context.close()


@pytest.fixture
def build(site_files: SiteFiles, tmp_path: Path) -> Build:
    """Lists the site with other texts in some of web's files: `build({"styles/base.css": "..."})`."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "web", folder / "web")
    shutil.copytree(ROOT / "py/tinyvlm/wasm", folder / "py/tinyvlm/wasm")
    shutil.copy(ROOT / "pyproject.toml", folder)
    made = {name: path for name, path in site_files.items() if name.startswith(("pyodide/", "python/"))}
    pyodide = [path for name, path in made.items() if name.startswith("pyodide/")]
    python = PythonFiles(*(path for name, path in made.items() if name.startswith("python/")))

    def build(texts: dict[str, str] | None = None, *, live: bool = False) -> SiteFiles:
        for name, text in (texts or {}).items():
            (folder / "web" / name).write_text(text)
        return list_site(pyodide, python, folder, live=live)

    return build


@pytest.fixture
def host(build: Build, tmp_path: Path) -> Iterator[StaticHost]:
    """The site, built and uploaded."""
    host = StaticHost(tmp_path / "host", build())
    yield host
    host.close()


def wait_for_threads(page: Page) -> None:
    """Wait through the reload that the first visit takes."""
    page.wait_for_function("() => window.crossOriginIsolated && window.tinyvlm")


def visit(page: Page, host: StaticHost) -> None:
    """Stay until the page is kept."""
    page.goto(host.url)
    wait_for_threads(page)
    page.evaluate(UNTIL_KEPT)


def edited(name: str) -> dict[str, str]:
    """A script of the site that says so once it runs."""
    return {name: (ROOT / "web" / name).read_text() + "globalThis.edited = true;\n"}


def wait_for_edit(page: Page) -> None:
    """Wait for a page of the new version."""
    page.wait_for_function("() => window.edited && window.crossOriginIsolated && window.tinyvlm")


def ask(page: Page) -> str:
    return str(page.evaluate(ASK, [png(shape_image()), "image/png", "What color is the shape?"]))


def test_threads_come_with_one_reload(page: Page, host: StaticHost) -> None:
    page.goto(host.url)
    wait_for_threads(page)
    assert ask(page) == "red"
    stats = page.evaluate("() => window.tinyvlm.stats()")
    assert stats["crossOriginIsolated"] is True
    assert stats["threads_reason"] == "one-a-core"
    assert host.count("") == 2


def test_the_page_s_files_are_kept_after_the_model_is_there(page: Page, host: StaticHost) -> None:
    visit(page, host)
    only_kept = f"/{host.url.split('/', 3)[3]}icons/512.png"
    asked = [path.rsplit("/", 1)[1] for path in host.requests]
    assert asked.index("model.safetensors") < host.requests.index(only_kept)
    assert page.evaluate(SERVED)["wrong"] == []


def test_after_one_visit_the_page_answers_without_a_network(page: Page, host: StaticHost) -> None:
    visit(page, host)
    host.stop()
    page.context.set_offline(True)
    page.reload()
    wait_for_threads(page)
    assert ask(page) == "red"
    for dialog in ("history", "table", "speed"):  # which nobody has opened
        page.locator(f"#{dialog}-button").click()
        expect(page.locator(f"#{dialog}-heading")).to_be_visible()
        page.locator(f"#{dialog}-close").click()


def test_all_of_the_standard_library_is_there_without_a_network(page: Page, host: StaticHost, build: Build) -> None:
    """Also what the page itself never needs."""
    host.publish(build({"console.js": CONSOLE}))
    visit(page, host)
    assert host.count(f"pyodide/{WHOLE}") == 1, "with the files that are kept"
    host.stop()
    page.context.set_offline(True)
    page.evaluate(OPEN)
    assert run(page, "import email.message\nemail.message.__file__")[1].startswith("/lib/python312.zip/email/")


def test_a_new_version_comes_whole_with_a_reload(page: Page, host: StaticHost, build: Build) -> None:
    visit(page, host)
    old = page.evaluate(SERVED)
    host.publish(build({**edited("i18n/strings.js"), **edited("engine/lead/worker.js"), "styles/base.css": "body {}"}))
    page.reload()
    expect(page.locator("#notices")).to_contain_text(NEW_VERSION)
    assert page.evaluate(SERVED) == old
    assert page.evaluate("() => fetch('styles/base.css').then((reply) => reply.text())") != "body {}"
    before = host.count("engine/lead/threads.js")
    page.get_by_role("button", name="Reload").click()
    wait_for_edit(page)
    new = page.evaluate(SERVED)
    assert new["version"] != old["version"]
    assert new["wrong"] == old["wrong"] == []
    assert page.evaluate("() => fetch('styles/base.css').then((reply) => reply.text())") == "body {}"
    assert host.count("engine/lead/threads.js") == before
    kept = page.evaluate(KEPT)
    assert len(kept) == len({name for name, _ in kept})
    assert ask(page) == "red"


def test_another_tab_keeps_the_old_version_from_being_replaced(page: Page, host: StaticHost, build: Build) -> None:
    visit(page, host)
    old = page.evaluate(SERVED)["version"]
    other = page.context.new_page()
    other.goto(host.url)
    wait_for_threads(other)
    host.publish(build(edited("i18n/strings.js")))
    page.reload()
    expect(page.locator("#notices")).to_contain_text(NEW_VERSION)
    page.reload()
    wait_for_threads(page)
    assert page.evaluate(SERVED) == other.evaluate(SERVED) == {"version": old, "wrong": []}
    other.close()
    page.reload()
    wait_for_edit(page)
    assert page.evaluate(SERVED)["wrong"] == []


@pytest.mark.allow_console_errors
def test_an_update_that_breaks_off_changes_nothing_and_is_tried_again(
    page: Page, host: StaticHost, build: Build
) -> None:
    visit(page, host)
    old = page.evaluate(SERVED)
    new = build({**edited("app.js"), **edited("i18n/strings.js")})
    host.publish(new)
    host.remove("i18n/strings.js")
    before = host.count("i18n/strings.js")
    page.reload()
    while host.count("i18n/strings.js") < before + 2:  # from the browser's cache, and around it
        page.wait_for_timeout(20)
    assert page.evaluate(SERVED) == old
    host.publish(new)
    page.reload()
    expect(page.locator("#notices")).to_contain_text(NEW_VERSION)


@pytest.mark.parametrize("name", ["i18n/strings.js", "index.html"])
def test_damage_in_the_cache_is_found_and_mended(page: Page, host: StaticHost, name: str) -> None:
    visit(page, host)
    page.evaluate(DAMAGE, name)
    assert page.evaluate(SPOILT) == [name]
    page.reload()
    wait_for_threads(page)
    assert page.evaluate(SERVED)["wrong"] == page.evaluate(SPOILT) == []


def test_a_new_version_whose_list_is_damaged_is_kept_again_before_it_is_used(
    page: Page, host: StaticHost, build: Build
) -> None:
    visit(page, host)
    old = page.evaluate(SERVED)
    host.publish(build(edited("app.js")))
    page.reload()
    expect(page.locator("#notices")).to_contain_text(NEW_VERSION)
    page.evaluate(UNTIL_KEPT_ANEW)
    page.evaluate(DAMAGE_NEXT)
    page.reload()
    wait_for_threads(page)
    assert page.evaluate(SERVED) == old
    expect(page.locator("#notices")).to_contain_text(NEW_VERSION)
    page.get_by_role("button", name="Reload").click()
    wait_for_edit(page)
    assert page.evaluate(SERVED)["wrong"] == []


def test_threads_come_back_after_a_reload_around_the_service_worker(page: Page, host: StaticHost) -> None:
    """Shift+Reload, and once more while the page still reloads itself."""
    page.goto(host.url)
    wait_for_threads(page)
    before = host.count("")
    page.evaluate("() => sessionStorage.setItem('tinyvlm-reloads-for-threads', '1')")
    page.context.new_cdp_session(page).send("Page.reload", {"ignoreCache": True})
    page.wait_for_function(
        "() => window.crossOriginIsolated && !sessionStorage.getItem('tinyvlm-reloads-for-threads') && window.tinyvlm"
    )
    assert host.count("") > before, "the first load went around the service worker, and so had no threads"


def test_a_page_that_never_gets_threads_comes_to_rest(page: Page, host: StaticHost) -> None:
    """Where a service worker never controls it: the page is reloaded three times at most."""
    page.add_init_script("Object.defineProperty(navigator.serviceWorker, 'controller', { value: null });")
    (host.site / "sw.js").write_text("// keeps out of everything")
    page.goto(host.url)
    page.wait_for_function("() => window.tinyvlm", timeout=60_000)
    assert host.count("") == 4


def test_a_service_worker_that_gives_no_threads_is_not_asked_again(page: Page, host: StaticHost) -> None:
    (host.site / "sw.js").write_text("// keeps out of everything")
    page.goto(host.url)
    page.wait_for_function("() => window.tinyvlm?.ready.then(() => performance.navigation.type === 1)", timeout=60_000)
    assert ask(page) == "red"
    assert page.evaluate("() => window.tinyvlm.stats()")["threads"] == 1
    assert host.count("") == 2


@pytest.mark.allow_console_errors
def test_a_host_without_the_service_worker_still_answers(page: Page, host: StaticHost) -> None:
    host.remove("sw.js")
    page.goto(host.url)
    page.wait_for_function("() => window.tinyvlm")
    assert ask(page) == "red"
    assert host.count("") == 1


def test_edited_files_show_at_the_next_reload_and_stay_without_the_server(
    page: Page, host: StaticHost, build: Build
) -> None:
    """A live site, as scripts/run.py serves it: its list stays what it was when the server started."""
    host.publish(build(live=True))
    host.headers["Cache-Control"] = HEADERS["Cache-Control"]
    for path in host.site.rglob("*.js"):
        os.utime(path, (0, 0))  # otherwise, the older a file, the longer a browser asks for it no more
    visit(page, host)
    for name, text in edited("ui/common/format.js").items():
        (host.site / name).write_text(text)
    page.reload()
    wait_for_edit(page)
    host.stop()
    page.reload()
    page.wait_for_function("() => window.tinyvlm && !window.edited")
    assert page.evaluate(SERVED)["wrong"] == []


def test_a_page_that_embeds_the_module_is_left_alone(page: Page, host: StaticHost) -> None:
    (host.site / "other.html").write_text(
        "<!doctype html><link rel=icon href=icon.svg><script type=module>"
        'import { TinyVLM } from "./tinyvlm.js"; window.tinyvlm = new TinyVLM();</script>'
    )
    page.goto(f"{host.url}other.html")
    assert ask(page) == "red"
    assert page.evaluate("() => navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    visit(page, host)
    page.goto(f"{host.url}other.html")
    assert ask(page) == "red"
    assert page.evaluate("() => window.crossOriginIsolated") is False


def test_it_can_be_installed(page: Page, host: StaticHost) -> None:
    page.goto(host.url)
    wait_for_threads(page)
    chromium = page.context.new_cdp_session(page)
    manifest = chromium.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"] == f"{host.url}manifest.webmanifest"
    assert chromium.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
