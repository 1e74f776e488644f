// The language that the page speaks, and what it says in it. A language is a file beside this one and a row in
// LANGUAGES; only the file of the language that is spoken is loaded. What nobody hears before they open something that is
// seldom opened is in a second file, dialogs/, which comes when the first such part does.

/**
 * @typedef {typeof import("./en.js").default & typeof import("./dialogs/en.js").default} English  the source of all types:
 *   what a language has to say
 * @typedef {keyof English} SentenceKey
 * @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & {other: string}} Plural  by category of `count`
 * @typedef {{[Key in SentenceKey]: English[Key] extends string ? string : Plural}
 *   & {[error: `error.${string}`]: string}} Sentences  what a language's two files hold
 *
 * @typedef {object} Language
 * @property {string} name  what it calls itself
 * @property {string} tag  BCP 47, as HTML's `lang` and `Intl` take it
 * @property {"ltr"|"rtl"} dir
 * @property {() => Promise<{default: Partial<Sentences>}>} load
 * @property {() => Promise<{default: Partial<Sentences>}>} loadDialogs
 *
 * @typedef {"en"|"es"|"fr"|"de"|"ja"|"zh"} LanguageCode
 */

/** @type {Readonly<Record<LanguageCode, Language>>} */
export const LANGUAGES = Object.freeze({
  en: {
    name: "English",
    tag: "en",
    dir: "ltr",
    load: () => import("./en.js"),
    loadDialogs: () => import("./dialogs/en.js"),
  },
  es: {
    name: "Español",
    tag: "es",
    dir: "ltr",
    load: () => import("./es.js"),
    loadDialogs: () => import("./dialogs/es.js"),
  },
  fr: {
    name: "Français",
    tag: "fr",
    dir: "ltr",
    load: () => import("./fr.js"),
    loadDialogs: () => import("./dialogs/fr.js"),
  },
  de: {
    name: "Deutsch",
    tag: "de",
    dir: "ltr",
    load: () => import("./de.js"),
    loadDialogs: () => import("./dialogs/de.js"),
  },
  ja: {
    name: "日本語",
    tag: "ja",
    dir: "ltr",
    load: () => import("./ja.js"),
    loadDialogs: () => import("./dialogs/ja.js"),
  },
  zh: {
    name: "简体中文",
    tag: "zh-Hans",
    dir: "ltr",
    load: () => import("./zh.js"),
    loadDialogs: () => import("./dialogs/zh.js"),
  },
});

const KEPT = "tinyvlm-language";

/**
 * @typedef {object} Spoken
 * @property {LanguageCode} code
 * @property {string} locale  how numbers and dates are written: as the browser's own variant of the language has it
 * @property {Partial<Sentences>} sentences
 * @property {boolean} isWhole  those of both files
 * @property {Intl.NumberFormat} numbers
 * @property {Intl.PluralRules} plurals
 */

/** Null until the first language is here. @type {Spoken|null} */
let spoken = null;
/** The language that was asked for last. @type {LanguageCode} */
let wanted = preferred();
/** Whether the second file is wanted, too: of whatever language is spoken. */
let isAllWanted = false;
/** @type {(() => void)[]} */
const listeners = [];

/** Ends when the page can speak; in English where the file of its language cannot be had. @type {Promise<void>} */
export const begun = speak(wanted).catch(() => speak("en"));
begun.catch(() => {}); // whoever waits for it is told

/**
 * Speaks another language from now on, once its file is here; the latest that was asked for counts.
 * @param {LanguageCode} code
 */
export async function speak(code) {
  wanted = code;
  const isWhole = isAllWanted;
  const sentences = await sentencesOf(code, isWhole).catch((error) => {
    if (wanted === code) wanted = spoken?.code ?? wanted;
    throw error;
  });
  if (wanted !== code) return;
  const locale = localeOf(code);
  const [numbers, plurals] = [new Intl.NumberFormat(locale), new Intl.PluralRules(locale)];
  spoken = { code, locale, sentences, isWhole, numbers, plurals };
  for (const listener of listeners) listener();
}

/** Speaks all sentences from now on, those as well that are only said in what is seldom opened. */
export async function speakAll() {
  isAllWanted = true;
  try {
    while (!spoken?.isWhole) await speak(wanted);
  } catch (error) {
    isAllWanted = false;
    throw error;
  }
}

/** @param {LanguageCode} code @param {boolean} isWhole @returns {Promise<Partial<Sentences>>} */
async function sentencesOf(code, isWhole) {
  const { load, loadDialogs } = LANGUAGES[code];
  const files = await Promise.all(isWhole ? [load(), loadDialogs()] : [load()]);
  return Object.assign({}, ...files.map((file) => file.default));
}

/** Speaks a language here at the next visits, too. @param {LanguageCode} code */
export async function choose(code) {
  await speak(code);
  try {
    localStorage.setItem(KEPT, code);
  } catch {
    // Without storage the browser's language is spoken again next time.
  }
}

/** @param {() => void} listener  called whenever another language is spoken, and at once if one is */
export function onSpeak(listener) {
  listeners.push(listener);
  if (spoken) listener();
}

/** Whether all sentences are there that a language has. */
export function speaksAll() {
  return Boolean(spoken?.isWhole);
}

/** What is spoken, or will be at first. @returns {LanguageCode} */
export function language() {
  return spoken?.code ?? wanted;
}

/** How it writes numbers and dates, BCP 47. @returns {string} */
export function locale() {
  return spoken?.locale ?? localeOf(wanted);
}

/**
 * The {names} in a sentence.
 * @template Sentence
 * @typedef {Sentence extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never} Names
 */

/**
 * The {names} in the sentences of a key.
 * @template {SentenceKey} Key
 * @typedef {Names<English[Key] extends string ? English[Key] : English[Key][keyof English[Key]]>} NamesOf
 */

/**
 * What a sentence takes for its {names}: an argument, or none where it has none.
 * @template {SentenceKey} Key
 * @template {unknown} [Value=string|number]
 * @typedef {[NamesOf<Key>] extends [never] ? [] : [Record<NamesOf<Key>, Value>]} Values
 */

/**
 * Those of sentences without {names}.
 * @typedef {{[Key in SentenceKey]: Values<Key> extends [] ? Key : never}[SentenceKey]} PlainKey
 */

/**
 * A sentence in the language that is spoken; "" until it is there. What is shown for longer is bound to its element
 * instead: ui/common/say.js.
 * @template {SentenceKey} Key
 * @param {Key} key
 * @param {Values<Key>} values  replace the {names} in the sentence; numbers are written as the language has them
 * @returns {string}
 */
export function t(key, ...values) {
  const sentence = spoken?.sentences[key];
  return spoken && sentence ? filled(sentence, values[0] ?? {}, spoken) : "";
}

/** Whether there is such a sentence, and it has no {names}. @param {string} key @returns {key is PlainKey} */
export function has(key) {
  const sentence = sentenceAt(key);
  return typeof sentence === "string" && !sentence.includes("{");
}

/**
 * What went wrong, by its code. English has its sentences from the engine; so has a code that a language does not know,
 * or whose details are not all there.
 * @param {{code: string, message: string, details?: Record<string, unknown>}} error
 * @returns {string}
 */
export function errorSentence({ code, message, details = {} }) {
  const sentence = sentenceAt(`error.${code}`);
  if (!spoken || typeof sentence !== "string") return message;
  const isWhole = [...sentence.matchAll(/\{(\w+)\}/g)].every(([, name]) => details[name] !== undefined);
  return isWhole ? filled(sentence, details, spoken) : message;
}

/** @param {string} key @returns {unknown} */
function sentenceAt(key) {
  if (!spoken || !Object.hasOwn(spoken.sentences, key)) return undefined;
  return /** @type {Record<string, unknown>} */ (spoken.sentences)[key];
}

/** @param {string|Plural} sentence @param {Record<string, unknown>} values @param {Spoken} by */
function filled(sentence, values, { numbers, plurals }) {
  const text =
    typeof sentence === "string" ? sentence : (sentence[plurals.select(Number(values.count))] ?? sentence.other);
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? numbers.format(value) : String(value);
  });
}

/** The one that was chosen here, else the first of the browser's that there is. @returns {LanguageCode} */
function preferred() {
  const languages = [kept(), ...navigator.languages.map((tag) => tag.split("-")[0].toLowerCase())];
  return languages.find(isCode) ?? "en";
}

/** @returns {string|null} */
function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** @param {unknown} code @returns {code is LanguageCode} */
function isCode(code) {
  return typeof code === "string" && Object.hasOwn(LANGUAGES, code);
}

/** The browser's variant of a language, such as en-GB, if it is written alike. @param {LanguageCode} code */
function localeOf(code) {
  const { tag } = LANGUAGES[code];
  const scriptOf = (/** @type {string} */ of) => new Intl.Locale(of).maximize().script;
  const isVariant = (/** @type {string} */ of) =>
    of.split("-")[0].toLowerCase() === code && scriptOf(of) === scriptOf(tag);
  return navigator.languages.find(isVariant) ?? tag;
}
