// Conversations as the page sees them: pages of the list, whole ones, those that have certain words.

import { livingLives } from "./lives.js";
import { thumbnailBlob } from "./records.js";
import { search } from "./search.js";
import { compareKeys } from "./shelf.js";
import { isWritten } from "./tidy.js";

/** @import { Conversation, Draft, Image, Message, Progress } from "./records.js" */
/** @import { Found } from "./search.js" */
/** @import { Place } from "./shelf.js" */
/** @import { Shelves } from "./shelves.js" */

const MANY = 200;

/**
 * A conversation as it is listed.
 * @typedef {object} Summary
 * @property {string} id
 * @property {string} title  the first question's beginning, until it is named
 * @property {boolean} isNamed
 * @property {number} created  ms
 * @property {number} changed  ms
 * @property {number} questions
 * @property {number} bytes
 * @property {Blob|null} thumbnail
 * @property {boolean} isKept  on the disk
 */

/**
 * @typedef {Omit<Message, "conversation"|"life">} SeenMessage
 * @typedef {Omit<Image, "conversation"|"thumbnail"> & {thumbnail: Blob|null}} SeenImage
 * @typedef {Summary & {messages: SeenMessage[], images: SeenImage[], draft: Draft|null}} SeenConversation
 * @typedef {Summary & {found: Found}} FoundConversation
 */

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
 * @param {string} id
 * @param {string} life  of this tab
 * @returns {Promise<SeenConversation|null>}
 */
export async function readConversation(shelves, id, life) {
  const found = await shelves.read(id, async (access) => {
    const [record, messages, progress, images, draft] = await Promise.all([
      access.get("conversations", [id]),
      access.all("messages", [id]),
      access.all("progress", [id]),
      access.all("images", [id]),
      access.get("drafts", [id]),
    ]);
    return record && { record, messages, progress, images, draft: draft ?? null };
  });
  if (!found) return null;
  const { record, messages, progress, images, draft } = found;
  const isUnfinished = messages.some(({ answer }) => answer.state === "unfinished");
  const lives = (isUnfinished && (await livingLives())) || new Set([life]);
  return {
    ...summaryOf(record, !shelves.isInMemory(id)),
    messages: messages.map((message) => seenMessage(message, progress, lives)),
    images: record.images.flatMap((image) => images.filter(({ id }) => id === image)).map(seenImage),
    draft,
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

/** @param {Conversation} record @param {boolean} isKept @returns {Summary} */
function summaryOf({ id, title, heading, created, changed, questions, bytes, cover }, isKept) {
  return {
    id,
    title: title ?? heading,
    isNamed: title !== null,
    created,
    changed,
    questions,
    bytes,
    thumbnail: thumbnailBlob(cover),
    isKept,
  };
}

/**
 * @param {Message} message
 * @param {Progress[]} progress
 * @param {Set<string>} lives  of tabs that go on
 * @returns {SeenMessage}
 */
function seenMessage({ conversation, life, ...message }, progress, lives) {
  if (message.answer.state !== "unfinished") return message;
  const { text } = progress.find(({ number }) => number === message.number) ?? message.answer;
  const state = isWritten({ ...message, conversation, life }, lives) ? "unfinished" : "interrupted";
  return { ...message, answer: { ...message.answer, text, state } };
}

/** @param {Image} image @returns {SeenImage} */
function seenImage({ conversation, thumbnail, ...image }) {
  return { ...image, thumbnail: thumbnailBlob(thumbnail) };
}
