// The one error that the page, its workers and Python speak: a code, and details for the sentence of that code.

import { SENTENCES } from "./error_table.js";

/** @typedef {{code: string, message: string, details: Record<string, unknown>}} WireError */

/** An error with a sentence a person can act on and a code (kebab-case) that a program or a translation can key on. */
export class TinyVLMError extends Error {
  /**
   * @param {string} code
   * @param {Record<string, unknown>} [details]  those that the code's sentence names
   * @param {string} [message]  in place of the sentence, for a code that the table does not have
   */
  constructor(code, details = {}, message = sentenceOf(code, details)) {
    super(message);
    this.name = "TinyVLMError";
    this.code = code;
    this.details = details;
  }
}

/** What the table says of a code that is met here. @param {string} code @param {Record<string, unknown>} [details] @returns {string} */
export function sentenceOf(code, details = {}) {
  return filled(SENTENCES[code], details);
}

/** @param {string} sentence @param {Record<string, unknown>} details */
export function filled(sentence, details) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(details[name]));
}

/** What nobody expected gets a sentence, too. @param {unknown} error @returns {TinyVLMError} */
export function asTinyVLMError(error) {
  if (error instanceof TinyVLMError) return error;
  const reason = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return new TinyVLMError("internal", { reason });
}

/** @param {unknown} error @returns {WireError} */
export function toWireError(error) {
  const { code, message, details } = asTinyVLMError(error);
  return { code, message, details };
}

/** A code that is not in the table, a late one or of a newer worker, keeps the sentence it came with. @param {WireError} wire */
export function fromWireError({ code, message, details }) {
  return Object.hasOwn(SENTENCES, code) ? new TinyVLMError(code, details) : new TinyVLMError(code, details, message);
}

/**
 * An error of which code and details were kept. Sentences of late errors are fetched; where they cannot be had, as for the
 * code of a newer version, the code has to do.
 * @param {Omit<WireError, "message">} kept
 * @returns {Promise<TinyVLMError>}
 */
export async function keptError({ code, details }) {
  if (Object.hasOwn(SENTENCES, code)) return new TinyVLMError(code, details);
  const late = await import("./late_errors.js").then(
    (module) => module.SENTENCES,
    () => /** @type {Record<string, string>} */ ({}),
  );
  return new TinyVLMError(code, details, Object.hasOwn(late, code) ? filled(late[code], details) : code);
}
