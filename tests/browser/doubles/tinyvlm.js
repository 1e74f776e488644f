// Stands in for web/tinyvlm.js where the page alone is tested: the same promises and events, and a script that decides
// when each of them comes. What the page asked for is in `script.calls`.

/**
 * @import {
 *   ModelCard, ModelChoice, Milestone, Phase, Profile, Progress, Quantization, Reading, SamplingOptions,
 * } from "./engine/shared/protocol.js"
 */
/** @import { Explanation } from "./engine/shared/explanation.js" */
/** @import { RequestOptions } from "../../../web/tinyvlm.js" */

/** @typedef {RequestOptions & SamplingOptions & {profile?: Profile, choices?: string[]}} AskOptions */

/**
 * @typedef {object} Call  of the page; an image by its size
 * @property {string} name
 * @property {number|null} [image]
 * @property {string} [question]
 * @property {Profile} [profile]
 * @property {boolean} [with_text]
 * @property {SamplingOptions} [sampling]  all else that the engine is told of how to answer
 * @property {string[]} [choices]
 * @property {ModelChoice} [choice]
 * @property {Quantization} [quantization]
 * @property {(text: string) => void} [onToken]
 * @property {(phase: Phase) => void} [onPhase]
 * @property {boolean} [draft]
 * @property {boolean} [aborted]
 *
 * @typedef {object} Outcome
 * @property {string} text
 * @property {number} tokens
 * @property {"stop"} finish_reason
 * @property {boolean} draft
 * @property {number} first_token_ms
 * @property {number} total_ms
 * @property {boolean} read
 * @property {Reading|null} reading
 * @property {number} [encode_ms]
 * @property {number} [prefill_ms]
 * @property {number} [decode_ms]
 *
 * @typedef {{call: Call, resolve: (outcome: Outcome|Reading|Explanation) => void, reject: (error: Error) => void}} Running
 */

export class TinyVLM extends EventTarget {
  /** @type {Outcome|null} */
  lastAnswer = null;
  /** What it was made with. @type {Record<string, unknown>} */
  options;
  script = new Script(this);

  /** @param {Record<string, unknown>} [options] */
  constructor(options = {}) {
    super();
    this.options = options;
  }

  get ready() {
    return this.script.promises.ready.promise;
  }

  get canSee() {
    return this.script.promises.canSee.promise;
  }

  get whole() {
    return this.script.promises.whole.promise;
  }

  get canRead() {
    return this.script.promises.canRead.promise;
  }

  /** @param {Blob} image @param {RequestOptions} [options] @returns {Promise<Reading>} */
  async read(image, { signal, onPhase } = {}) {
    const call = { name: "read", image: image.size, onPhase };
    const outcome = await this.script.request(call, this.canRead, signal, () => onPhase?.("reading"));
    return /** @type {Reading} */ (outcome);
  }

  /** @param {Blob} image @param {RequestOptions & {profile?: Profile}} [options] */
  async encode(image, { profile, signal, onPhase } = {}) {
    const call = { name: "encode", image: image.size, profile };
    return this.script.request(call, this.canSee, signal, () => onPhase?.("encoding"));
  }

  /** @param {Blob|null} image @param {string} question @param {AskOptions} [options] */
  async ask(image, question, { profile, with_text, choices, signal, onPhase, onToken, ...sampling } = {}) {
    const call = { name: "ask", image: image && image.size, question, profile, with_text, sampling, onToken, onPhase };
    if (choices) Object.assign(call, { choices });
    const outcome = await this.script.request(call, this.ready, signal, () => onPhase?.("answering"));
    this.lastAnswer = /** @type {Outcome} */ (outcome);
    return this.lastAnswer.text;
  }

  /** @param {Blob} image @param {string} question @param {AskOptions} [options] */
  async explain(image, question, { profile, signal, ...sampling } = {}) {
    const call = { name: "explain", image: image.size, question, profile, sampling };
    return /** @type {Promise<Explanation>} */ (this.script.request(call, this.ready, signal, () => {}));
  }

  async stats() {
    await this.ready;
    return { ...this.script.stats, draft: this.script.isDraft };
  }

  /** @param {ModelChoice} choice */
  load(choice) {
    this.script.calls.push({ name: "load", choice });
    this.script.begin();
  }

  /** @param {{quantization?: Quantization}} [options] */
  reload({ quantization } = {}) {
    this.script.calls.push({ name: "reload", quantization });
    this.script.begin();
  }
}

const LONGEST_WAIT_MS = 20_000;

/** @type {ModelCard} */
const CARD = {
  id: "tinyvlm-13m",
  name: "Tiny-VLM 13M",
  description: "It looks at simple images.",
  limits: "Much.",
  suggestions: ["What shape is in the image?", "What color is it?", "Describe the image."],
  sees: true,
  needs_image: true,
  remembers: false,
};

class Script {
  /** @type {Call[]} */
  calls = [];
  isDraft = false;
  stats = {
    threads: 2,
    simd: "relaxed",
    crossOriginIsolated: true,
    kernel_memory_bytes: 61e6,
    python_heap_bytes: 21e6,
  };
  promises = unsettled();
  #vlm;
  /** @type {Promise<unknown>} */
  #queue = Promise.resolve();
  /** @type {Running|null} */
  #running = null;
  /** Of requests to come. @type {Partial<Outcome>[]} */
  #figures = [];
  /** @type {PromiseWithResolvers<void>} */
  #begun = Promise.withResolvers();

  /** @param {TinyVLM} vlm */
  constructor(vlm) {
    this.#vlm = vlm;
  }

  /** What waits to be ended, by its name. */
  get running() {
    return this.#running?.call.name ?? null;
  }

  /** Resolves while a request is being worked on. */
  async untilBusy() {
    while (!this.#running) await this.#begun.promise;
  }

  /** The request that is worked on, once there is one. @returns {Promise<Running>} */
  async #work() {
    const limit = setTimeout(() => this.#begun.reject(new Error("Nothing was asked of the engine.")), LONGEST_WAIT_MS);
    await this.untilBusy();
    clearTimeout(limit);
    return /** @type {Running} */ (this.#running);
  }

  /** Nothing is loaded. */
  begin() {
    this.promises = unsettled();
  }

  /** @param {Progress} detail */
  progress(detail) {
    this.#vlm.dispatchEvent(new CustomEvent("progress", { detail }));
  }

  /** @param {string} code @param {string} message */
  notice(code, message) {
    this.#vlm.dispatchEvent(new CustomEvent("notice", { detail: { code, message } }));
  }

  vision() {
    this.#milestone("vision");
    this.promises.canSee.resolve();
  }

  /** @param {Partial<ModelCard>} [card] */
  draft(card = {}) {
    this.isDraft = true;
    this.#milestone("draft");
    this.promises.ready.resolve({ ...CARD, ...card });
  }

  /** @param {Partial<ModelCard>} [card] */
  whole(card = {}) {
    this.isDraft = false;
    this.#milestone("whole");
    this.promises.ready.resolve({ ...CARD, ...card });
    this.promises.whole.resolve();
  }

  /** @param {string} code @param {string} message @param {Record<string, unknown>} [details] */
  async fail(code, message, details = {}) {
    const { TinyVLMError } = await import("./engine/shared/errors.js");
    for (const { reject } of Object.values(this.promises)) reject(new TinyVLMError(code, details, message));
  }

  /** The engine has died and is started again. */
  async restart() {
    const { TinyVLMError } = await import("./engine/shared/errors.js");
    this.#running?.reject(new TinyVLMError("engine-stopped"));
    this.begin();
    this.#vlm.dispatchEvent(new Event("restart"));
  }

  /** @param {string} text */
  async token(text) {
    (await this.#work()).call.onToken?.(text);
  }

  /** @param {Phase} phase */
  async phase(phase) {
    (await this.#work()).call.onPhase?.(phase);
  }

  /**
   * Ends the running request, or the next one.
   * @param {string} [text]
   * @param {Reading|null} [reading]  that the text comes from, or that the model was told
   * @param {Partial<Outcome>} [figures]  in place of others
   */
  async finish(text = "", reading = null, figures = {}) {
    const { call, resolve } = await this.#work();
    const draft = call.draft ?? false;
    const times = { first_token_ms: 120, total_ms: 480, ...figures };
    const read = reading !== null && !call.with_text;
    resolve({ text, tokens: 3, finish_reason: "stop", draft, read, reading, ...times });
  }

  /** Ends the running request for an explanation. @param {Explanation} explanation */
  async finishExplaining(explanation) {
    (await this.#work()).resolve(explanation);
  }

  /**
   * Ends as many of the next requests as they come; those after them wait again.
   * @param {Partial<Outcome>[]} figures  of each
   */
  finishNext(figures) {
    this.#figures.push(...figures);
    if (this.#running) this.#finishOne();
  }

  #finishOne() {
    const next = this.#figures.shift();
    if (next) void this.finish("red", null, next);
  }

  /** Ends the running request for a picture's text. @param {Reading} reading */
  async finishReading(reading) {
    (await this.#work()).resolve(reading);
  }

  /** The running request fails, and nothing else. @param {string} code @param {string} message */
  async failRequest(code, message) {
    const { TinyVLMError } = await import("./engine/shared/errors.js");
    (await this.#work()).reject(new TinyVLMError(code, {}, message));
  }

  /** The text reader is there. */
  reader() {
    this.promises.canRead.resolve();
    this.#milestone("reader");
  }

  /** It cannot be had. @param {string} code @param {string} message */
  async failReader(code, message) {
    const { TinyVLMError } = await import("./engine/shared/errors.js");
    this.promises.canRead.reject(new TinyVLMError(code, {}, message));
    this.notice(code, message);
  }

  /**
   * One at a time, in order; each waits for `gate` and then for `finish` or its like.
   * @param {Call} call
   * @param {Promise<unknown>} gate
   * @param {AbortSignal|undefined} signal
   * @param {() => void} onStart
   * @returns {Promise<Outcome|Reading|Explanation>}
   */
  request(call, gate, signal, onStart) {
    this.calls.push(call);
    /** @type {Promise<never>} */
    const aborted = new Promise((_, reject) => {
      const abort = () => {
        call.aborted = true;
        reject(new DOMException("The request was stopped.", "AbortError"));
      };
      if (signal?.aborted) abort();
      signal?.addEventListener("abort", abort);
    });
    const turn = this.#queue.then(async () => {
      await Promise.race([gate, aborted]);
      call.draft = this.isDraft;
      onStart();
      /** @type {PromiseWithResolvers<Outcome|Reading|Explanation>} */
      const { promise, resolve, reject } = Promise.withResolvers();
      this.#running = { call, resolve, reject };
      this.#begun.resolve();
      this.#begun = Promise.withResolvers();
      this.#finishOne();
      return Promise.race([promise, aborted]).finally(() => {
        this.#running = null;
      });
    });
    this.#queue = turn.catch(() => {});
    return Promise.race([turn, aborted]);
  }

  /** @param {Milestone} detail */
  #milestone(detail) {
    this.#vlm.dispatchEvent(new CustomEvent("milestone", { detail }));
  }
}

/** What a page waits for; nobody need be waiting. */
function unsettled() {
  /** @type {PromiseWithResolvers<void>} */
  const canSee = Promise.withResolvers();
  /** @type {PromiseWithResolvers<ModelCard>} */
  const ready = Promise.withResolvers();
  /** @type {PromiseWithResolvers<void>} */
  const whole = Promise.withResolvers();
  /** @type {PromiseWithResolvers<void>} */
  const canRead = Promise.withResolvers();
  for (const { promise } of [canSee, ready, whole, canRead]) promise.catch(() => {});
  return { canSee, ready, whole, canRead };
}
