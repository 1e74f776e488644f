// WebP (RFC 9649): the canvas and the first picture, with its alpha; profiles and metadata are not kept.

import { readOrientation } from "./exif.js";
import { bytesOf, textAt, unreadable, viewOf } from "./image_file.js";

/** @import { Bytes } from "./protocol.js" */
/** @import { ImageFile } from "./image_file.js" */

const PICTURES = ["VP8 ", "VP8L", "ANMF"];
const BEFORE_PICTURE = ["VP8X", "ANIM", "ALPH"];
/** Alpha and animation; those for a profile, EXIF and XMP are cleared. */
const KEPT_FLAGS = 0x12;

/** @typedef {{kind: string, body: Bytes, isWhole: boolean}} Chunk */

/**
 * @param {Bytes} bytes
 * @returns {ImageFile}
 * @throws {import("./errors.js").TinyVLMError} image-unreadable where the picture is not all there
 */
export function readWebP(bytes) {
  const chunks = readChunks(bytes);
  const picture = chunks.findIndex(({ kind }) => PICTURES.includes(kind));
  if (picture < 0) throw unreadable();
  const kept = chunks.slice(0, picture + 1).filter(({ kind }) => [...BEFORE_PICTURE, ...PICTURES].includes(kind));
  if (kept.some(({ isWhole }) => !isWhole)) throw unreadable();
  const [width, height] = sizeOf(kept[0]);
  const written = kept.flatMap(writeChunk);
  const length = written.reduce((sum, piece) => sum + piece.length, 4);
  const exif = chunks.findLast(({ kind }) => kind === "EXIF");
  return {
    type: "image/webp",
    width,
    height,
    pieces: [bytesOf("RIFF"), uint32(length), bytesOf("WEBP"), ...written],
    tails: [new Uint8Array()],
    orientation: exif ? readOrientation(exif.body) : 1,
  };
}

/** @param {Bytes} bytes */
function readChunks(bytes) {
  const view = viewOf(bytes);
  /** @type {Chunk[]} */
  const chunks = [];
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    const body = bytes.subarray(at + 8, at + 8 + size);
    chunks.push({ kind: textAt(bytes, at, 4), body, isWhole: body.length === size });
    at += 8 + size + (size % 2);
  }
  return chunks;
}

/** @param {Chunk} chunk @returns {Bytes[]} */
function writeChunk({ kind, body }) {
  const data = kind === "VP8X" ? Uint8Array.of(body[0] & KEPT_FLAGS, ...body.subarray(1)) : body;
  return [bytesOf(kind), uint32(data.length), data, new Uint8Array(data.length % 2)];
}

/** Little-endian. @param {number} value @returns {Bytes} */
function uint32(value) {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}

/** @param {Chunk} chunk @returns {[width: number, height: number]} */
function sizeOf({ kind, body }) {
  const view = viewOf(body);
  /** @param {number} at */
  const uint24 = (at) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  switch (kind) {
    case "VP8 ":
      return [view.getUint16(6, true) & 0x3fff, view.getUint16(8, true) & 0x3fff];
    case "VP8L": {
      const bits = view.getUint32(1, true);
      return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
    }
    case "VP8X":
      return [uint24(4) + 1, uint24(7) + 1];
    default:
      throw unreadable();
  }
}
