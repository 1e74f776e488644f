// How far a download is, told evenly: at most ten times a second, never backwards, with the speed of the last seconds.

/** @import { Progress } from "../shared/protocol.js" */

const INTERVAL_MS = 100;
const WINDOW_MS = 5000;
/** Shorter times say little about speed. */
const SHORTEST_MS = 500;

export class ProgressReporter {
  #step;
  #report;
  #total = 0;
  #loaded = 0;
  #shown = 0;
  #kept = 0;
  #file = "";
  /** The oldest first. @type {[time: number, received: number][]} */
  #samples = [];
  /** Bytes from the network since the beginning. */
  #received = 0;
  /** @type {number|undefined} */
  #timer;

  /** @param {"model"|"reader"} step  what is brought @param {(progress: Required<Progress>) => void} report */
  constructor(step, report) {
    this.#step = step;
    this.#report = report;
  }

  /** Begins, or begins again. @param {number} total @param {number} kept @param {string} file */
  begin(total, kept, file) {
    this.#total = total;
    this.#loaded = kept;
    this.#kept = kept;
    this.#file = file;
    this.#samples = [[performance.now(), this.#received]];
    this.#soon();
  }

  /** Bytes came from the network. @param {string} file @param {number} bytes */
  received(file, bytes) {
    this.#file = file;
    this.#received += bytes;
    this.#loaded += bytes;
    this.#soon();
  }

  /** Bytes turned out to be there: another tab fetched them. @param {string} file @param {number} bytes */
  found(file, bytes) {
    this.#file = file;
    this.#kept += bytes;
    this.#loaded += bytes;
    this.#soon();
  }

  /** Bytes turned out to be damaged; what was told is not taken back. @param {number} bytes */
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
      this.#timer = undefined;
      this.#send(false);
    }, INTERVAL_MS);
  }

  /** @param {boolean} done */
  #send(done) {
    this.#shown = Math.min(Math.max(this.#shown, this.#loaded), this.#total);
    const speed = this.#speed();
    const left = this.#total - this.#shown;
    this.#report({
      step: this.#step,
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
