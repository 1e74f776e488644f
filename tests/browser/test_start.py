"""The second visit starts from a memory snapshot; one that is broken, stale or cannot be kept only costs time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from fixtures.shapes import shape_image
from test_answers import ASK, KEEP, png
from tinyvlm.hub.open import DEFAULT_MODEL
from website.site_files import SiteFiles
from website.site_server import SiteServer
from website.standard_library import SMALL, WHOLE

MODEL = Path(__file__).resolve().parents[2] / "web" / "models" / DEFAULT_MODEL

KEPT = "tinyvlm keep the snapshot"
WARM_UPS = 20
NEEDLESS = ["numpy", "PIL", "wasmtime", "jinja2", "http", "email", "urllib.request"]
RESTORED = "tinyvlm restore Python"
STARTED_ANEW = "tinyvlm start Python"

MEASURES = "() => performance.getEntriesByType('measure').map((entry) => entry.name)"
UNTIL_MEASURED = """(name) => new Promise((resolve) => {
  const look = (list) => list.getEntriesByName(name).length && resolve();
  new PerformanceObserver(look).observe({ type: "measure", buffered: true });
})"""
# Keeps what `change` makes of the one snapshot's bytes in its place, under the name that it may give.
CHANGE_SNAPSHOT = """async () => {
  const change = CHANGE;
  let folder = await navigator.storage.getDirectory();
  for (const name of ["tinyvlm", "snapshots"]) folder = await folder.getDirectoryHandle(name);
  const names = await Array.fromAsync(folder.keys());
  if (names.length !== 1) throw new Error(`there are ${names.length} snapshots`);
  const bytes = new Uint8Array(await (await (await folder.getFileHandle(names[0])).getFile()).arrayBuffer());
  const seal = async (bytes) => {
    bytes.set(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.subarray(32))));
    return bytes;
  };
  const changed = await change(bytes, seal);
  await folder.removeEntry(names[0]);
  const file = await folder.getFileHandle(changed.name ?? names[0], { create: true });
  const stream = await file.createWritable();
  await stream.write(changed.bytes ?? changed);
  await stream.close();
}"""
SNAPSHOTS = """async () => {
  let folder = await navigator.storage.getDirectory();
  for (const name of ["tinyvlm", "snapshots"]) folder = await folder.getDirectoryHandle(name);
  return Array.fromAsync(folder.keys());
}"""

BROKEN = {
    "a flipped bit": "(bytes) => { bytes[12_345_678] ^= 1; return bytes; }",
    "cut in half": "(bytes) => bytes.subarray(0, bytes.length >> 1)",
    "of other files": "(bytes) => ({ bytes, name: '0'.repeat(64) })",
    "verified, but short": "(bytes, seal) => seal(bytes.slice(0, 1000))",
    "verified, but of another Pyodide": "(bytes, seal) => { bytes[32 + 20] ^= 1; return seal(bytes); }",
    "verified, but an empty memory": "(bytes, seal) => seal(bytes.fill(0, 32 + 4096))",
}


def visit(page: Page, url: str) -> list[str]:
    """Open the page, ask a question, wait until a snapshot is kept where there is none; return the start's spans."""
    page.goto(url)
    assert page.evaluate(ASK, [png(shape_image()), "image/png", "What color is the shape?"]) == "red"
    (engine,) = (worker for worker in page.workers if worker.url.endswith("/engine/lead/worker.js"))
    spans: list[str] = engine.evaluate(MEASURES)
    if RESTORED not in spans or STARTED_ANEW in spans:
        engine.evaluate(UNTIL_MEASURED, KEPT)
    return spans


def test_an_image_does_not_end_the_warming_up(page: Page, site_url: str) -> None:
    """Nor do figures that the page asks for: only the first question does."""
    page.goto(site_url)
    page.evaluate(KEEP, [png(shape_image())])
    page.evaluate("() => window.tinyvlm.encode(window.kept)")
    page.evaluate("() => window.tinyvlm.stats()")
    (engine,) = (worker for worker in page.workers if worker.url.endswith("/engine/lead/worker.js"))
    engine.evaluate(UNTIL_MEASURED, KEPT)  # which comes after it
    assert engine.evaluate(MEASURES).count("tinyvlm warm up") == WARM_UPS


def test_the_second_visit_starts_from_a_snapshot(page: Page, site_url: str) -> None:
    first = visit(page, site_url)
    assert STARTED_ANEW in first
    assert RESTORED not in first
    kept = page.evaluate(SNAPSHOTS)
    second = visit(page, site_url)
    assert RESTORED in second
    assert STARTED_ANEW not in second
    assert page.evaluate(SNAPSHOTS) == kept


def answer_with(value: object) -> Callable[[Route], None]:
    """Not a lambda with a default: Playwright hands a handler of two parameters the request as the second."""

    def answer(route: Route) -> None:
        route.fulfill(json=value)

    return answer


def test_a_snapshot_belongs_to_the_library_that_it_was_made_with(page: Page, site_url: str) -> None:
    """The small one, that is: the whole one's hash is in it."""
    visit(page, site_url)
    site = page.evaluate("async () => (await fetch('site.json')).json()")
    for name, expected, other in ((WHOLE, RESTORED, STARTED_ANEW), (SMALL, STARTED_ANEW, RESTORED)):
        file = site["files"][f"pyodide/{name}"]
        changed = {**site, "files": {**site["files"], f"pyodide/{name}": {**file, "sha256": "0" * 64}}}
        page.route("**/site.json", answer_with(changed))
        spans = visit(page, site_url)
        assert expected in spans, name
        assert other not in spans, name
        page.unroute("**/site.json")


@pytest.mark.allow_console_errors
def test_a_broken_snapshot_only_costs_time(page: Page, site_url: str) -> None:
    visit(page, site_url)
    kept = page.evaluate(SNAPSHOTS)
    for name, change in BROKEN.items():
        page.evaluate(CHANGE_SNAPSHOT.replace("CHANGE", change))
        assert STARTED_ANEW in visit(page, site_url), name
        assert page.evaluate(SNAPSHOTS) == kept, name  # made again, and nothing else is left
    after = visit(page, site_url)
    assert RESTORED in after
    assert STARTED_ANEW not in after


def test_where_nothing_can_be_kept_python_starts_all_the_same(page: Page, site_url: str) -> None:
    """As in a private window of Firefox or Safari, where there is no private file system."""
    refuse = "navigator.storage.getDirectory = () => Promise.reject(new DOMException('', 'SecurityError'));\n"

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=refuse + response.text())

    page.route("**/engine/lead/worker.js", answer)
    for _ in range(2):
        page.goto(site_url)
        assert page.evaluate(ASK, [png(shape_image()), "image/png", "What color is the shape?"]) == "red"
        (engine,) = (worker for worker in page.workers if worker.url.endswith("/engine/lead/worker.js"))
        assert STARTED_ANEW in engine.evaluate(MEASURES)


# Starts Python as the engine does, then does what a person might do with it later.
PACKAGES_WORKER = """
import { unpackedPackage } from "./engine/lead/package.js";
import { startPyodide } from "./engine/lead/pyodide.js";
self.onmessage = async () => {
  const site = await (await fetch("site.json")).json();
  const archive = unpackedPackage(await (await fetch(site.package.url)).arrayBuffer());
  const { pyodide, restored, keepSnapshot } = await startPyodide(site, location.href, archive, "tinyvlm.page.engine");
  await keepSnapshot();
  await pyodide.loadPackage(["numpy", "pillow", "micropip"], { messageCallback() {} });
  pyodide.unpackArchive(await (await fetch(site.templates)).arrayBuffer(), "wheel");
  pyodide.globals.set("wheel_url", new URL(site.wheel, location.href).href);
  const found = await pyodide.runPythonAsync(`
import json, random
import js, micropip, numpy, tinyvlm.backends.reference_ops, tinyvlm.models.smolvlm
from PIL import Image
from pyodide.http import pyfetch
from tinyvlm.text.chat_template import compile_template

site = await (await pyfetch("site.json")).json()
await micropip.install(wheel_url)
json.dumps({
    "browser": js.navigator.userAgent,
    "sum": int(numpy.arange(4).sum()),
    "size": Image.new("RGB", (3, 2)).size,
    "wheel": site["wheel"],
    "installed": "tinyvlm" in micropip.list(),
    "template": compile_template.__module__,
    "random": random.random(),
})`);
  self.postMessage(JSON.stringify({ restored, ...JSON.parse(found) }));
};
"""
ASK_WORKER = """() => new Promise((resolve, reject) => {
  const worker = new Worker("packages.js", { type: "module" });
  worker.onmessage = ({ data }) => { worker.terminate(); resolve(data); };
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage("start");
})"""


@pytest.fixture(scope="module")
def packages_url(site_files: SiteFiles) -> Iterator[str]:
    """The site with that worker, on a page of its own."""
    extra = {"packages.js": PACKAGES_WORKER.encode(), "packages.html": b"<!doctype html><link rel=icon href=icon.svg>"}
    server = SiteServer({**site_files, **extra}).start()
    yield f"{server.url}packages.html"
    server.close()


def test_packages_load_beside_a_snapshot_and_after_it(page: Page, packages_url: str) -> None:
    page.goto(packages_url)
    made, restored, again = (json.loads(page.evaluate(ASK_WORKER)) for _ in range(3))
    assert [made["restored"], restored["restored"], again["restored"]] == [False, True, True]
    assert len({made.pop("random"), restored.pop("random"), again.pop("random")}) == 3
    for found in (made, restored):
        assert found.pop("restored") == (found is restored)
        assert "Chrome" in found.pop("browser")
        assert found.pop("wheel").endswith(".whl")
        assert found == {"sum": 6, "size": [3, 2], "installed": True, "template": "tinyvlm.text.chat_template"}


def test_a_snapshot_holds_what_the_bundled_model_imports_and_no_more() -> None:
    """Nothing of it is imported after the page's module, and nothing with that which a page has no use for."""
    code = """
import json, pathlib, sys
import tinyvlm.page.engine
from tinyvlm.models import ModelFiles, load_architecture
before = set(sys.modules)
config, preprocessor = (json.loads(pathlib.Path(path).read_text()) for path in sys.argv[1:])
load_architecture(ModelFiles(config, preprocessor))
print(json.dumps([sorted(set(sys.modules) - before), sorted(before & set(NEEDLESS))]))
"""
    code = code.replace("NEEDLESS", str(NEEDLESS))
    files = [str(MODEL / name) for name in ("config.json", "preprocessor_config.json")]
    done = subprocess.run([sys.executable, "-c", code, *files], capture_output=True, check=True)
    assert json.loads(done.stdout) == [[], []]
