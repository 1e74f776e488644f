// Figures as a person reads them.

import { locale, t } from "../../i18n/strings.js";

/** @typedef {{key: "unit.kilobytes"|"unit.megabytes"|"unit.gigabytes", bytes: number, digits: number}} Unit */

/** @type {Record<"kilobytes"|"megabytes"|"gigabytes", Unit>} */
const UNITS = {
  kilobytes: { key: "unit.kilobytes", bytes: 1e3, digits: 0 },
  megabytes: { key: "unit.megabytes", bytes: 1e6, digits: 1 },
  gigabytes: { key: "unit.gigabytes", bytes: 1e9, digits: 1 },
};

/** @param {number} bytes @returns {string} "340 KB", "3.2 MB" or "1.5 GB" */
export function formatBytes(bytes) {
  const { key } = unitOf(bytes);
  return t(key, { count: inUnit(bytes) });
}

/** @param {number} loaded @param {number} total @returns {string} "3.2 of 35.0 MB" */
export function formatBytesOf(loaded, total) {
  const isUnitShared = unitOf(loaded) === unitOf(total);
  return t("progress.bytes", {
    loaded: isUnitShared ? inUnit(loaded) : formatBytes(loaded),
    total: formatBytes(total),
  });
}

/** @param {number} ms @returns {string} "120 ms" or "1.4 s" */
export function formatTime(ms) {
  if (ms < 1000) return t("unit.milliseconds", { count: number(ms, 0) });
  return t("unit.seconds", { count: number(ms / 1000, 1) });
}

/** In steps so coarse that the words stand still for a while. @param {number} seconds @returns {string} */
export function formatRemaining(seconds) {
  if (seconds < 7.5) return t("time.moments");
  if (seconds < 57.5) return t("time.seconds", { count: Math.round(seconds / 5) * 5 });
  if (seconds < 3570) return t("time.minutes", { count: Math.round(seconds / 60) });
  return t("time.hours", { count: Math.round(seconds / 3600) });
}

/** @param {string} date  ISO 8601 @returns {string} "21 November 2026" */
export function formatDate(date) {
  return new Date(date).toLocaleDateString(locale, { dateStyle: "long" });
}

/** @param {number} value @returns {string} */
export function formatNumber(value) {
  return number(value, Number.isInteger(value) ? 0 : 1);
}

/** @param {number} bytes */
function unitOf(bytes) {
  if (bytes < 1e5) return UNITS.kilobytes;
  return bytes < 1e9 ? UNITS.megabytes : UNITS.gigabytes;
}

/** The number that stands before the unit. @param {number} bytes */
function inUnit(bytes) {
  const unit = unitOf(bytes);
  return number(bytes / unit.bytes, unit.digits);
}

/** @param {number} value @param {number} digits  after the decimal point */
function number(value, digits) {
  return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
