// What a person has set on this device. Nothing is believed of what the browser has kept: what is not offered here is as
// if it had never been set. Where the browser keeps nothing, settings hold for as long as the page is open.

/** @import { Profile, SamplingOptions } from "../../engine/shared/protocol.js" */

/**
 * @typedef {object} Values
 * @property {"auto"|Profile} profile  how closely to look at images
 * @property {number} threads  0: one for each core
 * @property {"same"|"varied"} answers  the likeliest words, or drawn by lot among the likely ones
 * @property {number} length  of the longest answer, in tokens; 0: as the model has it
 * @property {"system"|"light"|"dark"} theme
 * @property {"usual"|"large"|"larger"} textSize
 * @property {boolean} keeps  whether new conversations are kept on this device
 */

/** What each may be, beginning with what it is at first. */
export const OFFERED = Object.freeze({
  profile: ["balanced", "auto", "fast", "accuracy"],
  threads: [0, 1, 2, 3, 4, 5, 6, 7, 8],
  answers: ["same", "varied"],
  length: [0, 16, 32, 64, 128, 256, 512],
  theme: ["system", "light", "dark"],
  textSize: ["usual", "large", "larger"],
  keeps: [true, false],
});

const KEPT = "tinyvlm-settings";
/** Lively, and rarely senseless: the best-known pair of values. */
const VARIED = Object.freeze({ temperature: 0.7, top_p: 0.9 });

/** Event: "change" when a value is another one, also by another tab. */
export class Settings extends EventTarget {
  #values = read();
  #isKept = true;

  constructor() {
    super();
    addEventListener("storage", ({ key }) => {
      if (key === KEPT || key === null) this.#become(read());
    });
  }

  /** @returns {Readonly<Values>} */
  get values() {
    return this.#values;
  }

  /** Whether the browser has taken what was set. */
  get isKept() {
    return this.#isKept;
  }

  /**
   * @template {keyof Values} Name
   * @param {Name} name
   * @param {Values[Name]} value  one of those that are offered
   */
  set(name, value) {
    this.#isKept = write({ ...this.#values, [name]: value });
    this.#become({ ...this.#values, [name]: value });
  }

  /** All as it is at first. */
  reset() {
    this.#isKept = write(null);
    this.#become(checked({}));
  }

  /** What the engine is told of how to answer. @returns {SamplingOptions} */
  get sampling() {
    const { answers, length } = this.#values;
    return { ...(answers === "varied" ? VARIED : {}), ...(length ? { max_new_tokens: length } : {}) };
  }

  /** @param {Values} values */
  #become(values) {
    this.#values = values;
    this.dispatchEvent(new Event("change"));
  }
}

/** The page's. */
export const settings = new Settings();

/** @returns {Values} */
function read() {
  try {
    return checked(JSON.parse(localStorage.getItem(KEPT) ?? "{}"));
  } catch {
    return checked({}); // no storage, or no JSON
  }
}

/** @param {Values|null} values  null: none any more @returns {boolean} whether the browser has taken them */
function write(values) {
  try {
    if (values) localStorage.setItem(KEPT, JSON.stringify(values));
    else localStorage.removeItem(KEPT);
    return true;
  } catch {
    return false;
  }
}

/** @param {unknown} kept  whatever was found @returns {Values} */
function checked(kept) {
  const found = /** @type {Record<string, unknown>} */ (typeof kept === "object" && kept !== null ? kept : {});
  const values = Object.entries(OFFERED).map(([name, offered]) => {
    const value = Object.hasOwn(found, name) ? found[name] : undefined;
    return [name, offered.some((one) => one === value) ? value : offered[0]];
  });
  return Object.freeze(Object.fromEntries(values));
}
