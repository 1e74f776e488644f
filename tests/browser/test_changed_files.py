"""A file that changes on disk after it was chosen is told as that: browsers give out what was chosen, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from fixtures.shapes import shape_image

CODES = """async () => {
  const codeOf = (work) => work.then(() => null, ({ code, message }) => [code, message]);
  const { decodeImage, inspectImage } = await import("/engine/shared/image_pixels.js");
  const { fromFiles } = await import("/engine/download/hub.js");
  const { BlobFile } = await import("/engine/download/blob_file.js");
  const files = [...window.input.files];
  const [config, image, weights] = ["config.json", "photo.png", "model.safetensors"].map((name) => {
    return files.find((file) => file.name === name);
  });
  const source = new BlobFile(weights, weights.name);
  return {
    decoded: await codeOf(decodeImage(image)),
    inspected: await codeOf(inspectImage(image)),
    model: await codeOf(fromFiles([config, weights])),
    part: await codeOf(source.read(0, 4, () => {})),
  };
}"""
IMAGE_CHANGED = [
    "image-changed",
    "The image's file has changed on disk, or was moved, since it was chosen. Choose it again.",
]


def model_changed(name: str) -> list[str]:
    return [
        "dropped-file-unreadable",
        f"{name} has changed on disk, or was moved, since it was chosen. Choose it again.",
    ]


@pytest.mark.parametrize("change", [lambda path: path.write_bytes(path.read_bytes() + b" "), Path.unlink])
def test_a_file_that_changed_after_it_was_chosen(page: Page, scripted_url: str, tmp_path: Path, change: object) -> None:
    assert callable(change)
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"12345678")
    shape_image().save(tmp_path / "photo.png")
    page.goto(scripted_url)
    page.evaluate("""() => {
      window.input = Object.assign(document.createElement("input"), { type: "file", id: "chosen", multiple: true });
      document.body.append(window.input);
    }""")
    page.set_input_files("#chosen", sorted(tmp_path.iterdir()))
    unchanged = page.evaluate(CODES)
    assert unchanged == {"decoded": None, "inspected": None, "model": None, "part": None}
    for path in tmp_path.iterdir():
        change(path)
    assert page.evaluate(CODES) == {
        "decoded": IMAGE_CHANGED,
        "inspected": IMAGE_CHANGED,
        "model": model_changed("config.json"),
        "part": model_changed("model.safetensors"),
    }
