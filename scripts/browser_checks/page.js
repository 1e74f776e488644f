// What the checks do in the page. Served beside it, as its policy lets no script run that is not a file of the site.

import { decodeImage } from "../engine/shared/image_pixels.js";

/** @import { TinyVLM } from "../tinyvlm.js" */

/** @type {string[]} */
const errors = [];
addEventListener("error", (event) => errors.push(event.message));
addEventListener("unhandledrejection", ({ reason }) => errors.push(String(reason)));
addEventListener("securitypolicyviolation", (event) => errors.push(`${event.violatedDirective}: ${event.blockedURI}`));

const WAIT_MS = 30_000;
const LOOK_MS = 50;

/** The client of the page, once it has begun. @returns {TinyVLM} */
function client() {
  return /** @type {any} */ (window).tinyvlm;
}

/** @param {string} selector @returns {any} */
function find(selector) {
  return document.querySelector(selector);
}

/**
 * @template T
 * @param {() => T} look
 * @param {string} what
 * @returns {Promise<T>}  the first that counts
 */
async function waitFor(look, what) {
  for (const began = performance.now(); performance.now() - began < WAIT_MS;) {
    const found = look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** @param {string} base64 */
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** @param {string} base64 */
function blobOf(base64) {
  return new Blob([bytesOf(base64)], { type: "image/png" });
}

/** @param {string} name @param {string} base64 */
function transferOf(name, base64) {
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytesOf(base64)], name, { type: "image/png" }));
  return transfer;
}

const functions = {
  /** Waits for the exact weights. */
  async start() {
    await waitFor(client, "the client");
    await client().whole;
    return client().stats();
  },

  /** @param {string} image @param {string} question */
  ask(image, question) {
    return client().ask(blobOf(image), question);
  },

  /** @param {string} image @returns {Promise<[width: number, height: number, rgb: string]>} */
  async decode(image) {
    const { width, height, rgb } = await decodeImage(new Blob([bytesOf(image)]));
    let text = "";
    for (const value of rgb) text += String.fromCharCode(value);
    return [width, height, btoa(text)];
  },

  /** Drops a file on the page. @param {string} name @param {string} data */
  drop(name, data) {
    const dataTransfer = transferOf(name, data);
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  },

  /** Whether a file is invited that is dragged over the page, and a picture of the page itself. */
  drag() {
    const isInvited = () => document.body.classList.contains("dragging");
    const over = () => {
      const dataTransfer = transferOf("dragged.png", "");
      document.body.dispatchEvent(new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true }));
      return isInvited();
    };
    const file = over();
    find("#preview").dispatchEvent(new DragEvent("dragstart", { bubbles: true }));
    const own = over();
    find("#preview").dispatchEvent(new DragEvent("dragend", { bubbles: true }));
    return { file, own };
  },

  /**
   * Pastes into the question.
   * @param {string} image
   * @param {string} text  "" for none
   * @returns {boolean}  whether it is left to the question
   */
  paste(image, text) {
    const clipboardData = transferOf("pasted.png", image);
    if (text) clipboardData.setData("text/plain", text);
    const event = new ClipboardEvent("paste", { bubbles: true, cancelable: true });
    Object.defineProperty(event, "clipboardData", { value: clipboardData }); // Firefox takes none from its maker
    return find("#question").dispatchEvent(event);
  },

  /** What is asked about, and said of what was brought last. */
  image() {
    return { name: find("#image-name").textContent, message: find("#image-message").textContent };
  },

  /** Waits until a file is asked about, and seen. @param {string} name */
  async preview(name) {
    await waitFor(() => find("#image-name").textContent === name, `${name} as the image`);
    const image = find("#preview");
    await image.decode();
    return { width: image.naturalWidth, ground: getComputedStyle(image).backgroundColor };
  },

  /** Waits for what is said of a file. @param {string} name */
  async refusal(name) {
    const message = find("#image-message");
    await waitFor(() => message.textContent.startsWith(`${name}:`), `a sentence about ${name}`);
    return functions.image();
  },

  /**
   * Ends a composition in Safari's order of events, where the key comes last and has its code alone.
   * @param {string} text
   * @returns {number} how many questions were sent
   */
  compose(text) {
    const box = find("#question");
    const asked = () => document.querySelectorAll(".message.question").length;
    const before = asked();
    box.value = text;
    box.dispatchEvent(new CompositionEvent("compositionend", { data: text, bubbles: true }));
    const key = { key: "Enter", keyCode: 229, bubbles: true, cancelable: true };
    box.dispatchEvent(new KeyboardEvent("keydown", key));
    box.value = "";
    return asked() - before;
  },

  /** Waits for the answer to what was asked last. @returns {Promise<{state: string, text: string}>} */
  async answer() {
    const answers = () => [...document.querySelectorAll(".message.answer")];
    const last = () => /** @type {HTMLElement|undefined} */ (answers().at(-1));
    await waitFor(() => last()?.dataset.state && last()?.dataset.state !== "streaming", "an answer");
    return { state: last()?.dataset.state ?? "", text: last()?.querySelector(".text")?.textContent ?? "" };
  },

  /** The images of the conversation, and what was asked and answered. */
  conversation() {
    const texts = (/** @type {string} */ selector) =>
      [...document.querySelectorAll(selector)].map(({ textContent }) => textContent);
    return {
      images: document.querySelectorAll(".tray-image").length,
      pictures: document.querySelectorAll(".question .asked-picture").length,
      questions: texts(".message.question .text"),
      answers: texts(".message.answer .text"),
      states: [...document.querySelectorAll(".message.answer")].map((answer) => answer.getAttribute("data-state")),
      name: find("#image-name").textContent,
    };
  },

  /** Waits for a conversation of so many questions about an image. @param {number} count @param {string} name */
  async restored(count, name) {
    const seen = functions.conversation;
    await waitFor(() => seen().questions.length >= count && seen().name === name, "the conversation");
    return seen();
  },

  /** Stops a question, and asks another. @param {string} image */
  async stop(image) {
    const controller = new AbortController();
    const stopped = client().ask(null, "What color is the shape?", { signal: controller.signal });
    controller.abort();
    const name = await stopped.then(
      () => "answered",
      (error) => error.name,
    );
    return [name, await functions.ask(image, "What color is the shape?").catch(({ code }) => code)];
  },

  /** What nobody caught. */
  errors() {
    return errors;
  },
};

Object.assign(window, { browserChecks: functions });
