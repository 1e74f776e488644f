// One conversation, or all, as a single zip file: conversations.json (archive_format.js), and the images as they were
// brought. What is brought back is checked as a whole before anything of it is written.

import { TinyVLMError } from "../../engine/shared/errors.js";
import { LateError } from "../../engine/shared/late_error.js";
import { MAX_FILE_BYTES } from "../../engine/shared/image_header.js";
import { FORMAT, Newer, NotOurs, readArchive, VERSION } from "./archive_format.js";
import { extensionOf, fileNameOf } from "./file_name.js";
import { headingOf, newConversation, textBytes } from "./records.js";
import { checkEntry, crc32, DamagedZip, readDirectory, readEntry, writeZip } from "./zip.js";

/** @import { ArchivedConversation, ArchivedMessage } from "./archive_format.js" */
/** @import { Image, Message, Progress } from "./records.js" */
/** @import { Bundle } from "./shelf.js" */
/** @import { History } from "./store.js" */
/** @import { Entry } from "./zip.js" */

const LIST = "conversations.json";
const FOLDER = "images/";
const MEGABYTE = 2 ** 20;
/** Of the archive, and of all that it holds: zip files know no more without their later additions. */
const MAX_BYTES = 4095 * MEGABYTE;
const MAX_LIST_BYTES = 256 * MEGABYTE;

/**
 * @typedef {{name: string, blob: Blob}} Exported  name: as a file
 * @typedef {object} Imported
 * @property {string[]} added  ids, copies among them
 * @property {number} copied  of conversations that are here in another form
 * @property {number} skipped  that are here already
 */

/**
 * @param {History} history
 * @param {string|null} id  null: all that there are
 * @returns {Promise<Exported|null>}  null where there is nothing of it
 * @throws {TinyVLMError} archive-too-large, page-download-failed
 */
export async function exportArchive(history, id) {
  const ids = id === null ? await allIds(history) : [id];
  /** @type {ArchivedConversation[]} */
  const conversations = [];
  let bytes = 0;
  for (const each of ids) {
    const bundle = await history.bundle(each);
    if (bundle.conversations.length === 0) continue;
    conversations.push(describe(bundle));
    bytes += bundle.images.reduce((sum, { size }) => sum + size, 0);
  }
  if (conversations.length === 0) return null;
  const name = id === null ? "tiny-vlm-history.zip" : fileNameOf(titleOf(conversations[0]), "zip");
  if (bytes > MAX_BYTES) throw tooLarge(name, bytes, MAX_BYTES);
  const date = Math.max(...conversations.map(({ changed }) => changed));
  return { name, blob: await writeZip(filesOf(history, conversations), date) };
}

/**
 * What is here already, in the same form or in a later one, is skipped; what is here in another form comes as a copy,
 * the same one each time. Nothing that is here is changed.
 * @param {History} history
 * @param {File} file
 * @returns {Promise<Imported>}
 * @throws {TinyVLMError} archive-foreign, archive-damaged, archive-newer, archive-too-large, page-download-failed;
 *   history-full, history-unavailable: and then nothing of it stays
 */
export async function importArchive(history, file) {
  try {
    const { conversations, entries } = await readList(file);
    const files = checkImages(file.name, conversations, entries);
    if (history.isAvailable) await checkRoom([...files.values()].reduce((sum, { size }) => sum + size, 0));
    for (const entry of files.values()) await checkEntry(file, entry);
    return await addAll(history, file, conversations, files);
  } catch (error) {
    throw explain(error, file.name);
  }
}

/** @param {History} history @returns {Promise<string[]>}  the newest first */
async function allIds(history) {
  const ids = [];
  let page = await history.list();
  for (;;) {
    ids.push(...page.conversations.map(({ id }) => id));
    if (!page.next) return ids;
    page = await history.list({ after: page.next });
  }
}

/** @param {History} history @param {ArchivedConversation[]} conversations */
async function* filesOf(history, conversations) {
  const list = { format: FORMAT, version: VERSION, conversations };
  yield { name: LIST, blob: new Blob([JSON.stringify(list, null, 1)]), isText: true };
  for (const { id, images } of conversations) {
    for (const { id: image, file } of images) {
      const blob = await history.file(id, image);
      if (blob) yield { name: file, blob };
    }
  }
}

/** @param {Bundle} bundle @returns {ArchivedConversation} */
function describe({ conversations: [{ id, title, created, changed, images: order }], images, messages, progress }) {
  const sorted = order.flatMap((image) => images.filter(({ id }) => id === image));
  return {
    id,
    title,
    created,
    changed,
    images: sorted.map(({ id: image, name, type, size, width, height, questions }) => {
      const file = `${FOLDER}${id}/${image}.${extensionOf(type)}`; // copies share images
      return { id: image, name, type, size, width, height, questions, file };
    }),
    messages: messages.map((message) => describeMessage(message, progress)),
  };
}

/** @param {Message} message @param {Progress[]} progress @returns {ArchivedMessage} */
function describeMessage({ number, question, image, answer, model, profile, asked }, progress) {
  const written = progress.find((part) => part.number === number)?.text;
  const { text, state, error, facts } = answer;
  const ended =
    state === "unfinished" ? { text: written ?? text, state: /** @type {const} */ ("interrupted") } : { text, state };
  return { number, question, image, answer: { ...ended, error, facts }, model, profile, asked };
}

/** @param {ArchivedConversation} conversation */
function titleOf({ title, messages }) {
  return title ?? headingOf(messages[0]?.question ?? "");
}

/** @param {File} file */
async function readList(file) {
  if (file.size > MAX_BYTES) throw tooLarge(file.name, file.size, MAX_BYTES);
  if ((await file.slice(0, 2).text()) !== "PK") throw new NotOurs("No zip file.");
  const entries = await readDirectory(file);
  // Whoever packs it anew may have put it into a folder.
  const names = [...entries.keys()].filter((name) => name === LIST || name.endsWith(`/${LIST}`));
  const [name] = names.sort((a, b) => a.length - b.length);
  const entry = entries.get(name);
  if (!entry) throw new NotOurs("No list.");
  if (entry.size > MAX_LIST_BYTES) throw tooLarge(file.name, entry.size, MAX_LIST_BYTES);
  const text = await (await readEntry(file, entry)).text();
  return { conversations: readArchive(parse(text)), entries: inFolder(entries, name.slice(0, -LIST.length)) };
}

/** @param {string} text @returns {unknown} */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotOurs("No JSON.", { cause: error });
  }
}

/** @param {Map<string, Entry>} entries @param {string} folder */
function inFolder(entries, folder) {
  const inside = [...entries].filter(([name]) => name.startsWith(folder));
  return new Map(inside.map(([name, entry]) => [name.slice(folder.length), entry]));
}

/**
 * @param {string} name  of the archive
 * @param {ArchivedConversation[]} conversations
 * @param {Map<string, Entry>} entries
 * @returns {Map<string, Entry>}  of the images, by their file's name
 */
function checkImages(name, conversations, entries) {
  const files = new Map();
  let bytes = 0;
  for (const { file, size } of conversations.flatMap(({ images }) => images)) {
    const entry = entries.get(file);
    if (!entry || entry.size !== size) throw new DamagedZip("An image is missing, or of another size.");
    if (size > MAX_FILE_BYTES) throw tooLarge(name, size, MAX_FILE_BYTES);
    bytes += size;
    files.set(file, entry);
  }
  if (bytes > MAX_BYTES) throw tooLarge(name, bytes, MAX_BYTES);
  return files;
}

/** @param {number} bytes @throws {TinyVLMError} history-full */
async function checkRoom(bytes) {
  const { usage = 0, quota = Infinity } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  if (bytes > quota - usage) throw new TinyVLMError("history-full");
}

/**
 * @param {History} history
 * @param {File} file
 * @param {ArchivedConversation[]} conversations
 * @param {Map<string, Entry>} files
 * @returns {Promise<Imported>}
 */
async function addAll(history, file, conversations, files) {
  const imported = { added: /** @type {string[]} */ ([]), copied: 0, skipped: 0 };
  try {
    for (const conversation of conversations) {
      const id = await freeId(history, conversation);
      if (id === null) {
        imported.skipped += 1;
        continue;
      }
      await history.add(await bundleOf({ ...conversation, id }, file, files));
      imported.added.push(id);
      imported.copied += id === conversation.id ? 0 : 1;
    }
  } catch (error) {
    for (const id of imported.added) await history.remove(id);
    throw error;
  }
  return imported;
}

/**
 * @param {History} history
 * @param {ArchivedConversation} conversation
 * @returns {Promise<string|null>}  the id that it gets; null: it is here
 */
async function freeId(history, conversation) {
  const here = await history.bundle(conversation.id);
  if (here.conversations.length === 0) return conversation.id;
  if (isEarlierForm(conversation, describe(here))) return null;
  const copy = `${conversation.id.slice(0, 70)}-${fingerprint(conversation)}`;
  return (await history.bundle(copy)).conversations.length === 0 ? copy : null;
}

/**
 * Whether all of the first is in the second, which may have gone on.
 * @param {ArchivedConversation} brought
 * @param {ArchivedConversation} here
 */
function isEarlierForm(brought, here) {
  if (brought.changed > here.changed) return false;
  /** @param {object[]} some @param {object[]} all */
  const begins = (some, all) => JSON.stringify(some) === JSON.stringify(all.slice(0, some.length));
  return begins(brought.messages, here.messages) && begins(brought.images, here.images);
}

/** @param {ArchivedConversation} conversation @returns {string} */
function fingerprint(conversation) {
  return crc32(new TextEncoder().encode(JSON.stringify(conversation)))
    .toString(16)
    .padStart(8, "0");
}

/**
 * @param {ArchivedConversation} archived
 * @param {File} file
 * @param {Map<string, Entry>} files
 * @returns {Promise<Bundle>}
 */
async function bundleOf(archived, file, files) {
  const { id: conversation, title, created, changed, messages } = archived;
  /** @type {Bundle["files"]} */
  const contents = [];
  for (const { id, file: name, type } of archived.images) {
    const entry = /** @type {Entry} */ (files.get(name));
    contents.push({ conversation, id, type, bytes: await (await readEntry(file, entry, type)).arrayBuffer() });
  }
  const texts = messages.flatMap(({ question, answer }) => [question, answer.text]);
  const images = archived.images.map(({ file: _, ...image }) => ({ ...image, conversation, thumbnail: null }));
  const record = {
    ...newConversation(conversation, created),
    title,
    heading: headingOf(messages[0]?.question ?? ""),
    changed,
    order: -changed,
    images: images.map(({ id }) => id),
    questions: messages.length,
    bytes: [...texts.map(textBytes), ...images.map(({ size }) => size)].reduce((sum, bytes) => sum + bytes, 0),
  };
  return {
    conversations: [record],
    messages: messages.map((message) => ({ ...message, conversation, life: null })),
    progress: [],
    images,
    files: contents,
    drafts: [],
  };
}

/** @param {unknown} error @param {string} name  of the archive */
function explain(error, name) {
  if (error instanceof NotOurs) return new LateError("archive-foreign", { name });
  if (error instanceof Newer) return new LateError("archive-newer", { name });
  if (error instanceof DamagedZip) return new LateError("archive-damaged", { name });
  // A file that was changed, or moved, since it was chosen.
  if (error instanceof DOMException && error.name === "NotReadableError") {
    return new LateError("archive-damaged", { name });
  }
  return error;
}

/** @param {string} name @param {number} bytes @param {number} limit */
function tooLarge(name, bytes, limit) {
  const megabytes = Math.ceil(bytes / MEGABYTE);
  return new LateError("archive-too-large", { name, megabytes, limit: Math.floor(limit / MEGABYTE) });
}
