// Where an image to ask about is chosen, dropped, pasted or taken from the examples, and where it is seen.

import { isWeightName } from "../../engine/shared/model_files.js";
import { byId, element } from "../common/dom.js";
import { listenForFiles } from "./drop_and_paste.js";
import { t } from "../../i18n/strings.js";

/** @import { AskedImage, OfferedImage, Outcome } from "./asked_image.js" */

/** An image that opens sooner is not said to be opened. */
const SILENT_MS = 300;

/** @typedef {{file: string, alt: string, questions: string[]}} Sample  a row of samples.json */

export class ImagePanel {
  #choose = byId("choose");
  #dropZone = byId("drop-zone");
  #preview = byId("preview", HTMLImageElement);
  #caption = byId("image-caption");
  #message = byId("image-message");
  #asked;
  #takesModel;
  #previewURL = "";
  #isModelReady = false;
  /** What was chosen last: what takes longer to open has no say any more. @type {unknown} */
  #latest = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #busyTimer;

  /**
   * @param {AskedImage} asked
   * @param {(files: File[]) => boolean} takesModel  takes dropped files if they are those of a model
   */
  constructor(asked, takesModel) {
    this.#asked = asked;
    this.#takesModel = takesModel;
    asked.addEventListener("choice", () => this.#show());
    asked.addEventListener("state", () => this.#showState());
    const input = byId("file-input", HTMLInputElement);
    for (const button of [this.#choose, byId("change-image")]) {
      button.addEventListener("click", () => input.click());
    }
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])];
      input.value = ""; // so that the same file can be chosen again
      if (files.length) void this.#bring(Promise.resolve(files));
    });
    listenForFiles({
      onFiles: (files) => void this.#bring(files),
      onText: () => this.#report(t("image.not-a-file")),
    });
  }

  /** @param {string} baseURL  folder of samples.json */
  async loadSamples(baseURL) {
    try {
      /** @type {Sample[]} */
      const samples = await (await fetchFile(new URL("samples.json", baseURL))).json();
      const buttons = samples.map(async ({ file, alt, questions }) => {
        const response = await fetchFile(new URL(file, baseURL));
        return this.#sampleButton(await response.blob(), alt, questions);
      });
      byId("samples").replaceChildren(...(await Promise.all(buttons)));
    } catch {
      this.#message.textContent = t("samples.failed");
    }
  }

  /**
   * Holds the image itself, a few kilobytes, so that a click needs no network.
   * @param {Blob} blob
   * @param {string} alt
   * @param {string[]} questions
   */
  #sampleButton(blob, alt, questions) {
    // Not draggable: a click of an unsteady hand is a click.
    const thumbnail = element("img", { src: URL.createObjectURL(blob), alt, draggable: false });
    const onclick = () => void this.#offer(Promise.resolve([{ blob, name: alt, questions }]));
    return element("button", { type: "button", title: alt, onclick }, thumbnail);
  }

  /** Files that were picked, dropped or pasted: those of a model, or an image. @param {Promise<File[]>} brought */
  async #bring(brought) {
    let isModel = false;
    /** @type {Promise<OfferedImage[]>} */
    const images = brought.then((files) => {
      const isLatest = this.#latest === images;
      isModel = isLatest && files.some((file) => isWeightName(file.name)) && this.#takesModel(files);
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
    if (!isModel()) this.#report(this.#sentenceAbout(await offered, outcome));
  }

  /** @param {OfferedImage[]} images @param {Outcome} outcome @returns {string} */
  #sentenceAbout(images, { taken, refusal }) {
    if (taken) return images.length > 1 ? t("image.one-of-many", { count: images.length, name: taken.name }) : "";
    const sentences = [];
    if (refusal && (images.length === 1 || looksLikeImage(images[0]))) {
      sentences.push(t("image.refused", { name: images[0].name, reason: refusal.message }));
    } else {
      sentences.push(t("image.none-found"));
    }
    const { chosen } = this.#asked;
    if (chosen) sentences.push(t("image.kept", { name: chosen.name }));
    return sentences.join(" ");
  }

  /** Whether something is being opened, which is said where it takes a while. @param {boolean} isBusy */
  #setBusy(isBusy) {
    clearTimeout(this.#busyTimer);
    this.#dropZone.ariaBusy = String(isBusy);
    this.#say("");
    if (isBusy) this.#busyTimer = setTimeout(() => this.#say(t("image.opening")), SILENT_MS);
  }

  #show() {
    const { chosen } = this.#asked;
    if (!chosen) return;
    const { name, preview, width, height } = chosen;
    URL.revokeObjectURL(this.#previewURL);
    this.#previewURL = URL.createObjectURL(preview);
    this.#preview.src = this.#previewURL;
    this.#preview.classList.toggle("on-white", preview.type !== "image/jpeg");
    this.#preview.alt = t("image.preview-alt", { name });
    byId("picture").hidden = false;
    this.#choose.hidden = true;
    this.#caption.hidden = false;
    byId("image-name").textContent = name;
    byId("image-size").textContent = t("image.size", { width, height });
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
    line.textContent = saysNothing ? "" : t(`image.${state}`);
  }

  /** How it went. On a phone the person may be far below, in the conversation. @param {string} sentence  "" for well */
  #report(sentence) {
    this.#say(sentence);
    if (sentence) this.#message.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} sentence */
  #say(sentence) {
    this.#message.textContent = sentence;
  }
}

/** @param {File} file @returns {OfferedImage} */
function asImage(file) {
  return { blob: file, name: file.name || t("image.pasted-name"), questions: null };
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
