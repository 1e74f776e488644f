// What a model's files are cut into: by a part list (parts.json) or, where there is none, in ranges of one size.

import { isFileName } from "../shared/model_files.js";
import { TinyVLMError } from "../shared/errors.js";

export const PART_BYTES = 2 ** 23;
const MAX_FILES = 64;
const MAX_PARTS = 4096;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * @typedef {{offset: number, length: number, sha256: string|null, stage?: number}} Part
 *   stage: parts of a lower one are needed before
 * @typedef {{name: string, size: number, sha256: string, parts?: Part[]}} ListedFile
 */

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
  const files = list?.format === 1 && Array.isArray(list.files) ? list.files : [];
  const names = new Set(files.map((file) => file?.name));
  if (!files.length || files.length > MAX_FILES || names.size < files.length || !files.every(isFile)) {
    throw new TinyVLMError("part-list-invalid", { url });
  }
  return files;
}

function isFile(file) {
  const { name, size, sha256, parts } = file ?? {};
  if (!isFileName(name) || !isCount(size) || !SHA256.test(sha256)) return false;
  if (parts === undefined) return true;
  return Array.isArray(parts) && parts.length <= MAX_PARTS && endOf(parts) === size;
}

/** Where parts end that follow one another without a gap; NaN for others. */
function endOf(parts) {
  let end = 0;
  for (const part of parts) {
    const { offset, length, sha256, stage = 0 } = part ?? {};
    if (!isCount(stage)) return NaN;
    if (offset !== end || !isCount(length) || !length || length > PART_BYTES || !SHA256.test(sha256)) return NaN;
    end += length;
  }
  return end;
}

function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

/**
 * @param {{size: number, sha256: string|null, parts?: Part[]}} file
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
