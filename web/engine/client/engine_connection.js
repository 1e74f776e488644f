// One engine, from its start to its death: requests out, replies in, and the news that it has died. It is two workers:
// one runs the model; the other brings its files, also while the first is busy starting Python.

import { TinyVLMError, fromWireError } from "../shared/errors.js";
import { Reply, Request } from "../shared/protocol.js";

export class EngineConnection {
  #worker;
  #downloads;
  #pending = new Map();
  #nextId = 1;
  #stopFlag = null;
  #alive = false;
  #closed = false;
  #lifeLock = `tinyvlm-${Date.now()}-${Math.random()}`;
  #lockWait = new AbortController();
  #handlers;
  #vision = Promise.withResolvers();
  #whole = Promise.withResolvers();

  /**
   * @param {object} handlers
   * @param {(progress: import("../shared/protocol.js").Progress) => void} handlers.onProgress
   * @param {(milestone: import("../shared/protocol.js").Milestone) => void} handlers.onMilestone
   * @param {(notice: {code: string, message: string}) => void} handlers.onNotice
   * @param {() => void} handlers.onDeath
   */
  constructor(handlers) {
    this.#handlers = handlers;
    for (const { promise } of [this.#vision, this.#whole]) promise.catch(() => {}); // nobody need be waiting
    this.#downloads = new Worker(new URL("../download/worker.js", import.meta.url), { type: "module" });
    this.#downloads.onmessage = ({ data }) => this.#receive(data);
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
   * @param {Omit<import("../shared/protocol.js").LoadOptions, "lifeLock">} options
   * @returns {{ready: Promise<import("../shared/protocol.js").LoadResult>, canSee: Promise<void>, whole: Promise<void>}}
   *   when questions can be asked, when images can be encoded, when the weights are exact
   */
  load({ site, model, files, hub, token, ...options }) {
    const { port1, port2 } = new MessageChannel();
    this.#downloads.postMessage({ type: "start", options: { site, model, files, hub, token }, port: port1 }, [port1]);
    const fields = { options: { ...options, site, lifeLock: this.#lifeLock }, parts: port2 };
    const ready = this.request(Request.LOAD, fields, {}, [port2]).reply;
    const whole = ready.then(() => this.#whole.promise);
    return { ready, canSee: Promise.race([this.#vision.promise, ready.then(() => {})]), whole };
  }

  /**
   * @param {string} type
   * @param {object} [fields]
   * @param {{onToken?: (text: string) => void, onPhase?: (phase: string) => void}} [handlers]
   * @param {Transferable[]} [transfer]
   * @returns {{id: number, reply: Promise<any>}}
   */
  request(type, fields = {}, handlers = {}, transfer = []) {
    const id = this.#nextId++;
    const reply = new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(engineStopped());
        return;
      }
      this.#pending.set(id, { resolve, reject, handlers });
      this.#worker.postMessage({ type, id, ...fields }, transfer);
    });
    return { id, reply };
  }

  /** Asks for the end of a request; its reply comes all the same. */
  stop(id) {
    if (!this.#pending.has(id)) return;
    this.#worker.postMessage({ type: Request.STOP, id });
    if (this.#stopFlag) Atomics.store(this.#stopFlag, 0, 1);
  }

  /** Ends the workers without calling onDeath. @param {Error} reason  what pending requests are told */
  close(reason) {
    if (this.#closed) return;
    this.#closed = true;
    this.#lockWait.abort();
    this.#worker.terminate();
    this.#downloads.terminate();
    for (const { reject } of [...this.#pending.values(), this.#vision, this.#whole]) reject(reason);
    this.#pending.clear();
  }

  #receive(message) {
    if (message.type === Reply.ALIVE) {
      this.#awaitDeath();
      return;
    }
    if (message.type === Reply.STOP_FLAG) {
      this.#stopFlag = new Int32Array(message.memory.buffer, message.offset, 1);
      return;
    }
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

  /** News that belong to no request. */
  #tell(message) {
    switch (message.type) {
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
