// How a camera was held: the one thing in EXIF that pixels depend on. XMP's word for it is not read: no browser does.

import { textAt, viewOf } from "./image_file.js";

const ORIENTATION = 0x0112;
const SHORT = 3;

/**
 * Exif 2.32, 4.6.4 A and TIFF 6.0.
 * @param {Uint8Array} exif
 * @returns {number}  1 to 8; 1 where it cannot be read
 */
export function readOrientation(exif) {
  const body = textAt(exif, 0, 6) === "Exif\0\0" ? exif.subarray(6) : exif;
  const order = textAt(body, 0, 4);
  if (order !== "II*\0" && order !== "MM\0*") return 1;
  try {
    return fromDirectory(viewOf(body), order === "II*\0");
  } catch {
    return 1; // cut short
  }
}

/** @param {DataView} view @param {boolean} isLittle */
function fromDirectory(view, isLittle) {
  const start = view.getUint32(4, isLittle);
  const count = view.getUint16(start, isLittle);
  for (let entry = 0; entry < count; entry++) {
    const at = start + 2 + 12 * entry;
    const value = view.getUint16(at + 8, isLittle);
    const isIt = view.getUint16(at, isLittle) === ORIENTATION && view.getUint16(at + 2, isLittle) === SHORT;
    if (isIt && view.getUint32(at + 4, isLittle) === 1) return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
