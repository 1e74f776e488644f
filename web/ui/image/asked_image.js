// The image that is asked about: what it is, and how far it is on its way into the model. The panel, the progress card
// and the conversation read it here and are told when it changes; none of them keeps it. It changes only once the next
// one is known to be usable: what cannot be used takes nothing away.
//
// It is encoded while the person still reads or writes, and while the rest of the model loads, so that the first answer
// begins sooner. Only that: where it fails, the question that follows tries again and says what is wrong.

import { asTinyVLMError } from "../../engine/shared/errors.js";
import { inspectImage } from "../../engine/shared/image_pixels.js";

/** @import { Inspected } from "../../engine/shared/image_pixels.js" */

/**
 * @typedef {object} OfferedImage
 * @property {Blob} blob
 * @property {() => string} name  as the person knows it, in the language of the page where that gave it
 * @property {string[]|null} questions  an example's own
 * @property {Blob} [preview]  as it was made when the image was first opened
 *
 * @typedef {OfferedImage & Inspected} ChosenImage
 *
 * @typedef {import("../../engine/shared/errors.js").TinyVLMError} TinyVLMError
 *
 * @typedef {object} Outcome  of an offer
 * @property {ChosenImage|null} taken  the first that can be used
 * @property {TinyVLMError|null} refusal  what is wrong with the first, where none can
 * @property {OfferedImage[]} rest  behind the one that was taken, not opened yet
 *
 * @typedef {"none"|"waiting"|"looking"|"seen"} ImageState  how far an image is on its way into the model
 */

/**
 * Events: "choice" when another image is asked about, or none any more; "brought" (detail: ChosenImage) when one has come
 * that can be asked about later; "state" when `state`, `canSee` or `isChoosing` has changed.
 */
export class AskedImage extends EventTarget {
  #vlm;
  #profile;
  /** @type {ChosenImage|null} */
  #chosen = null;
  /** The choice that is being made: the latest counts. @type {Promise<Outcome>|null} */
  #choosing = null;
  #canSee = false;
  #sees = true;
  /** @type {ImageState} */
  #state = "none";
  /** Ends the look that counts; those before it have no say any more. @type {AbortController|null} */
  #look = null;

  /**
   * @param {import("../../tinyvlm.js").TinyVLM} vlm
   * @param {() => "fast"|"balanced"|"accuracy"} profile  how closely to look
   */
  constructor(vlm, profile) {
    super();
    this.#vlm = vlm;
    this.#profile = profile;
  }

  /** Null until there is one; another object after every choice, also where the Blob is the same. */
  get chosen() {
    return this.#chosen;
  }

  /** A model that can see has begun to look, even if the engine is busy with something else just then. */
  get state() {
    return this.#state === "waiting" && this.#canSee ? "looking" : this.#state;
  }

  /** Whether the model can see by now. */
  get canSee() {
    return this.#canSee;
  }

  /** Whether an image that was offered is still being opened. */
  get isChoosing() {
    return this.#choosing !== null;
  }

  /** Ends when nothing is being opened any more. */
  async settled() {
    while (this.#choosing) await this.#choosing;
  }

  /**
   * Asks about the first of these images that can be used, and looks at it. Until then, and where none can, all stays as
   * it is. Another offer takes the place of one that is still being opened.
   * @param {Promise<OfferedImage[]>} images  which may take a while to be found, as in a folder
   * @returns {Promise<Outcome|null>}  null: another offer was made meanwhile
   */
  async offer(images) {
    const isLatest = () => this.#choosing === choosing;
    const choosing = openFirst(images, isLatest);
    this.#choosing = choosing;
    this.#tell();
    try {
      const outcome = await choosing;
      if (!isLatest()) return null;
      if (outcome.taken) this.#choose(outcome.taken);
      return outcome;
    } finally {
      if (isLatest()) {
        this.#choosing = null;
        this.#tell();
      }
    }
  }

  /**
   * Opens images that can be asked about later.
   * @param {OfferedImage[]} images
   * @returns {Promise<number>}  how many can
   */
  async bring(images) {
    let count = 0;
    for (const image of images) {
      const { taken } = await openFirst(Promise.resolve([image]), () => false);
      if (!taken) continue;
      count += 1;
      this.dispatchEvent(new CustomEvent("brought", { detail: Object.freeze(taken) }));
    }
    return count;
  }

  /** Asks about none any more. */
  clear() {
    this.#choosing = null;
    this.#chosen = null;
    this.stopLooking();
    this.dispatchEvent(new Event("choice"));
  }

  /** @param {ChosenImage} image */
  #choose(image) {
    this.#chosen = Object.freeze(image);
    this.dispatchEvent(new Event("choice"));
    void this.look();
  }

  /** @param {boolean} canSee */
  setCanSee(canSee) {
    this.#canSee = canSee;
    this.#tell();
  }

  /** Whether the model sees images at all. @param {boolean} sees  also where that is not known yet */
  setSees(sees) {
    this.#sees = sees;
    if (!sees) this.stopLooking();
  }

  /** What was seen went with the engine. A look that waits goes on: the client takes it to the next one. */
  engineReplaced() {
    if (this.#state === "seen") this.stopLooking();
  }

  /** Looks at the image, if there is one, from the beginning. */
  async look() {
    this.stopLooking();
    if (!this.#chosen || !this.#sees) return;
    const look = new AbortController();
    const say = (/** @type {ImageState} */ state) => {
      if (this.#look === look) this.#setState(state);
    };
    this.#look = look;
    say("waiting");
    try {
      await this.#vlm.encode(this.#chosen.blob, {
        profile: this.#profile(),
        signal: look.signal,
        onPhase: () => say("looking"),
      });
      say("seen");
    } catch {
      say("none");
    }
  }

  /** What was seen is gone, or no longer wanted. */
  stopLooking() {
    this.#look?.abort();
    this.#look = null;
    this.#setState("none");
  }

  /** @param {ImageState} state */
  #setState(state) {
    this.#state = state;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("state"));
  }
}

/**
 * @param {Promise<OfferedImage[]>} images
 * @param {() => boolean} isWanted  whether to go on; asked from the second image on
 * @returns {Promise<Outcome>}
 */
async function openFirst(images, isWanted) {
  /** @type {TinyVLMError|null} */
  let refusal = null;
  const offered = await images;
  for (const [at, image] of offered.entries()) {
    try {
      const inspected = await inspectImage(image.blob);
      const taken = { ...image, ...inspected, preview: image.preview ?? inspected.preview }; // one that is shown is shown again
      return { taken, refusal: null, rest: offered.slice(at + 1) };
    } catch (error) {
      refusal ??= asTinyVLMError(error);
    }
    if (!isWanted()) break;
  }
  return { taken: null, refusal, rest: [] };
}
