// Conversations as the page sees them.

import { livingLives } from "./lives.js";
import { thumbnailBlob } from "./records.js";
import { isWritten } from "./tidy.js";

/** @import { Conversation, Draft, Image, Message, Progress } from "./records.js" */
/** @import { Found } from "./search.js" */
/** @import { Shelves } from "./shelves.js" */

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

/** @param {Conversation} record @param {boolean} isKept @returns {Summary} */
export function summaryOf({ id, title, heading, created, changed, questions, bytes, cover }, isKept) {
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
