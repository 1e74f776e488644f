"""Images as the model takes them: rows of RGB bytes. Natively Pillow decodes; in the page the browser does."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..git_lfs import is_pointer
from .image_sources import MAX_FILE_BYTES, file_too_large, is_array, read_array, read_source

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SIDE = 32_767
"""Decoders may fail on longer sides, whatever the file is like."""

_OTHER_FORMATS = ("TIFF", "ICO", "PPM", "JPEG2000", "HEIF")
"""Read here alone, not by the page. Pillow knows more, and runs other programs for some: Ghostscript for EPS."""

# EXIF's orientation -> what Pillow calls it
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


@dataclass(frozen=True)
class RGBImage:
    """uint8 pixels (height, width, 3), row by row."""

    height: int
    width: int
    data: Any
    """A bytes-like; in the page a JS Uint8Array."""


def load_image(source: Any) -> RGBImage:
    """Decode a path, data URL, open file, bytes, PIL image, array (image_sources.py says which), or RGBImage.

    EXIF orientation is applied, the first frame of an animation taken, transparency composited on white, and 16-bit
    images scaled to 8. Raises InputError with an "image-..." code.
    """
    if isinstance(source, RGBImage):
        return source
    file = read_source(source)
    if file is not None:
        return _decode(file)
    from PIL import Image

    if isinstance(source, Image.Image):
        try:  # files that Pillow opened are decoded only now
            return _convert(source)
        except InputError:
            raise
        except Exception as error:
            raise _unreadable() from error
    if is_array(source):
        return _from_array(source)
    raise InputError("image-bad-value", type=type(source).__name__)


def _decode(data: bytes) -> RGBImage:
    """Files of kinds that browsers read too go through image_header.py first, which makes both take the same ones."""
    from .image_header import read_image_file
    from .png_file import check_pixels

    if not data:
        raise InputError("image-empty")
    if is_pointer(data):
        raise InputError("image-lfs-pointer")
    if len(data) > MAX_FILE_BYTES:
        raise file_too_large(len(data))
    file = read_image_file(data)
    if file is None:
        return _decode_with_pillow(data, _OTHER_FORMATS)
    try:
        if file.format == "PNG":  # not earlier: it unpacks the pixels
            file = check_pixels(file)
        decoded = [_decode_with_pillow(file.data + tail, (file.format,), file.orientation) for tail in file.tails]
    except InputError as error:
        side = max(file.width, file.height)
        if side <= MAX_SIDE or error.code not in ("image-unreadable", "image-unknown-type"):
            raise
        raise InputError("image-side-too-long", width=file.width, height=file.height, limit=MAX_SIDE) from error
    if any(image.data != decoded[0].data for image in decoded):
        raise _unreadable()
    return decoded[0]


def _decode_with_pillow(data: bytes, formats: Sequence[str], orientation: int = 1) -> RGBImage:
    from PIL import Image, UnidentifiedImageError

    from .image_header import MAX_PIXELS, megapixels

    Image.init()
    known = [name for name in formats if name in Image.OPEN]  # some builds of Pillow lack some
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is checked next
            with Image.open(BytesIO(data), formats=known) as image:
                return _convert(image, orientation)
    except UnidentifiedImageError as error:
        if formats is _OTHER_FORMATS or not known:
            raise InputError("image-unknown-type") from error
        raise _unreadable() from error
    except Image.DecompressionBombError as error:
        raise InputError("image-far-too-large", limit=megapixels(MAX_PIXELS)) from error
    except InputError:
        raise
    except Exception as error:  # Pillow's decoders raise whatever the broken file makes them
        raise _unreadable() from error


def _unreadable() -> InputError:
    return InputError("image-unreadable")


def _convert(image: Image, orientation: int = 1) -> RGBImage:
    """`orientation` is one that the image itself does not tell."""
    from PIL import Image as pillow
    from PIL import ImageOps

    from .image_header import check_size

    check_size(image.width * image.height)
    image = ImageOps.exif_transpose(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = _to_8_bits(image)
    if image.has_transparency_data:
        rgba = _with_alpha(image)
        image = pillow.new("RGBA", rgba.size, "white")
        image.alpha_composite(rgba)
    image = image.convert("RGB")
    if orientation in _TURNS:
        image = image.transpose(pillow.Transpose[_TURNS[orientation]])
    return RGBImage(image.height, image.width, image.tobytes())


def _with_alpha(image: Image) -> Image:
    if image.mode == "La":
        image = image.convert("LA")
    try:
        return image.convert("RGBA")
    except (TypeError, ValueError):  # Pillow keeps what was transparent in the mode before, where it fits no more
        image = image.copy()
        image.info.pop("transparency", None)
        return image.convert("RGBA")


def _to_8_bits(image: Image) -> Image:
    """Scale 16-bit gray (Pillow's own conversion clips it); 32-bit and float images by their own range."""
    import numpy as np
    from PIL import Image as pillow

    values = np.asarray(image).astype(np.float64)
    finite = values[np.isfinite(values)]
    if finite.size < values.size:  # no number is black, infinities are the ends of the range
        low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
        values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    if image.mode == "F" or values.min() < 0 or values.max() > 65535:
        low = values.min()
        high = values.max()
        values = (values - low) / max(high - low, 1e-12) * 65535
    return pillow.fromarray(np.rint(values / 257).astype(np.uint8))


def _from_array(source: Any) -> RGBImage:
    import numpy as np
    from PIL import Image

    return _convert(Image.fromarray(np.ascontiguousarray(read_array(source))))
