// What a model's files are cut into: by a part list (parts.json) or, where there is none, in ranges of one size.

import { isFileName } from "../shared/model_files.js";
import { TinyVLMError } from "../shared/errors.js";

/** @import { ListedPart, Part } from "../shared/model_files.js" */

export const PART_BYTES = 2 ** 23;
const MAX_FILES = 64;
const MAX_PARTS = 4096;
const SHA256 = /^[0-9a-f]{64}$/;

/** @typedef {{name: string, size: number, sha256: string, parts?: ListedPart[]}} ListedFile */

/**
 * @param {string} text  of a parts.json
 * @param {string} url
 * @returns {ListedFile[]}
 * @throws {TinyVLMError} part-list-invalid
 */
export function parsePartList(text, url) {
  let list = null;
  try {
    list = JSON.parse(text);
  } catch {
    // refused below
  }
  /** @type {unknown[]} */
  const listed = list?.format === 1 && Array.isArray(list.files) ? list.files : [];
  const files = listed.filter(isFile);
  const names = new Set(files.map(({ name }) => name));
  if (!listed.length || listed.length > MAX_FILES || names.size < listed.length) {
    throw new TinyVLMError("part-list-invalid", { url });
  }
  return files;
}

/** @param {unknown} file @returns {file is ListedFile} */
function isFile(file) {
  /** @type {{name?: unknown, size?: unknown, sha256?: unknown, parts?: unknown}} */
  const { name, size, sha256, parts } = file ?? {};
  if (!isFileName(name) || !isCount(size) || !isSha256(sha256)) return false;
  if (parts === undefined) return true;
  return Array.isArray(parts) && parts.length <= MAX_PARTS && endOf(parts) === size;
}

/** Where parts end that follow one another without a gap; NaN for others. @param {unknown[]} parts */
function endOf(parts) {
  let end = 0;
  for (const part of parts) {
    /** @type {{offset?: unknown, length?: unknown, sha256?: unknown, stage?: unknown}} */
    const { offset, length, sha256, stage = 0 } = part ?? {};
    if (!isCount(stage) || !isSha256(sha256)) return NaN;
    if (offset !== end || !isCount(length) || !length || length > PART_BYTES) return NaN;
    end += length;
  }
  return end;
}

/** @param {unknown} value @returns {value is number} */
export function isCount(value) {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** @param {unknown} value @returns {value is string} */
export function isSha256(value) {
  return typeof value === "string" && SHA256.test(value);
}

/**
 * @param {{size: number, sha256: string|null, parts?: ListedPart[]}} file
 * @returns {Part[]}  at least one, so that an empty file is handed on as well
 */
export function partsOf({ size, sha256, parts }) {
  if (parts?.length) return parts.map(({ offset, length, sha256, stage = 0 }) => ({ offset, length, sha256, stage }));
  const count = Math.max(1, Math.ceil(size / PART_BYTES));
  return Array.from({ length: count }, (_, index) => {
    const offset = index * PART_BYTES;
    return { offset, length: Math.min(PART_BYTES, size - offset), sha256: count === 1 ? sha256 : null, stage: 0 };
  });
}
