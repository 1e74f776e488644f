// One engine, from its start to its death: requests out, replies in, and the news that it has died. It is two workers:
// one runs the model; the other brings its files, also while the first is busy starting Python.

import { TinyVLMError, fromWireError } from "../shared/errors.js";
import { Reply, Request } from "../shared/protocol.js";
import { startWorker } from "../shared/workers.js";
import { DownloadWorker } from "./download_worker.js";
import { LifeWatch } from "./life_watch.js";
import { ReaderDownload } from "./reader_download.js";
import { post, watchStart } from "./start_failure.js";

/**
 * @import {
 *   DownloadNews, DownloadRequest, EngineNews, EngineOptions, EngineReply, EngineRequest, LoadResult, Milestone,
 *   ModelChoice, Notice, Phase, Progress, ReaderLost, ReadLine, Requests, Results, StopRequest,
 * } from "../shared/protocol.js"
 */

/** Kept apart from `new URL`: bundlers would copy what both together name. */
const MODULE_URL = import.meta.url;

/**
 * @typedef {object} Handlers
 * @property {(progress: Progress) => void} onProgress
 * @property {(milestone: Milestone) => void} onMilestone
 * @property {(notice: Notice) => void} onNotice
 * @property {() => void} onDeath
 *
 * @typedef {object} RequestHandlers
 * @property {(text: string) => void} [onToken]
 * @property {(line: ReadLine) => void} [onLine]
 * @property {(phase: Phase) => void} [onPhase]
 *
 * @typedef {{resolve(result: Results[keyof Results]): void, reject(error: Error): void, handlers: RequestHandlers}}
 *   PendingRequest
 */

export class EngineConnection {
  /** @type {Worker|null} */
  #worker = null;
  /** @type {DownloadWorker|null} */
  #downloads = null;
  #reader = new ReaderDownload({
    takeParts: (parts) => this.request(Request.READER, { parts }, {}, [parts]).reply,
    tellLead: (message) => this.#send(message),
    onProgress: (progress) => this.#handlers.onProgress(progress),
    onNotice: (notice) => this.#handlers.onNotice(notice),
  });
  #life = new LifeWatch(() => this.#die());
  /** @type {Map<number, PendingRequest>} */
  #pending = new Map();
  #nextId = 1;
  /** @type {Int32Array|null} */
  #stopFlag = null;
  /** Why it was closed. @type {Error|null} */
  #closed = null;
  #handlers;
  /** @type {PromiseWithResolvers<void>} */
  #vision = Promise.withResolvers();
  /** @type {PromiseWithResolvers<void>} */
  #whole = Promise.withResolvers();

  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
    for (const { promise } of [this.#vision, this.#whole]) promise.catch(() => {}); // nobody need be waiting
  }

  /** @param {DownloadRequest} download @param {MessagePort} port  where the parts are handed on */
  #startWorkers(download, port) {
    const handlers = {
      onFault: (/** @type {TinyVLMError} */ fault) => this.close(fault),
      onDeath: () => this.#die(),
    };
    this.#downloads = new DownloadWorker(download, { ...handlers, onNews: (news) => this.#tell(news) });
    this.#downloads.begin(port);
    const worker = startWorker(
      () => new Worker(new URL("../lead/worker.js", import.meta.url), { type: "module" }),
      "../lead/worker.js",
      import.meta.url,
    );
    this.#worker = worker;
    worker.onmessage = ({ data }) => this.#receive(data);
    // What could not be read may have been the reply that somebody waits for.
    worker.addEventListener("messageerror", () => this.#die());
    watchStart(worker, this.#life, new URL("../lead/worker.js", MODULE_URL).href, handlers);
  }

  /** Resolves when text can be read; another one once the reader is tried for again. */
  get canRead() {
    return this.#reader.canRead;
  }

  /**
   * Starts the workers; to be called once, before all else.
   * @param {DownloadRequest & EngineOptions} options
   * @returns {{ready: Promise<LoadResult>, canSee: Promise<void>, whole: Promise<void>}}
   *   when questions can be asked, when images can be encoded, when the weights are exact
   */
  load({ site, model, files, hub, token, ...options }) {
    const { port1, port2 } = new MessageChannel();
    try {
      this.#startWorkers({ site, model, files, hub, token }, port1);
    } catch (error) {
      this.close(/** @type {TinyVLMError} */ (error));
    }
    this.#reader.setSite(site);
    const { life } = this.#life;
    const fields = { options: { ...options, site }, parts: port2, life };
    const ready = this.request(Request.LOAD, fields, {}, [port2, life.port]).reply;
    ready.then(
      ({ reader }) => {
        if (!reader) this.#reader.close(new TinyVLMError("reader-unavailable"));
      },
      (error) => {
        this.#downloads?.end(); // nobody takes what it would go on to bring
        this.#reader.close(error);
      },
    );
    const whole = ready.then(() => this.#whole.promise);
    return { ready, canSee: Promise.race([this.#vision.promise, ready.then(() => {})]), whole };
  }

  /**
   * @template {keyof Requests} T
   * @param {T} type
   * @param {Omit<Requests[T], "type"|"id">} fields
   * @param {RequestHandlers} [handlers]
   * @param {Transferable[]} [transfer]
   * @returns {{id: number, reply: Promise<Results[T]>}}
   */
  request(type, fields, handlers = {}, transfer = []) {
    const id = this.#nextId;
    const message = /** @type {EngineRequest} */ ({ type, id, ...fields });
    const reply = new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(this.#closed);
        return;
      }
      this.#send(message, transfer);
      this.#nextId++; // the lead counts as well: a request that it could not read is the one after the last
      this.#pending.set(id, { resolve, reject, handlers });
    });
    return { id, reply };
  }

  /** Asks for the end of a request; its reply comes all the same. @param {number} id */
  stop(id) {
    if (!this.#pending.has(id)) return;
    this.#send({ type: Request.STOP, id });
    if (this.#stopFlag) Atomics.store(this.#stopFlag, 0, 1);
  }

  /** Ends the workers without calling onDeath. @param {Error} reason  what pending and further requests are told */
  close(reason) {
    if (this.#closed) return;
    this.#closed = reason;
    this.#life.stop();
    this.#worker?.terminate();
    this.#downloads?.end();
    this.#reader.close(reason);
    for (const { reject } of [...this.#pending.values(), this.#vision, this.#whole]) reject(reason);
    this.#pending.clear();
  }

  /** @param {EngineRequest|StopRequest|ReaderLost} message @param {Transferable[]} [transfer] */
  #send(message, transfer = []) {
    post(this.#worker, message, transfer);
  }

  /** @param {EngineReply|EngineNews} message */
  #receive(message) {
    if (!("id" in message)) {
      this.#tell(message);
      return;
    }
    const request = this.#pending.get(message.id);
    if (!request) return;
    switch (message.type) {
      case Reply.PHASE:
        request.handlers.onPhase?.(message.phase);
        break;
      case Reply.TOKEN:
        request.handlers.onToken?.(message.text);
        break;
      case Reply.LINE:
        request.handlers.onLine?.(message.line);
        break;
      case Reply.DONE:
        this.#pending.delete(message.id);
        request.resolve(message.result);
        break;
      case Reply.ERROR:
        this.#pending.delete(message.id);
        request.reject(fromWireError(message.error));
        break;
    }
  }

  /** News that belong to no request. @param {EngineNews|DownloadNews} message */
  #tell(message) {
    switch (message.type) {
      case Reply.STOP_FLAG:
        this.#stopFlag = new Int32Array(message.memory.buffer, message.offset, 1);
        break;
      case Reply.PROGRESS:
        this.#handlers.onProgress(message.progress);
        break;
      case Reply.MILESTONE:
        if (message.milestone === "vision") this.#vision.resolve();
        if (message.milestone === "whole") this.#becomeWhole();
        this.#handlers.onMilestone(message.milestone);
        break;
      case Reply.NOTICE:
        this.#handlers.onNotice({ code: message.code, message: message.message });
        break;
      case Reply.READER_WANTED:
        void this.#reader.begin();
        break;
      case Reply.FAILED:
        this.close(fromWireError(message.error));
        break;
      case Reply.INCOMPLETE:
        this.#whole.reject(fromWireError(message.error));
        this.#handlers.onNotice(message.error);
        break;
    }
  }

  #becomeWhole() {
    this.#downloads?.settle();
    this.#whole.resolve();
  }

  #die() {
    if (this.#closed) return;
    this.#handlers.onDeath();
    this.close(engineStopped());
  }
}

function engineStopped() {
  return new TinyVLMError("engine-stopped");
}
