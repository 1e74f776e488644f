// What is left of an image file when all is left out that its pixels do not depend on. Decoders differ in what they
// forgive: text chunks, profiles, checksums, missing ends. So none of it reaches them, and the page takes the same files as
// the Python package does (py/tinyvlm/media/image_file.py).

import { TinyVLMError } from "./errors.js";

/** @import { Bytes } from "./protocol.js" */

/**
 * One picture: the first of an animation.
 * @typedef {object} ImageFile
 * @property {string} type  MIME type
 * @property {number} width  as stored, before `orientation` turns it
 * @property {number} height
 * @property {Bytes[]} pieces
 * @property {Bytes[]} tails  how the file ends; two where its end is missing: it is whole if the pixels are the same with
 *   either
 * @property {number} orientation  EXIF's, 1 to 8
 */

/** Goes where a file without an end might have gone on: a picture that is whole does not change by it. */
export const FILLER = Uint8Array.from({ length: 64 }, (_, step) => 182 + ((step * 73) % 70));

/** What a damaged image is refused with. */
export function unreadable() {
  return new TinyVLMError("image-unreadable");
}

/** @param {Uint8Array} bytes @param {number} offset @param {number} length */
export function textAt(bytes, offset, length) {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}

/** @param {Uint8Array} bytes */
export function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @param {string} text  of characters up to 255 @returns {Bytes} */
export function bytesOf(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
