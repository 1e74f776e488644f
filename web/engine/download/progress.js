// How far a download is, told evenly: at most ten times a second, never backwards, with the speed of the last seconds.

const INTERVAL_MS = 100;
const WINDOW_MS = 5000;
/** Shorter times say little about speed. */
const SHORTEST_MS = 500;

/**
 * @typedef {object} DownloadProgress
 * @property {"model"} step
 * @property {string} file  that bytes came of last
 * @property {number} loaded  bytes
 * @property {number} total  bytes
 * @property {number} kept  bytes of `loaded` that did not pass the network
 * @property {number} speed  bytes a second, 0 until known
 * @property {number|null} remaining_s
 * @property {boolean} done
 */

export class ProgressReporter {
  #report;
  #total = 0;
  #loaded = 0;
  #shown = 0;
  #kept = 0;
  #file = "";
  /** [time, bytes from the network since the beginning], the oldest first. */
  #samples = [];
  #received = 0;
  #timer = null;

  /** @param {(progress: DownloadProgress) => void} report */
  constructor(report) {
    this.#report = report;
  }

  /** Begins, or begins again. @param {number} total @param {number} kept */
  begin(total, kept, file) {
    this.#total = total;
    this.#loaded = this.#kept = kept;
    this.#file = file;
    this.#samples = [[performance.now(), this.#received]];
    this.#soon();
  }

  /** Bytes came from the network. */
  received(file, bytes) {
    this.#file = file;
    this.#received += bytes;
    this.#loaded += bytes;
    this.#soon();
  }

  /** Bytes turned out to be there: another tab fetched them. */
  found(file, bytes) {
    this.#file = file;
    this.#kept += bytes;
    this.#loaded += bytes;
    this.#soon();
  }

  /** Bytes turned out to be damaged; what was told is not taken back. */
  lost(bytes) {
    this.#loaded -= bytes;
    this.#kept = Math.min(this.#kept, this.#loaded);
  }

  done() {
    clearTimeout(this.#timer);
    this.#loaded = this.#total;
    this.#send(true);
  }

  #soon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#send(false);
    }, INTERVAL_MS);
  }

  #send(done) {
    this.#shown = Math.min(Math.max(this.#shown, this.#loaded), this.#total);
    const speed = this.#speed();
    const left = this.#total - this.#shown;
    this.#report({
      step: "model",
      file: this.#file,
      loaded: this.#shown,
      total: this.#total,
      kept: this.#kept,
      speed,
      remaining_s: done ? 0 : speed ? left / speed : null,
      done,
    });
  }

  #speed() {
    const now = performance.now();
    this.#samples.push([now, this.#received]);
    while (this.#samples.length > 2 && this.#samples[1][0] < now - WINDOW_MS) this.#samples.shift();
    const [then, before] = this.#samples[0];
    return now - then < SHORTEST_MS ? 0 : ((this.#received - before) / (now - then)) * 1000;
  }
}
