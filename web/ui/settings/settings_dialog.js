// What can be set, each with what it does in plain words. A change counts at once; there is nothing to confirm.

import { byId, element } from "../common/dom.js";
import { formatTime } from "../common/format.js";
import { say } from "../common/say.js";
import { t } from "../../i18n/strings.js";
import { chooseProfile } from "./auto_profile.js";
import { OFFERED } from "./settings.js";

/** @import { Said } from "../common/say.js" */
/** @import { AutoProfile } from "./auto_profile.js" */
/** @import { Times } from "./measure_profiles.js" */
/** @import { Settings, Values } from "./settings.js" */

/** The menu of each value that is one of several. */
const MENUS = /** @type {const} */ ({
  profile: "model-profile",
  threads: "settings-threads",
  answers: "settings-answers",
  length: "settings-length",
  theme: "settings-theme",
  textSize: "settings-text-size",
});

export class SettingsDialog {
  #dialog = byId("settings-dialog", HTMLDialogElement);
  #keeps = byId("settings-keeps", HTMLInputElement);
  #settings;
  #auto;
  /** What the engine was started with. */
  #threads;

  /** @param {Settings} settings @param {AutoProfile} auto @param {number} threads  as set when the engine was started */
  constructor(settings, auto, threads) {
    this.#settings = settings;
    this.#auto = auto;
    this.#threads = threads;
    fillThreads(menu("threads"), this.#threads);
    fillLengths(menu("length"));
    for (const name of menuNames()) menu(name).addEventListener("change", () => this.#take(name));
    this.#keeps.addEventListener("change", () => settings.set("keeps", this.#keeps.checked));
    byId("settings-close").addEventListener("click", () => this.#dialog.close());
    byId("settings-measure").addEventListener("click", () => auto.again());
    byId("settings-reload").addEventListener("click", () => location.reload());
    byId("settings-reset").addEventListener("click", () => {
      settings.reset();
      say(byId("settings-message"), "settings.was-reset");
    });
    settings.addEventListener("change", () => this.#show());
    auto.addEventListener("change", () => this.#showAuto());
    this.#show();
  }

  open() {
    say(byId("settings-message"), null);
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** @param {keyof typeof MENUS} name */
  #take(name) {
    const { value } = menu(name);
    const taken = OFFERED[name].find((one) => String(one) === value);
    if (taken === undefined) return;
    this.#settings.set(name, /** @type {Values[typeof name]} */ (taken));
    say(byId("settings-message"), this.#settings.isKept ? null : "settings.unkept");
  }

  #show() {
    const { values } = this.#settings;
    for (const name of menuNames()) menu(name).value = String(values[name]);
    this.#keeps.checked = values.keeps;
    byId("settings-restart").hidden = values.threads === this.#threads;
    this.#showAuto();
  }

  #showAuto() {
    const { state, times } = this.#auto;
    say(byId("settings-auto"), autoSentence(state, times));
    byId("settings-measure").hidden = state !== "known" && state !== "failed";
  }
}

/** @returns {(keyof typeof MENUS)[]} */
function menuNames() {
  return /** @type {(keyof typeof MENUS)[]} */ (Object.keys(MENUS));
}

/** @param {keyof typeof MENUS} name */
function menu(name) {
  return byId(MENUS[name], HTMLSelectElement);
}

/** As many as this device has, and what was set before on another. @param {HTMLSelectElement} select @param {number} set */
function fillThreads(select, set) {
  const most = Math.max(set, navigator.hardwareConcurrency || 1);
  const counts = OFFERED.threads.filter((count) => count > 0 && count <= most);
  select.append(...counts.map((count) => option(count, () => t("status.threads", { count }))));
  select.disabled = !crossOriginIsolated;
  say(byId("settings-threads-effect"), crossOriginIsolated ? "settings.threads-effect" : "settings.threads-one");
}

/** @param {HTMLSelectElement} select */
function fillLengths(select) {
  const lengths = OFFERED.length.filter((length) => length > 0);
  select.append(...lengths.map((count) => option(count, () => t("meta.tokens", { count }))));
}

/** @param {number} value @param {Said} said */
function option(value, said) {
  return say(element("option", { value: String(value) }), said);
}

/** @param {import("./auto_profile.js").AutoState} state @param {Times|null} times @returns {Said|null} */
function autoSentence(state, times) {
  if (state === "measuring") return "settings.auto-measuring";
  if (state === "waiting") return "settings.auto-waiting";
  if (state === "failed") return "settings.auto-failed";
  return state === "known" && times ? () => chosenBecause(times) : null;
}

/** What was chosen, and why. @param {Times} times @returns {string} */
function chosenBecause({ fast, balanced, accuracy }) {
  const said = (/** @type {number|undefined} */ ms) =>
    ms === undefined ? t("settings.auto-longer") : formatTime(Math.round(ms));
  const chosen = chooseProfile({ fast, balanced, accuracy });
  if (chosen === "accuracy") return t("settings.auto-accuracy", { time: said(accuracy) });
  if (chosen === "balanced") return t("settings.auto-balanced", { time: said(balanced), slower: said(accuracy) });
  return t("settings.auto-fast", { time: said(fast), slower: said(balanced) });
}
