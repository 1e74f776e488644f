"""Where Git LFS has left pointers, whoever opens the model or the image is told what to run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from public_model import write_smolvlm
from streamed import Stream
from tinyvlm import VLM
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import InputError, LoadError, TinyVLMError
from tinyvlm.git_lfs import is_pointer
from tinyvlm.media.images import load_image

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'5e' * 32}\nsize 34310752\n".encode()
GOLDEN = Path(__file__).resolve().parents[1] / "golden"


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_folder_with_a_pointer_says_which_file_it_is(tmp_path: Path, file: str) -> None:
    folder = write_smolvlm(tmp_path)
    (folder / file).write_bytes(POINTER)
    with pytest.raises(LoadError, match="git lfs pull") as caught:
        VLM.from_pretrained(folder, backend="numpy")
    assert (caught.value.code, caught.value.details) == ("lfs-pointer", {"file": str(folder / file)})
    with pytest.raises(TinyVLMError) as told:
        Stream(folder, WasmtimeKernels(threads=1))
    assert (told.value.code, told.value.details) == ("lfs-pointer", {"file": file})


@pytest.mark.parametrize("file", ["toy.gguf", "mmproj-toy.gguf"])
def test_a_gguf_file_may_be_one(tmp_path: Path, file: str) -> None:
    shutil.copy(GOLDEN / "tiny_text.gguf", tmp_path / "toy.gguf")
    (tmp_path / file).write_bytes(POINTER)
    with pytest.raises(LoadError) as caught:
        VLM.from_pretrained(tmp_path / "toy.gguf", backend="numpy")
    assert (caught.value.code, caught.value.details) == ("lfs-pointer", {"file": str(tmp_path / file)})


def test_an_image_may_be_one(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(POINTER)
    for image in (POINTER, tmp_path / "photo.jpg"):
        with pytest.raises(InputError, match="git lfs pull") as caught:
            load_image(image)
        assert caught.value.code == "image-lfs-pointer"


@pytest.mark.parametrize("data", [b"", b"version", b"version 2 of a text", b"GGUF" * 20, POINTER[1:]])
def test_other_files_are_none(data: bytes) -> None:
    assert not is_pointer(data)
