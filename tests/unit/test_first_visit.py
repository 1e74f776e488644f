"""What a first visit brings of the page's scripts and styles: no more than was decided, and none of it changed."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from support.node_tools import ensure_javascript_tools
from website.first_visit import first_visit
from website.site_files import PythonFiles, SiteFiles, list_site, read
from website.smaller import smaller

WEB = Path(__file__).resolve().parents[2] / "web"
MOST_BYTES = 250_000
"""docs/decisions/0022-a-small-first-visit.md"""
MOST_IN_OTHER_LANGUAGES = 271_000
"""Errors are said in the page's language when the network is gone: their sentences come at first."""

# Compares all that TypeScript finds in two modules: kinds of nodes, and the texts of those without others.
COMPARE = """
const ts = require(process.argv[1]);
const pairs = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const leaves = (name, text) => {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const found = file.parseDiagnostics.map(({ messageText }) => ["wrong", messageText]);
  const visit = (node) => {
    if (node.kind === ts.SyntaxKind.EmptyStatement || node.kind === ts.SyntaxKind.SemicolonClassElement) return;
    found.push([node.kind, node.text ?? node.escapedText ?? "", node.rawText ?? ""]);
    ts.forEachChild(node, visit);
  };
  visit(file.endOfFileToken && ts.factory.createBlock(file.statements));
  return JSON.stringify(found);
};
const different = pairs.filter(([name, one, other]) => leaves(name, one) !== leaves(name, other));
console.log(JSON.stringify(different.map(([name]) => name)));
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> SiteFiles:
    return listed(tmp_path_factory.mktemp("plain"), small=False)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SiteFiles:
    """As scripts/build_site.py writes them."""
    return listed(tmp_path_factory.mktemp("small"), small=True)


def listed(folder: Path, *, small: bool) -> SiteFiles:
    python = PythonFiles(*(folder / name for name in ("package.zip", "wheel.whl", "templates.zip")))
    for path in python:
        path.write_bytes(b"")
    return list_site([], python, small=small)


def different(pairs: list[tuple[str, str, str]]) -> list[str]:
    """Return the names of the modules whose two texts are other programs."""
    typescript = Path(ensure_javascript_tools().tsc[1]).with_name("typescript.js")
    node = ensure_javascript_tools().tsc[0]
    command = [node, "--eval", COMPARE, str(typescript)]
    done = subprocess.run(command, input=json.dumps(pairs), capture_output=True, text=True, check=True)
    names: list[str] = json.loads(done.stdout)
    return names


@pytest.mark.parametrize("code", ["en", "es", "fr", "de", "ja", "zh"])
def test_a_first_visit_is_small(small: SiteFiles, code: str) -> None:
    found = first_visit(small, code)
    assert {"app.js", "styles/base.css", "engine/lead/worker.js", "engine/lead/helper.js", f"i18n/{code}.js"} <= set(
        found
    )
    assert sum(found.values()) < (MOST_BYTES if code == "en" else MOST_IN_OTHER_LANGUAGES)


def test_what_is_seldom_opened_is_not_among_it(small: SiteFiles) -> None:
    found = first_visit(small)
    rooms = ("ui/table/", "ui/speed/speed_dialog.js", "ui/history/history_dialog.js", "ui/history/zip.js", "element")
    assert [name for name in found if name.startswith(rooms)] == []


def test_the_walk_follows_what_comes_and_nothing_else() -> None:
    page = """<link rel="stylesheet" href="a.css"><link rel="stylesheet" href="b.css" disabled>
    <script type="module" src="app.js"></script>"""
    app = """import { x } from "./rooms/x.js";
    import "./y.js"; /** @import { Z } from "./z.js" */
    new Worker(new URL("./w.js", import.meta.url));
    void import("./late.js");"""
    files = {
        **{
            "index.html": page,
            "app.js": app,
            "rooms/x.js": 'export * from "../y.js"',
            "y.js": "",
            "w.js": "",
            "a.css": "é",
        },
        "i18n/xx.js": "",
    }
    found = first_visit({name: text.encode() for name, text in files.items()}, "xx")
    assert list(found) == sorted(files.keys() - {"index.html"})
    assert found["a.css"] == 2


def test_the_smaller_scripts_are_the_same_programs(plain: SiteFiles, small: SiteFiles) -> None:
    names = [name for name in plain if name.endswith(".js") and name != "sw.js"]
    assert len(names) > 150
    worker = (WEB / "sw.js").read_bytes()
    pairs = [(name, read(plain[name]).decode(), read(small[name]).decode()) for name in names]
    assert different([*pairs, ("sw.js", worker.decode(), smaller("sw.js", worker).decode())]) == []
    sizes = [sum(len(read(files[name])) for name in names) for files in (plain, small)]
    assert sizes[1] < 0.7 * sizes[0]


def test_another_program_is_found() -> None:
    text = "class A {\n  #b = 1;\n\n  // what\n  c = (d) => d?.e ?? `x  ${f}//` + /[/] \\//.source;\n}\n"
    assert different([("a.js", text, smaller("a.js", text.encode()).decode())]) == []
    nested = "f(`${a ? ` (${b})` : c}`);"
    assert different([("a.js", nested, smaller("a.js", nested.encode()).decode())]) == ["a.js"], (
        "rjsmin can do it by now"
    )
    for wrong in (text.replace("x  $", "x $"), text.replace("?.", "."), text.replace("#b", "#c"), f"{text}("):
        assert different([("a.js", text, wrong)]) == ["a.js"]


def test_the_list_has_the_bytes_that_are_written(small: SiteFiles) -> None:
    site = json.loads(read(small["site.json"]))
    assert {name: site["files"][name]["size"] for name in ("app.js", "styles/base.css")} == {
        name: len(read(small[name])) for name in ("app.js", "styles/base.css")
    }
    assert b"//" not in read(small["app.js"])
    assert b"\n  " not in read(small["sw.js"]).partition(b"\n\n")[2]


def test_what_comes_at_first_says_sentences_that_come_at_first(plain: SiteFiles) -> None:
    """The others are there once a part is that on_demand.js has brought."""
    late = set(re.findall(r'^  "([a-z][^"]*)":', (WEB / "i18n/dialogs/en.js").read_text(encoding="utf-8"), re.M))
    assert len(late) > 200
    page = re.sub(r"<dialog.*?</dialog>", "", read(plain["index.html"]).decode(), flags=re.S)
    texts = [page, *(read(plain[name]).decode() for name in first_visit(plain) if not name.startswith("i18n/"))]
    said = {key for text in texts for key in re.findall(r'"([a-z-]+\.[\w.-]+)"', text)}
    heads = {head for text in texts for head in re.findall(r"`([a-z]+\.[\w-]*)\$\{", text)}
    made = {key for key in late if key.startswith(tuple(heads - {"reading."}))}
    assert (said | made) & late == set()


def test_the_engines_workers_import_nothing_late() -> None:
    """Firefox refuses them. Pyodide's own loader is fetched by an address; errors.js does it in the page alone."""
    late = re.compile(r"\bimport\(\s*[\"'`]")
    modules = [path for room in ("lead", "download", "shared") for path in (WEB / "engine" / room).glob("*.js")]
    assert len(modules) > 40
    texts = {path.name: re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S) for path in modules}
    assert [name for name, text in texts.items() if late.search(text)] == ["errors.js"]
