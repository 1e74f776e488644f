// JPEG (ITU T.81): tables, frames and scans are kept; what lies between segments, comments and metadata are not.

import { readOrientation } from "./exif.js";
import { bytesOf, FILLER, textAt, unreadable, viewOf } from "./image_file.js";

/** @import { Bytes } from "./protocol.js" */
/** @import { ImageFile } from "./image_file.js" */

const SOI = bytesOf("\xff\xd8");
const EOI = bytesOf("\xff\xd9");
const FILLED = Uint8Array.of(...FILLER, ...EOI);
const TABLES = [0xc4, 0xcc, 0xdb, 0xdc, 0xdd];
const PROGRESSIVE = [0xc2, 0xc6, 0xca, 0xce];
const END = 0xd9;
const SCAN = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP14 = 0xee;

/**
 * @typedef {object} Picture
 * @property {Bytes[]} pieces
 * @property {number} frame  its marker
 * @property {number} width
 * @property {number} height
 * @property {number} orientation
 * @property {Map<number, Uint8Array>} lacking  by component: how many low bits of each of its 64 coefficients no scan has
 *   brought yet
 * @property {boolean} hasScan
 */

/**
 * @param {Bytes} bytes
 * @returns {ImageFile}
 * @throws {import("./errors.js").TinyVLMError} image-unreadable where what decoding needs is not all there
 */
export function readJPEG(bytes) {
  /** @type {Picture} */
  const picture = {
    pieces: [SOI],
    frame: 0,
    width: 0,
    height: 0,
    orientation: 1,
    lacking: new Map(),
    hasScan: false,
  };
  const hasEnd = readSegments(bytes, picture);
  if (!picture.frame) throw unreadable();
  if (!hasEnd && !(picture.hasScan && isComplete(picture))) throw unreadable();
  const { width, height, pieces, orientation } = picture;
  return { type: "image/jpeg", width, height, pieces, tails: hasEnd ? [EOI] : [EOI, FILLED], orientation };
}

/** The pieces of a file that tells its orientation itself. @param {ImageFile} file @returns {Bytes[]} */
export function withOrientation({ pieces, orientation }) {
  const turn = String.fromCharCode(orientation);
  const body = `Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0${turn}\0\0\0\0\0\0`;
  return [pieces[0], bytesOf(`\xff\xe1\0${String.fromCharCode(body.length + 2)}${body}`), ...pieces.slice(1)];
}

/** @param {Bytes} bytes @param {Picture} picture @returns {boolean}  whether the file has an end marker */
function readSegments(bytes, picture) {
  const view = viewOf(bytes);
  for (let at = nextMarker(bytes, SOI.length); at < bytes.length; at = nextMarker(bytes, at)) {
    const marker = bytes[at++];
    if (marker === END) return true;
    if (standsAlone(marker)) continue;
    if (at + 2 > bytes.length) return false;
    const end = at + view.getUint16(at);
    if (end > bytes.length) return false;
    readSegment(marker, bytes.subarray(Math.min(at + 2, end), end), picture);
    at = Math.max(at, end);
    if (marker === SCAN) at = readScan(bytes, at, picture);
  }
  return false;
}

/** Where the code of the next marker is, after any number of fill bytes. @param {Bytes} bytes @param {number} from */
function nextMarker(bytes, from) {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at)) {
    while (bytes[at] === 0xff) at++;
    if (bytes[at]) return at;
  }
  return bytes.length;
}

/** @param {number} marker */
function standsAlone(marker) {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

/** @param {number} marker @param {Bytes} body @param {Picture} picture */
function readSegment(marker, body, picture) {
  if (marker === APP1 && textAt(body, 0, 6) === "Exif\0\0") {
    picture.orientation = readOrientation(body);
    return;
  }
  const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
  if (isFrame) readFrame(marker, body, picture);
  else if (marker === SCAN) readScanHeader(body, picture);
  else if (!TABLES.includes(marker) && !tellsColours(marker, body)) return;
  const length = body.length + 2;
  picture.pieces.push(Uint8Array.of(0xff, marker, length >> 8, length & 255), body);
}

/**
 * JFIF is YCbCr, Adobe says it; shorter than they must be, decoders trip over them.
 * @param {number} marker
 * @param {Bytes} body
 */
function tellsColours(marker, body) {
  const isJFIF = marker === APP0 && textAt(body, 0, 5) === "JFIF\0" && body.length >= 14;
  return isJFIF || (marker === APP14 && textAt(body, 0, 5) === "Adobe" && body.length >= 12);
}

/** @param {number} marker @param {Bytes} body @param {Picture} picture */
function readFrame(marker, body, picture) {
  const view = viewOf(body);
  picture.frame = marker;
  picture.height = view.getUint16(1);
  picture.width = view.getUint16(3);
  const components = view.getUint8(5);
  for (let at = 6; at < Math.min(6 + 3 * components, body.length); at += 3) {
    picture.lacking.set(body[at], new Uint8Array(64).fill(8));
  }
}

/** @param {Bytes} body @param {Picture} picture */
function readScanHeader(body, picture) {
  const view = viewOf(body);
  const end = 1 + 2 * view.getUint8(0);
  const isProgressive = PROGRESSIVE.includes(picture.frame);
  const first = isProgressive ? view.getUint8(end) : 0;
  const last = isProgressive ? view.getUint8(end + 1) : 63;
  const precision = isProgressive ? view.getUint8(end + 2) & 15 : 0;
  for (let at = 1; at < Math.min(end, body.length); at += 2) {
    picture.lacking.get(body[at])?.fill(precision, first, last + 1);
  }
}

/**
 * Keeps what stands for pixels.
 * @param {Bytes} bytes
 * @param {number} from
 * @param {Picture} picture
 * @returns {number}  where the next segment begins
 */
function readScan(bytes, from, picture) {
  let marker = nextMarker(bytes, from);
  while (bytes[marker] >= 0xd0 && bytes[marker] <= 0xd7) marker = nextMarker(bytes, marker);
  let end = marker;
  while (end > from && bytes[end - 1] === 0xff) end--;
  picture.pieces.push(bytes.subarray(from, end));
  picture.hasScan = true;
  return end;
}

/** Whether there was a scan for every bit of every coefficient; the last scan may still be cut. @param {Picture} picture */
function isComplete({ lacking }) {
  return [...lacking.values()].every((bits) => bits.every((count) => count === 0));
}
