// Pixels out of the browser's hands. Some browsers and extensions alter what a canvas gives back, so that sites cannot
// recognize people by it; a model would be shown noise. So known pixels go through first, and where they come back
// different a VideoFrame is read in place of a canvas.

import { TinyVLMError } from "./errors.js";
import { unreadable } from "./image_file.js";

/** @import { Bytes } from "./protocol.js" */

/**
 * @typedef {{width: number, height: number, rgb: Bytes, orientation: number}} Read  orientation: EXIF's, that is still to be
 *   applied
 * @typedef {(bitmap: ImageBitmap) => Promise<Read>} Reader
 */

/** Pixels that are held as RGBA at a time, beside the bitmap itself. */
const BAND_PIXELS = 2 ** 20;
/** Every browser's canvas is as wide. */
const BAND_WIDTH = 8192;
/** Enough for noise that spares most pixels. */
const PROBE_SIDE = 64;
/**
 * What a VideoFrame says of its turn -> EXIF's orientation; it is turned clockwise first, and then mirrored.
 * @type {Record<number, number[]>}
 */
const ORIENTATIONS = { 0: [1, 2], 90: [6, 5], 180: [3, 4], 270: [8, 7] };

/**
 * @returns {Promise<Reader>}  a way that gives the pixels as they are, on white
 * @throws {TinyVLMError} image-canvas-altered
 */
export async function findReader() {
  const known = new ImageData(PROBE_SIDE, PROBE_SIDE);
  for (let at = 0; at < known.data.length; at++) known.data[at] = at % 4 === 3 ? 255 : (at * 37) & 255;
  for (const read of "VideoFrame" in globalThis ? [readCanvas, readFrame] : [readCanvas]) {
    if (await isTrue(read, known).catch(() => false)) return read; // what cannot be done is no way
  }
  throw new TinyVLMError("image-canvas-altered");
}

/** Whether pixels come back as they are. @param {Reader} read @param {ImageData} known */
async function isTrue(read, known) {
  const bitmap = await createImageBitmap(known);
  const { rgb } = await read(bitmap).finally(() => bitmap.close());
  return rgb.every((value, at) => value === known.data[at + Math.floor(at / 3)]);
}

/** In bands, so that a large image is never there twice as RGBA. @type {Reader} */
async function readCanvas(bitmap) {
  const { width, height } = bitmap;
  const rgb = new Uint8Array(width * height * 3);
  const columns = Math.min(width, BAND_WIDTH);
  const rows = Math.min(height, Math.max(1, Math.floor(BAND_PIXELS / columns)));
  const context = new OffscreenCanvas(columns, rows).getContext("2d", { alpha: false, willReadFrequently: true });
  if (!context) throw unreadable();
  context.fillStyle = "white";
  for (let top = 0; top < height; top += rows) {
    for (let left = 0; left < width; left += columns) {
      const band = { left, top, columns: Math.min(columns, width - left), rows: Math.min(rows, height - top) };
      context.fillRect(0, 0, columns, rows);
      context.drawImage(bitmap, left, top, band.columns, band.rows, 0, 0, band.columns, band.rows);
      copyBand(context.getImageData(0, 0, band.columns, band.rows).data, band, rgb, width);
    }
  }
  return { width, height, rgb, orientation: 1 };
}

/**
 * @param {Uint8ClampedArray} rgba  opaque
 * @param {{left: number, top: number, columns: number, rows: number}} band
 * @param {Bytes} rgb
 * @param {number} width
 */
function copyBand(rgba, { left, top, columns, rows }, rgb, width) {
  let from = 0;
  for (let row = 0; row < rows; row++) {
    let to = 3 * ((top + row) * width + left);
    for (let column = 0; column < columns; column++, from += 4) {
      rgb[to++] = rgba[from];
      rgb[to++] = rgba[from + 1];
      rgb[to++] = rgba[from + 2];
    }
  }
}

/** Past the canvas. @type {Reader} */
async function readFrame(bitmap) {
  const frame = new VideoFrame(bitmap, { timestamp: 0 });
  try {
    const { width, height } = frame.visibleRect ?? bitmap;
    const rgba = new Uint8Array(frame.allocationSize({ format: "RGBA" }));
    await frame.copyTo(rgba, { format: "RGBA" });
    return { width, height, rgb: onWhite(rgba), orientation: orientationOf(frame) };
  } finally {
    frame.close();
  }
}

/** @param {Bytes} rgba @returns {Bytes} */
function onWhite(rgba) {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const opacity = rgba[from + 3];
    for (let channel = 0; channel < 3; channel++) {
      rgb[to++] = Math.round((rgba[from + channel] * opacity + 255 * (255 - opacity)) / 255);
    }
  }
  return rgb;
}

/** @param {VideoFrame & {rotation?: number, flip?: boolean}} frame */
function orientationOf(frame) {
  const { rotation = 0, flip = false } = frame;
  return ORIENTATIONS[rotation][Number(flip)];
}
