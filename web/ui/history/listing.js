// Many conversations: pages of their list, those that have certain words, and how much room they take. For those who open the
// list; store.js imports this when it is asked.

import { search } from "./search.js";
import { compareKeys } from "./shelf.js";
import { summaryOf } from "./views.js";

/** @import { Conversation } from "./records.js" */
/** @import { Place } from "./shelf.js" */
/** @import { Shelves } from "./shelves.js" */
/** @import { FoundConversation, Summary } from "./views.js" */

const MANY = 200;

/**
 * @param {Shelves} shelves
 * @param {Place|null} after
 * @param {number} count
 * @returns {Promise<{conversations: Summary[], next: Place|null}>}
 */
export async function readPage(shelves, after, count) {
  const both = await shelves.readBoth(["conversations"], (access) => access.newest(after, count));
  const all = both.flatMap(({ result, isKept }) => result.map((record) => ({ record, isKept })));
  const page = all.sort((a, b) => compareKeys(placeOf(a.record), placeOf(b.record))).slice(0, count);
  const isLast = all.length <= count && both.every(({ result }) => result.length < count);
  const seen = page.filter(({ record, isKept }) => !(isKept && shelves.isInMemory(record.id)));
  return {
    conversations: seen.map(({ record, isKept }) => summaryOf(record, isKept)),
    next: isLast ? null : placeOf(page[page.length - 1].record),
  };
}

/**
 * @param {Shelves} shelves
 * @param {string} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<FoundConversation[]>}
 */
export async function findWords(shelves, query, signal) {
  const hits = [];
  for (const { shelf, isKept } of shelves.each) {
    const found = await search(shelf, query, signal).catch((error) => {
      signal?.throwIfAborted();
      shelves.tell(error);
      return [];
    });
    const seen = found.filter(({ conversation }) => !(isKept && shelves.isInMemory(conversation.id)));
    hits.push(...seen.map((hit) => ({ ...hit, isKept })));
  }
  return hits
    .sort((a, b) => compareKeys(placeOf(a.conversation), placeOf(b.conversation)))
    .map(({ conversation, isKept, found }) => ({ ...summaryOf(conversation, isKept), found }));
}

/** @param {Shelves} shelves @returns {Promise<{conversations: number, bytes: number}>} */
export async function readUsage(shelves) {
  const usage = { conversations: 0, bytes: 0 };
  for (let place = /** @type {Place|null} */ (null); ;) {
    const { conversations, next } = await readPage(shelves, place, MANY);
    const kept = conversations.filter(({ isKept }) => isKept);
    usage.conversations += kept.length;
    usage.bytes += kept.reduce((sum, { bytes }) => sum + bytes, 0);
    if (!next) return usage;
    place = next;
  }
}

/** @param {Conversation} record @returns {Place} */
function placeOf({ order, id }) {
  return [order, id];
}
