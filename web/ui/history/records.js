// What is kept of conversations: the records, as they lie in their tables, and what is computed from them alone.

/**
 * @typedef {"unfinished"|"interrupted"|"done"|"stopped"|"failed"} AnswerState  unfinished: it is being written, in this
 *   tab or in another; interrupted: who wrote it has ended before it had
 *
 * @typedef {object} Thumbnail  bytes rather than a Blob: small, and part of records that are listed by the dozen
 * @property {string} type
 * @property {Uint8Array<ArrayBuffer>} bytes
 *
 * @typedef {object} Conversation
 * @property {string} id
 * @property {string|null} title  as the person named it
 * @property {string} heading  the first question, cut at a word
 * @property {number} created  ms
 * @property {number} changed  ms
 * @property {number} order  -changed: indexes lead upwards, lists from the newest down
 * @property {string[]} images  in the order in which they came
 * @property {number} questions  how many
 * @property {number} bytes  of its texts, image files and thumbnails
 * @property {Thumbnail|null} cover  of its first image
 *
 * @typedef {object} Answer
 * @property {string} text
 * @property {AnswerState} state
 * @property {{code: string, details: Record<string, unknown>}|null} error
 * @property {Record<string, number|boolean>|null} facts
 *
 * @typedef {object} Message
 * @property {string} conversation
 * @property {number} number  from 1; allotted as the question is written
 * @property {string} question
 * @property {string|null} image  the id of the image that it is about
 * @property {Answer} answer
 * @property {string} model
 * @property {string} profile
 * @property {number} asked  ms
 * @property {string|null} life  of the tab that writes the answer
 *
 * @typedef {object} Progress  of an answer that is being written; apart, so that it is written blindly and in one go
 * @property {string} conversation
 * @property {number} number
 * @property {string} text
 *
 * @typedef {object} Image
 * @property {string} conversation
 * @property {string} id
 * @property {string} name
 * @property {string} type
 * @property {number} size  bytes of its file
 * @property {number} width
 * @property {number} height
 * @property {string[]|null} questions  that suit it
 * @property {Thumbnail|null} thumbnail
 *
 * @typedef {object} ImageFile  as the person brought it, byte for byte; no Blob: WebKit's private windows keep none
 * @property {string} conversation
 * @property {string} id
 * @property {string} type
 * @property {ArrayBuffer} bytes
 *
 * @typedef {object} Draft  apart from conversations: it is written at every pause in typing, and changes no list; there
 *   may be one for a conversation of which nothing else is there yet
 * @property {string} conversation
 * @property {string} text
 * @property {string|null} image  the one that is looked at
 * @property {number} changed  ms
 *
 * @typedef {object} Records  by table
 * @property {Conversation} conversations
 * @property {Message} messages
 * @property {Progress} progress
 * @property {Image} images
 * @property {ImageFile} files
 * @property {Draft} drafts
 *
 * @typedef {keyof Records} Table
 * @typedef {(string|number)[]} Key
 */

/** The fields that make a record's key: what belongs to a conversation begins with its id. */
export const KEYS = Object.freeze({
  conversations: ["id"],
  messages: ["conversation", "number"],
  progress: ["conversation", "number"],
  images: ["conversation", "id"],
  files: ["conversation", "id"],
  drafts: ["conversation"],
});
export const TABLES = /** @type {Table[]} */ (Object.keys(KEYS));

const HEADING_LENGTH = 60;
const encoder = new TextEncoder();

/** One that nobody has; `randomUUID` is missing on plain http. @returns {string} */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} id @param {number} now  ms @returns {Conversation} */
export function newConversation(id, now) {
  return {
    id,
    title: null,
    heading: "",
    created: now,
    changed: now,
    order: -now,
    images: [],
    questions: 0,
    bytes: 0,
    cover: null,
  };
}

/** @param {Conversation} conversation @param {number} now  ms */
export function touch(conversation, now) {
  conversation.changed = Math.max(now, conversation.changed); // clocks are set back, too
  conversation.order = -conversation.changed;
}

/** @returns {Answer} */
export function newAnswer() {
  return { text: "", state: "unfinished", error: null, facts: null };
}

/** What a conversation is called until it is named: a question's beginning. @param {string} question */
export function headingOf(question) {
  const line = question.trim().replace(/\s+/g, " ");
  const characters = [...line];
  if (characters.length <= HEADING_LENGTH) return line;
  const start = characters.slice(0, HEADING_LENGTH).join("");
  const isBetweenWords = characters[HEADING_LENGTH] === " ";
  const end = isBetweenWords ? start.length : start.lastIndexOf(" ");
  // Languages without spaces, and very long words, are cut where the room ends.
  return `${end > start.length / 2 ? start.slice(0, end) : start}…`;
}

/** @param {string} text @returns {number} bytes in UTF-8 */
export function textBytes(text) {
  return encoder.encode(text).length;
}

/** @param {Thumbnail|null} thumbnail @returns {Blob|null} */
export function thumbnailBlob(thumbnail) {
  return thumbnail && new Blob([thumbnail.bytes], { type: thumbnail.type });
}

/** @param {Pick<ImageFile, "type"|"bytes">} file */
export function blobOf({ type, bytes }) {
  return new Blob([bytes], { type });
}
