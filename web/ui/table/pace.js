// How long it will take: from the rows that were answered last, since pictures and devices change on the way.

const LATEST = 8;

export class Pace {
  /** @type {number[]} */
  #times = [];

  /** @param {number} ms  that a row took, whatever came of it */
  add(ms) {
    this.#times = [...this.#times, ms].slice(-LATEST);
  }

  /** @param {number} rows  that are left @returns {number|null} seconds; null until the first row */
  left(rows) {
    if (this.#times.length === 0) return null;
    const sum = this.#times.reduce((total, ms) => total + ms, 0);
    return (rows * sum) / this.#times.length / 1000;
  }
}
