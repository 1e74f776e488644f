// Every sentence the page says, by its key. A language is a file beside this one and a row in LANGUAGES. What is said
// about errors comes from the engine, which knows what went wrong.

import en from "./en.js";

/**
 * @typedef {typeof en} English
 * @typedef {{[Key in keyof English]: English[Key] extends string ? Key : never}[keyof English]} SentenceKey
 * @typedef {Exclude<keyof English, SentenceKey>} ListKey
 *
 * @typedef {object} Language
 * @property {string} locale  how it writes numbers and dates, BCP 47
 * @property {Record<SentenceKey, string> & Record<ListKey, readonly string[]>} sentences
 */

/** By the code that HTML's `lang` takes. @type {Readonly<Record<string, Language>>} */
export const LANGUAGES = Object.freeze({
  en: { locale: "en-GB", sentences: en },
});

/** The language that the page speaks; here it is chosen, and nowhere else. */
export const language = "en";
export const { locale } = LANGUAGES[language];
const { sentences } = LANGUAGES[language];

/**
 * The {names} in a sentence.
 * @template {string} Sentence
 * @typedef {Sentence extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never} Names
 */

/**
 * What a sentence takes for its {names}: an argument, or none where it has none.
 * @template {SentenceKey} Key
 * @typedef {[Names<English[Key]>] extends [never] ? [] : [Record<Names<English[Key]>, string|number>]} Values
 */

/**
 * Those of sentences without {names}.
 * @typedef {{[Key in SentenceKey]: Values<Key> extends [] ? Key : never}[SentenceKey]} PlainKey
 */

/**
 * @template {SentenceKey} Key
 * @param {Key} key
 * @param {Values<Key>} values  replace the {names} in the sentence
 * @returns {string}
 */
export function t(key, ...values) {
  /** @type {Record<string, string|number>} */
  const named = values[0] ?? {};
  return sentences[key].replace(/\{(\w+)\}/g, (_, name) => String(named[name]));
}

/** Whether there is such a sentence, and it has no {names}. @param {string} key @returns {key is PlainKey} */
export function has(key) {
  const sentence = /** @type {Record<string, unknown>} */ (sentences)[key];
  return typeof sentence === "string" && !sentence.includes("{");
}

/** @param {ListKey} key */
export function list(key) {
  return sentences[key];
}
