"""The npm package is whole: what it lists is there, TypeScript takes its declarations, npm installs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from npm_package.declarations import declarations
from npm_package.package_files import package_files
from npm_package.package_writer import write_package
from support.environment import ScriptError
from support.node_tools import LEAST_NODE, JavaScriptTools, ensure_javascript_tools, ensure_node_programs
from website.site_files import SiteFiles, prepare_site

ROOT = Path(__file__).resolve().parents[2]
CONSUMER = """
import { TinyVLM, TinyVLMError } from "tinyvlm";
import { type AnswerDetail, TinyVLMElement } from "tinyvlm/element";

const vlm = new TinyVLM({ baseURL: "/tinyvlm/", model: "owner/name", threads: 2 });
vlm.addEventListener("progress", ({ detail }) => console.log(detail.loaded.toFixed(), detail.step));
vlm.addEventListener("notice", (event) => console.log(event.detail.code, event.detail.message));
vlm.addEventListener("something", (event) => console.log(event.type));
const answer: string = await vlm.ask(new Blob(), "What is this?", {
  profile: "fast", max_new_tokens: 8, onToken: (text) => console.log(text.length),
});
const { lines } = await vlm.read(new Blob());
console.log(answer, lines[0].words[0].corners[3][1], (await vlm.ready).suggestions, vlm.lastAnswer?.draft);

const element: TinyVLMElement = document.querySelector("tiny-vlm")!;
element.profile = "accuracy";
element.image = new File([], "a.png");
element.addEventListener("tiny-vlm-answer", ({ detail }) => {
  const { question, result }: AnswerDetail = detail;
  console.log(question, result.tokens);
});
document.addEventListener("click", () => element.stop());
element.addEventListener("tiny-vlm-error", ({ detail: { code, error } }) => {
  console.log(code, error instanceof TinyVLMError);
});
const text: string = await element.ask("Who?", { choices: ["a", "b"], signal: new AbortController().signal });
console.log(text, document.createElement("tiny-vlm").vlm?.canSee);
"""
MISTAKES = {
    "a profile": 'new TinyVLM().ask(null, "?", { profile: "quick" });',
    "a question": "new TinyVLM().ask(null, 3);",
    "a detail": 'document.createElement("tiny-vlm").addEventListener("tiny-vlm-token", (e) => e.detail.tokens);',
    "an event's detail": 'new TinyVLM().addEventListener("notice", (e) => e.detail.reason);',
    "an attribute": 'document.createElement("tiny-vlm").source = "a.png";',
    "something inside": 'import { EngineConnection } from "tinyvlm/engine/none.js";',
}


@pytest.fixture(scope="module")
def tools() -> JavaScriptTools:
    return ensure_javascript_tools()


@pytest.fixture(scope="module")
def site() -> SiteFiles:
    return prepare_site(Path(sys.executable))


@pytest.fixture(scope="module")
def types(tools: JavaScriptTools) -> dict[str, bytes]:
    return declarations(tools)


@pytest.fixture(scope="module")
def package(site: SiteFiles, types: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole package as a folder."""
    out = tmp_path_factory.mktemp("npm") / "tinyvlm"
    write_package(package_files(site, types), out)
    return out


def compiled(tools: JavaScriptTools, package: Path, folder: Path, *programs: str) -> list[str]:
    """What TypeScript has to say of programs that use the package, strictly and with its declarations checked."""
    (folder / "node_modules").mkdir()
    (folder / "node_modules/tinyvlm").symlink_to(package)
    (folder / "package.json").write_text('{"type": "module"}')
    for index, program in enumerate(programs):
        (folder / f"program{index}.ts").write_text(program)
    options = {
        "strict": True,
        "noEmit": True,
        "target": "esnext",
        "module": "esnext",
        "moduleResolution": "bundler",
        "lib": ["esnext", "dom", "dom.iterable", "dom.asynciterable"],
        "types": [],
        "skipLibCheck": False,
    }
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["*.ts"]}))
    done = subprocess.run([*tools.tsc, "--project", str(folder)], cwd=folder, capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if "error TS" in line]


@pytest.mark.slow
def test_typescript_takes_what_is_right_and_refuses_what_is_not(
    tools: JavaScriptTools, package: Path, tmp_path: Path
) -> None:
    wrong = [f'import {{ TinyVLM }} from "tinyvlm"; import "tinyvlm/element";\n{line}\n' for line in MISTAKES.values()]
    errors = compiled(tools, package, tmp_path, CONSUMER, *wrong)
    assert [error for error in errors if error.startswith("program0")] == []
    refused = {error.partition("(")[0] for error in errors}
    assert refused == {f"program{1 + index}.ts" for index in range(len(wrong))}


@pytest.mark.slow
def test_npm_installs_it_and_copies_its_files(package: Path, tmp_path: Path) -> None:
    """In a clean folder, from the archive that `npm pack` makes, without a registry."""
    programs = ensure_node_programs(LEAST_NODE)
    quiet = ["--offline", "--no-audit", "--no-fund", "--loglevel=error"]

    def npm(*arguments: str) -> str:
        command = [str(programs / "npm"), *arguments, *quiet]
        return subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True).stdout

    (packed,) = json.loads(npm("pack", str(package), "--json"))
    assert packed["size"] < 27e6
    assert {row["path"] for row in packed["files"]} == files_in(package)
    (tmp_path / "package.json").write_text('{"private": true}')
    npm("install", "--ignore-scripts", packed["filename"])
    installed = tmp_path / "node_modules/tinyvlm"
    assert files_in(installed) == files_in(package)
    for name in ("tinyvlm", "tinyvlm/element"):  # servers that render pages import modules, too
        code = f'import("{name}").then((module) => console.log(typeof module.TinyVLMError))'
        node = [str(programs / "node"), "--input-type=module", "--eval", code]
        assert subprocess.run(node, cwd=tmp_path, check=True, capture_output=True, text=True).stdout == "function\n"
    copy = tmp_path / "node_modules/.bin/tinyvlm-copy"
    subprocess.run([str(programs / "node"), str(copy.resolve()), "public/tinyvlm"], cwd=tmp_path, check=True)
    listed = json.loads((tmp_path / "public/tinyvlm/site.json").read_text())["files"]
    assert "pyodide/pyodide.asm.wasm" in listed
    fetched = {name for name in listed if name.split("/")[0] in ("pyodide", "python", "kernels", "models")}
    assert fetched <= files_in(tmp_path / "public/tinyvlm")
    assert subprocess.run([str(programs / "node"), str(copy.resolve())], capture_output=True).returncode == 2


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_what_it_names_is_there(package: Path) -> None:
    content = json.loads((package / "package.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (content["version"], content["license"]) == (project["version"], project["license"])
    named = [*content["bin"].values(), *content["files"], content["main"], content["types"]]
    named += [path for entry in content["exports"].values() if isinstance(entry, dict) for path in entry.values()]
    assert [path for path in named if not (package / path).exists()] == []
    listed = json.loads((package / "site.json").read_text())
    assert [name for name in listed["files"] if not (package / name).is_file()] == []
    assert (package / "models" / listed["default_model"] / "model.safetensors").is_file()
    assert {path.name for path in package.glob("**/*.whl")} == {Path(listed["wheel"]).name}


@pytest.mark.slow
def test_every_module_s_imports_are_in_it(package: Path) -> None:
    for module in package.rglob("*.js"):
        if module.parts[-2] == "pyodide":
            continue
        for line in module.read_text(encoding="utf-8").splitlines():
            for quote in ('from "./', 'from "../', 'new URL("./', 'new URL("../'):
                if quote in line and not line.lstrip().startswith(("*", "//")):
                    target = line.partition(quote)[2].partition('"')[0]
                    start = quote.partition('"')[2]
                    assert (module.parent / start / target).exists(), f"{module.name}: {line.strip()}"


@pytest.mark.slow
def test_less_of_it(site: SiteFiles, types: dict[str, bytes]) -> None:
    modules = package_files(site, types, data=False)
    assert {name.split("/")[0] for name in modules} == {
        *("engine", "element", "element.js", "element.d.ts", "tinyvlm.js", "tinyvlm.d.ts"),
        *("globals.d.ts", "package.json", "README.md", "LICENSE"),
    }
    assert "bin" not in json.loads(as_bytes(modules["package.json"]))
    bare = package_files(site, types, models=False)
    listed = json.loads(as_bytes(bare["site.json"]))
    assert (listed["models"], listed["reader"]) == ([], None)
    assert "kernels/relaxed.wasm" in bare
    assert not [name for name in bare if name.startswith("models/")]


def as_bytes(content: Path | bytes) -> bytes:
    assert isinstance(content, bytes)
    return content


def test_a_folder_of_someone_s_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out"
    files: SiteFiles = {"package.json": b'{"name": "tinyvlm"}', "a/b.js": b"1"}
    assert write_package(files, out) == 20
    (out / "left-over.js").write_text("of an older version")
    write_package(files, out)
    assert files_in(out) == {"package.json", "a/b.js"}
    (out / "package.json").write_text('{"name": "mine"}')
    with pytest.raises(ScriptError, match="something other than this package"):
        write_package(files, out)
    shutil.rmtree(out)
    out.mkdir()
    write_package(files, out)
    assert files_in(out) == {"package.json", "a/b.js"}
