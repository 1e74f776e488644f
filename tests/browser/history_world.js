// What the tests of the history call in a bare page. Blobs leave it as {type, bytes: number[]}.

import { History } from "./ui/history/store.js";

/** @import { AnswerWriter } from "../../web/ui/history/answer_writer.js" */
/** @import { Question } from "../../web/ui/history/store.js" */

/** @type {History} */
let history_;
/** @type {Map<number, AnswerWriter>} */
const answers = new Map();
/** @type {string[]} */
export const troubles = [];
/** @type {unknown[]} */
const changes = [];

/** @param {{name?: string}} options */
export async function open(options) {
  history_ = await History.open({ ...options, onTrouble: ({ code }) => troubles.push(code) });
  history_.addEventListener("change", (event) => changes.push(/** @type {CustomEvent} */ (event).detail));
}

export const told = () => troubles;
export const changed = () => changes.splice(0);
export const isAvailable = () => history_.isAvailable;
export const current = () => history_;

/** @param {string} method @param {...unknown} rest */
export async function act(method, ...rest) {
  try {
    const methods = /** @type {Record<string, (...rest: unknown[]) => unknown>} */ (/** @type {unknown} */ (history_));
    return await plain(await methods[method](...rest));
  } catch (error) {
    return failed(error);
  }
}

/** @param {string} conversation @param {Question} question */
export async function ask(conversation, question) {
  const answer = await history_.ask(conversation, question);
  answers.set(answer.number, answer);
  return answer.number;
}

/** @param {number} number @param {"write"|"finish"|"stop"|"fail"|"flush"} step @param {...any} rest */
export async function answer(number, step, ...rest) {
  const writer = /** @type {Record<string, (...rest: any[]) => any>} */ (/** @type {unknown} */ (answers.get(number)));
  await writer[step](...rest);
}

/** A drawing of one colour. @param {string} conversation @param {string} colour @param {{width?: number, height?: number, name?: string}} [options] */
export async function draw(conversation, colour, { width = 300, height = 200, name = `${colour}.png` } = {}) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("No canvas");
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  const blob = await canvas.convertToBlob();
  return history_.addImage(conversation, { blob, name, width, height, questions: ["What color is it?"] });
}

/** @param {string} conversation @param {number[]} bytes @param {string} type */
export async function addBytes(conversation, bytes, type) {
  const blob = new Blob([Uint8Array.from(bytes)], { type });
  return history_.addImage(conversation, { blob, name: "bytes", width: 3, height: 2 });
}

/** @param {string} table @param {string} [name] @returns {Promise<unknown>} */
export async function stored(table, name = "tinyvlm-history") {
  const database = await new Promise((/** @type {(database: IDBDatabase) => void} */ resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
  });
  const rows = await new Promise((resolve) => {
    const request = database.transaction(table).objectStore(table).getAll();
    request.onsuccess = () => resolve(request.result);
  });
  database.close();
  return plain(rows);
}

/** @param {unknown} error */
export function failed(error) {
  const { code, details } = /** @type {{code?: string, details?: unknown}} */ (error);
  return code ? { code, details } : { code: String(error) };
}

/** @param {unknown} value @returns {Promise<unknown>} */
export async function plain(value) {
  if (value instanceof Blob) return { type: value.type, bytes: [...new Uint8Array(await value.arrayBuffer())] };
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(async ([name, field]) => [name, await plain(field)]);
  return Object.fromEntries(await Promise.all(entries));
}
