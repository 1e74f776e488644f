// The public module: ask a vision-language model about an image, in this page.
//
//   import { TinyVLM } from "./tinyvlm.js";
//   const vlm = new TinyVLM();
//   await vlm.ask(blob, "What colour is the shape?", { onToken: (text) => console.log(text) });

import { abortError, checkImageArgument, rejectOnAbort, samplingOf } from "./engine/client/arguments.js";
import { EngineConnection } from "./engine/client/engine_connection.js";
import { TinyVLMError } from "./engine/shared/errors.js";
import { Request } from "./engine/shared/protocol.js";

/** @import { Explanation } from "./engine/shared/explanation.js" */
/**
 * @import {
 *   AnswerResult, AskRequest, DownloadRequest, EncodeResult, EngineOptions, ModelCard, ModelChoice, Phase, Profile,
 *   Progress, Quantization, Reading, ReadLine, Requests, Results, SamplingOptions, Stats,
 * } from "./engine/shared/protocol.js"
 */

export { TinyVLMError };

const MAX_RESTARTS = 3;

/**
 * @typedef {object} RequestOptions
 * @property {(text: string) => void} [onToken]
 * @property {(line: ReadLine) => void} [onLine]
 * @property {(phase: Phase) => void} [onPhase]
 * @property {AbortSignal} [signal]
 *
 * @typedef {AnswerResult & {first_token_ms: number, total_ms: number}} Answer  `first_token_ms` counts from the moment
 *   the worker got the question
 *
 * @typedef {<T extends keyof Requests>(
 *   type: T, fields: Omit<Requests[T], "type"|"id">, image?: Blob|null) => Promise<Results[T]>} Send
 *   `image`: that the worker holds afterwards
 *
 * @typedef {object} Start  of an engine
 * @property {EngineConnection} connection
 * @property {Promise<ModelCard>} ready
 * @property {Promise<void>} canSee
 * @property {Promise<void>} whole
 * @property {Promise<void>} canRead
 * @property {Promise<void>} reader  which of the connection's promises `canRead` follows
 */

/**
 * Requests run one at a time, in order, and wait for the model by themselves. A worker that dies is replaced; only the
 * request it was working on fails.
 *
 * Events: "progress" (CustomEvent, detail: Progress) while something loads; "milestone" (detail: Milestone) when so
 * much of the model is there; "notice" (detail: Notice) with what a person should know, though nothing has
 * failed for good; "restart" when a new worker has been started; "failed" when no more will be (`ready` then rejects;
 * `reload()` tries again).
 */
export class TinyVLM extends EventTarget {
  /** @type {DownloadRequest & EngineOptions} */
  #options;
  /** @type {Start} */
  #current;
  /** @type {Promise<void>} */
  #queue = Promise.resolve();
  #restarts = 0;
  /** The Blob whose encoding, or text, the worker holds. @type {Blob|null} */
  #encoded = null;

  /** Details of the last complete answer. @type {Answer|null} */
  lastAnswer = null;

  /**
   * @param {object} [options]
   * @param {string|URL} [options.baseURL]  where site.json lies, relative to this module; default: beside it
   * @param {string} [options.model]  one of the site's, a Hugging Face repository (owner/name), or a URL
   * @param {File[]} [options.files]  a model's files, in place of `model`
   * @param {string} [options.hub]  address of the hub
   * @param {string} [options.token]  for repositories that ask for one; sent to the hub alone
   * @param {number} [options.threads]
   * @param {"relaxed"|"simd128"} [options.simd]
   * @param {7} [options.activationBits]  what every engine can do, even where the start-up probe found 8
   * @param {Quantization} [options.quantization]  of weights that are not quantized yet; "q8" if left out, "q4" for
   *   large models that do not fit so
   * @param {(progress: Progress) => void} [options.onProgress]
   * @throws {TinyVLMError} url-invalid
   */
  constructor({ baseURL, model, files, hub, token, threads, simd, activationBits, quantization, onProgress } = {}) {
    super();
    const engine = { threads, simd, activationBits, quantization };
    this.#options = { site: siteOf(baseURL), model, files, hub, token, ...engine };
    if (onProgress) {
      this.addEventListener("progress", (event) => onProgress(/** @type {CustomEvent<Progress>} */ (event).detail));
    }
    this.#current = this.#connect();
  }

  /**
   * Resolves to the model's card once the model can answer, if only as a draft; a new promise after every restart, as
   * the two others are.
   */
  get ready() {
    return this.#current.ready;
  }

  /** Resolves once images can be encoded, which may be before `ready`. */
  get canSee() {
    return this.#current.canSee;
  }

  /** Resolves once the weights are exact, and answers no drafts any more. */
  get whole() {
    return this.#current.whole;
  }

  /**
   * Resolves once text can be read, which is after `whole`; rejects where the text reader cannot be had. A new promise
   * also when it is tried for again.
   */
  get canRead() {
    const start = this.#current;
    const { canRead } = start.connection;
    if (start.reader !== canRead) {
      start.reader = canRead;
      start.canRead = this.#orOfSuccessor(start, canRead, () => this.canRead);
      start.canRead.catch(() => {}); // nobody need be waiting
    }
    return start.canRead;
  }

  /**
   * Asks about an image, or without one (null). The same Blob object is sent and encoded once, however many questions
   * follow, and a model that was made for conversations remembers them until the image changes. `with_text` has such a
   * model told what the image says: it is read once, before the first such question, and waits for the text reader. A
   * model that sees no images can so be asked about their text.
   * @param {Blob|null} image
   * @param {string} question
   * @param {RequestOptions & SamplingOptions & {profile?: Profile}} [options]
   * @returns {Promise<string>}  the whole answer
   * @throws {DOMException} AbortError
   * @throws {TinyVLMError} bad-question, image-not-blob, sampling-unknown, reader-unavailable, engine-stopped, or what
   *   the engine says
   */
  async ask(image, question, options = {}) {
    if (image !== null) checkImageArgument(image);
    const asked = this.#asked(question, options);
    let firstTokenAt = 0;
    /** @param {string} text */
    const onToken = (text) => {
      firstTokenAt ||= performance.now();
      options.onToken?.(text);
    };
    this.lastAnswer = await this.#enqueue({ ...options, onToken }, async (send) => {
      const started = performance.now();
      const result = await send(Request.ASK, asked(image), image);
      const now = performance.now();
      return { ...result, first_token_ms: (firstTokenAt || now) - started, total_ms: now - started };
    });
    return this.lastAnswer.text;
  }

  /**
   * Asks about an image, and has the answer explained: for each of its words where in the image the model looked, and how
   * sure it was. Greedy answers are the same as those of `ask`. In a conversation about the image the question is taken
   * up where it was last asked; it is not remembered anew. Costs `ask` nothing.
   * @param {Blob} image
   * @param {string} question
   * @param {RequestOptions & SamplingOptions & {profile?: Profile}} [options]
   * @returns {Promise<Explanation>}
   * @throws {DOMException} AbortError
   * @throws {TinyVLMError} as `ask`; image-unsupported, tower-missing, tower-misfit where the model sees no images
   */
  async explain(image, question, options = {}) {
    checkImageArgument(image);
    const asked = this.#asked(question, options);
    return this.#enqueue(options, (send) => send(Request.EXPLAIN, asked(image), image));
  }

  /**
   * Encodes an image ahead of the first question; waits for `canSee`.
   * @param {Blob} image
   * @param {Omit<RequestOptions, "onToken"> & {profile?: Profile}} [options]
   * @returns {Promise<EncodeResult>}
   */
  async encode(image, options = {}) {
    checkImageArgument(image);
    return this.#enqueue({ ...options, until: () => this.canSee }, async (send) => {
      const result = await send(Request.ENCODE, { image, profile: options.profile }, image);
      this.#encoded = image;
      return result;
    });
  }

  /**
   * Reads the text in an image; waits for the text reader, and tries once more to have it where it could not be had. What
   * was read in the image that was asked about last is not read again.
   * @param {Blob} image
   * @param {Omit<RequestOptions, "onToken">} [options]  `onLine`: each line as it is read, not in order yet
   * @returns {Promise<Reading>}
   * @throws {DOMException} AbortError
   * @throws {TinyVLMError} image-not-blob, reader-unavailable, engine-stopped, or what the engine says
   */
  async read(image, options = {}) {
    checkImageArgument(image);
    return this.#enqueue(options, (send) => {
      return send(Request.READ, { image, held: image === this.#encoded }, this.#encoded);
    });
  }

  /** @returns {Promise<Stats>} */
  async stats() {
    return this.#enqueue({}, (send) => send(Request.STATS, {}));
  }

  /**
   * Takes another model, in a new worker; without a choice, the site's own.
   * @param {Omit<ModelChoice, "hub"> & {quantization?: Quantization}} [choice]
   */
  load({ model, files, token, quantization } = {}) {
    this.#options = { ...this.#options, model, files, token, quantization };
    this.reload();
  }

  /**
   * Starts again with a new worker, after loading has failed for good.
   * @param {object} [options]
   * @param {Quantization} [options.quantization]  another than before
   */
  reload({ quantization = this.#options.quantization } = {}) {
    this.#options = { ...this.#options, quantization };
    this.#current.connection.close(new TinyVLMError("engine-restarted"));
    this.#restarts = 0;
    this.#current = this.#connect();
  }

  /** Ends the worker; every request that waits is rejected. */
  dispose() {
    const disposed = new TinyVLMError("disposed");
    this.#fail(disposed);
    this.#current.connection.close(disposed);
  }

  /**
   * What a question says to the worker: checked now, told when it is its turn.
   * @param {unknown} question
   * @param {RequestOptions & SamplingOptions & {profile?: Profile}} options
   * @returns {(image: Blob|null) => Omit<AskRequest, "type"|"id">}
   */
  #asked(question, options) {
    if (typeof question !== "string") throw new TinyVLMError("bad-question");
    const sampling = samplingOf(options);
    return (image) => ({
      question,
      options: sampling,
      profile: options.profile,
      ...(image === this.#encoded ? {} : { image }),
      ...(image && sampling.with_text ? { picture: image } : {}),
    });
  }

  /** @returns {Start} */
  #connect() {
    /** @param {string} name @returns {(detail: unknown) => void} */
    const tell = (name) => (detail) => this.dispatchEvent(new CustomEvent(name, { detail }));
    const connection = new EngineConnection({
      onProgress: tell("progress"),
      onMilestone: tell("milestone"),
      onNotice: tell("notice"),
      onDeath: () => this.#replace(),
    });
    this.#encoded = null;
    const { ready, canSee, whole } = connection.load(this.#options);
    const card = ready.then(({ model }) => model);
    /** @type {Start} */
    const start = { connection, ready: card, canSee, whole, canRead: connection.canRead, reader: Promise.resolve() };
    start.ready = this.#orOfSuccessor(start, card, () => this.ready);
    start.canSee = this.#orOfSuccessor(start, canSee, () => this.canSee);
    start.whole = this.#orOfSuccessor(start, whole, () => this.whole);
    return quiet(start);
  }

  /**
   * One that dies while loading: whoever waits for it waits for its successor.
   * @template T
   * @param {Start} start
   * @param {Promise<T>} promise
   * @param {() => Promise<T>} successor
   */
  #orOfSuccessor(start, promise, successor) {
    return promise.catch((error) => {
      if (this.#current !== start) return successor();
      throw error;
    });
  }

  #replace() {
    this.#restarts += 1;
    if (this.#restarts <= MAX_RESTARTS) {
      this.#current = this.#connect();
      this.dispatchEvent(new Event("restart"));
      return;
    }
    this.#fail(new TinyVLMError("engine-failing"));
    this.dispatchEvent(new Event("failed"));
  }

  /** No engine is started any more. @param {TinyVLMError} error  what whoever waits is told */
  #fail(error) {
    const failed = Promise.reject(error);
    const { connection } = this.#current;
    const reader = connection.canRead;
    this.#current = quiet({ connection, ready: failed, canSee: failed, whole: failed, canRead: failed, reader });
  }

  /**
   * Runs `work` after everything before it and after `until`. An abort rejects at once, while the turn itself lasts
   * until the worker has really stopped, so that the next request never meets the end of this one.
   * @template T
   * @param {RequestOptions & {until?: () => Promise<unknown>}} options
   * @param {(send: Send) => Promise<T>} work
   * @returns {Promise<T>}
   */
  #enqueue({ signal, onToken, onLine, onPhase, until = () => this.ready }, work) {
    if (signal?.aborted) return Promise.reject(abortError());
    const turn = this.#queue.then(async () => {
      const aborted = signal && new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      await Promise.race([until(), ...(aborted ? [aborted] : [])]);
      if (signal?.aborted) throw abortError();
      return work((...request) => this.#send({ signal, onToken, onLine, onPhase }, ...request));
    });
    this.#queue = turn.then(
      () => {},
      () => {},
    );
    return signal ? rejectOnAbort(turn, signal) : turn;
  }

  /**
   * Sends one request to the worker, and keeps track of the image it holds.
   * @template {keyof Requests} T
   * @param {RequestOptions} options
   * @param {T} type
   * @param {Omit<Requests[T], "type"|"id">} fields
   * @param {Blob|null} [image]
   * @returns {Promise<Results[T]>}
   */
  async #send({ signal, onToken, onLine, onPhase }, type, fields, image) {
    const { connection } = this.#current;
    const { id, reply } = connection.request(type, fields, {
      onPhase: (phase) => {
        if (phase === "encoding") this.#encoded = null;
        if (phase === "answering") this.#encoded = image ?? null;
        if (!signal?.aborted) onPhase?.(phase);
      },
      onToken: (text) => {
        if (!signal?.aborted) onToken?.(text);
      },
      onLine: (line) => {
        if (!signal?.aborted) onLine?.(line);
      },
    });
    const stop = () => connection.stop(id);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const result = await reply;
      if (type !== Request.STATS) this.#restarts = 0;
      return result;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }
}

/**
 * Where site.json lies. webpack puts the module's path at build time in the place of its address: there the page's
 * address stands in.
 * @param {string|URL} [baseURL]
 * @throws {TinyVLMError} url-invalid
 */
function siteOf(baseURL = "./") {
  const isOnDisk = import.meta.url.startsWith("file:") && location.protocol !== "file:";
  const here = isOnDisk ? document.baseURI : import.meta.url;
  if (!URL.canParse(baseURL, here)) throw new TinyVLMError("url-invalid", { url: String(baseURL) });
  return new URL("site.json", new URL(baseURL, here)).href;
}

/** Nobody need be waiting for its promises. @param {Start} start */
function quiet(start) {
  for (const promise of [start.ready, start.canSee, start.whole, start.canRead]) promise.catch(() => {});
  return start;
}
