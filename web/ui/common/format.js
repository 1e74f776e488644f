// Figures as a person reads them.

import { t } from "../../i18n/strings.js";

const number = (value, digits) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** @param {number} bytes @returns {string} "340 KB", "3.2 MB" or "1.5 GB" */
export function formatBytes(bytes) {
  if (bytes < 1e5) return `${number(bytes / 1e3, 0)} KB`;
  if (bytes < 1e9) return `${number(bytes / 1e6, 1)} MB`;
  return `${number(bytes / 1e9, 1)} GB`;
}

/** @param {number} loaded @param {number} total @returns {string} "3.2 of 35.0 MB" */
export function formatBytesOf(loaded, total) {
  const whole = formatBytes(total);
  const part = formatBytes(loaded);
  const unit = whole.slice(whole.lastIndexOf(" "));
  return t("progress.bytes", { loaded: part.endsWith(unit) ? part.slice(0, -unit.length) : part, total: whole });
}

/** @param {number} ms @returns {string} "120 ms" or "1.4 s" */
export function formatTime(ms) {
  return ms < 1000 ? `${number(ms, 0)} ms` : `${number(ms / 1000, 1)} s`;
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
  return new Date(date).toLocaleDateString("en-GB", { dateStyle: "long" });
}

/** @param {number} value @returns {string} */
export function formatNumber(value) {
  return number(value, Number.isInteger(value) ? 0 : 1);
}
