// Follows the model on its way: from nothing to images, drafts, and answers in full quality; after every restart anew.

/** @import { Milestone, ModelCard } from "../../engine/shared/protocol.js" */

/** @typedef {"none"|"loading"|"ready"} ReaderState */

/**
 * @typedef {object} LoadingHandlers
 * @property {() => void} onBegin  nothing is there
 * @property {() => void} onVision  images can be encoded
 * @property {(card: ModelCard) => void} onReady  questions can be answered
 * @property {(isDraft: boolean) => void} onQuality  what answers are from now on; never before `onReady`
 * @property {() => void} onWhole  the weights are exact
 * @property {(error: Error) => void} onFailed
 * @property {(error: Error) => void} onRestFailed  answers stay drafts
 * @property {(state: ReaderState) => void} onReader  how far the text reader is, which comes after all else
 */

export class Loading {
  #vlm;
  #handlers;
  /** @type {ModelCard|null} */
  #card = null;
  #isDraft = false;
  #isReady = false;

  /**
   * @param {import("../../tinyvlm.js").TinyVLM} vlm
   * @param {LoadingHandlers} handlers
   */
  constructor(vlm, handlers) {
    this.#vlm = vlm;
    this.#handlers = handlers;
    vlm.addEventListener("milestone", (event) => {
      this.#reach(/** @type {CustomEvent<Milestone>} */ (event).detail);
    });
    for (const event of ["restart", "failed"]) vlm.addEventListener(event, () => this.follow());
  }

  /** The model's, or that of the one before while nothing is known of it yet; null at first. */
  get card() {
    return this.#card;
  }

  /** Begins with the model that the client loads now. */
  async follow() {
    const { ready, whole } = this.#vlm;
    const isCurrent = () => this.#vlm.ready === ready;
    this.#isDraft = false;
    this.#isReady = false;
    this.#handlers.onBegin();
    try {
      const card = await ready;
      if (!isCurrent()) return;
      this.#card = card;
      this.#isReady = true;
      this.#handlers.onReady(card);
      this.#tellQuality();
    } catch (error) {
      if (isCurrent()) this.#handlers.onFailed(/** @type {Error} */ (error));
      return;
    }
    try {
      await whole;
    } catch (error) {
      if (isCurrent()) this.#handlers.onRestFailed(/** @type {Error} */ (error));
      return;
    }
    if (!isCurrent()) return;
    this.#handlers.onReader("loading");
    await this.#vlm.canRead.catch(() => {
      if (isCurrent()) this.#handlers.onReader("none");
    });
  }

  /** @param {Milestone} milestone */
  #reach(milestone) {
    switch (milestone) {
      case "vision":
        this.#handlers.onVision();
        break;
      case "draft":
        this.#isDraft = true;
        this.#tellQuality();
        break;
      case "whole":
        this.#isDraft = false;
        this.#tellQuality();
        this.#handlers.onWhole();
        break;
      case "reader":
        this.#handlers.onReader("ready"); // also where a later try has brought it
        break;
    }
  }

  #tellQuality() {
    if (this.#isReady) this.#handlers.onQuality(this.#isDraft);
  }
}
