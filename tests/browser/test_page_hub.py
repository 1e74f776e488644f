"""Models by name in the page: Chromium against a hub and its CDN on other origins, so that CORS is real."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from hub_server import Fault, HubServer, Repository
from tinyvlm.errors import TinyVLMError
from tinyvlm.folder.model_folder import choose_weights
from website.site_server import CONNECT_SOURCES, SiteServer

WEB = Path(__file__).resolve().parents[2] / "web"
NAME = "owner/toy-vlm"
WEIGHTS = bytes(range(256)) * 5000
TEXTS = {"config.json": "{}", "tokenizer.json": '{"model": "é"}', "chat_template.jinja": "{{ messages }}"}
RESOLVE = """async ([source, options]) => {
  const { resolveModel } = await import("/engine/download/hub.js");
  const { Hub } = await import("/engine/download/hub_host.js");
  const { endpoint, token, ...others } = options;
  const hub = new Hub({ endpoint, token });
  const waits = [];
  const sleep = async (ms) => void waits.push(ms);
  try {
    return { waits, ...(await resolveModel(source, { ...others, hub, sleep })) };
  } catch (error) {
    return { waits, error: error.name, code: error.code, message: error.message, details: error.details };
  }
}"""
FROM_FILES = """async ([files, options]) => {
  const { fromFiles } = await import("/engine/download/hub.js");
  const list = Object.entries(files).map(([path, text]) => {
    const file = new File([text], path.split("/").at(-1));
    if (path.includes("/")) Object.defineProperty(file, "webkitRelativePath", { value: path });
    return file;
  });
  try {
    const model = await fromFiles(list, options);
    for (const weight of model.weights) {
      const { dropped, size } = weight;
      await dropped.read(0, size, (chunk) => (weight.dropped = new TextDecoder().decode(chunk)));
    }
    return model;
  } catch (error) {
    return { error: error.name, code: error.code, message: error.message };
  }
}"""
TOKEN_URLS = [
    "https://huggingface.co/a/b/resolve/main/config.json",
    "http://huggingface.co/a/b",
    "https://huggingface.co:8443/a/b",
    "https://huggingface.co.evil.test/a/b",
    "https://huggingface.co@evil.test/a/b",
    "https://cdn-lfs.huggingface.co/a/b",
    "https://hf.co/a/b",
    "https://evil.test/huggingface.co",
]
"""The hub's own, and what is not."""
CHOOSE = """async ([names, index, explicit]) => {
  const { chooseWeights } = await import("/engine/download/choose_weights.js");
  try {
    return chooseWeights(names, index, explicit);
  } catch (error) {
    return error.code;
  }
}"""


@pytest.fixture
def hub() -> Iterator[HubServer]:
    """A hub with one repository."""
    with HubServer() as server:
        files = {name: text.encode() for name, text in TEXTS.items()}
        server.repositories[NAME] = Repository({**files, "model.safetensors": WEIGHTS, "README.md": b"# toy"})
        yield server


@pytest.fixture
def site(hub: HubServer) -> Iterator[SiteServer]:
    """The engine's modules and an empty page, which may fetch from the hub."""
    files: dict[str, Path | bytes] = {path.relative_to(WEB).as_posix(): path for path in WEB.glob("engine/**/*.js")}
    files |= {"index.html": b"<!doctype html><link rel=icon href=icon.svg>", "icon.svg": WEB / "icon.svg"}
    server = SiteServer(files, connect=f"{CONNECT_SOURCES} {hub.url} {hub.cdn_url}").start()
    yield server
    server.close()


class Resolver:
    """`resolveModel` in a page of the site."""

    def __init__(self, page: Page, hub: HubServer) -> None:
        self._page, self._hub = page, hub

    def __call__(self, source: str, **options: Any) -> dict[str, Any]:
        """Return the model, or error and code; and how long it would have waited between tries."""
        result: dict[str, Any] = self._page.evaluate(RESOLVE, [source, {"endpoint": self._hub.url, **options}])
        return result

    def code(self, source: str, **options: Any) -> str:
        """Return the code of the error, which has to be a sentence."""
        result = self(source, **options)
        assert result["error"] == "TinyVLMError", result
        assert result["message"].endswith(".")
        code: str = result["code"]
        return code


@pytest.fixture
def resolve(page: Page, site: SiteServer, hub: HubServer) -> Resolver:
    """Resolves models in a page."""
    page.goto(site.url)
    return Resolver(page, hub)


@pytest.mark.parametrize("source", [NAME, f"{NAME}@main", "https://huggingface.co/owner/toy-vlm/tree/main"])
def test_a_repository(hub: HubServer, resolve: Resolver, source: str) -> None:
    model = resolve(source)
    commit = hub.repositories[NAME].commit
    assert model == {
        "waits": [],
        "name": NAME,
        "texts": TEXTS,
        "weights": [
            {
                "name": "model.safetensors",
                "role": "model",
                "kind": "safetensors",
                "size": len(WEIGHTS),
                "sha256": hashlib.sha256(WEIGHTS).hexdigest(),
                "etag": None,
                "url": f"{hub.url}/{NAME}/resolve/{commit}/model.safetensors",
            }
        ],
    }
    assert not hub.paths("cdn")
    assert not any(request.method == "OPTIONS" for request in hub.requests)


def test_the_weights_can_be_fetched_in_ranges(resolve: Resolver, page: Page) -> None:
    """Through the redirect to another origin, whose server refuses preflights: a plain range needs none."""
    weight = resolve(NAME)["weights"][0]
    fetch = """async ({ url }) => {
      const response = await fetch(url, { headers: { Range: "bytes=256-511" } });
      return [response.status, response.headers.get("Content-Range"), (await response.bytes()).at(-1)];
    }"""
    assert page.evaluate(fetch, weight) == [206, f"bytes 256-511/{len(WEIGHTS)}", 255]


@pytest.mark.allow_console_errors
def test_gated_repositories_and_the_token(hub: HubServer, resolve: Resolver, page: Page) -> None:
    hub.repositories[NAME].gated = True
    assert resolve.code(NAME) == "repository-gated"
    assert resolve.code(NAME, token="hf_bad") == "token-without-access"
    hub.repositories["owner/Toy-GGUF"] = Repository({"Toy-Q8_0.gguf": b"GGUF"}, gated=True)
    assert resolve.code("owner/Toy-GGUF") == "repository-gated"
    hub.requests.clear()
    weight = resolve("owner/Toy-GGUF", token="hf_good")["weights"][0]
    assert weight["size"] == 4
    told = {request.server for request in hub.requests if "authorization" in request.headers}
    assert told == {"hub"}
    assert hub.paths("cdn")


@pytest.mark.allow_console_errors
def test_the_token_goes_to_the_hub_alone(hub: HubServer, resolve: Resolver, page: Page) -> None:
    """Not to other servers that a person names, and to none that only looks like the hub."""
    files = {"config.json": b"{}", "model.safetensors": WEIGHTS}
    entries = [{"name": n, "size": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in files.items()]
    hub.files |= {f"/toy/{name}": data for name, data in files.items()}
    hub.files["/toy/parts.json"] = json.dumps({"format": 1, "files": entries}).encode()
    for source in (f"{hub.cdn_url}/toy", f"{hub.cdn_url}/toy/model.safetensors"):
        assert resolve(source, token="hf_good")["weights"]
    assert hub.requests
    assert [request for request in hub.requests if "authorization" in request.headers] == []
    sent = page.evaluate(
        """async (urls) => {
      const { Hub } = await import("/engine/download/hub_host.js");
      return urls.map((url) => new Hub({ token: "secret" }).headersFor(url));
    }""",
        TOKEN_URLS,
    )
    assert sent == [{"Authorization": "Bearer secret"}, *([{}] * (len(TOKEN_URLS) - 1))]


def test_weights_are_fetched_with_the_token_from_the_hub_and_without_it_from_its_network(
    hub: HubServer, resolve: Resolver, page: Page
) -> None:
    """A browser follows the redirect by itself, and leaves the header behind."""
    hub.repositories[NAME].gated = True
    [weight] = resolve(NAME, token="hf_good")["weights"]
    hub.requests.clear()
    fetched = page.evaluate(
        """async ([weight, endpoint]) => {
      const { RemoteFile } = await import("/engine/download/remote_file.js");
      const { Hub } = await import("/engine/download/hub_host.js");
      const context = { hub: new Hub({ endpoint, token: "hf_good" }), signal: new AbortController().signal };
      let bytes = 0;
      await new RemoteFile(weight, context, () => {}).read(0, 100, (chunk) => (bytes += chunk.byteLength));
      return bytes;
    }""",
        [weight, hub.url],
    )
    assert fetched == 100
    got = [request for request in hub.requests if request.method == "GET"]
    assert [(request.server, request.headers.get("authorization")) for request in got] == [
        ("hub", "Bearer hf_good"),
        ("cdn", None),
    ]


@pytest.mark.allow_console_errors
def test_what_is_not_there(hub: HubServer, resolve: Resolver) -> None:
    assert resolve.code("nobody/nothing") == "repository-not-found"
    assert resolve("nobody/nothing")["details"] == {"repository": "nobody/nothing"}
    assert resolve.code(NAME, token="hf_bad") == "token-invalid"
    assert resolve.code(f"{NAME}@no/thing") == "revision-not-found"
    assert resolve(f"{NAME}@no/thing")["details"] == {"repository": NAME, "revision": '"no/thing"'}
    assert resolve.code(f"{NAME}/nothing.gguf") == "model-incomplete"
    assert resolve.code("nothing") == "model-not-found"
    assert resolve.code("https://huggingface.co/datasets/a/b") == "address-not-a-model"
    assert resolve.code("http://[bad") == "url-invalid"
    del hub.repositories[NAME].files["config.json"]
    assert resolve.code(NAME) == "model-incomplete"


@pytest.mark.allow_console_errors
def test_failures_that_pass_are_waited_for(hub: HubServer, resolve: Resolver) -> None:
    hub.faults += [Fault("/api/models", times=2, status=503), Fault("tokenizer.json", status=429)]
    model = resolve(NAME)
    assert model["texts"] == TEXTS
    assert model["waits"] == [500, 1000, 500]


@pytest.mark.allow_console_errors
@pytest.mark.parametrize(
    ("status", "code"), [(500, "download-failed"), (429, "rate-limited"), (418, "download-failed")]
)
def test_failures_that_stay(hub: HubServer, resolve: Resolver, status: int, code: str) -> None:
    hub.faults.append(Fault("/api/models", times=100, status=status))
    assert resolve.code(NAME) == code


@pytest.mark.allow_console_errors
def test_broken_replies(hub: HubServer, resolve: Resolver) -> None:
    wrong = json.dumps({"sha": [hub.repositories[NAME].commit], "siblings": []}).encode()
    for content in (b"[" * 100_000, b"5", b"null", wrong):
        hub.faults = [Fault("/api/models", content=content)]
        assert resolve.code(NAME) == "hub-answer-invalid"
    hub.faults = [Fault("resolve-cache", cut=1)]
    assert resolve.code(NAME) == "download-cut-off"
    hub.faults = [Fault("/api/models", times=100, raw=b"")]
    assert resolve.code(NAME) == "host-unreachable"


@pytest.mark.allow_console_errors
def test_a_host_that_the_policy_does_not_name(resolve: Resolver) -> None:
    assert resolve.code("http://127.0.0.1:1/model.gguf") == "host-unreachable"


def test_a_load_that_is_stopped(resolve: Resolver, page: Page) -> None:
    stop = """async (endpoint) => {
      const { resolveModel } = await import("/engine/download/hub.js");
      const { Hub } = await import("/engine/download/hub_host.js");
      const signal = AbortSignal.abort();
      return resolveModel("owner/toy-vlm", { hub: new Hub({ endpoint }), signal }).catch((error) => error.code);
    }"""
    assert page.evaluate(stop, resolve("owner/toy-vlm")["weights"][0]["url"].split("/owner")[0]) == "load-cancelled"


def test_a_mirror_that_lists_names_alone(hub: HubServer, resolve: Resolver) -> None:
    hub.repositories[NAME].blobs = False
    [weight] = resolve(NAME)["weights"]
    assert (weight["size"], weight["sha256"]) == (len(WEIGHTS), None)
    assert weight["etag"].startswith('"')


def test_shards_and_gguf(hub: HubServer, resolve: Resolver) -> None:
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    index = json.dumps({"weight_map": {"b": shards[0], "a": shards[1], "c": shards[0]}})
    files = {"config.json": b"{}", "model.safetensors.index.json": index.encode(), **dict.fromkeys(shards, b"x")}
    hub.repositories["owner/large"] = Repository(files)
    assert [weight["name"] for weight in resolve("owner/large")["weights"]] == shards
    names = ["Toy-F16.gguf", "Toy-Q8_0.gguf", "mmproj-Toy-F16.gguf"]
    hub.repositories["owner/Toy-GGUF"] = Repository(dict.fromkeys(names, b"GGUF"))
    chosen = resolve("owner/Toy-GGUF")["weights"]
    assert [(weight["role"], weight["kind"], weight["name"]) for weight in chosen] == [
        ("model", "gguf", "Toy-Q8_0.gguf"),
        ("mmproj", "gguf", "mmproj-Toy-F16.gguf"),
    ]
    assert resolve("owner/Toy-GGUF/Toy-F16.gguf")["weights"][0]["name"] == "Toy-F16.gguf"


def test_folders_with_a_part_list(hub: HubServer, resolve: Resolver) -> None:
    files = {"config.json": b"{}", "model.safetensors": WEIGHTS}
    entries = [{"name": n, "size": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in files.items()]
    hub.files |= {f"/toy/{name}": data for name, data in files.items()}
    hub.files["/toy/parts.json"] = json.dumps({"format": 1, "files": entries}).encode()
    model = resolve(f"{hub.cdn_url}/toy")
    assert (model["name"], model["texts"]) == ("toy", {"config.json": "{}"})
    [weight] = model["weights"]
    assert (weight["size"], weight["sha256"]) == (len(WEIGHTS), entries[1]["sha256"])
    assert weight["url"] == f"{hub.cdn_url}/toy/model.safetensors"
    hub.files["/toy/config.json"] = b"[]"
    assert resolve.code(f"{hub.cdn_url}/toy") == "checksum-mismatch"


def test_a_folders_query_is_sent_with_each_of_its_files(hub: HubServer, resolve: Resolver) -> None:
    files = {"config.json": b"{}", "model.safetensors": WEIGHTS}
    entries = [{"name": n, "size": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in files.items()]
    hub.files |= {f"/to y/{name}": data for name, data in files.items()}
    hub.files["/to y/parts.json"] = json.dumps({"format": 1, "files": entries}).encode()
    for folder in ("to y?sig=a%2Fb+c&x", "to y/?sig=a%2Fb+c&x#files", "to%20y/?sig=a%2Fb+c&x#"):
        hub.requests.clear()
        model = resolve(f"{hub.cdn_url}/{folder}")
        assert (model["name"], model["texts"]) == ("to y", {"config.json": "{}"})
        assert model["weights"][0]["url"] == f"{hub.cdn_url}/to%20y/model.safetensors?sig=a%2Fb+c&x"
        asked = [request.path for request in hub.requests if request.server == "cdn"]
        assert asked == [f"/to%20y/{name}?sig=a%2Fb+c&x" for name in ("parts.json", "config.json")]


@pytest.mark.allow_console_errors
def test_a_files_query_is_sent_with_what_lies_beside_it(hub: HubServer, resolve: Resolver) -> None:
    hub.files |= {f"/x/{name}": b"GGUF" for name in ("a-00001-of-00002.gguf", "a-00002-of-00002.gguf", "b.gguf")}
    hub.files |= {"/x/a.safetensors": WEIGHTS, "/x/config.json": b"{}"}
    model = resolve(f"{hub.cdn_url}/x/a-00001-of-00002.gguf?sig=a%2Fb#top", mmproj="b.gguf")
    assert [weight["name"] for weight in model["weights"]] == [
        "a-00001-of-00002.gguf", "a-00002-of-00002.gguf", "b.gguf",
    ]  # fmt: skip
    assert resolve(f"{hub.cdn_url}/x/a.safetensors?sig=a%2Fb")["texts"] == {"config.json": "{}"}
    asked = {urlsplit(request.path).query for request in hub.requests if request.server == "cdn"}
    assert asked == {"sig=a%2Fb"}


def test_names_that_a_person_chose(hub: HubServer, resolve: Resolver, page: Page) -> None:
    names = ["model (1).gguf", "Größe 'q8' [2].gguf", "../x.gguf", "a\\b.gguf", "toy.gguf"]
    hub.repositories["owner/Toy-GGUF"] = Repository(dict.fromkeys(names, b"GGUF"))
    assert [weight["name"] for weight in resolve("owner/Toy-GGUF")["weights"]] == ["toy.gguf"]
    for name in names[:2]:
        [weight] = resolve(f"owner/Toy-GGUF/{name}")["weights"]
        assert (weight["name"], weight["size"]) == (name, 4)
    assert resolve.code(f"owner/Toy-GGUF/{names[3]}") == "weight-name-invalid"
    del hub.repositories["owner/Toy-GGUF"].files["toy.gguf"]
    assert resolve.code("owner/Toy-GGUF") == "weights-file-missing"
    hub.files["/x/model (1).gguf"] = b"GGUF"
    [weight] = resolve(f"{hub.cdn_url}/x/model (1).gguf#top")["weights"]
    assert (weight["name"], weight["size"]) == ("model (1).gguf", 4)
    dropped = page.evaluate(FROM_FILES, [{"config.json": "{}", "my model (1).safetensors": "abc"}, {}])
    assert [weight["name"] for weight in dropped["weights"]] == ["my model (1).safetensors"]


@pytest.mark.allow_console_errors
def test_weight_files_by_url(hub: HubServer, resolve: Resolver) -> None:
    hub.files |= {
        "/x/toy.gguf": b"GGUF",
        "/x/tower.gguf": b"tower",
        "/x/a.safetensors": WEIGHTS,
        "/x/config.json": b"{}",
    }
    model = resolve(f"{hub.cdn_url}/x/toy.gguf?download=true", mmproj="tower.gguf")
    assert model["name"] == "toy"
    assert [(weight["role"], weight["size"]) for weight in model["weights"]] == [("model", 4), ("mmproj", 5)]
    model = resolve(f"{hub.cdn_url}/x/a.safetensors")
    assert (model["texts"], model["weights"][0]["size"]) == ({"config.json": "{}"}, len(WEIGHTS))
    assert resolve.code(f"{hub.cdn_url}/x/nothing.gguf") == "download-failed"


def test_dropped_files(page: Page, resolve: Resolver) -> None:
    def dropped(files: dict[str, str], **options: str) -> dict[str, Any]:
        result: dict[str, Any] = page.evaluate(FROM_FILES, [files, options])
        return result

    model = dropped({"toy/config.json": "{}", "toy/model.safetensors": "abc", "toy/onnx/config.json": "no"})
    assert (model["name"], model["texts"]) == ("toy", {"config.json": "{}"})
    assert model["weights"] == [
        {
            "name": "model.safetensors",
            "role": "model",
            "kind": "safetensors",
            "size": 3,
            "sha256": None,
            "etag": None,
            "dropped": "abc",
        }
    ]
    tower = "GGUF\x03" + "\0" * 19 + "general.architecture\x08\0\0\0\x04\0\0\0\0\0\0\0clip"
    model = dropped({"Toy-00001-of-00002.GGUF": "1", "eyes.GGUF": tower, "Toy-00002-of-00002.GGUF": "2"})
    assert [(weight["role"], weight["dropped"]) for weight in model["weights"]] == [
        ("model", "1"),
        ("model", "2"),
        ("mmproj", tower),
    ]
    model = dropped({"Toy-Q4_0.gguf": "text", "tower.gguf": "tower"}, mmproj="tower.gguf")
    assert model["name"] == "Toy-Q4_0"
    weights = [(weight["role"], weight["dropped"]) for weight in model["weights"]]
    assert weights == [("model", "text"), ("mmproj", "tower")]
    assert dropped({"config.json": "{}", "odd-name.safetensors": "a"})["weights"][0]["name"] == "odd-name.safetensors"
    index = json.dumps({"weight_map": {"a": "a.safetensors", "b": "b.safetensors"}})
    shards = {"config.json": "{}", "model.safetensors.index.json": index, "a.safetensors": "a"}
    refused: list[tuple[dict[str, str], str]] = [
        *((files, "weights-file-missing") for files in ({}, {"photo.jpg": "x"}, {"config.json": "{}"})),
        ({"mmproj.gguf": "x"}, "weights-file-missing"),
        ({"a.safetensors": "a"}, "model-incomplete"),
        (shards, "dropped-file-missing"),
    ]
    for files, code in refused:
        result = dropped(files)
        assert (result["error"], result["code"]) == ("TinyVLMError", code), files


def test_the_page_chooses_as_python_does(page: Page, resolve: Resolver) -> None:
    index = json.dumps({"weight_map": {"b": "s2.safetensors", "a": "s1.safetensors"}})
    evil = json.dumps({"weight_map": {"a": "../s1.safetensors"}})
    names = ["model.safetensors", "a.gguf", "A-q8_0.gguf", "a-Q4_K_M.gguf", "A.mmproj-f16.gguf", "mmproj-F32.gguf"]
    cases: list[tuple[list[str], str, dict[str, str]]] = [(names[i:], "", {}) for i in range(len(names) + 1)]
    cases += [(names[:i], "", {"file": name}) for i in range(3) for name in names]
    cases += [(names[1:], "", {"mmproj": "a.gguf"}), (["x-Q8_0-00001-of-00002.gguf"], "", {})]
    cases += [([], "", {"file": "x-Q8_0-00001-of-00002.gguf"})]
    cases += [(["model.safetensors.index.json"], text, {}) for text in (index, evil, "{}", "[", "null")]
    for case in cases:
        files, text, explicit = case
        try:
            expected: Any = choose_weights(files, lambda _, text=text: text, **explicit)
        except TinyVLMError as error:
            expected = error.code
        assert page.evaluate(CHOOSE, list(case)) == expected, case
