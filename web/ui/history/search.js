// Finds words in titles, questions and answers: whatever their case, accents, width and kind of kana.

/** @import { Conversation, Message } from "./records.js" */
/** @import { Place, Shelf } from "./shelf.js" */

const CHUNK = 200;
/** Accents, but not the marks that make another sound of a kana. */
const MARKS = /(?![\u3099\u309a])\p{M}/gu;
const KATAKANA = /[\u30a1-\u30f6]/g;
const KATAKANA_TO_HIRAGANA = 0x60;

/**
 * Where a word is found first.
 * @typedef {object} Found
 * @property {number|null} number  of the message; null: in the title
 * @property {"title"|"question"|"answer"} part
 * @property {number} start  in the text as it is written
 * @property {number} end
 */

/** @typedef {{conversation: Conversation, found: Found}} Hit */

/**
 * @param {Shelf} shelf
 * @param {string} query  every word of it has to be somewhere in a conversation
 * @param {AbortSignal} [signal]
 * @returns {Promise<Hit[]>}  the newest first
 */
export async function search(shelf, query, signal) {
  const words = [...new Set(fold(query).split(/\s+/).filter(Boolean))];
  if (words.length === 0) return [];
  const conversations = await readConversations(shelf, signal);
  /** @type {Map<string, {missing: Set<string>, found: Found|null}>} */
  const states = new Map(conversations.map(({ id }) => [id, { missing: new Set(words), found: null }]));
  /** @param {string} id @param {string} text @param {Omit<Found, "start"|"end">} where */
  const look = (id, text, where) => {
    const state = states.get(id);
    const folded = state && fold(text);
    for (const word of folded ? [...state.missing] : []) {
      if (!folded?.includes(word)) continue;
      state?.missing.delete(word);
      if (state) state.found ??= { ...where, ...placeOf(word, text) };
    }
  };
  for (const { id, title } of conversations) look(id, title ?? "", { number: null, part: "title" });
  for await (const { conversation, number, question, answer } of readMessages(shelf, signal)) {
    look(conversation, question, { number, part: "question" });
    look(conversation, answer.text, { number, part: "answer" });
  }
  return conversations.flatMap((conversation) => {
    const { missing, found } = states.get(conversation.id) ?? {};
    return found && missing?.size === 0 ? [{ conversation, found }] : [];
  });
}

/** A text without what a search does not look at. @param {string} text */
export function fold(text) {
  return text
    .normalize("NFKD")
    .toUpperCase() // ß and SS, ς and Σ
    .toLowerCase()
    .normalize("NFKD")
    .replace(MARKS, "")
    .replaceAll("ς", "σ")
    .replace(KATAKANA, (kana) => String.fromCharCode(kana.charCodeAt(0) - KATAKANA_TO_HIRAGANA));
}

/** Where a folded word stands in a text that has it. @param {string} word @param {string} text */
function placeOf(word, text) {
  let folded = "";
  /** Of each folded character, where its original begins. @type {number[]} */
  const origins = [];
  let index = 0;
  for (const character of text) {
    const plain = fold(character);
    folded += plain;
    for (let copies = plain.length; copies > 0; copies--) origins.push(index);
    index += character.length;
  }
  const at = folded.indexOf(word);
  return { start: origins[at] ?? 0, end: origins[at + word.length] ?? text.length };
}

/** @param {Shelf} shelf @param {AbortSignal} [signal] */
async function readConversations(shelf, signal) {
  /** @type {Conversation[]} */
  const conversations = [];
  /** @type {Place|null} */
  let place = null;
  for (;;) {
    signal?.throwIfAborted();
    const from = place;
    /** @type {Conversation[]} */
    const page = await shelf.read(["conversations"], (access) => access.newest(from, CHUNK));
    conversations.push(...page);
    const last = page.at(-1);
    if (!last || page.length < CHUNK) return conversations;
    place = [last.order, last.id];
  }
}

/** @param {Shelf} shelf @param {AbortSignal} [signal] */
async function* readMessages(shelf, signal) {
  /** @type {[string, number]|null} */
  let key = null;
  for (;;) {
    signal?.throwIfAborted();
    const from = key;
    /** @type {Message[]} */
    const chunk = await shelf.read(["messages"], (access) => access.after("messages", from, CHUNK));
    yield* chunk;
    const last = chunk.at(-1);
    if (!last || chunk.length < CHUNK) return;
    key = [last.conversation, last.number];
  }
}
