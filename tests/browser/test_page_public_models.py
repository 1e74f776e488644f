"""Published models in the page, from a hub on another origin and from dropped files, quantized on the way in."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from hub_server import Fault, HubServer, Repository
from public_model import golden, smolvlm_files, with_unused_tensor, write_smolvlm
from tinyvlm import VLM
from website.site_files import SiteFiles
from website.site_server import CONNECT_SOURCES, SiteServer

NAME = "owner/tiny-smolvlm"
QUESTIONS = ["What is this?", "And that?"]
TOKENS = 12
OPEN = """async ([options, image, questions, answering]) => {
  const { TinyVLM } = await import("/tinyvlm.js");
  const files = options.files?.map(([name, data]) => {
    return new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name);
  });
  const vlm = new TinyVLM({ ...options, files, threads: 1 });
  const notices = [];
  vlm.addEventListener("notice", ({ detail }) => notices.push(detail.code));
  const blob = image && new Blob([Uint8Array.from(atob(image), (c) => c.charCodeAt(0))], { type: "image/png" });
  try {
    const card = await vlm.ready;
    const answers = [], stats = [];
    for (const question of questions) {
      answers.push(await vlm.ask(blob, question, answering));
      stats.push(vlm.lastAnswer);
    }
    return { card, answers, stats, engine: await vlm.stats(), notices };
  } catch (error) {
    return { code: error.code, details: error.details, message: error.message };
  } finally {
    vlm.dispose();
  }
}"""


@pytest.fixture
def hub() -> Iterator[HubServer]:
    """A hub with a tiny SmolVLM, in bfloat16 as models are published."""
    with HubServer() as server:
        server.repositories[NAME] = Repository(smolvlm_files("BF16"))
        yield server


@pytest.fixture
def open_model(page: Page, hub: HubServer, site_files: SiteFiles) -> Iterator[Any]:
    """Opens a model in a page that may fetch from the hub, and asks it about an image."""
    site = {**json.loads(site_files["site.json"]), "reader": None}  # which would come some time, and take memory
    empty = b"<!doctype html><link rel=icon href=icon.svg>"
    files = {**site_files, "site.json": json.dumps(site).encode(), "empty.html": empty}
    server = SiteServer(files, connect=f"{CONNECT_SOURCES} {hub.url} {hub.cdn_url}").start()
    page.goto(f"{server.url}empty.html")

    def run(
        options: dict[str, Any],
        picture: np.ndarray | None,
        questions: list[str] = QUESTIONS,
        **answering: Any,
    ) -> Any:
        image = None if picture is None else png(picture)
        answering = {"max_new_tokens": TOKENS, "profile": "accuracy", **answering}
        return page.evaluate(OPEN, [{"hub": hub.url, "baseURL": server.url, **options}, image, questions, answering])

    yield run
    server.close()


def png(picture: np.ndarray) -> str:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], int]:
    """The conversation natively, on the same build with as many activation bits; and the kernel memory it took."""
    folder = write_smolvlm(tmp_path_factory.mktemp("models") / "smolvlm", "BF16")
    vlm = VLM.from_pretrained(folder, threads=1)
    image = vlm.encode_image(golden()["image1.0"], profile="accuracy")
    conversation = vlm.conversation()
    answers = [conversation.ask(QUESTIONS[0], image, max_new_tokens=TOKENS)]
    answers.append(conversation.ask(QUESTIONS[1], max_new_tokens=TOKENS))
    memory = vlm.stats()["kernel_memory_bytes"]
    vlm.close()
    return answers, memory


@pytest.fixture(scope="module")
def expected(native: tuple[list[str], int]) -> list[str]:
    """The native answers."""
    return native[0]


def test_a_repository_answers_as_natively(open_model: Any, hub: HubServer, native: tuple[list[str], int]) -> None:
    """Image, question, second question of the same conversation, whose beginning is in the KV cache."""
    expected, memory = native
    result = open_model({"model": NAME, "activationBits": 7}, golden()["image1.0"])
    assert result.get("answers") == expected, result
    assert result["card"]["remembers"]
    assert abs(result["engine"]["kernel_memory_bytes"] - memory) < 100_000, "held as natively: in q8"
    assert result["stats"][1]["reused_tokens"] > 40
    assert hub.paths("cdn"), "weights come from the hub's CDN"


def test_4_bits_are_taken_where_they_are_asked_for(open_model: Any, tmp_path: Path) -> None:
    """Which costs this model much: that is said, once."""
    folder = write_smolvlm(tmp_path / "smolvlm", "BF16")
    with pytest.warns(UserWarning, match="q4"), VLM.from_pretrained(folder, threads=1, quantization="q4") as vlm:
        expected = vlm.conversation().ask(QUESTIONS[0], golden()["image1.0"], max_new_tokens=TOKENS)
    choice = {"model": NAME, "activationBits": 7}
    eight = open_model(choice, golden()["image1.0"], QUESTIONS[:1])
    four = open_model({**choice, "quantization": "q4"}, golden()["image1.0"], QUESTIONS[:1], profile="balanced")
    assert (four.get("answers"), four.get("notices")) == ([expected], ["few-bits"]), four
    assert four["engine"]["kernel_memory_bytes"] < eight["engine"]["kernel_memory_bytes"]
    assert eight["notices"] == []
    refused = open_model({**choice, "quantization": "q3"}, None)
    assert (refused["code"], refused["details"]["name"]) == ("bad-argument", "quantization")


def test_dropped_files_answer_as_natively(open_model: Any, hub: HubServer, expected: list[str]) -> None:
    files = [[name, base64.b64encode(data).decode()] for name, data in smolvlm_files("BF16").items()]
    result = open_model({"files": files, "activationBits": 7}, golden()["image1.0"])
    assert result.get("answers") == expected, result
    assert not hub.paths()


def test_a_text_alone_is_answered(open_model: Any) -> None:
    result = open_model({"model": NAME}, None)
    assert len(result["answers"]) == 2
    assert result["stats"][0]["prompt_tokens"] < 60


@pytest.mark.allow_console_errors
def test_a_broken_download_goes_on_where_it_ended(open_model: Any, hub: HubServer, expected: list[str]) -> None:
    hub.faults += [Fault("", server="cdn", cut=50_000), Fault("", server="cdn", cut=30_000)]
    result = open_model({"model": NAME, "activationBits": 7}, golden()["image1.0"])
    assert result.get("answers") == expected, result
    assert [fault.times for fault in hub.faults] == [0, 0]


@pytest.mark.allow_console_errors
@pytest.mark.parametrize("cut", [None, 2_500_000])
def test_a_server_without_ranges_is_read_from_the_beginning(
    open_model: Any, hub: HubServer, expected: list[str], cut: int | None
) -> None:
    """What is wanted lies behind 3 MB that are not: they are read and thrown away, also after a break, once."""
    hub.repositories[NAME] = Repository(with_unused_tensor(3_000_000))
    hub.faults += [Fault("", server="cdn", cut=cut, ignores_ranges=True), Fault("", 99, "cdn", ignores_ranges=True)]
    result = open_model({"model": NAME, "activationBits": 7}, golden()["image1.0"])
    assert result.get("answers") == expected, result
    assert len(hub.paths("cdn")) <= 3


def test_a_server_without_ranges_will_do(open_model: Any, hub: HubServer, expected: list[str]) -> None:
    hub.faults.append(Fault("", times=99, server="cdn", ignores_ranges=True))
    result = open_model({"model": NAME, "activationBits": 7}, golden()["image1.0"])
    assert result.get("answers") == expected, result


@pytest.mark.allow_console_errors
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"config.json": b"{"}, "json-invalid"),
        ({"config.json": b'{"model_type": "gpt9"}'}, "architecture-unknown"),
        ({"model.safetensors": b"\xff" * 3000}, "weights-header-too-long"),
        ({"model.safetensors": smolvlm_files("F32")["model.safetensors"][:-4]}, "tensor-invalid"),
        ({"tokenizer.json": None}, "model-incomplete"),
        ({"tokenizer_config.json": b'{"chat_template": "{% for"}'}, "chat-template-invalid"),
    ],
)
def test_unusable_models_are_a_sentence(open_model: Any, hub: HubServer, change: dict[str, Any], code: str) -> None:
    files = {**smolvlm_files("F32"), **change}
    hub.repositories[NAME] = Repository({name: data for name, data in files.items() if data is not None})
    result = open_model({"model": NAME}, None)
    assert result.get("code") == code, result
    assert result["message"].endswith(".")


@pytest.mark.allow_console_errors
def test_a_repository_that_is_not_there_is_a_sentence(open_model: Any) -> None:
    assert open_model({"model": "owner/nothing"}, None)["code"] == "repository-not-found"


def test_answers_can_be_bound(open_model: Any) -> None:
    assert open_model({"model": NAME}, None, ["Is it?"], choices=["yes", "no"])["answers"][0] in ("yes", "no")
