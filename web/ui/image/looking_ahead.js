// Encodes the image while the person still reads or writes, and while the rest of the model loads, so that the first
// answer begins sooner. Only that: where it fails, the question that follows tries again and says what is wrong.

/** @typedef {"none"|"waiting"|"looking"|"seen"} ImageState  how far the image is on its way into the model */

export class LookingAhead {
  #vlm;
  #profile;
  #onState;
  #current = null;

  /**
   * @param {import("../../tinyvlm.js").TinyVLM} vlm
   * @param {() => "fast"|"balanced"|"accuracy"} profile  how closely to look
   * @param {(state: ImageState) => void} onState
   */
  constructor(vlm, profile, onState) {
    this.#vlm = vlm;
    this.#profile = profile;
    this.#onState = onState;
  }

  /** Looks at an image in place of the one before. @param {Blob} image */
  async look(image) {
    this.stop();
    const controller = new AbortController();
    this.#current = controller;
    const say = (state) => {
      if (this.#current === controller) this.#onState(state);
    };
    say("waiting");
    try {
      await this.#vlm.encode(image, {
        profile: this.#profile(),
        signal: controller.signal,
        onPhase: () => say("looking"),
      });
      say("seen");
    } catch {
      say("none");
    }
  }

  /** What was seen is gone, or no longer wanted. */
  stop() {
    this.#current?.abort();
    this.#current = null;
    this.#onState("none");
  }
}
