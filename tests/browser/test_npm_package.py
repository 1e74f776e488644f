"""The npm package where people put it: a Vite app, a plain page, a frame, beside files of another origin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from bundled_app import build_app
from element_page import png
from npm_package.declarations import declarations
from npm_package.package_files import package_files
from npm_package.package_writer import write_package
from support.node_tools import ensure_javascript_tools
from website.site_files import SiteFiles
from website.site_server import CONTENT_SECURITY_POLICY, ISOLATION, SiteServer

COLOR = "What color is the shape?"
PLAIN = f"""<!doctype html>
<html lang=en><title>A plain page</title><link rel=icon href=red.png>
<script type=module src=tinyvlm/element.js></script>
<tiny-vlm src=red.png question="{COLOR}"></tiny-vlm>"""
FRAME = """<!doctype html>
<html lang=en><title>A page with a frame</title><link rel=icon href="{0}red.png">
<iframe src="{0}" width=600 height=600 allow="cross-origin-isolated"></iframe>"""
STATS = "() => document.querySelector('tiny-vlm').vlm.stats().then(({ threads }) => threads)"
FOREIGN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
EMBEDDED = {"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "cross-origin"}
POLICY = CONTENT_SECURITY_POLICY.replace("; frame-ancestors 'none'", "")
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def package(site_files: SiteFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole package as a folder."""
    out = tmp_path_factory.mktemp("npm") / "tinyvlm"
    write_package(package_files(site_files, declarations(ensure_javascript_tools())), out)
    return out


@pytest.fixture(scope="module")
def plain(package: Path) -> Iterator[SiteServer]:
    """A server of somebody's with the package in a folder, and a page that uses it."""
    server = SiteServer({**below("tinyvlm", package), "index.html": PLAIN.encode(), "red.png": png()}).start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def app(package: Path) -> Iterator[SiteServer]:
    server = SiteServer(below("app", build_app(package, png()))).start()
    yield server
    server.close()


def below(name: str, folder: Path) -> dict[str, Path]:
    return {f"{name}/{path.relative_to(folder).as_posix()}": path for path in folder.rglob("*") if path.is_file()}


def says(page: Page | Frame, answer: str) -> None:
    expect(page.locator("tiny-vlm [part~=answer]")).to_have_text(answer, timeout=PATIENCE_MS)


@pytest.mark.parametrize("headers", [{}, ISOLATION], ids=["plain", "isolated"])
def test_in_a_vite_app(page: Page, app: SiteServer, headers: dict[str, str]) -> None:
    """Built, and served from a folder: workers and helpers are chunks of the app, data is what was copied."""
    app.extra_headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, **headers}
    page.goto(f"{app.url}app/")
    says(page, "red")
    assert (page.evaluate(STATS) > 1) == bool(headers)


@pytest.mark.allow_console_errors  # the first worker's address is refused, which is how the requirement is noticed
@pytest.mark.parametrize("headers", [{}, ISOLATION], ids=["plain", "isolated"])
def test_in_a_plain_page(page: Page, plain: SiteServer, headers: dict[str, str]) -> None:
    """Under a strict policy, which also requires Trusted Types."""
    policy = f"{CONTENT_SECURITY_POLICY}; require-trusted-types-for 'script'; trusted-types tinyvlm"
    plain.extra_headers = {"Content-Security-Policy": policy, **headers}
    page.goto(plain.url)
    says(page, "red")
    assert (page.evaluate(STATS) > 1) == bool(headers)


@pytest.mark.parametrize(
    ("outer", "inner", "threads"),
    [({}, {}, 1), (ISOLATION, EMBEDDED, 2)],
    ids=["plain", "isolated"],
)
def test_in_a_frame_of_another_origin(
    page: Page, plain: SiteServer, outer: dict[str, str], inner: dict[str, str], threads: int
) -> None:
    plain.extra_headers = {"Content-Security-Policy": POLICY, **inner}
    around = SiteServer({"index.html": FRAME.format(plain.url).encode()}).start()
    around.extra_headers = outer
    page.goto(around.url)
    frame = page.frames[1]
    assert frame.evaluate("() => [`${origin}/`, crossOriginIsolated]") == [plain.url, threads > 1]
    says(frame, "red")
    assert frame.evaluate(STATS) == threads
    around.close()


@pytest.mark.parametrize("headers", [{}, ISOLATION], ids=["plain", "isolated"])
def test_files_of_another_origin(page: Page, package: Path, headers: dict[str, str]) -> None:
    """Modules lie with the page, and the megabytes where CORS lets it read them."""
    data = SiteServer(below("files", package)).start()
    data.extra_headers = FOREIGN
    html = PLAIN.replace("<tiny-vlm", f"<tiny-vlm base={data.url}files/")
    modules = {name: path for name, path in below("tinyvlm", package).items() if name.endswith(".js")}
    server = SiteServer({**modules, "index.html": html.encode(), "red.png": png()}).start()
    policy = CONTENT_SECURITY_POLICY.replace("connect-src", f"connect-src {data.url}").replace(
        "script-src", f"script-src {data.url}"
    )
    server.extra_headers = {"Content-Security-Policy": policy, **headers}
    page.goto(server.url)
    says(page, "red")
    assert (page.evaluate(STATS) > 1) == bool(headers)
    server.close()
    data.close()


def test_the_example(page: Page, site_url: str) -> None:
    """As the site serves it."""
    page.goto(f"{site_url}example.html")
    says(page, "red")
    expect(page.get_by_role("img", name="A red circle")).to_be_visible()
