// The element's attributes as properties: each has the value of its attribute, and writes it.

/** @import { Profile } from "../engine/shared/protocol.js" */

/** Where a server renders the page there is none; the module can be imported there all the same. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

export const ATTRIBUTES = Object.freeze(["src", "alt", "question", "model", "profile", "base", "hub"]);

export class ReflectingElement extends Base {
  /** Address of the image, relative to the document; of another origin only where that allows it (CORS). */
  get src() {
    return this.getAttribute("src") ?? "";
  }
  set src(value) {
    this.setAttribute("src", value);
  }

  /** What the image shows, for those who do not see it. */
  get alt() {
    return this.getAttribute("alt") ?? "";
  }
  set alt(value) {
    this.setAttribute("alt", value);
  }

  /** Asked without a click as soon as the element is seen, and whenever this or the image changes. */
  get question() {
    return this.getAttribute("question") ?? "";
  }
  set question(value) {
    this.setAttribute("question", value);
  }

  /** One of the site's models, a Hugging Face repository (owner/name), or a URL; empty: the site's own. */
  get model() {
    return this.getAttribute("model") ?? "";
  }
  set model(value) {
    this.setAttribute("model", value);
  }

  /** How closely to look. @returns {Profile} */
  get profile() {
    return /** @type {Profile} */ (this.getAttribute("profile") ?? "balanced");
  }
  set profile(value) {
    this.setAttribute("profile", value);
  }

  /** Where site.json lies, relative to the document; empty: beside tinyvlm.js. */
  get base() {
    return this.getAttribute("base") ?? "";
  }
  set base(value) {
    this.setAttribute("base", value);
  }

  /** Address of the hub that repositories come from; empty: Hugging Face's. */
  get hub() {
    return this.getAttribute("hub") ?? "";
  }
  set hub(value) {
    this.setAttribute("hub", value);
  }

  /**
   * What was assigned before the element was defined lies in front of the properties: assign it again.
   * @param {readonly string[]} names
   */
  takeEarlyProperties(names) {
    /** @type {Record<string, unknown>} */
    const own = /** @type {any} */ (this);
    for (const name of names) {
      if (!Object.hasOwn(own, name)) continue;
      const value = own[name];
      delete own[name];
      own[name] = value;
    }
  }
}
