// What an image file says of itself, read before anything is decoded: its true type, its size in pixels and what its
// pixels depend on. A file of a few kilobytes can unpack to gigabytes, and names and MIME types can be wrong.
// py/tinyvlm/media/image_header.py is the same.

import { TinyVLMError } from "./errors.js";
import { readGIF } from "./gif_file.js";
import { isPointer } from "./git_lfs.js";
import { textAt, unreadable, viewOf } from "./image_file.js";
import { readJPEG } from "./jpeg_file.js";
import { readPNG, SIGNATURE } from "./png_file.js";
import { readWebP } from "./webp_file.js";

/** @import { Bytes } from "./protocol.js" */
/** @import { ImageFile } from "./image_file.js" */

export const MAX_PIXELS = 50_000_000;
export const MAX_FILE_BYTES = 64 * 2 ** 20;
/** Enough to know any format: of a folder's files, most are no images. */
const HEAD_BYTES = 4096;
/** From here on the number itself would tell nobody anything. */
const FAR_TOO_MANY_PIXELS = 200_000_000;

/**
 * @typedef {object} Format
 * @property {(head: Bytes) => boolean} matches
 * @property {(bytes: Bytes) => ImageFile} read  a file that ends too early is a RangeError
 */

/**
 * @param {Blob} blob
 * @returns {Promise<ImageFile>}
 * @throws {TinyVLMError} image-changed, image-empty, image-lfs-pointer, image-file-too-large, image-unknown-type,
 *   image-svg, image-unreadable, image-too-large, image-far-too-large, image-without-pixels
 */
export async function readImageFile(blob) {
  if (blob.size === 0) {
    throw new TinyVLMError("image-empty");
  }
  if (await isPointer(blob)) {
    throw new TinyVLMError("image-lfs-pointer");
  }
  if (blob.size > MAX_FILE_BYTES) {
    const megabytes = Math.ceil(blob.size / 2 ** 20);
    throw new TinyVLMError("image-file-too-large", { megabytes, limit: MAX_FILE_BYTES / 2 ** 20 });
  }
  const head = await readBytes(blob.slice(0, HEAD_BYTES));
  const format = FORMATS.find(({ matches }) => matches(head));
  if (!format) {
    throw new TinyVLMError("image-unknown-type");
  }
  const file = readFormat(format, await readBytes(blob));
  checkSize(file.width * file.height);
  return file;
}

/** @param {Format} format @param {Bytes} bytes */
function readFormat(format, bytes) {
  try {
    return format.read(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw unreadable(); // a read past the end of a cut file
    throw error;
  }
}

/** @param {number} pixels */
function checkSize(pixels) {
  if (pixels > FAR_TOO_MANY_PIXELS) {
    throw new TinyVLMError("image-far-too-large", { limit: MAX_PIXELS / 1e6 });
  }
  if (pixels > MAX_PIXELS) {
    throw new TinyVLMError("image-too-large", { megapixels: Math.ceil(pixels / 1e6), limit: MAX_PIXELS / 1e6 });
  }
  if (pixels === 0) {
    throw new TinyVLMError("image-without-pixels");
  }
}

/** @param {Blob} blob @returns {Promise<Bytes>} */
async function readBytes(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch {
    // Browsers give out a file as it was when it was chosen, or not at all.
    throw new TinyVLMError("image-changed");
  }
}

/** @type {Format[]} */
const FORMATS = [
  { matches: (head) => textAt(head, 0, 8) === SIGNATURE, read: readPNG },
  { matches: (head) => textAt(head, 0, 2) === "\xff\xd8", read: readJPEG },
  { matches: (head) => /^GIF8[79]a$/.test(textAt(head, 0, 6)), read: readGIF },
  { matches: (head) => textAt(head, 0, 4) === "RIFF" && textAt(head, 8, 4) === "WEBP", read: readWebP },
  { matches: (head) => textAt(head, 0, 2) === "BM" && head.length > 26, read: readBMP },
  { matches: isAVIF, read: readAVIF },
  {
    matches: (head) => /<svg[\s>]/i.test(textAt(head, 0, HEAD_BYTES)),
    read: () => {
      throw new TinyVLMError("image-svg");
    },
  },
];

/** @param {string} type @param {number} width @param {number} height @param {Bytes} bytes @returns {ImageFile} */
function asItIs(type, width, height, bytes) {
  return { type, width, height, pieces: [bytes], tails: [new Uint8Array()], orientation: 1 };
}

/** @param {Bytes} bytes */
function readBMP(bytes) {
  const view = viewOf(bytes);
  const isCoreHeader = view.getUint32(14, true) === 12;
  if (isCoreHeader) return asItIs("image/bmp", view.getUint16(18, true), view.getUint16(20, true), bytes);
  const width = view.getInt32(18, true);
  if (width < 0) throw unreadable();
  return asItIs("image/bmp", width, Math.abs(view.getInt32(22, true)), bytes); // negative height: the top row first
}

/** @param {Bytes} head */
function isAVIF(head) {
  if (textAt(head, 4, 4) !== "ftyp") return false;
  const boxLength = viewOf(head).getUint32(0);
  return /avi[fs]/.test(textAt(head, 8, Math.min(boxLength, 256) - 8));
}

/**
 * ISO/IEC 23008-12 6.5.3: every item (image, alpha plane, thumbnail, tile) has an `ispe` box; the image is the largest.
 * @param {Bytes} bytes
 */
function readAVIF(bytes) {
  const view = viewOf(bytes);
  /** @type {[width: number, height: number]|null} */
  let largest = null;
  for (let at = bytes.indexOf(0x69); at >= 0; at = bytes.indexOf(0x69, at + 1)) {
    if (textAt(bytes, at, 4) !== "ispe" || at + 16 > bytes.length) continue;
    const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (!largest || width * height > largest[0] * largest[1]) largest = [width, height];
  }
  if (!largest) throw unreadable();
  return asItIs("image/avif", ...largest, bytes);
}
