"""What happens to pictures on their way to a model: compression, blur, light, noise, a crop, a mirror."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageEnhance, ImageFilter


def compressed(image: Image.Image, rng: random.Random) -> Image.Image:
    """Save as JPEG and read again, quality 60 to 95, half of the time with halved colour."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=rng.randint(60, 95), subsampling=rng.choice([0, 2]))
    return Image.open(buffer).convert("RGB")


def disturbed(image: Image.Image, rng: random.Random) -> Image.Image:
    """Half of the images as they are or compressed; the others also with other light, contrast or some blur."""
    if rng.random() < 0.6:
        image = compressed(image, rng)
    if rng.random() < 0.5:
        return image
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.8, 1.2))
    image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.8, 1.2))
    if rng.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.8)))
    return image


def cropped(image: Image.Image, rng: random.Random) -> Image.Image:
    """Keep 80 to 100 % of each side."""
    width, height = (int(side * rng.uniform(0.8, 1)) for side in image.size)
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def mirrored(image: Image.Image) -> Image.Image:
    """Left becomes right."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
