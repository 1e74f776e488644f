// What this device keeps of conversations. What a person does is written before anything slow begins, and an answer
// while it is written, so that a tab that is killed loses next to nothing. Where the browser keeps nothing, all of it
// works in memory; so does a conversation that is not to be kept.

import { TinyVLMError } from "../../engine/shared/errors.js";
import { AnswerWriter } from "./answer_writer.js";
import { Coalesced } from "./coalesced.js";
import { holdLife } from "./lives.js";
import { blobOf, newId } from "./records.js";
import { readBundle } from "./shelf.js";
import { Shelves } from "./shelves.js";
import { makeThumbnail } from "./thumbnail.js";
import { putEnding, putImage, putQuestion, putThumbnail, putTitle } from "./writes.js";

/** @import { Ending } from "./answer_writer.js" */
/** @import { Draft } from "./records.js" */
/** @import { Bundle, Place, Shelf } from "./shelf.js" */
/** @import { OnTrouble } from "./shelves.js" */
/** @import { SeenConversation, Summary } from "./views.js" */

const NAME = "tinyvlm-history";
const PAGE = 50;

/** @typedef {{kind: "changed"|"removed", conversation: string|null}} Change  null: all of them */

/** @typedef {{question: string, image?: string|null, model: string, profile: string}} Question */

/**
 * Tells of changes, here and in other tabs, by "change" events, whose detail is a Change with `isElsewhere`.
 */
export class History extends EventTarget {
  #shelves;
  #life = newId();
  #channel;
  /** @type {Map<AnswerWriter, string>} */
  #answers = new Map();
  /** @type {Map<string, Coalesced<Draft>>} */
  #drafts = new Map();
  /** @type {Set<Promise<void>>} */
  #background = new Set();
  #end = new AbortController();

  /**
   * @param {object} [options]
   * @param {string} [options.name]  of the database
   * @param {OnTrouble} [options.onTrouble]  told once what keeps conversations from being kept; they go on in memory
   * @returns {Promise<History>}  never rejects
   */
  static async open({ name = NAME, onTrouble = () => {} } = {}) {
    const history = new History(name, onTrouble);
    await Promise.all([history.#shelves.open(), holdLife(history.#life)]);
    const { disk } = history.#shelves;
    if (disk) history.#inBackground(tidyLeftovers(disk));
    return history;
  }

  /** Use `History.open`. @param {string} name @param {OnTrouble} onTrouble */
  constructor(name, onTrouble) {
    super();
    this.#shelves = new Shelves(name, onTrouble);
    this.#channel = openChannel(name, (change) => this.#hear(change));
    this.#flushInTime();
  }

  /** Whether this browser keeps anything. */
  get isAvailable() {
    return this.#shelves.disk !== null;
  }

  /**
   * The id of a new conversation, which is there once it has a question, an image or a draft.
   * @param {{isKept?: boolean}} [options]  isKept: false, and nothing of it is ever written to the disk
   */
  begin({ isKept = true } = {}) {
    const id = newId();
    if (!isKept) this.#shelves.neverKeep(id);
    return id;
  }

  /**
   * Adds an image; its thumbnail follows.
   * @param {string} conversation
   * @param {{id?: string, blob: Blob, name: string, width: number, height: number, questions?: string[]|null}} image
   * @returns {Promise<string>}  its id, once it is written
   * @throws {TinyVLMError} image-changed
   */
  async addImage(conversation, { id = newId(), blob, name, width, height, questions = null }) {
    const bytes = await blob.arrayBuffer().catch(() => {
      throw new TinyVLMError("image-changed");
    });
    const { type } = blob;
    const image = { conversation, id, name, type, size: bytes.byteLength, width, height, questions, thumbnail: null };
    await this.#shelves.write(conversation, (access) => putImage(access, image, bytes));
    this.#announce("changed", conversation);
    this.#inBackground(this.#addThumbnail(conversation, id, blobOf({ type, bytes }), { width, height }));
    return id;
  }

  /**
   * Adds a question; its draft ends with it.
   * @param {string} conversation
   * @param {Question} question
   * @returns {Promise<AnswerWriter>}  takes the answer; once the question is written
   */
  async ask(conversation, { question, image = null, model, profile }) {
    this.#drafts.get(conversation)?.drop();
    const asked = { question, image, model, profile, asked: Date.now(), life: this.#life };
    const number = await this.#shelves.write(conversation, (access) => putQuestion(access, conversation, asked));
    this.#announce("changed", conversation);
    /** @type {AnswerWriter} */
    const answer = new AnswerWriter(
      number,
      (text) => this.#shelves.putNow("progress", { conversation, number, text }),
      (ending) => this.#finish(conversation, answer, ending),
    );
    this.#answers.set(answer, conversation);
    return answer;
  }

  /** @param {string} conversation @param {string} title  "": as it was before it was named */
  async rename(conversation, title) {
    await this.#shelves.write(conversation, (access) => putTitle(access, conversation, title.trim() || null));
    this.#announce("changed", conversation);
  }

  /** @param {string} conversation @throws {TinyVLMError} history-unavailable: it is still there */
  async remove(conversation) {
    this.#forget(conversation);
    await this.#shelves.remove(conversation);
    this.#announce("removed", conversation);
  }

  /** @throws {TinyVLMError} history-unavailable: something is still there */
  async removeAll() {
    this.#forget(null);
    await this.#shelves.remove(null);
    this.#announce("removed", null);
  }

  /**
   * @param {string} conversation
   * @param {boolean} isKept  false: what was written of it is removed, and it stays until this page is closed
   * @throws {TinyVLMError} history-full, history-unavailable: it is as it was
   */
  async setKept(conversation, isKept) {
    await this.#shelves.move(conversation, isKept);
    this.#announce(isKept ? "changed" : "removed", conversation);
  }

  /** What is half written. @param {string} conversation @param {{text: string, image?: string|null}} draft */
  keepDraft(conversation, { text, image = null }) {
    let drafts = this.#drafts.get(conversation);
    if (!drafts) {
      drafts = new Coalesced((draft) => this.#shelves.putNow("drafts", draft));
      this.#drafts.set(conversation, drafts);
    }
    drafts.set({ conversation, text, image, changed: Date.now() });
  }

  /**
   * All that is half written, the newest first; their conversations may be yet to begin.
   * @returns {Promise<Draft[]>}
   */
  async drafts() {
    const both = await this.#shelves.readBoth(["drafts"], (access) => access.all("drafts", []));
    const drafts = both.flatMap(({ result }) => result).filter(({ text }) => text !== "");
    return drafts.sort((a, b) => b.changed - a.changed);
  }

  /**
   * A page of the list, the newest first: one read of a table without images.
   * @param {{after?: Place|null, count?: number}} [options]  after: `next` of the page before
   * @returns {Promise<{conversations: Summary[], next: Place|null}>}
   */
  async list({ after = null, count = PAGE } = {}) {
    const { readPage } = await import("./listing.js");
    return readPage(this.#shelves, after, count);
  }

  /** All of it but the image files. @param {string} id @returns {Promise<SeenConversation|null>} */
  async conversation(id) {
    const { readConversation } = await import("./views.js");
    return readConversation(this.#shelves, id, this.#life);
  }

  /** An image as it was brought. @param {string} conversation @param {string} image @returns {Promise<Blob|null>} */
  async file(conversation, image) {
    const file = await this.#shelves.read(conversation, (access) => access.get("files", [conversation, image]));
    return file ? blobOf(file) : null;
  }

  /** Conversations that have every word, the newest first. @param {string} query @param {AbortSignal} [signal] */
  async find(query, signal) {
    const { findWords } = await import("./listing.js");
    return findWords(this.#shelves, query, signal);
  }

  /** What is on the disk. @returns {Promise<{conversations: number, bytes: number}>} */
  async usage() {
    const { readUsage } = await import("./listing.js");
    return readUsage(this.#shelves);
  }

  /** All of a conversation as it lies in its tables, for an archive. @param {string} id @returns {Promise<Bundle>} */
  async bundle(id) {
    await this.idle();
    return this.#shelves.read(id, (access) => readBundle(access, id));
  }

  /**
   * Takes a conversation in, with another id than all that are there.
   * @param {Bundle} bundle
   * @throws {TinyVLMError} history-full, history-unavailable
   */
  async add(bundle) {
    const [{ id }] = bundle.conversations;
    await this.#shelves.add(id, bundle);
    this.#announce("changed", id);
    for (const { id: image, width, height } of bundle.images) {
      const file = bundle.files.find((each) => each.id === image);
      if (file) this.#inBackground(this.#addThumbnail(id, image, blobOf(file), { width, height }));
    }
  }

  /** Writes what waits to be written; resolves when all of it is. */
  async idle() {
    this.#flush();
    await Promise.all([...this.#answers.keys()].map((answer) => answer.flush()));
    await Promise.all([...this.#drafts.values()].map((draft) => draft.flush()));
    while (this.#background.size > 0) await Promise.all(this.#background);
    await this.#shelves.idle();
  }

  /** Ends it, once all is written. */
  async close() {
    await this.idle();
    this.#end.abort();
    this.#channel?.close();
    this.#shelves.close();
  }

  /** The first comes also where a phone ends the page later without another word. */
  #flushInTime() {
    const { signal } = this.#end;
    document.addEventListener("visibilitychange", () => document.hidden && this.#flush(), { signal });
    addEventListener("pagehide", () => this.#flush(), { signal });
  }

  #flush() {
    for (const answer of this.#answers.keys()) void answer.flush();
    for (const draft of this.#drafts.values()) void draft.flush();
  }

  /** @param {Change} change  in another tab */
  #hear({ kind, conversation }) {
    if (kind === "removed") {
      this.#forget(conversation);
      void this.#shelves.removeOverflowed(conversation);
    }
    this.dispatchEvent(new CustomEvent("change", { detail: { kind, conversation, isElsewhere: true } }));
  }

  /** @param {Change["kind"]} kind @param {string|null} conversation */
  #announce(kind, conversation) {
    const isSeenElsewhere = kind === "removed" || (conversation !== null && this.#shelves.isKept(conversation));
    if (isSeenElsewhere) this.#channel?.postMessage({ kind, conversation });
    this.dispatchEvent(new CustomEvent("change", { detail: { kind, conversation, isElsewhere: false } }));
  }

  /** Writes nothing more of answers and drafts that are deleted. @param {string|null} conversation */
  #forget(conversation) {
    for (const [answer, of] of this.#answers) {
      if (conversation !== null && of !== conversation) continue;
      answer.forget();
      this.#answers.delete(answer);
    }
    for (const [of, draft] of this.#drafts) if (conversation === null || of === conversation) draft.drop();
  }

  /** @param {string} conversation @param {AnswerWriter} answer @param {Ending} ending */
  async #finish(conversation, answer, ending) {
    this.#answers.delete(answer);
    await this.#shelves.write(conversation, (access) => {
      return putEnding(access, [conversation, answer.number], ending, this.#life);
    });
    this.#announce("changed", conversation);
  }

  /**
   * @param {string} conversation
   * @param {string} id
   * @param {Blob} blob
   * @param {{width: number, height: number}} size
   */
  async #addThumbnail(conversation, id, blob, size) {
    const thumbnail = await makeThumbnail(blob, size);
    if (!thumbnail) return;
    await this.#shelves.write(conversation, (access) => putThumbnail(access, [conversation, id], thumbnail));
    this.#announce("changed", conversation);
  }

  /** @param {Promise<void>} work */
  #inBackground(work) {
    const done = work.catch(() => {}).finally(() => this.#background.delete(done));
    this.#background.add(done);
  }
}

/** Where tabs before have left something: at a first visit there were none. @param {Shelf} disk */
async function tidyLeftovers(disk) {
  const isLeft = await disk.read(["progress", "drafts"], async (access) => {
    const found = await Promise.all([access.after("progress", null, 1), access.after("drafts", null, 1)]);
    return found.flat().length > 0;
  });
  if (isLeft) await import("./tidy.js").then(({ tidy }) => tidy(disk));
}

/**
 * @param {string} name
 * @param {(change: Change) => void} onChange  in another tab
 * @returns {BroadcastChannel|null}  null: other tabs' changes are seen at the next reload
 */
function openChannel(name, onChange) {
  try {
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => onChange(data);
    return channel;
  } catch {
    return null;
  }
}
