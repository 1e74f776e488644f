// Figures as a person reads them, in the language that the page speaks: to be called whenever that is written anew.

import { locale, t } from "../../i18n/strings.js";

/** @typedef {{unit: "kilobyte"|"megabyte"|"gigabyte", bytes: number, digits: number}} Size */

/** @type {Readonly<Record<"kilobytes"|"megabytes"|"gigabytes", Size>>} */
const SIZES = Object.freeze({
  kilobytes: { unit: "kilobyte", bytes: 1e3, digits: 0 },
  megabytes: { unit: "megabyte", bytes: 1e6, digits: 1 },
  gigabytes: { unit: "gigabyte", bytes: 1e9, digits: 1 },
});

/** @param {number} bytes @returns {string} "340 kB", "3.2 MB" or "1.5 GB" */
export function formatBytes(bytes) {
  const size = sizeOf(bytes);
  return inUnits(bytes / size.bytes, size.unit, size.digits);
}

/** @param {number} bytes  in a second @returns {string} "1.3 MB/s" */
export function formatSpeed(bytes) {
  const size = sizeOf(bytes);
  return inUnits(bytes / size.bytes, `${size.unit}-per-second`, size.digits);
}

/** @param {number} loaded @param {number} total @returns {string} "3.2 of 35.0 MB" */
export function formatBytesOf(loaded, total) {
  const size = sizeOf(loaded);
  const isUnitShared = size === sizeOf(total);
  return t("progress.bytes", {
    loaded: isUnitShared ? number(loaded / size.bytes, size.digits) : formatBytes(loaded),
    total: formatBytes(total),
  });
}

/** @param {number} ms @returns {string} "120 ms" or "1.4 sec" */
export function formatTime(ms) {
  return ms < 1000 ? inUnits(ms, "millisecond", 0) : inUnits(ms / 1000, "second", 1);
}

/** In steps so coarse that the words stand still for a while. @param {number} seconds @returns {string} */
export function formatRemaining(seconds) {
  if (seconds < 7.5) return t("time.moments");
  return t("time.left", { time: roughTime(seconds) });
}

/** @param {number} share  0 to 1 @returns {string} "25%", never more than there is */
export function formatShare(share) {
  return number(Math.floor(share * 100) / 100, 0, { style: "percent" });
}

/** @param {number} value @returns {string} */
export function formatNumber(value) {
  return number(value, Number.isInteger(value) ? 0 : 1);
}

/**
 * Facts in a row, which make no sentence. No line begins with what parts them.
 * @param {(string|number|boolean|null|undefined)[]} facts  the empty ones are left out
 */
export function formatFacts(facts) {
  return facts.filter(Boolean).join("\u00a0· ");
}

/** @param {number} seconds */
function roughTime(seconds) {
  if (seconds < 57.5) return inUnits(Math.round(seconds / 5) * 5, "second", 0);
  if (seconds < 3570) return inUnits(Math.round(seconds / 60), "minute", 0);
  return inUnits(Math.round(seconds / 3600), "hour", 0);
}

/** @param {number} bytes */
function sizeOf(bytes) {
  if (bytes < 1e5) return SIZES.kilobytes;
  return bytes < 1e9 ? SIZES.megabytes : SIZES.gigabytes;
}

/** @param {number} value @param {string} unit  of ECMA-402 @param {number} digits */
function inUnits(value, unit, digits) {
  return number(value, digits, { style: "unit", unit });
}

/** @param {number} value @param {number} digits  after the decimal point @param {Intl.NumberFormatOptions} [options] */
function number(value, digits, options = {}) {
  return value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits, ...options });
}
