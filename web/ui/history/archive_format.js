// conversations.json, the heart of an exported archive: what it says, and what is believed of one that is brought back.
//
//     {"format": "tiny-vlm-history", "version": 1, "conversations": [ArchivedConversation, ...]}
//
// Images lie beside it, as they were brought, under the names that `file` gives. A new field that older pages may leave
// out needs no new version; anything else does.

/** @import { Answer, AnswerState } from "./records.js" */

export const FORMAT = "tiny-vlm-history";
export const VERSION = 1;

/**
 * @typedef {object} ArchivedImage
 * @property {string} id
 * @property {string} name
 * @property {string} type  of media, "" if unknown
 * @property {number} size  bytes
 * @property {number} width
 * @property {number} height
 * @property {string[]|null} questions
 * @property {string} file  its name in the archive
 *
 * @typedef {object} ArchivedMessage
 * @property {number} number
 * @property {string} question
 * @property {string|null} image  id
 * @property {Answer} answer  of which none is "unfinished"
 * @property {string} model
 * @property {string} profile
 * @property {number} asked  ms
 *
 * @typedef {object} ArchivedConversation
 * @property {string} id
 * @property {string|null} title
 * @property {number} created  ms
 * @property {number} changed  ms
 * @property {ArchivedImage[]} images
 * @property {ArchivedMessage[]} messages
 */

const ID = /^[\w-]{1,80}$/;
const CODE = /^[a-z0-9-]{1,80}$/;
const MEDIA_TYPE = /^(image\/[\w.+-]{1,60})?$/;
/** @type {AnswerState[]} */
const STATES = ["interrupted", "done", "stopped", "failed"];
const MOST_CONVERSATIONS = 100_000;
const MOST_MESSAGES = 100_000;
const MOST_IMAGES = 10_000;
const MOST_QUESTIONS = 100;
const LONGEST_NAME = 1_000;
const LONGEST_TEXT = 1_000_000;
const LATEST = 8.64e15;
const LARGEST_SIDE = 2 ** 20;

/** It was not written by any version of this page. */
export class NotOurs extends Error {}
/** It was written by a later one. */
export class Newer extends Error {}

/**
 * @param {unknown} content  of conversations.json
 * @returns {ArchivedConversation[]}
 * @throws {NotOurs}
 * @throws {Newer}
 */
export function readArchive(content) {
  const { format, version, conversations } = record(content);
  if (format !== FORMAT) throw new NotOurs("Another format.");
  if (wholeNumber(version, 1, LATEST) > VERSION) throw new Newer();
  const read = list(conversations, MOST_CONVERSATIONS).map(readConversation);
  unique(read.map(({ id }) => id));
  unique(read.flatMap(({ images }) => images.map(({ file }) => file)));
  return read;
}

/** Fields that are not known are left out. @param {unknown} value @returns {ArchivedConversation} */
function readConversation(value) {
  const { id, title, created, changed, images, messages } = record(value);
  const readImages = list(images, MOST_IMAGES).map(readImage);
  const ids = readImages.map(({ id }) => id);
  unique(ids);
  const readMessages = list(messages, MOST_MESSAGES).map((message) => readMessage(message, ids));
  if (readMessages.some(({ number }, index) => index > 0 && number <= readMessages[index - 1].number)) {
    throw new NotOurs("Messages out of order.");
  }
  return {
    id: text(id, ID),
    title: title === null ? null : shortText(title),
    created: wholeNumber(created, 0, LATEST),
    changed: wholeNumber(changed, 0, LATEST),
    images: readImages,
    messages: readMessages,
  };
}

/** @param {unknown} value @returns {ArchivedImage} */
function readImage(value) {
  const { id, name, type, size, width, height, questions, file } = record(value);
  return {
    id: text(id, ID),
    name: shortText(name),
    type: text(type, MEDIA_TYPE),
    size: wholeNumber(size, 0, LATEST),
    width: wholeNumber(width, 1, LARGEST_SIDE),
    height: wholeNumber(height, 1, LARGEST_SIDE),
    questions: questions === null ? null : list(questions, MOST_QUESTIONS).map(shortText),
    file: shortText(file),
  };
}

/** @param {unknown} value @param {string[]} images  ids @returns {ArchivedMessage} */
function readMessage(value, images) {
  const { number, question, image, answer, model, profile, asked } = record(value);
  const { text: answered, state, error, facts } = record(answer);
  return {
    number: wholeNumber(number, 1, MOST_MESSAGES),
    question: longText(question),
    image: image !== null && images.includes(text(image, ID)) ? text(image, ID) : null,
    answer: {
      text: longText(answered),
      state: oneOf(state, STATES),
      error: error === null ? null : readError(error),
      facts: facts === null ? null : readFacts(facts),
    },
    model: shortText(model),
    profile: shortText(profile),
    asked: wholeNumber(asked, 0, LATEST),
  };
}

/** @param {unknown} value */
function readError(value) {
  const { code, details } = record(value);
  return { code: text(code, CODE), details: { ...record(details) } };
}

/** @param {unknown} value */
function readFacts(value) {
  /** @type {Record<string, number|boolean>} */
  const facts = {};
  for (const [name, fact] of Object.entries(record(value))) {
    if (typeof fact === "number" || typeof fact === "boolean") facts[name] = fact;
  }
  return facts;
}

/** @param {unknown} value @returns {Record<string, unknown>} */
function record(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new NotOurs("No object.");
  return /** @type {Record<string, unknown>} */ (value);
}

/** @param {unknown} value @param {number} most @returns {unknown[]} */
function list(value, most) {
  if (!Array.isArray(value) || value.length > most) throw new NotOurs("No list.");
  return value;
}

/** @param {unknown} value @param {RegExp} pattern @returns {string} */
function text(value, pattern) {
  if (typeof value !== "string" || !pattern.test(value)) throw new NotOurs("No such text.");
  return value;
}

/** @param {unknown} value @returns {string} */
function shortText(value) {
  return textUpTo(value, LONGEST_NAME);
}

/** @param {unknown} value @returns {string} */
function longText(value) {
  return textUpTo(value, LONGEST_TEXT);
}

/** @param {unknown} value @param {number} longest @returns {string} */
function textUpTo(value, longest) {
  if (typeof value !== "string" || value.length > longest) throw new NotOurs("No text.");
  return value;
}

/** @param {unknown} value @param {number} least @param {number} most @returns {number} */
function wholeNumber(value, least, most) {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw new NotOurs("No such number.");
  }
  return value;
}

/** @template T @param {unknown} value @param {readonly T[]} choices @returns {T} */
function oneOf(value, choices) {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new NotOurs("None of these.");
  return found;
}

/** @param {string[]} names */
function unique(names) {
  if (new Set(names).size !== names.length) throw new NotOurs("A name is there twice.");
}
