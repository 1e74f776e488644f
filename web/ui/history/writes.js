// What is written together, each in one transaction.

import { headingOf, newAnswer, newConversation, textBytes, touch } from "./records.js";

/** @import { Ending } from "./answer_writer.js" */
/** @import { Image, Message, Thumbnail } from "./records.js" */
/** @import { Access } from "./shelf.js" */

/** @param {Access} access @param {Image} image @param {ArrayBuffer} bytes  of its file */
export async function putImage(access, image, bytes) {
  const { conversation, id, type } = image;
  const record = await conversationOf(access, conversation, Date.now());
  access.put("images", image);
  access.put("files", { conversation, id, type, bytes });
  access.put("conversations", { ...record, images: [...record.images, id], bytes: record.bytes + bytes.byteLength });
}

/** @param {Access} access @param {[conversation: string, id: string]} key @param {Thumbnail} thumbnail */
export async function putThumbnail(access, key, thumbnail) {
  const record = await access.get("conversations", [key[0]]);
  const image = await access.get("images", key);
  if (!record || !image || image.thumbnail) return; // deleted meanwhile
  const isFirst = record.images[0] === image.id;
  const copies = isFirst ? 2 : 1; // once more as the cover
  access.put("images", { ...image, thumbnail });
  access.put("conversations", {
    ...record,
    bytes: record.bytes + copies * thumbnail.bytes.length,
    cover: isFirst ? thumbnail : record.cover,
  });
}

/**
 * The question gets the next number, which is settled here: two tabs that ask in one conversation append both.
 * @param {Access} access
 * @param {string} conversation  begun anew where another tab has deleted it
 * @param {Omit<Message, "conversation"|"number"|"answer">} asked
 * @returns {Promise<number>}
 */
export async function putQuestion(access, conversation, asked) {
  const record = await conversationOf(access, conversation, asked.asked);
  const number = ((await access.last("messages", [conversation]))?.number ?? 0) + 1;
  access.put("conversations", {
    ...record,
    heading: record.heading || headingOf(asked.question),
    questions: record.questions + 1,
    bytes: record.bytes + textBytes(asked.question),
  });
  access.put("messages", { conversation, number, ...asked, answer: newAnswer() });
  access.put("drafts", { conversation, text: "", image: asked.image, changed: asked.asked });
  return number;
}

/**
 * @param {Access} access
 * @param {[conversation: string, number: number]} key
 * @param {Ending} ending
 * @param {string} life  of who wrote the answer
 */
export async function putEnding(access, key, { answer, model }, life) {
  const record = await access.get("conversations", [key[0]]);
  const message = await access.get("messages", key);
  access.remove("progress", key);
  if (!record || message?.life !== life) return; // deleted meanwhile, or even replaced
  touch(record, Date.now());
  access.put("conversations", { ...record, bytes: record.bytes + textBytes(answer.text) });
  access.put("messages", { ...message, life: null, answer, model: model ?? message.model });
}

/** @param {Access} access @param {string} conversation @param {string|null} title */
export async function putTitle(access, conversation, title) {
  const record = await access.get("conversations", [conversation]);
  if (record) access.put("conversations", { ...record, title });
}

/** @param {Access} access @param {string} id @param {number} now  ms */
async function conversationOf(access, id, now) {
  const record = (await access.get("conversations", [id])) ?? newConversation(id, now);
  touch(record, now);
  return record;
}
