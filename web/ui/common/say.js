// Messages bound to elements: what is said stands in the language of the moment, and in the next one as soon as that is
// spoken. All that the page shows for longer than a moment is said through here.

import { LANGUAGES, has, language, onSpeak, speaksAll, t } from "../../i18n/strings.js";

/** @import { PlainKey, SentenceKey, Values } from "../../i18n/strings.js" */

/**
 * @typedef {() => string} Message  what is to be said, asked anew for every language
 * @typedef {PlainKey|Message} Said
 */

/**
 * A sentence's values, or functions that are asked for them.
 * @template {SentenceKey} Key
 * @typedef {Values<Key, string|number|(() => string|number)>} LazyValues
 */

/**
 * Of each element that something was said in: TEXT, or an attribute -> what.
 * @type {WeakMap<Element, Map<string, Message>>}
 */
const messages = new WeakMap();
/** Those elements, wherever they are, for as long as anybody holds them. @type {Set<WeakRef<Element>>} */
const elements = new Set();
/** @type {FinalizationRegistry<WeakRef<Element>>} */
const gone = new FinalizationRegistry((reference) => elements.delete(reference));
const TEXT = "";

onSpeak(() => {
  const { tag, dir } = LANGUAGES[language()];
  Object.assign(document.documentElement, { lang: tag, dir });
  for (const reference of elements) {
    const node = reference.deref();
    for (const [where, message] of (node && messages.get(node)) ?? [])
      write(/** @type {Element} */ (node), where, message());
  }
});

/**
 * Binds a sentence, by its key, or whatever a function returns, to an element; null ends that, and nothing is said.
 * @typedef {{
 *   <Node extends Element, Key extends SentenceKey>(node: Node, key: Key, ...values: LazyValues<Key>): Node;
 *   <Node extends Element>(node: Node, said: Said|null): Node;
 * }} Say
 */

/** @param {string} where  an attribute, or TEXT */
function saying(where) {
  /** @param {Element} node @param {SentenceKey|Message|null} said @param {...any} values */
  const bound = (node, said, ...values) => bind(node, where, said, values[0]);
  return /** @type {Say} */ (bound);
}

/** As its text. */
export const say = saying(TEXT);
/** As its name, for those who do not see it. */
export const sayLabel = saying("aria-label");
export const sayPlaceholder = saying("placeholder");
export const sayTitle = saying("title");
export const sayAlt = saying("alt");

/**
 * Says what the page's HTML names: `data-t` for an element's text, `data-t-label`, `data-t-placeholder`.
 * @param {ParentNode} root
 */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-t]")) say(node, named(node, "data-t"));
  for (const node of root.querySelectorAll("[data-t-label]")) sayLabel(node, named(node, "data-t-label"));
  for (const node of root.querySelectorAll("[data-t-placeholder]")) {
    sayPlaceholder(node, named(node, "data-t-placeholder"));
  }
}

/** @param {Element} node @param {string} attribute  whose value is a sentence's key @returns {Message} */
function named(node, attribute) {
  const key = node.getAttribute(attribute) ?? "";
  return () => {
    if (!has(key) && !speaksAll()) return ""; // which keys there are is not known yet
    if (!has(key)) throw new TypeError(`The page's HTML names "${key}", which is no sentence without {names}`);
    return t(key);
  };
}

/**
 * @param {Element} node
 * @param {string} where
 * @param {SentenceKey|Message|null} said
 * @param {Record<string, unknown>} [values]
 */
function bind(node, where, said, values) {
  const bound = messages.get(node);
  if (said === null) {
    bound?.delete(where);
    write(node, where, "");
    return node;
  }
  const message = typeof said === "function" ? said : () => sentence(said, values);
  if (bound) bound.set(where, message);
  else remember(node, where, message);
  write(node, where, message());
  return node;
}

/** @param {Element} node @param {string} where @param {Message} message */
function remember(node, where, message) {
  const reference = new WeakRef(node);
  messages.set(node, new Map([[where, message]]));
  elements.add(reference);
  gone.register(node, reference);
}

/** @param {SentenceKey} key @param {Record<string, unknown>} [values] */
function sentence(key, values = {}) {
  const now = Object.entries(values).map(([name, value]) => [name, typeof value === "function" ? value() : value]);
  const say = /** @type {(key: SentenceKey, values: object) => string} */ (t);
  return say(key, Object.fromEntries(now));
}

/**
 * Only where it changes: a screen reader hears it once.
 * @param {Element} node
 * @param {string} where
 * @param {string} text
 */
function write(node, where, text) {
  if (where === TEXT) {
    if (node.textContent !== text) node.textContent = text;
  } else if (!text) {
    node.removeAttribute(where);
  } else if (node.getAttribute(where) !== text) {
    node.setAttribute(where, text);
  }
}
