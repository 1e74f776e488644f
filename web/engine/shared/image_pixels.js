// An image file -> rows of RGB bytes, decoded by the browser, as Pillow gives them: EXIF orientation applied, colour
// profiles ignored, first frame of an animation, transparent parts on white.

import { TinyVLMError } from "./errors.js";
import { unreadable } from "./image_file.js";
import { readImageFile } from "./image_header.js";
import { withOrientation } from "./jpeg_file.js";
import { findReader } from "./read_back.js";

/** @import { Bytes } from "./protocol.js" */
/** @import { ImageFile } from "./image_file.js" */

/**
 * @typedef {{width: number, height: number, rgb: Bytes}} Pixels  rgb is (H, W, 3), row by row
 * @typedef {{width: number, height: number, preview: Blob}} Inspected  preview: what any <img> shows as it is seen here
 */

/** Decoders may fail on longer sides, whatever the file is like. */
const MAX_SIDE = 32_767;
const PREVIEW_SIDE = 1600;
/** Pixels as they are in the file. @type {ImageBitmapOptions} */
const EXACT = { premultiplyAlpha: "none", colorSpaceConversion: "none" };

/**
 * @param {Blob} blob
 * @returns {Promise<Pixels>}
 * @throws {TinyVLMError} image-side-too-long, image-canvas-altered, memory-refused, and what readImageFile throws
 */
export async function decodeImage(blob) {
  const file = await readImageFile(blob);
  return turned(await decodeWhole(file), file.orientation);
}

/**
 * Finds out whether an image will be taken, at the cost of decoding it once.
 * @param {Blob} blob
 * @returns {Promise<Inspected>}
 * @throws {TinyVLMError} as decodeImage
 */
export async function inspectImage(blob) {
  const file = await readImageFile(blob);
  if (file.tails.length > 1) await decodeWhole(file);
  else await findReader();
  const bitmap = await openBitmap(file, file.tails[0], {});
  const isOnItsSide = file.orientation > 4;
  const { width, height } = bitmap;
  const preview = await makePreview(file, bitmap).finally(() => bitmap.close());
  return isOnItsSide ? { width: height, height: width, preview } : { width, height, preview };
}

/** Not turned by EXIF yet. @param {ImageFile} file @returns {Promise<Pixels>} */
async function decodeWhole(file) {
  const pixels = await decode(file, file.tails[0]);
  for (const tail of file.tails.slice(1)) {
    // An end that is missing: what could have come must make no difference.
    if (!isSame(pixels.rgb, (await decode(file, tail)).rgb)) throw unreadable();
  }
  return pixels;
}

/** @param {ImageFile} file @param {Bytes} tail @returns {Promise<Pixels>} */
async function decode(file, tail) {
  const read = await findReader();
  const bitmap = await openBitmap(file, tail, EXACT);
  try {
    const { orientation, ...pixels } = await read(bitmap);
    return turned(pixels, orientation);
  } catch (error) {
    throw error instanceof RangeError ? new TinyVLMError("memory-refused") : error; // arrays of 150 MB and more
  } finally {
    bitmap.close();
  }
}

/**
 * @param {ImageFile} file
 * @param {Bytes} tail
 * @param {ImageBitmapOptions} options  {}: for eyes, which takes the calling thread nothing; EXACT takes 40 ms and more
 */
async function openBitmap(file, tail, options) {
  try {
    return await createImageBitmap(await inOnePart(whole(file, tail)), {
      imageOrientation: "from-image", // AVIF's own; EXIF is not in the file any more
      ...options,
    });
  } catch {
    throw undecodable(file);
  }
}

/** @param {ImageFile} file @param {Bytes} tail */
function whole({ pieces, type }, tail) {
  return new Blob([...pieces, tail], { type });
}

/** Firefox tells a file's type by the first part of a blob alone, which may be of two bytes. @param {Blob} blob */
async function inOnePart(blob) {
  return new Blob([await blob.arrayBuffer()], { type: blob.type });
}

/** @param {ImageFile} file */
function undecodable({ width, height }) {
  if (Math.max(width, height) <= MAX_SIDE) return unreadable();
  return new TinyVLMError("image-side-too-long", { width, height, limit: MAX_SIDE });
}

/** @param {Bytes} one @param {Bytes} other */
function isSame(one, other) {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}

/**
 * Browsers turn JPEG by its EXIF and leave WebP as it is: those that they leave are drawn, no larger than they are shown.
 * @param {ImageFile} file
 * @param {ImageBitmap} bitmap  not turned
 * @returns {Promise<Blob>}
 */
async function makePreview(file, bitmap) {
  const { orientation, type } = file;
  if (orientation === 1) return whole(file, file.tails[0]);
  if (type === "image/jpeg") return new Blob([...withOrientation(file), file.tails[0]], { type });
  const scale = Math.min(1, PREVIEW_SIDE / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = orientation > 4 ? new OffscreenCanvas(height, width) : new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw unreadable();
  const [originX, originY, stepX, stepY] = walk(orientation, width, height);
  context.setTransform(stepX[0], stepX[1], stepY[0], stepY[1], originX, originY);
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas.convertToBlob();
}

/**
 * Where EXIF's orientation puts the corner at the top left of what is stored, and which way its rows and columns run.
 * @param {number} orientation
 * @param {number} width  as stored
 * @param {number} height
 * @returns {[x: number, y: number, alongRow: number[], downColumn: number[]]}
 */
function walk(orientation, width, height) {
  switch (orientation) {
    case 2:
      return [width, 0, [-1, 0], [0, 1]];
    case 3:
      return [width, height, [-1, 0], [0, -1]];
    case 4:
      return [0, height, [1, 0], [0, -1]];
    case 5:
      return [0, 0, [0, 1], [1, 0]];
    case 6:
      return [height, 0, [0, 1], [-1, 0]];
    case 7:
      return [height, width, [0, -1], [-1, 0]];
    case 8:
      return [0, width, [0, -1], [1, 0]];
    default:
      return [0, 0, [1, 0], [0, 1]];
  }
}

/** @param {Pixels} pixels @param {number} orientation  EXIF's @returns {Pixels} */
function turned(pixels, orientation) {
  if (orientation === 1) return pixels;
  const { width, height, rgb } = pixels;
  const [x, y, alongRow, downColumn] = walk(orientation, width, height);
  const turnedWidth = orientation > 4 ? height : width;
  const across = 3 * (alongRow[0] + alongRow[1] * turnedWidth);
  const down = 3 * (downColumn[0] + downColumn[1] * turnedWidth);
  // `walk` names the corner of the first pixel; its middle is where it is stored.
  const first =
    3 * (x - Number(alongRow[0] + downColumn[0] < 0) + (y - Number(alongRow[1] + downColumn[1] < 0)) * turnedWidth);
  const result = new Uint8Array(rgb.length);
  let from = 0;
  for (let row = 0; row < height; row++) {
    let to = first + row * down;
    for (let column = 0; column < width; column++, to += across) {
      result[to] = rgb[from++];
      result[to + 1] = rgb[from++];
      result[to + 2] = rgb[from++];
    }
  }
  return { width: turnedWidth, height: orientation > 4 ? width : height, rgb: result };
}
