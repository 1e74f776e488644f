// PNG (third edition): header, palette, transparency and pixels are kept, all else is not; checksums are written anew.

import { readOrientation } from "./exif.js";
import { bytesOf, FILLER, textAt, unreadable, viewOf } from "./image_file.js";

/** @import { Bytes } from "./protocol.js" */
/** @import { ImageFile } from "./image_file.js" */

export const SIGNATURE = "\x89PNG\r\n\x1a\n";
/** First byte after the header. */
const BODY = 33;
const PALETTE = 3;
/** @type {Record<number, number[]>} */
const DEPTHS = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
const CRCS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/**
 * @typedef {{width: number, height: number, depth: number, colours: number}} Header
 * @typedef {{kind: string, body: Bytes, crc: number, isWhole: boolean}} Chunk  crc: as the file has it
 */

/**
 * @param {Bytes} bytes
 * @returns {ImageFile}
 * @throws {import("./errors.js").TinyVLMError} image-unreadable where the chunks before the pixels are wrong
 */
export function readPNG(bytes) {
  const header = readHeader(bytes);
  const [chunks, hasEnd] = readChunks(bytes);
  const pixels = chunks.filter(({ kind }) => kind === "IDAT");
  const before = chunks.slice(0, pixels[0] ? chunks.indexOf(pixels[0]) : chunks.length);
  const palette = lastSound(before, "PLTE");
  const transparency = fitting(header, palette, lastSound(before, "tRNS"));
  const pieces = [bytes.subarray(0, BODY)];
  if (header.colours === PALETTE) {
    if (!palette.length || palette.length % 3 || palette.length > 3 << header.depth) throw unreadable();
    // Indices beyond its end are black in some decoders, and whatever lies there in others.
    const rest = new Uint8Array((3 << header.depth) - palette.length);
    pieces.push(...chunk("PLTE", [palette, rest]));
  }
  if (transparency.length) pieces.push(...chunk("tRNS", [transparency]));
  const bodies = pixels.map(({ body }) => body);
  const end = flat(chunk("IEND", []));
  const { width, height } = header;
  return {
    type: "image/png",
    width,
    height,
    pieces: pieces.concat(chunk("IDAT", bodies)), // which may be too many for arguments
    tails: hasEnd ? [end] : [end, Uint8Array.of(...flat(chunk("IDAT", [FILLER])), ...end)],
    orientation: readOrientation(lastSound(chunks, "eXIf")),
  };
}

/** @param {Bytes} bytes @returns {Header} */
function readHeader(bytes) {
  const view = viewOf(bytes);
  const [depth, colours, packing, filters, interlace] = [24, 25, 26, 27, 28].map((at) => view.getUint8(at));
  const isKnown = view.getUint32(8) === 13 && textAt(bytes, 12, 4) === "IHDR" && !packing && !filters && interlace <= 1;
  if (!isKnown || !DEPTHS[colours]?.includes(depth)) throw unreadable();
  return { width: view.getUint32(16), height: view.getUint32(20), depth, colours };
}

/** @param {Bytes} bytes @returns {[Chunk[], boolean]}  all behind the header; and whether the file has an end */
function readChunks(bytes) {
  const view = viewOf(bytes);
  /** @type {Chunk[]} */
  const chunks = [];
  for (let at = BODY; at + 8 <= bytes.length;) {
    const kind = textAt(bytes, at + 4, 4);
    if (kind === "IEND") return [chunks, true];
    const end = at + 8 + view.getUint32(at);
    const isWhole = end + 4 <= bytes.length;
    chunks.push({ kind, body: bytes.subarray(at + 8, end), crc: isWhole ? view.getUint32(end) : 0, isWhole });
    at = end + 4;
  }
  return [chunks, false];
}

/** The last chunk of a kind whose CRC is right: its data. @param {Chunk[]} chunks @param {string} wanted @returns {Bytes} */
function lastSound(chunks, wanted) {
  const found = chunks.filter(({ kind, isWhole }) => kind === wanted && isWhole);
  const sound = found.filter(({ body, crc }) => crc === crc32([bytesOf(wanted), body]));
  return sound.at(-1)?.body ?? new Uint8Array();
}

/**
 * What is transparent, if that fits; there may be more or fewer alphas than colours in the palette.
 * @param {Header} header
 * @param {Bytes} palette
 * @param {Bytes} transparency
 */
function fitting({ colours }, palette, transparency) {
  if (colours === PALETTE) return transparency.subarray(0, palette.length / 3);
  const wanted = { 0: 2, 2: 6 }[colours];
  return transparency.length === wanted ? transparency : new Uint8Array();
}

/** @param {string} kind @param {Bytes[]} bodies @returns {Bytes[]} */
function chunk(kind, bodies) {
  const name = bytesOf(kind);
  const length = bodies.reduce((sum, body) => sum + body.length, 0);
  return [uint32(length), name, ...bodies, uint32(crc32([name, ...bodies]))];
}

/** @param {number} value @returns {Bytes} */
function uint32(value) {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** @param {Bytes[]} pieces @returns {Bytes} */
function flat(pieces) {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** ISO 3309. @param {Uint8Array[]} pieces */
function crc32(pieces) {
  let crc = 0xffffffff;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at++) crc = CRCS[(crc ^ piece[at]) & 255] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
