// How closely to look, by what this device can do: each profile looks at a drawn image, for two seconds in all and once for
// each model, and the closest is chosen that an image does not wait for.

/** @import { ModelCard, Profile } from "../../engine/shared/protocol.js" */
/** @import { TinyVLM } from "../../tinyvlm.js" */
/** @import { Times } from "./measure_profiles.js" */
/** @import { Settings } from "./settings.js" */

/**
 * @typedef {"none"|"waiting"|"measuring"|"failed"|"known"} AutoState  "none": it is not asked for, or the model is blind
 */

const KEPT = "tinyvlm-measured";
/** What may pass before an image was looked at, and nobody minds. */
const PATIENCE_MS = 1000;
/** Times that differ by less are the same: models that know but one way to look. */
const NOISE = 1.25;

/** The closest profile that takes no longer than is patiently waited for, or than the quickest. @param {Times} times */
export function chooseProfile({ fast = Infinity, ...closer }) {
  const most = Math.max(PATIENCE_MS, fast === Infinity ? 0 : fast * NOISE);
  const takes = (/** @type {"accuracy"|"balanced"} */ profile) => closer[profile] ?? Infinity;
  if (takes("accuracy") <= most) return "accuracy";
  return takes("balanced") <= most ? "balanced" : "fast";
}

/** Events: "change" when `state` or `times` are others; "measured" when the engine has looked at other images for it. */
export class AutoProfile extends EventTarget {
  #vlm;
  #settings;
  /** @type {ModelCard|null} */
  #model = null;
  #isWhole = false;
  /** @type {Promise<void>|null} */
  #measuring = null;
  #hasFailed = false;

  /** @param {TinyVLM} vlm @param {Settings} settings */
  constructor(vlm, settings) {
    super();
    this.#vlm = vlm;
    this.#settings = settings;
    settings.addEventListener("change", () => this.#begin());
  }

  /** How closely to look now. @returns {Profile} */
  get profile() {
    const { profile } = this.#settings.values;
    if (profile !== "auto") return profile;
    const { times } = this;
    return times ? chooseProfile(times) : "balanced";
  }

  /** What was measured for the model that is there; null: nothing was yet. @returns {Times|null} */
  get times() {
    const kept = this.#model && readAll()[this.#model.id];
    return kept ?? null;
  }

  /** @returns {AutoState} */
  get state() {
    if (this.#settings.values.profile !== "auto" || this.#model?.sees === false) return "none";
    if (this.#measuring) return "measuring";
    if (this.times) return "known";
    return this.#hasFailed ? "failed" : "waiting";
  }

  /** @param {ModelCard|null} card  null while none is there @param {boolean} isWhole  nothing of it arrives any more */
  setModel(card, isWhole) {
    this.#hasFailed &&= card?.id === this.#model?.id;
    this.#model = card;
    this.#isWhole = isWhole;
    this.#begin();
    this.#tell();
  }

  /** Once more, whatever was measured before. */
  again() {
    const model = this.#model;
    if (!model) return;
    writeAll({ ...readAll(), [model.id]: undefined });
    this.#hasFailed = false;
    this.#begin();
  }

  /** Measures, if it is wanted and was not yet; while the rest of a model arrives it would say too much. */
  #begin() {
    const isWanted = this.state === "waiting" && this.#isWhole && this.#model !== null;
    if (!isWanted) return;
    const model = /** @type {ModelCard} */ (this.#model);
    this.#measuring = this.#measure(model.id).finally(() => {
      this.#measuring = null;
      this.#tell();
      this.dispatchEvent(new Event("measured"));
    });
    this.#tell();
  }

  /** @param {string} id */
  async #measure(id) {
    try {
      const { measureProfiles } = await import("./measure_profiles.js"); // wanted by "auto" alone
      const times = await measureProfiles(this.#vlm);
      writeAll({ ...readAll(), [id]: times });
    } catch {
      this.#hasFailed = true; // the engine has stopped, and the page says so elsewhere; or there is no network
    }
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** For where the browser keeps nothing. @type {Record<string, Times|undefined>} */
let here = {};

/** By model. @returns {Record<string, Times|undefined>} */
function readAll() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    const found = Object.entries(kept ?? {}).filter(([, times]) => areTimes(times));
    return { ...Object.fromEntries(found), ...here };
  } catch {
    return here;
  }
}

/** @param {Record<string, Times|undefined>} all */
function writeAll(all) {
  here = all;
  try {
    localStorage.setItem(KEPT, JSON.stringify(all));
  } catch {
    // It is measured again at the next visit.
  }
}

/** @param {unknown} times @returns {times is Times} */
function areTimes(times) {
  if (typeof times !== "object" || times === null) return false;
  const names = ["fast", "balanced", "accuracy"];
  return Object.entries(times).every(([name, ms]) => names.includes(name) && Number.isFinite(ms) && ms >= 0);
}
