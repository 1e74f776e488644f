// GIF 89a: the screen, the first frame and what is transparent in it.

import { FILLER, unreadable, viewOf } from "./image_file.js";

/** @import { Bytes } from "./protocol.js" */
/** @import { ImageFile } from "./image_file.js" */

const TRAILER = 0x3b;
const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const FRAME = 0x2c;
const END = Uint8Array.of(0, TRAILER);
const MORE = Uint8Array.of(FILLER.length, ...FILLER, ...END);

/**
 * @param {Bytes} bytes
 * @returns {ImageFile}
 * @throws {import("./errors.js").TinyVLMError} image-unreadable, or a RangeError where it ends before its pixels
 */
export function readGIF(bytes) {
  const view = viewOf(bytes);
  let at = 13 + paletteBytes(view.getUint8(10));
  const screen = bytes.subarray(0, at);
  let control = new Uint8Array();
  while (view.getUint8(at) !== FRAME) {
    if (bytes[at] === TRAILER) throw unreadable();
    const start = at++;
    if (bytes[start] !== EXTENSION) continue;
    at = skipBlocks(bytes, start + 2).end;
    if (bytes[start + 1] === GRAPHIC_CONTROL) control = bytes.subarray(start, at);
  }
  /** @param {number} offset */
  const uint16 = (offset) => view.getUint16(offset, true);
  const blocks = at + 10 + paletteBytes(view.getUint8(at + 9)) + 1;
  const { end, isWhole } = skipBlocks(bytes, blocks);
  const frame = isWhole ? [bytes.subarray(at, end)] : [bytes.subarray(at, blocks), ...wholeBlocks(bytes, blocks)];
  return {
    type: "image/gif",
    width: Math.max(uint16(6), uint16(at + 1) + uint16(at + 5)),
    height: Math.max(uint16(8), uint16(at + 3) + uint16(at + 7)),
    pieces: control.length === 8 ? [screen, control, ...frame] : [screen, ...frame],
    tails: isWhole ? [Uint8Array.of(TRAILER)] : [END, MORE],
    orientation: 1,
  };
}

/** @param {number} flags */
function paletteBytes(flags) {
  return flags & 0x80 ? 6 << (flags & 7) : 0;
}

/** Where data sub-blocks end, and whether an empty one ends them. @param {Bytes} bytes @param {number} at */
function skipBlocks(bytes, at) {
  while (bytes[at]) at += 1 + bytes[at];
  return { end: Math.min(at + 1, bytes.length), isWhole: at < bytes.length };
}

/** The sub-blocks of a file that ends in them; the last one as long as it is. @param {Bytes} bytes @param {number} at */
function wholeBlocks(bytes, at) {
  /** @type {Bytes[]} */
  const kept = [];
  for (; at + 1 < bytes.length; at += 1 + bytes[at]) {
    const block = bytes.subarray(at + 1, at + 1 + bytes[at]);
    kept.push(Uint8Array.of(block.length), block);
  }
  return kept;
}
