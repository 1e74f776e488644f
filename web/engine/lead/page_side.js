// The page, as the lead sees it: what is said to it, which requests it has stopped, and when its messages are read.

/** @import { EngineNews, EngineReply, Phase } from "../shared/protocol.js" */

/** @param {EngineReply|EngineNews} message */
export function send(message) {
  self.postMessage(message);
}

/** @param {number} id @param {Phase} phase */
export function sendPhase(id, phase) {
  send({ type: "phase", id, phase });
}

/** The requests that are to end; one at a time is worked on. */
class Stops {
  /** @type {Set<number>} */
  #ids = new Set();
  #wake = () => {};

  /** @param {number} id */
  add(id) {
    this.#ids.add(id);
    this.#wake();
  }

  /** @param {number} id */
  has(id) {
    return this.#ids.has(id);
  }

  /** Its last word has been said. @param {number} id */
  delete(id) {
    this.#ids.delete(id);
  }

  /** Resolves when this one is to end. @param {number} id @returns {Promise<void>} */
  async until(id) {
    while (!this.#ids.has(id)) {
      /** @type {PromiseWithResolvers<void>} */
      const { promise, resolve } = Promise.withResolvers();
      this.#wake = resolve;
      await promise;
    }
  }
}

export const stops = new Stops();

// A message to oneself is a task like any other, without the 4 ms that nested timers wait.
const channel = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** Lets messages in. @returns {Promise<void>} */
export function nextTask() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
