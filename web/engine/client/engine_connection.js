// One engine, from its start to its death: requests out, replies in, and the news that it has died. It is two workers:
// one runs the model; the other brings its files, also while the first is busy starting Python.

import { TinyVLMError, fromWireError } from "../shared/errors.js";
import { Reply, Request } from "../shared/protocol.js";

/**
 * @import {
 *   DownloadNews, DownloadRequest, EngineNews, EngineOptions, EngineReply, EngineRequest, LoadResult, Milestone,
 *   ModelChoice, Phase, Progress, Requests, Results, StartRequest, StopRequest,
 * } from "../shared/protocol.js"
 */

/**
 * @typedef {object} Handlers
 * @property {(progress: Progress) => void} onProgress
 * @property {(milestone: Milestone) => void} onMilestone
 * @property {(notice: {code: string, message: string}) => void} onNotice
 * @property {() => void} onDeath
 *
 * @typedef {{onToken?: (text: string) => void, onPhase?: (phase: Phase) => void}} RequestHandlers
 *
 * @typedef {{resolve(result: Results[keyof Results]): void, reject(error: Error): void, handlers: RequestHandlers}}
 *   PendingRequest
 */

export class EngineConnection {
  #worker;
  #downloads;
  /** @type {Map<number, PendingRequest>} */
  #pending = new Map();
  #nextId = 1;
  /** @type {Int32Array|null} */
  #stopFlag = null;
  #alive = false;
  /** Why it was closed. @type {Error|null} */
  #closed = null;
  #lifeLock = `tinyvlm-${Date.now()}-${Math.random()}`;
  #lockWait = new AbortController();
  #handlers;
  /** @type {PromiseWithResolvers<void>} */
  #vision = Promise.withResolvers();
  /** @type {PromiseWithResolvers<void>} */
  #whole = Promise.withResolvers();

  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
    for (const { promise } of [this.#vision, this.#whole]) promise.catch(() => {}); // nobody need be waiting
    this.#downloads = new Worker(new URL("../download/worker.js", import.meta.url), { type: "module" });
    this.#downloads.onmessage = ({ data }) => this.#tell(data);
    this.#worker = new Worker(new URL("../lead/worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#downloads.onerror = (event) => {
      event.preventDefault();
      this.#die(); // it tells of errors itself, unless it could not start
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      // A worker that holds its lock may survive an error; the lock says when it does not.
      if (!this.#alive) this.#die();
    };
  }

  /**
   * @param {DownloadRequest & EngineOptions} options
   * @returns {{ready: Promise<LoadResult>, canSee: Promise<void>, whole: Promise<void>}}
   *   when questions can be asked, when images can be encoded, when the weights are exact
   */
  load({ site, model, files, hub, token, ...options }) {
    const { port1, port2 } = new MessageChannel();
    this.#start({ type: "start", options: { site, model, files, hub, token }, port: port1 });
    const fields = { options: { ...options, site, lifeLock: this.#lifeLock }, parts: port2 };
    const ready = this.request(Request.LOAD, fields, {}, [port2]).reply;
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
    const id = this.#nextId++;
    const message = /** @type {EngineRequest} */ ({ type, id, ...fields });
    const reply = new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(this.#closed);
        return;
      }
      this.#pending.set(id, { resolve, reject, handlers });
      this.#send(message, transfer);
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
    this.#lockWait.abort();
    this.#worker.terminate();
    this.#downloads.terminate();
    for (const { reject } of [...this.#pending.values(), this.#vision, this.#whole]) reject(reason);
    this.#pending.clear();
  }

  /** @param {StartRequest} message */
  #start(message) {
    this.#downloads.postMessage(message, [message.port]);
  }

  /** @param {EngineRequest|StopRequest} message @param {Transferable[]} [transfer] */
  #send(message, transfer = []) {
    this.#worker.postMessage(message, transfer);
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
      case Reply.ALIVE:
        this.#awaitDeath();
        break;
      case Reply.STOP_FLAG:
        this.#stopFlag = new Int32Array(message.memory.buffer, message.offset, 1);
        break;
      case Reply.PROGRESS:
        this.#handlers.onProgress(message.progress);
        break;
      case Reply.MILESTONE:
        if (message.milestone === "vision") this.#vision.resolve();
        if (message.milestone === "whole") this.#whole.resolve();
        this.#handlers.onMilestone(message.milestone);
        break;
      case Reply.NOTICE:
        this.#handlers.onNotice({ code: message.code, message: message.message });
        break;
      case Reply.INCOMPLETE:
        this.#whole.reject(fromWireError(message.error));
        this.#handlers.onNotice({ code: message.error.code, message: message.error.message });
        break;
    }
  }

  /** The worker holds the lock for as long as it lives, so whoever gets it next knows. */
  #awaitDeath() {
    this.#alive = true;
    navigator.locks
      .request(this.#lifeLock, { signal: this.#lockWait.signal }, () => this.#die())
      .catch(() => {
        // AbortError: closed from this side.
      });
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
