// The public module: ask a vision-language model about an image, in this page.
//
//   import { TinyVLM } from "./tinyvlm.js";
//   const vlm = new TinyVLM();
//   await vlm.ask(blob, "What colour is the shape?", { onToken: (text) => console.log(text) });

import { EngineConnection } from "./engine/client/engine_connection.js";
import { TinyVLMError } from "./engine/shared/errors.js";
import { Request } from "./engine/shared/protocol.js";

export { TinyVLMError };

const MAX_RESTARTS = 3;
const ANSWER_OPTIONS = [
  ...["max_new_tokens", "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "stop", "seed"],
  ...["choices", "schema", "unsure"],
];

/**
 * Requests run one at a time, in order, and wait for the model by themselves. A worker that dies is replaced; only the
 * request it was working on fails.
 *
 * Events: "progress" (CustomEvent, detail: Progress) while something loads; "milestone" (detail: Milestone) when so much
 * of the model is there; "notice" (detail: {code, message}) with what a person should know, though nothing has failed for
 * good; "restart" when a new worker has been started; "failed" when no more will be (`ready` then rejects; `reload()`
 * tries again).
 */
export class TinyVLM extends EventTarget {
  #options;
  #connection = null;
  #queue = Promise.resolve();
  #restarts = 0;
  /** The Blob whose encoding the worker holds. */
  #encoded = null;

  /**
   * Resolves to the model's card once the model can answer, if only as a draft; a new promise after every restart, as
   * the two others are.
   * @type {Promise<import("./engine/shared/protocol.js").ModelCard>}
   */
  ready;

  /** Resolves once images can be encoded, which may be before `ready`. @type {Promise<void>} */
  canSee;

  /** Resolves once the weights are exact, and answers no drafts any more. @type {Promise<void>} */
  whole;

  /**
   * Details of the last complete answer; `first_token_ms` counts from the moment the worker got the question.
   * @type {(import("./engine/shared/protocol.js").AnswerResult & {first_token_ms: number, total_ms: number})|null}
   */
  lastAnswer = null;

  /**
   * @param {object} [options]
   * @param {string|URL} [options.baseURL]  where site.json lies; default: beside this module
   * @param {string} [options.model]  one of the site's, a Hugging Face repository (owner/name), or a URL
   * @param {File[]} [options.files]  a model's files, in place of `model`
   * @param {string} [options.hub]  address of the hub
   * @param {string} [options.token]  for repositories that ask for one; sent to the hub alone
   * @param {number} [options.threads]
   * @param {"relaxed"|"simd128"} [options.simd]
   * @param {7} [options.activationBits]  what every engine can do, even where the start-up probe found 8
   * @param {(progress: import("./engine/shared/protocol.js").Progress) => void} [options.onProgress]
   */
  constructor({ baseURL, model, files, hub, token, threads, simd, activationBits, onProgress } = {}) {
    super();
    const site = new URL("site.json", new URL(baseURL ?? "./", import.meta.url)).href;
    this.#options = { site, model, files, hub, token, threads, simd, activationBits };
    if (onProgress) this.addEventListener("progress", (event) => onProgress(event.detail));
    this.#connect();
  }

  /**
   * Asks about an image, or without one (null). The same Blob object is sent and encoded once, however many questions
   * follow, and a model that was made for conversations remembers them until the image changes.
   * @param {Blob|null} image
   * @param {string} question
   * @param {{onToken?: (text: string) => void, onPhase?: (phase: import("./engine/shared/protocol.js").Phase) => void,
   *          signal?: AbortSignal, profile?: "fast"|"balanced"|"accuracy"}
   *          & import("./engine/shared/protocol.js").SamplingOptions} [options]  `profile`: how closely to look at the image
   * @returns {Promise<string>}  the whole answer
   * @throws {DOMException} AbortError
   * @throws {TinyVLMError} bad-question, image-not-blob, engine-stopped, or what the engine says
   */
  async ask(image, question, options = {}) {
    if (image !== null) checkImageArgument(image);
    if (typeof question !== "string") {
      throw new TinyVLMError("bad-question");
    }
    const sampling = Object.fromEntries(
      ANSWER_OPTIONS.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
    );
    const answer = await this.#enqueue(options, (send) => {
      const fields = { question, options: sampling, profile: options.profile };
      if (image !== this.#encoded) fields.image = image;
      return send(Request.ASK, fields, image);
    });
    this.lastAnswer = answer;
    return answer.text;
  }

  /**
   * Encodes an image ahead of the first question; waits for `canSee`.
   * @param {Blob} image
   * @param {{onPhase?: (phase: string) => void, signal?: AbortSignal, profile?: "fast"|"balanced"|"accuracy"}} [options]
   * @returns {Promise<import("./engine/shared/protocol.js").EncodeResult>}
   */
  async encode(image, options = {}) {
    checkImageArgument(image);
    return this.#enqueue({ ...options, until: () => this.canSee }, async (send) => {
      const result = await send(Request.ENCODE, { image, profile: options.profile }, image);
      this.#encoded = image;
      return result;
    });
  }

  /** @returns {Promise<import("./engine/shared/protocol.js").Stats>} */
  async stats() {
    return this.#enqueue({}, (send) => send(Request.STATS));
  }

  /**
   * Takes another model, in a new worker; without a choice, the site's own.
   * @param {{model?: string, files?: File[], token?: string}} [choice]
   */
  load({ model, files, token } = {}) {
    this.#options = { ...this.#options, model, files, token };
    this.reload();
  }

  /** Starts again with a new worker, after loading has failed for good. */
  reload() {
    this.#connection?.close(new TinyVLMError("engine-restarted"));
    this.#restarts = 0;
    this.#connect();
  }

  /** Ends the worker; every request that waits is rejected. */
  dispose() {
    const disposed = new TinyVLMError("disposed");
    const connection = this.#connection;
    this.#connection = null;
    this.#fail(disposed);
    connection?.close(disposed);
  }

  #connect() {
    const tell = (name) => (detail) => this.dispatchEvent(new CustomEvent(name, { detail }));
    const connection = new EngineConnection({
      onProgress: tell("progress"),
      onMilestone: tell("milestone"),
      onNotice: tell("notice"),
      onDeath: () => this.#replace(),
    });
    this.#connection = connection;
    this.#encoded = null;
    // One that dies while loading: whoever waits for it waits for its successor.
    const orOfSuccessor = (name, promise) =>
      promise.catch((error) => {
        if (this.#connection !== connection) return this[name];
        throw error;
      });
    const { ready, canSee, whole } = connection.load(this.#options);
    this.#setPromises({
      ready: orOfSuccessor(
        "ready",
        ready.then(({ model }) => model),
      ),
      canSee: orOfSuccessor("canSee", canSee),
      whole: orOfSuccessor("whole", whole),
    });
  }

  #replace() {
    this.#restarts += 1;
    if (this.#restarts <= MAX_RESTARTS) {
      this.#connect();
      this.dispatchEvent(new Event("restart"));
      return;
    }
    this.#connection = null;
    this.#fail(new TinyVLMError("engine-failing"));
    this.dispatchEvent(new Event("failed"));
  }

  #fail(error) {
    const failed = Promise.reject(error);
    this.#setPromises({ ready: failed, canSee: failed, whole: failed });
  }

  #setPromises(promises) {
    for (const promise of Object.values(promises)) promise.catch(() => {}); // nobody need be waiting
    Object.assign(this, promises);
  }

  /**
   * Runs `work` after everything before it and after `until`. An abort rejects at once, while the turn itself lasts until the worker has
   * really stopped, so that the next request never meets the end of this one.
   */
  #enqueue({ signal, onToken, onPhase, until = () => this.ready }, work) {
    if (signal?.aborted) return Promise.reject(abortError());
    const turn = this.#queue.then(async () => {
      const aborted = signal && new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      await Promise.race([until(), ...(aborted ? [aborted] : [])]);
      if (signal?.aborted) return undefined;
      return work((...request) => this.#send(request, { signal, onToken, onPhase }));
    });
    this.#queue = turn.then(
      () => {},
      () => {},
    );
    return signal ? rejectOnAbort(turn, signal) : turn;
  }

  /** Sends one request to the worker, keeps track of the image it holds, and adds the times only this side can see. */
  async #send([type, fields, image], { signal, onToken, onPhase }) {
    const connection = this.#connection;
    const started = performance.now();
    let firstTokenAt = 0;
    const { id, reply } = connection.request(type, fields, {
      onPhase: (phase) => {
        if (phase === "encoding") this.#encoded = null;
        if (phase === "answering") this.#encoded = image;
        if (!signal?.aborted) onPhase?.(phase);
      },
      onToken: (text) => {
        firstTokenAt ||= performance.now();
        if (!signal?.aborted) onToken?.(text);
      },
    });
    const stop = () => connection.stop(id);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const result = await reply;
      if (type !== Request.STATS) this.#restarts = 0;
      if (type !== Request.ASK) return result;
      const now = performance.now();
      return { ...result, first_token_ms: (firstTokenAt || now) - started, total_ms: now - started };
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }
}

function checkImageArgument(image) {
  if (!(image instanceof Blob)) {
    throw new TinyVLMError("image-not-blob");
  }
}

function rejectOnAbort(promise, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortError());
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function abortError() {
  return new DOMException("The request was stopped.", "AbortError");
}
