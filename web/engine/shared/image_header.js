// What an image file says about itself in its first bytes: its true type and its size in pixels. Read before anything
// is decoded, because a file of a few kilobytes can unpack to gigabytes, and because names and MIME types can be wrong.

import { TinyVLMError } from "./errors.js";
import { isPointer } from "./git_lfs.js";

export const MAX_PIXELS = 50_000_000;
export const MAX_FILE_BYTES = 64 * 2 ** 20;
/** The longest side that every browser's canvas takes. */
const MAX_SIDE = 32_767;
const HEAD_BYTES = 2 ** 18;

/**
 * @typedef {{type: string, width: number, height: number}} ImageHeader  MIME type and pixels as stored (before EXIF
 *   rotation)
 * @typedef {[width: number, height: number]} Size
 *
 * @typedef {object} Format
 * @property {string} type
 * @property {(bytes: Uint8Array) => boolean} matches
 * @property {(view: DataView, bytes: Uint8Array) => Size|null} size  a file that ends too early is a RangeError
 */

/**
 * @param {Blob} blob
 * @returns {Promise<ImageHeader>}
 * @throws {TinyVLMError} image-empty, image-lfs-pointer, image-file-too-large, image-unknown-type, image-svg, image-unreadable,
 *   image-too-large, image-side-too-long
 */
export async function checkImage(blob) {
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
  let header = readHeader(await read(blob.slice(0, HEAD_BYTES)));
  // Long metadata (colour profiles, thumbnails) may push the size out of the head.
  if (header && !header.width && blob.size > HEAD_BYTES) header = readHeader(await read(blob));
  if (!header) {
    throw new TinyVLMError("image-unknown-type");
  }
  if (header.type === "image/svg+xml") {
    throw new TinyVLMError("image-svg");
  }
  const { width, height } = header;
  if (!width || !height) throw unreadable();
  if (width * height > MAX_PIXELS) {
    const megapixels = Math.ceil((width * height) / 1e6);
    throw new TinyVLMError("image-too-large", { megapixels, limit: MAX_PIXELS / 1e6 });
  }
  if (Math.max(width, height) > MAX_SIDE) {
    throw new TinyVLMError("image-side-too-long", { width, height, limit: MAX_SIDE });
  }
  return header;
}

/** What an image that cannot be decoded is refused with. */
export function unreadable() {
  return new TinyVLMError("image-unreadable");
}

/** @param {Blob} blob */
async function read(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch {
    // The file was moved, changed or is a folder.
    throw unreadable();
  }
}

/**
 * @param {Uint8Array} bytes  the beginning of a file
 * @returns {ImageHeader|null}  null: no known type; width 0: known type, size not found
 */
export function readHeader(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = FORMATS.find(({ matches }) => matches(bytes));
  if (!format) return null;
  /** @type {Size|null} */
  let size = null;
  try {
    size = format.size(view, bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // a read past the end of a cut file
  }
  const [width, height] = size ?? [0, 0];
  return { type: format.type, width, height };
}

/** @type {Format[]} */
const FORMATS = [
  {
    type: "image/png",
    matches: (bytes) => textAt(bytes, 0, 8) === "\x89PNG\r\n\x1a\n",
    size: (view) => [view.getUint32(16), view.getUint32(20)],
  },
  { type: "image/jpeg", matches: (bytes) => textAt(bytes, 0, 3) === "\xff\xd8\xff", size: jpegSize },
  {
    type: "image/gif",
    matches: (bytes) => /^GIF8[79]a$/.test(textAt(bytes, 0, 6)),
    size: (view) => [view.getUint16(6, true), view.getUint16(8, true)],
  },
  {
    type: "image/webp",
    matches: (bytes) => textAt(bytes, 0, 4) === "RIFF" && textAt(bytes, 8, 4) === "WEBP",
    size: webpSize,
  },
  { type: "image/bmp", matches: (bytes) => textAt(bytes, 0, 2) === "BM" && bytes.length > 26, size: bmpSize },
  { type: "image/avif", matches: isAvif, size: avifSize },
  { type: "image/svg+xml", matches: (bytes) => /<svg[\s>]/i.test(textAt(bytes, 0, 4096)), size: () => null },
];

/** @param {Uint8Array} bytes @param {number} offset @param {number} length */
function textAt(bytes, offset, length) {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}

/**
 * ITU T.81 B.1.1: segments `FF marker length...` up to a start of frame, which holds height and width.
 * @param {DataView} view
 * @returns {Size|null}
 */
function jpegSize(view) {
  let at = 2;
  for (;;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1; // fill byte
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    const standsAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
    at += 2 + (standsAlone ? 0 : view.getUint16(at + 2));
  }
}

/** @param {DataView} view @param {Uint8Array} bytes @returns {Size|null} */
function webpSize(view, bytes) {
  /** @param {number} at */
  const uint24 = (at) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  switch (textAt(bytes, 12, 4)) {
    case "VP8 ":
      return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
    case "VP8L": {
      const bits = view.getUint32(21, true);
      return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
    }
    case "VP8X":
      return [uint24(24) + 1, uint24(27) + 1];
    default:
      return null;
  }
}

/** @param {DataView} view @returns {Size} */
function bmpSize(view) {
  const isCoreHeader = view.getUint32(14, true) === 12;
  if (isCoreHeader) return [view.getUint16(18, true), view.getUint16(20, true)];
  return [Math.abs(view.getInt32(18, true)), Math.abs(view.getInt32(22, true))]; // negative height: top row first
}

/** @param {Uint8Array} bytes */
function isAvif(bytes) {
  if (textAt(bytes, 4, 4) !== "ftyp") return false;
  const boxLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return /avi[fs]/.test(textAt(bytes, 8, Math.min(boxLength, 256) - 8));
}

/**
 * ISO/IEC 23008-12 6.5.3: every item (image, alpha plane, thumbnail, tile) has an `ispe` box; the image is the largest.
 * @param {DataView} view
 * @param {Uint8Array} bytes
 */
function avifSize(view, bytes) {
  /** @type {Size|null} */
  let largest = null;
  for (let at = bytes.indexOf(0x69); at >= 0; at = bytes.indexOf(0x69, at + 1)) {
    if (textAt(bytes, at, 4) !== "ispe" || at + 16 > bytes.length) continue;
    /** @type {Size} */
    const size = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (!largest || size[0] * size[1] > largest[0] * largest[1]) largest = size;
  }
  return largest;
}
