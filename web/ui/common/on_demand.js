// Parts of the page that few visits see, dialogs above all. What one needs comes when it is first wanted: its modules, its
// styles, and the sentences that only such parts say. So nothing belongs into one that has to go on unseen.

import { TinyVLMError } from "../../engine/shared/errors.js";
import { speakAll } from "../../i18n/strings.js";

/** Those that have come or are on their way, by their addresses. @type {Map<string, Promise<void>>} */
const styles = new Map();
/** What was wanted last: of two that a slow network brings together, only that is shown. @type {object|null} */
let latest = null;

/**
 * @template Modules, Part
 * @typedef {object} PartSource
 * @property {() => Promise<Modules>} load  imports its modules
 * @property {(modules: Modules) => Part} make
 * @property {readonly string[]} [styles]  addresses of the <link>s in the page's HTML that are disabled until then
 */

/** @template Modules, Part */
export class OnDemand {
  #source;
  #onFailed;
  /** @type {Part|null} */
  #here = null;
  /** @type {Promise<Part>|null} */
  #coming = null;

  /** @param {PartSource<Modules, Part>} source @param {(error: TinyVLMError|null) => void} [onFailed]  of `want`; null: it has come after all */
  constructor(source, onFailed = () => {}) {
    this.#source = source;
    this.#onFailed = onFailed;
  }

  /** Null before it was first wanted. @returns {Part|null} */
  get here() {
    return this.#here;
  }

  /** @returns {Promise<Part>} @throws {TinyVLMError} page-part-missing; the next call tries again */
  get() {
    this.#coming ??= comeWith(this.#source).then(
      (part) => (this.#here = part),
      (error) => {
        this.#coming = null;
        throw error;
      },
    );
    return this.#coming;
  }

  /**
   * Does something with it: at once where it is there, else when it is, unless something else is wanted by then.
   * @param {(part: Part) => void} use
   */
  async want(use) {
    const wish = (latest = {});
    if (this.#here) return use(this.#here);
    try {
      const part = await this.get();
      this.#onFailed(null);
      if (latest === wish) use(part);
    } catch (error) {
      if (!(error instanceof TinyVLMError)) throw error;
      this.#onFailed(error);
    }
  }
}

/** @template Modules, Part @param {PartSource<Modules, Part>} source */
async function comeWith({ load, make, styles = [] }) {
  const [modules] = await Promise.all([
    fetched(load),
    fetched(speakAll),
    ...styles.map((href) => fetched(() => style(href))),
  ]);
  return make(modules);
}

/**
 * @template Module
 * @param {() => Promise<Module>} load  an import
 * @returns {Promise<Module>}
 * @throws {TinyVLMError} page-part-missing
 */
export async function fetched(load) {
  try {
    return await load();
  } catch {
    throw new TinyVLMError("page-part-missing");
  }
}

/** @param {string} href  as index.html has it */
function style(href) {
  const link = document.querySelector(`link[href="${href}"]`);
  if (!(link instanceof HTMLLinkElement)) throw new TypeError(`The page has no <link> of ${href}`);
  const coming = styles.get(href) ?? enabled(link);
  styles.set(href, coming);
  coming.catch(() => styles.delete(href));
  return coming;
}

/** @param {HTMLLinkElement} link @returns {Promise<void>} */
function enabled(link) {
  return new Promise((resolve, reject) => {
    if (!link.disabled) return resolve();
    link.onload = () => resolve();
    link.onerror = () => {
      link.disabled = true; // so that it is fetched again
      reject(new TypeError(`${link.href} could not be loaded`));
    };
    link.disabled = false;
  });
}
