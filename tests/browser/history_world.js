// What the tests of the history call in a bare page. Blobs leave it as {type, bytes: number[]}.

import { exportArchive, importArchive } from "./ui/history/archive.js";
import { DiskShelf } from "./ui/history/disk_shelf.js";
import { exportHTML, exportMarkdown } from "./ui/history/documents.js";
import { headingOf } from "./ui/history/records.js";
import { History } from "./ui/history/store.js";

/** @import { AnswerWriter } from "../../web/ui/history/answer_writer.js" */
/** @import { Exported } from "../../web/ui/history/archive.js" */
/** @import { Step } from "../../web/ui/history/disk_shelf.js" */
/** @import { Question } from "../../web/ui/history/store.js" */

const Canvas = OffscreenCanvas;
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
export const hasChanged = () => changes.length > 0;
export const isAvailable = () => history_.isAvailable;
export const heading = headingOf;

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

/**
 * A drawing of one colour.
 * @param {string} conversation
 * @param {string} colour
 * @param {{width?: number, height?: number, name?: string, isOld?: boolean}} [options]  isOld: the browser can draw only
 *   in elements
 */
export async function draw(conversation, colour, { width = 300, height = 200, name = `${colour}.png`, isOld } = {}) {
  if (isOld) Reflect.deleteProperty(globalThis, "OffscreenCanvas");
  const canvas = new Canvas(width, height);
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

/** @param {string} conversation @param {number} size */
export async function addLarge(conversation, size) {
  const blob = new Blob([new Uint8Array(size)], { type: "image/png" });
  return history_.addImage(conversation, { blob, name: "large", width: 3, height: 2 });
}

/** @param {string} conversation @param {string} image */
export async function sizeOf(conversation, image) {
  return (await history_.file(conversation, image))?.size;
}

/** A file that has changed on disk since it was chosen. @param {string} conversation */
export async function addChanged(conversation) {
  const blob = new Blob(["x"]);
  blob.arrayBuffer = () => Promise.reject(new DOMException("It has changed.", "NotReadableError"));
  return history_.addImage(conversation, { blob, name: "x", width: 1, height: 1 }).catch(failed);
}

/** Conversations of a question each, with images where `isDrawn`. @param {number} count @param {boolean} isDrawn */
export async function fill(count, isDrawn) {
  for (let index = 0; index < count; index++) {
    const id = history_.begin();
    if (isDrawn) await draw(id, "red", { width: 8, height: 8 });
    const answer = await history_.ask(id, { question: `Question ${index}`, model: "m", profile: "fast" });
    await answer.finish({ text: `Answer ${index}` });
  }
  await history_.idle();
}

/** The middle of an image's thumbnail. @param {string} conversation */
export async function thumbnailPixel(conversation) {
  const seen = await history_.conversation(conversation);
  const bitmap = await createImageBitmap(/** @type {Blob} */ (seen?.images[0].thumbnail));
  const context = new Canvas(bitmap.width, bitmap.height).getContext("2d");
  context?.drawImage(bitmap, 0, 0);
  const pixel = context?.getImageData(bitmap.width >> 1, bitmap.height >> 1, 1, 1).data;
  return { size: [bitmap.width, bitmap.height], pixel: [...(pixel ?? [])] };
}

/** Counts what is read and written from now on, by table and method. */
export function watch() {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const kind of [IDBObjectStore, IDBIndex]) {
    /** @typedef {Record<string, (...rest: unknown[]) => unknown>} Methods */
    const methods = /** @type {Methods} */ (/** @type {unknown} */ (kind.prototype));
    for (const name of [
      "get",
      "getAll",
      "openCursor",
      "openKeyCursor",
      "getKey",
      "getAllKeys",
      "count",
      "put",
      "delete",
    ]) {
      const real = methods[name];
      if (!real) continue;
      methods[name] = function (...rest) {
        const self = /** @type {{name: string, objectStore?: {name: string}}} */ (/** @type {unknown} */ (this));
        const key = `${self.objectStore?.name ?? self.name} ${name}`;
        counts[key] = (counts[key] ?? 0) + 1;
        return real.apply(this, rest);
      };
    }
  }
  return Object.assign(globalThis, { counts });
}

export const counted = () => /** @type {{counts?: unknown}} */ (globalThis).counts;

/** Ends transactions as a browser may, when they come to a table. @param {string} table */
export function abortAt(table) {
  const { put } = IDBObjectStore.prototype;
  /** @type {IDBObjectStore["put"]} */
  IDBObjectStore.prototype.put = function (value, key) {
    if (this.name === table) this.transaction.abort();
    return put.call(this, value, key);
  };
}

/** Several questions at once. @param {string} conversation @param {string[]} questions */
export async function askAll(conversation, questions) {
  return Promise.all(questions.map((question) => ask(conversation, { question, model: "m", profile: "fast" })));
}

/** @type {Step} */
const makeTable = (database) => void database.createObjectStore("drafts", { keyPath: ["conversation"] });
/** @type {Step} */
const addIndex = (_, transaction) => void transaction.objectStore("drafts").createIndex("newest", "changed");

/** A database of two versions, at the first or the second. @param {string} name @param {number} version */
export async function draftsOf(name, version) {
  const shelf = new DiskShelf(name, [makeTable, addIndex].slice(0, version));
  try {
    return await shelf.read(["drafts"], (access) => access.all("drafts", []));
  } catch (error) {
    return String(error);
  } finally {
    shelf.close();
  }
}

/** @param {string} name @param {string} text */
export async function putDraft(name, text) {
  const shelf = new DiskShelf(name, [makeTable]);
  await shelf.putNow("drafts", { conversation: "a", text, image: null, changed: 1 });
  shelf.close();
}

/** A connection that lets no other version in. @type {IDBDatabase|undefined} */
let held;

/** @param {string} name @param {number} [version] */
export async function hold(name, version) {
  held = await new Promise((/** @type {(database: IDBDatabase) => void} */ resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
  });
}

export const release = () => held?.close();

/** @param {string|null} id */
export async function pack(id) {
  return carry(await exportArchive(history_, id));
}

/** @param {string} base64 @param {string} name */
export async function unpack(base64, name) {
  const file = new File([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], name);
  return importArchive(history_, file).catch(failed);
}

/** @param {"markdown"|"html"} kind @param {string} id */
export async function write(kind, id) {
  /** @type {import("../../web/ui/history/documents.js").Words} */
  const words = {
    language: "en",
    title: "Untitled",
    date: (ms) => new Date(ms).toISOString().slice(0, 4),
    error: (code, details) => `${code} ${JSON.stringify(details)}`,
    states: { unfinished: "being written", interrupted: "interrupted", stopped: "stopped", failed: "failed" },
  };
  return carry(await (kind === "markdown" ? exportMarkdown : exportHTML)(history_, id, words));
}

/** @param {Exported|null} exported */
async function carry(exported) {
  if (!exported) return null;
  const bytes = new Uint8Array(await exported.blob.arrayBuffer());
  return { name: exported.name, data: btoa([...bytes].map((byte) => String.fromCharCode(byte)).join("")) };
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
