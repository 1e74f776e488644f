// Where an image to ask about is chosen, dropped, pasted or taken from the examples, and where it is seen.

import { inspectImage } from "../../engine/shared/image_pixels.js";
import { isWeightName } from "../../engine/shared/model_files.js";
import { TinyVLMError } from "../../engine/shared/errors.js";
import { byId, element } from "../common/dom.js";
import { t } from "../../i18n/strings.js";

/** @import { AskedImage } from "./asked_image.js" */

/** @typedef {{file: string, alt: string, questions: string[]}} Sample  a row of samples.json */

export class ImagePanel {
  #choose = byId("choose");
  #preview = byId("preview", HTMLImageElement);
  #caption = byId("image-caption");
  #message = byId("image-message");
  #asked;
  #takesModel;
  #previewURL = "";
  #isModelReady = false;

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
      this.#takeFiles([...(input.files ?? [])]);
      input.value = ""; // so that the same file can be chosen again
    });
    this.#listenForDrops();
    document.addEventListener("paste", (event) => this.#paste(event));
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
    const thumbnail = element("img", { src: URL.createObjectURL(blob), alt });
    const onclick = () => {
      this.#message.textContent = "";
      this.#asked.choose({ blob, name: alt, questions });
    };
    return element("button", { type: "button", title: alt, onclick }, thumbnail);
  }

  #listenForDrops() {
    const setDragging = (/** @type {boolean} */ isDragging) => document.body.classList.toggle("dragging", isDragging);
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      setDragging(true);
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) setDragging(false);
    });
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      setDragging(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.some((file) => isWeightName(file.name)) && this.#takesModel(files)) return;
      if (files.length) this.#takeFiles(files);
      else this.#message.textContent = t("image.not-a-file");
    });
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    const textBox = event.target instanceof Element && event.target.closest("textarea, input");
    if (files.length) {
      event.preventDefault();
      this.#takeFiles(files);
    } else if (!textBox) {
      this.#message.textContent = t("image.not-a-file");
    }
  }

  /** The first one counts. @param {File[]} files */
  #takeFiles(files) {
    const [file] = files;
    if (!file) return;
    this.#message.textContent = files.length > 1 ? t("image.first-of-many", { count: files.length }) : "";
    this.#asked.choose({ blob: file, name: file.name || t("image.pasted-name"), questions: null });
  }

  /** Shows what was chosen, unless something else has been by the time that it can be shown. */
  async #show() {
    const { chosen } = this.#asked;
    if (!chosen) return;
    const { blob, name } = chosen;
    URL.revokeObjectURL(this.#previewURL);
    this.#previewURL = "";
    this.#preview.hidden = true;
    this.#choose.hidden = false;
    this.#caption.hidden = false;
    byId("image-name").textContent = name;
    byId("image-size").textContent = "";
    try {
      const { width, height, preview } = await inspectImage(blob);
      if (chosen !== this.#asked.chosen) return;
      this.#previewURL = URL.createObjectURL(preview);
      this.#preview.src = this.#previewURL;
      this.#preview.classList.toggle("on-white", preview.type !== "image/jpeg");
      byId("image-size").textContent = t("image.size", { width, height });
      await this.#preview.decode();
    } catch (error) {
      if (chosen === this.#asked.chosen)
        this.#say(error instanceof TinyVLMError ? error.message : t("image.no-preview"));
      return;
    }
    if (chosen !== this.#asked.chosen) return;
    this.#preview.alt = t("image.preview-alt", { name });
    this.#preview.hidden = false;
    this.#choose.hidden = true;
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

  /** @param {string} sentence */
  #say(sentence) {
    this.#message.textContent = [this.#message.textContent, sentence].filter(Boolean).join(" ");
  }
}

/** @param {URL} url @returns {Promise<Response>} */
async function fetchFile(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
}
