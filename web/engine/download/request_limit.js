// How many requests run at a time: one more for as long as that makes the whole faster, fewer when a server complains.

const MOST = 6;
const INTERVAL_MS = 300;
/** A further connection has to bring this much. */
const WORTHWHILE = 1.15;
/** How long a limit that was found stands before a higher one is tried again. */
const HOLD_MS = 10_000;

export class RequestLimit {
  limit = 1;
  #active = 0;
  #received = 0;
  #since = 0;
  /** Bytes per second with one connection fewer. */
  #before = 0;
  #heldUntil = 0;
  #pausedUntil = 0;
  #now;

  /** @param {() => number} [now] */
  constructor(now = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  get free() {
    return this.#active < this.limit;
  }

  open() {
    this.#active++;
  }

  close() {
    this.#active--;
  }

  /** @param {number} bytes  that have come */
  received(bytes) {
    this.#received += bytes;
    const now = this.#now();
    const elapsed = now - this.#since;
    if (elapsed < INTERVAL_MS) return;
    const speed = this.#received / elapsed;
    const isBusy = this.#active >= this.limit;
    this.#restart(now);
    if (!isBusy || this.limit === MOST || now < this.#heldUntil) return;
    if (speed > this.#before * WORTHWHILE) {
      this.#before = speed;
      this.limit++;
    } else {
      this.limit = Math.max(this.limit - 1, 1);
      this.#before = 0;
      this.#heldUntil = now + HOLD_MS;
    }
  }

  /** A request failed. */
  failed() {
    const now = this.#now();
    this.limit = Math.max(1, this.limit >> 1);
    this.#before = 0;
    this.#heldUntil = now + HOLD_MS;
    this.#restart(now);
  }

  /** The server asks to be left alone for so long. @param {number} ms */
  pause(ms) {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + ms);
  }

  get pauseLeft() {
    return Math.max(0, this.#pausedUntil - this.#now());
  }

  /** @param {number} now */
  #restart(now) {
    this.#received = 0;
    this.#since = now;
  }
}
