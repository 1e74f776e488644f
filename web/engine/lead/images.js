// An image file -> rows of RGB bytes, decoded by the browser.

import { checkImage, unreadable } from "../shared/image_header.js";

/** @import { Bytes } from "../shared/protocol.js" */

/** Pixels that are held as RGBA at a time, beside the bitmap itself. */
const BAND_PIXELS = 2 ** 20;

/**
 * The pixels as Pillow gives them: EXIF orientation applied, colour profiles ignored, first frame of an animation, and
 * transparent parts on white. 16-bit grey is scaled to 8 bits, where Pillow's convert("RGB") clips it.
 * @param {Blob} blob
 * @returns {Promise<{width: number, height: number, rgb: Bytes}>}  rgb is (H, W, 3), row by row
 * @throws {import("../shared/errors.js").TinyVLMError} image-* codes, see image_header.js
 */
export async function decodeImage(blob) {
  const { type } = await checkImage(blob);
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob.slice(0, blob.size, type), {
      imageOrientation: "from-image",
      premultiplyAlpha: "none",
      colorSpaceConversion: "none",
    });
  } catch {
    throw unreadable();
  }
  try {
    return readPixels(bitmap);
  } finally {
    bitmap.close();
  }
}

/** In bands, so that a large image is never there twice as RGBA. @param {ImageBitmap} bitmap */
function readPixels(bitmap) {
  const { width, height } = bitmap;
  const rgb = new Uint8Array(width * height * 3);
  const bandRows = Math.min(height, Math.max(1, Math.floor(BAND_PIXELS / width)));
  const context = new OffscreenCanvas(width, bandRows).getContext("2d", { alpha: false, willReadFrequently: true });
  if (!context) throw unreadable();
  context.fillStyle = "white";
  let to = 0;
  for (let top = 0; top < height; top += bandRows) {
    const rows = Math.min(bandRows, height - top);
    context.fillRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows);
    const rgba = context.getImageData(0, 0, width, rows).data;
    for (let from = 0; from < rgba.length; from += 4) {
      rgb[to++] = rgba[from];
      rgb[to++] = rgba[from + 1];
      rgb[to++] = rgba[from + 2];
    }
  }
  return { width, height, rgb };
}
