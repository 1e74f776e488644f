// Dates and lists as a person reads them, as format.js writes figures: for dialogs, which come late.

import { locale } from "../../i18n/strings.js";

/** @param {string} date  ISO 8601 @returns {string} "21 November 2026" */
export function formatDate(date) {
  return new Date(date).toLocaleDateString(locale(), { dateStyle: "long" });
}

/** @param {number} ms @returns {string} "14:05" of today, else "30 Nov 2026" */
export function formatDay(ms) {
  const date = new Date(ms);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday
    ? date.toLocaleTimeString(locale(), { timeStyle: "short" })
    : date.toLocaleDateString(locale(), { dateStyle: "medium" });
}

/** @param {string[]} items @returns {string} "a, b and c" */
export function formatList(items) {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(items);
}
