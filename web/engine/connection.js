// One worker, from its start to its death: requests out, replies in, and the news that it has died.

import { Reply, Request, TinyVLMError, fromWireError } from "./protocol.js";

export class EngineConnection {
  #worker;
  #pending = new Map();
  #nextId = 1;
  #stopFlag = null;
  #alive = false;
  #closed = false;
  #lifeLock = `tinyvlm-${Date.now()}-${Math.random()}`;
  #lockWait = new AbortController();
  #onProgress;
  #onDeath;

  /** @param {{onProgress: (progress: import("./protocol.js").Progress) => void, onDeath: () => void}} handlers */
  constructor({ onProgress, onDeath }) {
    this.#onProgress = onProgress;
    this.#onDeath = onDeath;
    this.#worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      // A worker that holds its lock may survive an error; the lock says when it does not.
      if (!this.#alive) this.#die();
    };
  }

  /**
   * @param {Omit<import("./protocol.js").LoadOptions, "lifeLock">} options
   * @returns {Promise<import("./protocol.js").LoadResult>}
   */
  async load(options) {
    return this.request(Request.LOAD, { options: { ...options, lifeLock: this.#lifeLock } }).reply;
  }

  /**
   * @param {string} type
   * @param {object} [fields]
   * @param {{onToken?: (text: string) => void, onStage?: (stage: string) => void}} [handlers]
   * @returns {{id: number, reply: Promise<any>}}
   */
  request(type, fields = {}, handlers = {}) {
    const id = this.#nextId++;
    const reply = new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(engineStopped());
        return;
      }
      this.#pending.set(id, { resolve, reject, handlers });
      this.#worker.postMessage({ type, id, ...fields });
    });
    return { id, reply };
  }

  /** Asks for the end of a request; its reply comes all the same. */
  stop(id) {
    if (!this.#pending.has(id)) return;
    this.#worker.postMessage({ type: Request.STOP, id });
    if (this.#stopFlag) Atomics.store(this.#stopFlag, 0, 1);
  }

  /** Ends the worker without calling onDeath. @param {Error} reason  what pending requests are told */
  close(reason) {
    if (this.#closed) return;
    this.#closed = true;
    this.#lockWait.abort();
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) reject(reason);
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
    if (message.type === Reply.PROGRESS) {
      const { stage, loaded, total, done } = message;
      this.#onProgress({ stage, loaded, total, done });
      return;
    }
    const request = this.#pending.get(message.id);
    if (!request) return;
    switch (message.type) {
      case Reply.STAGE:
        request.handlers.onStage?.(message.stage);
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

  /** The worker holds the lock for as long as it lives, so whoever gets it next knows. */
  #awaitDeath() {
    this.#alive = true;
    navigator.locks.request(this.#lifeLock, { signal: this.#lockWait.signal }, () => this.#die()).catch(() => {
      // AbortError: closed from this side.
    });
  }

  #die() {
    if (this.#closed) return;
    this.#onDeath();
    this.close(engineStopped());
  }
}

function engineStopped() {
  return new TinyVLMError("engine-stopped", "The engine stopped before it had answered. Ask again.");
}
