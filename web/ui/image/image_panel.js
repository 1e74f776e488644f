// The image that is asked about: chosen, dropped, pasted or taken from the examples.

import { checkImage } from "../../engine/shared/image_header.js";
import { isWeightName } from "../../engine/shared/model_files.js";
import { byId, element } from "../common/dom.js";
import { t } from "../../i18n/strings.js";

export class ImagePanel {
  #choose = byId("choose");
  #preview = byId("preview");
  #caption = byId("image-caption");
  #message = byId("image-message");
  #onImage;
  #takesModel;
  #previewURL = "";
  /** Counts choices, so that a slow earlier one does not overtake a later one. */
  #choice = 0;

  /**
   * @param {object} handlers
   * @param {(image: Blob, questions: string[]|null) => void} handlers.onImage  with an example's questions, if any
   * @param {(files: File[]) => boolean} handlers.takesModel  takes dropped files if they are those of a model
   */
  constructor({ onImage, takesModel }) {
    this.#onImage = onImage;
    this.#takesModel = takesModel;
    const input = byId("file-input");
    for (const button of [this.#choose, byId("change-image")]) {
      button.addEventListener("click", () => input.click());
    }
    input.addEventListener("change", () => {
      if (input.files.length) this.#takeFiles(input.files);
      input.value = ""; // so that the same file can be chosen again
    });
    this.#listenForDrops();
    document.addEventListener("paste", (event) => this.#paste(event));
  }

  /** @param {string} baseURL  folder of samples.json */
  async loadSamples(baseURL) {
    try {
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

  /** Holds the image itself, a few kilobytes, so that a click needs no network. */
  #sampleButton(image, alt, questions) {
    const thumbnail = element("img", { src: URL.createObjectURL(image), alt });
    const onclick = () => {
      this.#choice += 1;
      this.#message.textContent = "";
      void this.#show(image, alt, questions);
    };
    return element("button", { type: "button", title: alt, onclick }, thumbnail);
  }

  #listenForDrops() {
    const setDragging = (isDragging) => document.body.classList.toggle("dragging", isDragging);
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
      const { files } = event.dataTransfer;
      if ([...files].some((file) => isWeightName(file.name)) && this.#takesModel([...files])) return;
      if (files.length) this.#takeFiles(files);
      else this.#message.textContent = t("image.not-a-file");
    });
  }

  #paste(event) {
    const { files } = event.clipboardData;
    if (files.length) {
      event.preventDefault();
      this.#takeFiles(files);
    } else if (!event.target.closest?.("textarea, input")) {
      this.#message.textContent = t("image.not-a-file");
    }
  }

  #takeFiles(files) {
    this.#choice += 1;
    this.#message.textContent = files.length > 1 ? t("image.first-of-many", { count: files.length }) : "";
    void this.#show(files[0], files[0].name || t("image.pasted-name"), null);
  }

  async #show(image, name, questions) {
    const choice = this.#choice;
    this.#onImage(image, questions);
    URL.revokeObjectURL(this.#previewURL);
    this.#previewURL = "";
    this.#preview.hidden = true;
    this.#choose.hidden = false;
    this.#caption.hidden = false;
    byId("image-name").textContent = name;
    byId("image-size").textContent = "";
    try {
      // Before the browser decodes it for the preview: a small file can hold a huge image.
      const { type } = await checkImage(image);
      if (choice !== this.#choice) return;
      this.#previewURL = URL.createObjectURL(image.slice(0, image.size, type));
      this.#preview.src = this.#previewURL;
      await this.#preview.decode();
    } catch (error) {
      if (choice === this.#choice)
        this.#say(error.code?.startsWith?.("image-") ? error.message : t("image.no-preview"));
      return;
    }
    if (choice !== this.#choice) return;
    const { naturalWidth: width, naturalHeight: height } = this.#preview;
    this.#preview.alt = t("image.preview-alt", { name });
    this.#preview.hidden = false;
    this.#choose.hidden = true;
    byId("image-size").textContent = t("image.size", { width, height });
  }

  /** Says how far the image is on its way into the model. @param {import("./looking_ahead.js").ImageState} state */
  setState(state) {
    const line = byId("image-state");
    line.dataset.state = state;
    line.textContent = state === "none" ? "" : t(`image.${state}`);
  }

  #say(sentence) {
    this.#message.textContent = [this.#message.textContent, sentence].filter(Boolean).join(" ");
  }
}

async function fetchFile(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
}
