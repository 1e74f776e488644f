// Stands in for web/tinyvlm.js below <tiny-vlm>: every engine that was begun is in `window.engines`, and a test decides
// what each says.

import { TinyVLMError } from "./engine/shared/errors.js";

export { TinyVLMError };

/** @import { ModelCard, Progress, Profile } from "./engine/shared/protocol.js" */
/** @import { RequestOptions } from "../../../web/tinyvlm.js" */

/** @typedef {{question: string, image: Blob|null, profile?: Profile, aborted: boolean}} Call */
/** @typedef {{resolve: (text: string) => void, reject: (error: Error) => void, onToken?: (text: string) => void}} Asked */

/** @type {TinyVLM[]} */
const engines = [];
Object.assign(window, { engines });

export class TinyVLM extends EventTarget {
  /** @type {Call[]} */
  calls = [];
  disposed = false;
  /** @type {object|null} */
  lastAnswer = null;
  #loading = /** @type {PromiseWithResolvers<ModelCard>} */ (Promise.withResolvers());
  /** @type {Asked|null} */
  #asked = null;

  /** @param {object} options */
  constructor(options) {
    super();
    this.options = options;
    this.#loading.promise.catch(() => {});
    engines.push(this);
  }

  get ready() {
    return this.#loading.promise;
  }

  /** @param {Blob|null} image @param {string} question @param {RequestOptions & {profile?: Profile}} options */
  ask(image, question, { profile, signal, onToken }) {
    const call = { image, question, profile, aborted: false };
    this.calls.push(call);
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject, onToken };
      const abort = () => {
        call.aborted = true;
        reject(new DOMException("The request was stopped.", "AbortError"));
      };
      if (signal?.aborted) abort();
      signal?.addEventListener("abort", abort);
    });
  }

  /** @param {Blob} image @param {RequestOptions} options */
  async read(image, { signal }) {
    if (signal?.aborted) throw new DOMException("The request was stopped.", "AbortError");
    return { text: `${image.size} bytes`, lines: [] };
  }

  dispose() {
    this.disposed = true;
    this.#loading.reject(new TinyVLMError("disposed"));
    this.#asked?.reject(new TinyVLMError("disposed"));
  }

  // What a test has it say.

  become() {
    this.#loading.resolve(/** @type {ModelCard} */ ({ id: "toy", name: "Toy" }));
  }

  /** @param {Partial<Progress>} detail */
  progress(detail) {
    this.dispatchEvent(new CustomEvent("progress", { detail }));
  }

  /** @param {string} text */
  token(text) {
    this.#asked?.onToken?.(text);
  }

  /** @param {string} text @param {boolean} [draft] */
  finish(text, draft = false) {
    this.lastAnswer = { text, draft, tokens: 3 };
    this.#asked?.resolve(text);
  }

  /** It never loads. */
  fail() {
    const error = new TinyVLMError("memory-refused");
    this.#loading.reject(error);
    this.#asked?.reject(error);
  }

  /** It had loaded, and keeps dying. */
  failLater() {
    const error = new TinyVLMError("engine-failing");
    this.#loading = Promise.withResolvers();
    this.#loading.promise.catch(() => {});
    this.#loading.reject(error);
    this.#asked?.reject(error);
    this.dispatchEvent(new Event("failed"));
  }
}
