// Notices the death of a worker that shows its life as ../shared/life.js does.

/** @import { Life, LifeSign } from "../shared/life.js" */

/**
 * A worker that leaves so many questions in a row unanswered is dead: within twelve seconds while the page is in use.
 * What counts is the page's own turns, not the clock, so that no sleep of the machine or the tab looks like a death;
 * and who answers is never busy.
 */
const MOST_MISSED = 5;
const BEAT_MS = 2000;

export class LifeWatch {
  #lock = `tinyvlm-${Date.now()}-${Math.random()}`;
  #channel = new MessageChannel();
  #stopped = new AbortController();
  #onDeath;
  #later;
  #missed = 0;
  /** The worker has shown that it lives. */
  isAlive = false;

  /**
   * @param {() => void} onDeath  called once at most
   * @param {{later?: (action: () => void) => void}} [options]  `later`: does something after the time between two beats
   */
  constructor(onDeath, { later = (action) => setTimeout(action, BEAT_MS) } = {}) {
    this.#onDeath = onDeath;
    this.#later = later;
    this.#channel.port1.onmessage = (/** @type {MessageEvent<LifeSign>} */ { data }) => {
      if (data === "locked") this.#awaitLock();
      else this.#hear();
    };
  }

  /** For the worker; its port is to be transferred. @returns {Life} */
  get life() {
    return { lock: this.#lock, port: this.#channel.port2 };
  }

  stop() {
    this.#stopped.abort();
    this.#channel.port1.close();
  }

  /** The worker holds the lock for as long as it lives, so whoever gets it next knows. */
  #awaitLock() {
    this.isAlive = true;
    navigator.locks
      .request(this.#lock, { signal: this.#stopped.signal }, () => this.#die())
      .catch(() => {
        // AbortError: stopped from this side.
      });
  }

  #hear() {
    this.#missed = 0;
    if (this.isAlive) return;
    this.isAlive = true;
    this.#ask();
  }

  #ask() {
    if (this.#stopped.signal.aborted) return;
    if (this.#missed === MOST_MISSED) {
      this.#die();
      return;
    }
    this.#missed++;
    this.#channel.port1.postMessage("ask");
    this.#later(() => this.#ask());
  }

  #die() {
    if (this.#stopped.signal.aborted) return;
    this.stop();
    this.#onDeath();
  }
}
