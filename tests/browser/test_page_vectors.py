"""The rules that Python and JavaScript both follow (tests/vectors): the page's side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from vectors import read_vectors
from website.site_server import SiteServer

WEB = Path(__file__).resolve().parents[2] / "web"
REPOSITORY = "(found) => found && { name: found.name, revision: found.revision, file: found.file ?? null }"
RULES = {
    "names": f"""async () => {{
      const {{ parseName }} = await import("/engine/download/hub.js");
      return ({{ text }}) => ({REPOSITORY})(parseName(text));
    }}""",
    "urls": f"""async ({{ endpoint }}) => {{
      const {{ parseURL }} = await import("/engine/download/hub.js");
      return ({{ url }}) => ({REPOSITORY})(parseURL(new URL(url), endpoint));
    }}""",
    "weights": """async () => {
      const { chooseWeights } = await import("/engine/download/choose_weights.js");
      const known = ({ inside = {}, ...rest }) => ({ ...rest, inside: new Map(Object.entries(inside)) });
      return ({ names, index = "", ...rest }) => chooseWeights(names, index, known(rest));
    }""",
    "part_lists": """async () => {
      const { parsePartList } = await import("/engine/download/parts.js");
      const parts = (file) => (file.parts ?? []).map(({ offset, length }) => [offset, length]);
      const row = (file) => [file.name, file.size, file.sha256, parts(file)];
      return ({ text }) => parsePartList(text, "https://example.org/model/").map(row);
    }""",
}
ANSWER = """async (vectors) => {
  const rule = await (MAKE_RULE)(vectors);
  return vectors.cases.map((input) => {
    try {
      return { result: rule(input) };
    } catch (error) {
      return { error: error.code ?? String(error) };
    }
  });
}"""


@pytest.fixture(scope="module")
def modules() -> Iterator[SiteServer]:
    """The engine's modules and an empty page."""
    files: dict[str, Path | bytes] = {path.relative_to(WEB).as_posix(): path for path in WEB.glob("engine/**/*.js")}
    files |= {"index.html": b"<!doctype html><link rel=icon href=icon.svg>", "icon.svg": WEB / "icon.svg"}
    server = SiteServer(files).start()
    yield server
    server.close()


@pytest.mark.parametrize("rule", RULES)
def test_the_page_follows_the_rule(page: Page, modules: SiteServer, rule: str) -> None:
    vectors = read_vectors(rule)
    page.goto(modules.url)
    answers = page.evaluate(ANSWER.replace("MAKE_RULE", RULES[rule]), vectors)
    assert len(answers) == len(vectors["cases"]) > 20
    wrong: list[Any] = []
    for case, answer in zip(vectors["cases"], answers, strict=True):
        expected = {key: case[key] for key in ("result", "error") if key in case}
        if answer != expected:
            wrong.append((case, answer))
    assert wrong == []
