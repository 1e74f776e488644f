"""axe-core, which finds what keeps people out of a page: had from npm by version and hash, for tests alone."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from support.node_tools import NpmPackage, ensure_npm_package

AXE = NpmPackage("axe-core", "4.14.1", "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]

# What is found, a line each: the rule, the element, and what is wrong with it.
RUN = """async (tags) => {
  const { violations, passes } = await axe.run(document, {
    runOnly: { type: "tag", values: tags },
    rules: { "target-size": { enabled: true } },
    resultTypes: ["violations"],
  });
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary.replace(/\\s+/g, " ")}`));
  return { found, passed: passes.map(({ id }) => id) };
}"""

# Under forced colours Chromium tells of the colour that letters would be filled with else, and axe believes it. The
# page fills no letters in another colour than their own, so axe is told that one, which is what is seen.
TELL_FORCED_COLOURS = """() => {
  const tell = CSSStyleDeclaration.prototype.getPropertyValue;
  CSSStyleDeclaration.prototype.getPropertyValue = function (name) {
    const isFilling = name === "-webkit-text-fill-color" && matchMedia("(forced-colors: active)").matches;
    return tell.call(this, isFilling ? "color" : name);
  };
}"""


@cache
def _source() -> str:
    return (ensure_npm_package(AXE) / "axe.min.js").read_text(encoding="utf-8")


def inject_axe(page: Page) -> None:
    """Load axe into the page that is open, past its Content Security Policy; raises ScriptError where npm is not."""
    page.evaluate(_source())
    page.evaluate(TELL_FORCED_COLOURS)


def axe_findings(page: Page) -> list[str]:
    """What axe finds in the page as it is now, a line each; `inject_axe` comes before."""
    result: dict[str, Any] = page.evaluate(RUN, TAGS)
    assert result["passed"], "axe has looked at nothing"
    return list(result["found"])
