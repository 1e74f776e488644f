// Where an image to ask about is chosen, dropped, pasted or taken from the examples, and where it is seen.

import { isWeightName } from "../../engine/shared/model_files.js";
import { byId, element } from "../common/dom.js";
import { say, sayAlt, sayTitle } from "../common/say.js";
import { errorSentence, has, t } from "../../i18n/strings.js";
import { listenForFiles } from "./drop_and_paste.js";
import { holdURL, letURLGo } from "./picture_url.js";

/** @import { Message, Said } from "../common/say.js" */
/** @import { AskedImage, ChosenImage, OfferedImage, Outcome } from "./asked_image.js" */

/** An image that opens sooner is not said to be opened. */
const SILENT_MS = 300;
/** Images that join a conversation together. */
const MOST_AT_ONCE = 12;

/** @typedef {{file: string, alt: string, questions: string[]}} Sample  a row of samples.json */

export class ImagePanel {
  #choose = byId("choose");
  #dropZone = byId("drop-zone");
  #preview = byId("preview", HTMLImageElement);
  #caption = byId("image-caption");
  #add = byId("change-image");
  #message = byId("image-message");
  #asked;
  #onModel;
  #onMany;
  /** The preview that is seen. @type {Blob|null} */
  #shown = null;
  #isModelReady = false;
  /** What was chosen last: what takes longer to open has no say any more. @type {unknown} */
  #latest = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #busyTimer;

  /**
   * @param {AskedImage} asked
   * @param {{onModel: (files: File[]) => void, onMany: (images: OfferedImage[]) => void}} handlers  onModel: these are
   *   those of a model; onMany: more came than a conversation takes
   */
  constructor(asked, { onModel, onMany }) {
    this.#asked = asked;
    this.#onModel = onModel;
    this.#onMany = onMany;
    asked.addEventListener("choice", () => {
      this.#show();
      if (this.#dropZone.ariaBusy !== "true") this.#say(null); // turned to from elsewhere: what was said is of another one
    });
    asked.addEventListener("state", () => this.#showState());
    const input = byId("file-input", HTMLInputElement);
    for (const button of [this.#choose, this.#add]) {
      button.addEventListener("click", () => input.click());
    }
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])];
      input.value = ""; // so that the same file can be chosen again
      if (files.length) void this.#bring(Promise.resolve(files));
    });
    listenForFiles({
      onFiles: (files) => void this.#bring(files),
      onText: () => this.#report("image.not-a-file"),
    });
  }

  /** @param {string} baseURL  folder of samples.json */
  async loadSamples(baseURL) {
    try {
      /** @type {Sample[]} */
      const samples = await (await fetchFile(new URL("samples.json", baseURL))).json();
      const buttons = samples.map(async ({ file, alt, questions }) => {
        const response = await fetchFile(new URL(file, baseURL));
        return this.#sampleButton(await response.blob(), sampleName(file, alt), questions);
      });
      byId("samples").replaceChildren(...(await Promise.all(buttons)));
    } catch {
      this.#say("samples.failed");
    }
  }

  /**
   * Holds the image itself, a few kilobytes, so that a click needs no network.
   * @param {Blob} blob
   * @param {Message} name
   * @param {string[]} questions
   */
  #sampleButton(blob, name, questions) {
    // Not draggable: a click of an unsteady hand is a click.
    const thumbnail = sayAlt(element("img", { src: URL.createObjectURL(blob), draggable: false }), name);
    const onclick = () => void this.#offer(Promise.resolve([{ blob, name, questions }]));
    return sayTitle(element("button", { type: "button", onclick }, thumbnail), name);
  }

  /** @param {File[]} files  that were made here */
  bring(files) {
    void this.#bring(Promise.resolve(files));
  }

  /** Files that were picked, dropped or pasted: those of a model, or an image. @param {Promise<File[]>} brought */
  async #bring(brought) {
    let isModel = false;
    /** @type {Promise<OfferedImage[]>} */
    const images = brought.then((files) => {
      const isLatest = this.#latest === images;
      isModel = isLatest && files.some((file) => isWeightName(file.name));
      if (isModel) this.#onModel(files);
      return isModel ? [] : files.map(asImage).sort((a, b) => Number(looksLikeImage(b)) - Number(looksLikeImage(a)));
    });
    await this.#offer(images, () => isModel);
  }

  /**
   * Takes the first of these that can be used.
   * @param {Promise<OfferedImage[]>} offered
   * @param {() => boolean} [isModel]  whether they turned out to be a model's files, of which there is nothing to say
   */
  async #offer(offered, isModel = () => false) {
    this.#latest = offered;
    this.#setBusy(true);
    const outcome = await this.#asked.offer(offered);
    if (!outcome || this.#latest !== offered) return;
    this.#setBusy(false);
    if (isModel()) return;
    const { taken, rest } = outcome;
    const all = await offered;
    if (taken && all.length > 1) await this.#bringRest(taken, rest, all.length);
    else this.#report(this.#messageAbout(all, outcome));
  }

  /** @param {ChosenImage} taken @param {OfferedImage[]} rest @param {number} total  of files, with those that were not usable */
  async #bringRest(taken, rest, total) {
    const { name } = taken;
    if (total > MOST_AT_ONCE) this.#onMany([taken, ...rest]);
    const count = 1 + (await this.#asked.bring(rest.slice(0, MOST_AT_ONCE - 1)));
    this.#message.dataset.kind = count === total ? "fine" : "";
    this.#report(() => t(count === total ? "image.several" : "image.some-of-many", { count, total, name: name() }));
  }

  /** @param {OfferedImage[]} images @param {Outcome} outcome @returns {Message|null}  null: there is nothing to say */
  #messageAbout(images, { taken, refusal }) {
    if (taken) return null;
    const { chosen } = this.#asked;
    if (!refusal || (images.length > 1 && !looksLikeImage(images[0]))) {
      return () => (chosen ? t("image.none-found-kept", { kept: chosen.name() }) : t("image.none-found"));
    }
    const refused = () => ({ name: images[0].name(), reason: errorSentence(refusal) });
    if (!chosen) return () => t("image.refused", refused());
    return () => t("image.refused-kept", { ...refused(), kept: chosen.name() });
  }

  /** Whether something is being opened, which is said where it takes a while. @param {boolean} isBusy */
  #setBusy(isBusy) {
    clearTimeout(this.#busyTimer);
    this.#dropZone.ariaBusy = String(isBusy);
    this.#message.dataset.kind = "";
    this.#say(null);
    if (isBusy) this.#busyTimer = setTimeout(() => this.#say("image.opening"), SILENT_MS);
  }

  #show() {
    const { chosen } = this.#asked;
    byId("picture").hidden = chosen === null;
    this.#choose.hidden = chosen !== null;
    this.#caption.hidden = chosen === null;
    this.#add.hidden = chosen === null;
    const before = this.#shown;
    this.#shown = chosen && chosen.preview;
    if (chosen) this.#describe(chosen);
    if (before) letURLGo(before); // not sooner: it may be the same one
  }

  /** @param {ChosenImage} chosen */
  #describe({ name, preview, width, height }) {
    this.#preview.src = holdURL(preview);
    this.#preview.classList.toggle("on-white", preview.type !== "image/jpeg");
    sayAlt(this.#preview, "image.preview-alt", { name });
    say(byId("image-name"), name);
    say(byId("image-size"), "image.size", { width: String(width), height: String(height) });
  }

  /** Whether questions are answered by now, and do not wait for the image alone. @param {boolean} isReady */
  setModelReady(isReady) {
    this.#isModelReady = isReady;
    this.#showState();
  }

  #showState() {
    const { state } = this.#asked;
    const line = byId("image-state");
    const saysNothing = state === "none" || (state === "seen" && this.#isModelReady);
    line.dataset.state = saysNothing ? "none" : state;
    say(line, saysNothing ? null : `image.${state}`);
  }

  /** How it went. On a phone the person may be far below, in the conversation. @param {Said|null} said  null for well */
  #report(said) {
    this.#say(said);
    if (said) this.#message.scrollIntoView({ block: "nearest" });
  }

  /** @param {Said|null} said */
  #say(said) {
    say(this.#message, said);
  }
}

/** @param {File} file @returns {OfferedImage} */
function asImage(file) {
  return { blob: file, name: () => file.name || t("image.pasted-name"), questions: null };
}

/** What an example shows. @param {string} file @param {string} alt  where the page has no word for it @returns {Message} */
function sampleName(file, alt) {
  const key = `samples.${file.replace(/\.\w+$/, "")}`;
  return () => (has(key) ? t(key) : alt);
}

/** By the ending of its name, of which the browser makes the type: the others are tried after these. */
function looksLikeImage(/** @type {OfferedImage} */ { blob }) {
  return blob.type.startsWith("image/");
}

/** @param {URL} url @returns {Promise<Response>} */
async function fetchFile(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
}
