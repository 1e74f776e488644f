// Writes what changes often: the latest state, and no more than once in a while.

const INTERVAL_MS = 300;

/** @template T */
export class Coalesced {
  #write;
  #interval;
  /** @type {{state: T}|null} */
  #pending = null;
  #timer = 0;
  /** @type {Promise<void>} */
  #written = Promise.resolve();

  /** @param {(state: T) => Promise<void>} write  whose failures are its own affair @param {number} [interval]  ms */
  constructor(write, interval = INTERVAL_MS) {
    this.#write = write;
    this.#interval = interval;
  }

  /** To be written within the interval, unless a later state comes before. @param {T} state */
  set(state) {
    this.#pending = { state };
    this.#timer ||= setTimeout(() => void this.flush(), this.#interval);
  }

  /** Begins to write at once; resolves when all that was set is written. @returns {Promise<void>} */
  flush() {
    const pending = this.#pending;
    this.drop();
    if (pending) {
      const before = this.#written;
      const now = this.#write(pending.state); // not behind the one before: there may be no later
      this.#written = Promise.all([before, now]).then(() => {});
    }
    return this.#written;
  }

  /** Forgets what has not been written. */
  drop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#pending = null;
  }
}
