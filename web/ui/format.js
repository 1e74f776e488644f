// Figures as a person reads them.

const number = (value, digits) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** @param {number} bytes @returns {string} "3.2 MB" */
export function formatBytes(bytes) {
  if (bytes < 1e5) return `${number(bytes / 1e3, 0)} KB`;
  return `${formatMegabytes(bytes)} MB`;
}

/** @param {number} bytes @returns {string} "3.2" */
export function formatMegabytes(bytes) {
  return number(bytes / 1e6, 1);
}

/** @param {number} ms @returns {string} "120 ms" or "1.4 s" */
export function formatTime(ms) {
  return ms < 1000 ? `${number(ms, 0)} ms` : `${number(ms / 1000, 1)} s`;
}

/** @param {number} value @returns {string} */
export function formatNumber(value) {
  return number(value, Number.isInteger(value) ? 0 : 1);
}
