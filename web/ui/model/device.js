// What this device can run, as far as the browser tells.

/** A rule of thumb: a page that takes more of a device's memory than this may be slow, or be closed by the browser. */
const SHARE = 1 / 4;

/** Bytes, at most 8 GB, which is all that browsers tell; null where one tells nothing. @returns {number|null} */
export function deviceMemory() {
  // Not in every browser, and not in TypeScript's list.
  const { deviceMemory: gigabytes } = /** @type {Navigator & {deviceMemory?: number}} */ (navigator);
  return gigabytes ? gigabytes * 1e9 : null;
}

/** Whether a model is likely to run well. @param {number} needed  bytes @param {number} memory  of the device */
export function isEnough(needed, memory) {
  return needed <= memory * SHARE;
}
