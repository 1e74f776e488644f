// The conversation that is on the screen, and what is kept of it. After a reload this tab finds it again.

import { newId } from "../history/records.js";
import { History } from "../history/store.js";

/** @import { AnswerWriter } from "../history/answer_writer.js" */
/** @import { Change } from "../history/store.js" */
/** @import { SeenConversation } from "../history/views.js" */
/** @import { OnTrouble } from "../history/shelves.js" */
/** @import { ChosenImage, OfferedImage } from "../image/asked_image.js" */

const OPEN = "tinyvlm-conversation";

/**
 * @typedef {object} SessionImage
 * @property {string} id
 * @property {() => string} name
 * @property {Blob|null} picture  a small one, or the one that was shown
 *
 * @typedef {Pick<SeenConversation, "messages"|"images"|"draft"|"isKept">} Opened
 */

/** Events: "opened" (detail: Opened) when another conversation is on the screen; "images" when `images` has changed. */
export class Session extends EventTarget {
  #history;
  #id = newId();
  #isKept;
  #keeps;
  #isUntouched = true;
  /** @type {Map<string, SessionImage>} */
  #images = new Map();
  /** By their files: the same one that is chosen again is no other image. @type {WeakMap<Blob, string>} */
  #ids = new WeakMap();
  /** Images that are on their way to the disk: whether they got there. @type {Map<string, Promise<boolean>>} */
  #written = new Map();
  /** What is needed to ask about them again; their files are read when somebody does. */
  #offered = /** @type {Map<string, Omit<OfferedImage, "blob"> & {blob: Blob|null}>} */ (new Map());

  /**
   * @param {OnTrouble} onTrouble  told what keeps conversations from being kept
   * @param {() => boolean} keeps  whether a new conversation is to be kept
   */
  constructor(onTrouble, keeps) {
    super();
    this.#keeps = keeps;
    this.#isKept = keeps();
    this.#history = History.open({ onTrouble }).then((history) => {
      history.addEventListener("change", (event) => {
        this.#hear(/** @type {CustomEvent<Change>} */ (event).detail);
      });
      return history;
    });
    if (!this.#isKept) void this.setKept(false).catch(() => {}); // nothing of it is on the disk yet
  }

  /** What this device keeps, once that is known. */
  get history() {
    return this.#history;
  }

  get id() {
    return this.#id;
  }

  /** Whether this conversation is kept on this device. */
  get isKept() {
    return this.#isKept;
  }

  /** In the order in which they came. */
  get images() {
    return [...this.#images.values()];
  }

  /** Opens what this tab had open, unless something has been asked or chosen since. */
  async restore() {
    const id = remembered();
    const history = await this.#history;
    const found = id && (await history.conversation(id).catch(() => null));
    if (!this.#isUntouched) return;
    if (found) this.#enter(found.id, found);
    else remember(this.#id);
  }

  /** @param {{isKept?: boolean}} [options] */
  async begin({ isKept = this.#keeps() } = {}) {
    const history = await this.#history;
    this.#enter(history.begin({ isKept }), { messages: [], images: [], draft: null, isKept });
  }

  /** @param {string} id @returns {Promise<boolean>} whether it is there */
  async open(id) {
    const history = await this.#history;
    const found = await history.conversation(id).catch(() => null);
    if (found) this.#enter(id, found);
    return found !== null;
  }

  /** An image of this conversation as it can be asked about again. @param {string} id @returns {Promise<OfferedImage[]>} none: it is gone */
  async offered(id) {
    const offered = this.#offered.get(id);
    if (!offered) return [];
    const blob = offered.blob ?? (await (await this.#history).file(this.#id, id));
    if (!blob) return [];
    offered.blob = blob;
    this.#ids.set(blob, id);
    return [{ ...offered, blob }];
  }

  /** Takes an image in, if it is new. @param {ChosenImage} chosen @returns {SessionImage} */
  take(chosen) {
    const known = this.#ids.get(chosen.blob);
    const image = known && this.#images.get(known);
    return image || this.#add(chosen);
  }

  /**
   * @param {string} question
   * @param {{image: SessionImage|null, model: string, profile: string}} about
   * @returns {Promise<AnswerWriter>}  once the question is kept
   */
  async ask(question, { image, model, profile }) {
    this.#isUntouched = false;
    const history = await this.#history;
    return history.ask(this.#id, { question, image: await this.#idOf(image), model, profile });
  }

  /** What is half written. @param {string} text @param {SessionImage|null} image  that it is about */
  async keepDraft(text, image) {
    const id = this.#id;
    const [history, about] = await Promise.all([this.#history, this.#idOf(image)]);
    history.keepDraft(id, { text, image: about });
  }

  /** @param {boolean} isKept */
  async setKept(isKept) {
    const before = this.#isKept;
    this.#isKept = isKept; // what is removed from the disk now stays on the screen
    try {
      await (await this.#history).setKept(this.#id, isKept);
    } catch (error) {
      this.#isKept = before;
      throw error;
    }
  }

  /** @param {ChosenImage} chosen @returns {SessionImage} */
  #add({ blob, name, width, height, questions, preview }) {
    this.#isUntouched = false;
    const conversation = this.#id;
    const image = { id: newId(), name, picture: preview };
    this.#ids.set(blob, image.id);
    this.#images.set(image.id, image);
    this.#offered.set(image.id, { blob, name, questions, preview });
    const record = { id: image.id, blob, name: name(), width, height, questions };
    const written = this.#history.then((history) => history.addImage(conversation, record));
    this.#written.set(
      image.id,
      written.then(
        () => true,
        () => false, // its file has gone: the question is kept without it
      ),
    );
    this.dispatchEvent(new Event("images"));
    return image;
  }

  /** @param {SessionImage|null} image @returns {Promise<string|null>}  once it is kept; null where it cannot be */
  async #idOf(image) {
    if (!image) return null;
    const isWritten = (await this.#written.get(image.id)) ?? true;
    return isWritten ? image.id : null;
  }

  /** @param {string} id @param {Opened} opened */
  #enter(id, opened) {
    this.#id = id;
    this.#isKept = opened.isKept;
    this.#images.clear();
    this.#offered.clear();
    this.#written.clear();
    this.#ids = new WeakMap();
    for (const { id: image, name, thumbnail, questions } of opened.images) {
      this.#images.set(image, { id: image, name: () => name, picture: thumbnail });
      this.#offered.set(image, { blob: null, name: () => name, questions });
    }
    remember(id);
    this.dispatchEvent(new CustomEvent("opened", { detail: opened }));
  }

  /** @param {Change} change */
  #hear({ kind, conversation }) {
    const isGone = kind === "removed" && (conversation === null || conversation === this.#id);
    if (isGone && this.#isKept) void this.begin();
  }
}

/** @returns {string|null} */
function remembered() {
  try {
    return sessionStorage.getItem(OPEN);
  } catch {
    return null;
  }
}

/** @param {string} id */
function remember(id) {
  try {
    sessionStorage.setItem(OPEN, id);
  } catch {
    // Without storage a reload begins anew.
  }
}
