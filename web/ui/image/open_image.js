// Whether an image can be used, found out before anything is given up for it.

import { checkImage, unreadable } from "../../engine/shared/image_header.js";

/**
 * @typedef {object} OpenedImage
 * @property {Blob} preview  the same bytes under their true type, which the browser shows
 * @property {number} width  pixels, as shown
 * @property {number} height
 */

/**
 * @param {Blob} blob
 * @returns {Promise<OpenedImage>}
 * @throws {import("../../engine/shared/errors.js").TinyVLMError} image-* codes, see image_header.js
 */
export async function openImage(blob) {
  // Before the browser decodes it: a small file can hold a huge image.
  const { type } = await checkImage(blob);
  const preview = blob.slice(0, blob.size, type);
  const image = new Image();
  image.src = URL.createObjectURL(preview);
  try {
    await image.decode();
  } catch {
    throw unreadable();
  } finally {
    URL.revokeObjectURL(image.src);
  }
  return { preview, width: image.naturalWidth, height: image.naturalHeight };
}
