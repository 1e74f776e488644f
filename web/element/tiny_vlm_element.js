// <tiny-vlm>: an image, a question and an answer. What is loaded, when, and what a page hears of it.

import { TinyVLMError } from "../tinyvlm.js";
import { rejectOnAbort } from "../engine/client/arguments.js";
import { asTinyVLMError } from "../engine/shared/errors.js";
import { ATTRIBUTES, ReflectingElement } from "./attributes.js";
import { EngineUse } from "./engine_use.js";
import { ImageSource } from "./image_source.js";
import { View } from "./view.js";

/** @import { Answer, RequestOptions, TinyVLM } from "../tinyvlm.js" */
/** @import { ModelCard, Profile, Reading, SamplingOptions } from "../engine/shared/protocol.js" */

/**
 * @typedef {RequestOptions & SamplingOptions & {profile?: Profile}} AskOptions
 *
 * @typedef {{model: ModelCard}} ReadyDetail
 * @typedef {{text: string, answer: string}} TokenDetail  a piece, and the answer so far
 * @typedef {{question: string, answer: string, draft: boolean, result: Answer}} AnswerDetail
 * @typedef {{code: string, message: string, error: TinyVLMError}} ErrorDetail
 */

/** Those that need another engine. */
const OF_THE_ENGINE = ["model", "base", "hub"];

/**
 * Nothing is fetched before the element is seen (it has come into view, or near) or asked. Elements of one page that
 * name the same model share its engine; one that is taken out of the document frees its image and its part in the
 * engine, which ends with the last.
 *
 * Events, which bubble, out of shadow trees too: "tiny-vlm-ready", "tiny-vlm-progress", "tiny-vlm-token",
 * "tiny-vlm-answer", "tiny-vlm-error".
 */
export class TinyVLMElement extends ReflectingElement {
  static observedAttributes = ATTRIBUTES;

  /** @type {View|null} */
  #view = null;
  /** @type {CustomStateSet|undefined} */
  #states;
  /** @type {IntersectionObserver|null} */
  #observer = null;
  #isSeen = false;
  /** Attributes that have changed since they were last looked at. @type {Set<string>} */
  #changed = new Set();
  #source = new ImageSource((image) => this.#view?.showImage(image));
  #engine = new EngineUse({
    onBegin: () => {
      this.#states?.add("loading");
      this.#view?.showLoading();
    },
    onProgress: (progress) => {
      this.#view?.showProgress(progress);
      this.#tell("progress", progress);
    },
    onReady: (model) => {
      this.#becomeIdle();
      this.#tell("ready", /** @type {ReadyDetail} */ ({ model }));
    },
    onLeave: () => this.#becomeIdle(),
    onLost: (error) => this.#fail(error),
  });
  /** The request that runs, or waits. @type {AbortController|null} */
  #running = null;
  /** Errors that were told. @type {WeakSet<object>} */
  #told = new WeakSet();

  constructor() {
    super();
    this.#states = this.attachInternals().states;
    this.attachShadow({ mode: "open" });
  }

  /** The engine, once it has begun: `stats()`, its own events, `reload()`. @returns {TinyVLM|null} */
  get vlm() {
    return this.#engine.vlm;
  }

  /** An image in place of the one that `src` names; a new `src` takes its place. @returns {Blob|null} */
  get image() {
    return this.#source.given;
  }

  set image(image) {
    if (image !== null && !(image instanceof Blob)) throw new TinyVLMError("image-not-blob");
    this.#source.given = image;
    this.#note("image");
  }

  connectedCallback() {
    this.takeEarlyProperties([...ATTRIBUTES, "image"]);
    this.#shown();
    if (this.#observer) return; // it was only moved
    this.#observer = new IntersectionObserver((entries) => this.#see(entries), { rootMargin: "200px" });
    this.#observer.observe(this);
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (!this.isConnected) this.#free();
    });
  }

  /** @param {string} name @param {string|null} before @param {string|null} now */
  attributeChangedCallback(name, before, now) {
    if (before !== now) this.#note(name);
  }

  /**
   * Asks, in place of what is being asked. Without an argument, what stands in the question's field.
   * @param {string} [question]
   * @param {AskOptions} [options]  as `TinyVLM.ask` takes them
   * @returns {Promise<string>}  the whole answer
   * @throws {DOMException} AbortError: stopped, or replaced by another question
   * @throws {TinyVLMError} what "tiny-vlm-error" tells as well
   */
  async ask(question, options = {}) {
    this.#settle();
    const view = this.#shown();
    const asked = question ?? view.question;
    view.question = asked;
    return this.#run(options.signal, async (signal) => {
      view.beginAnswer();
      const vlm = this.#engine.begin(this);
      const image = await rejectOnAbort(this.#source.open(this.src), signal);
      const profile = options.profile ?? this.profile;
      let answer = "";
      const onToken = (/** @type {string} */ text) => {
        answer += text;
        view.showAnswer(answer);
        options.onToken?.(text);
        this.#tell("token", /** @type {TokenDetail} */ ({ text, answer }));
      };
      const seen = image && this.#source.forProfile(image, profile);
      const text = await vlm.ask(seen, asked, { ...options, profile, onToken, signal });
      const result = /** @type {Answer} */ (vlm.lastAnswer);
      const { draft } = result;
      view.endAnswer(text, draft);
      this.#tell("answer", /** @type {AnswerDetail} */ ({ question: asked, answer: text, draft, result }));
      return text;
    });
  }

  /**
   * Reads the text in the image, in place of what is being asked.
   * @param {Omit<RequestOptions, "onToken">} [options]  as `TinyVLM.read` takes them
   * @returns {Promise<Reading>}
   * @throws {DOMException} AbortError
   * @throws {TinyVLMError} image-missing, or what "tiny-vlm-error" tells
   */
  async read(options = {}) {
    this.#settle();
    this.#shown();
    return this.#run(options.signal, async (signal) => {
      const vlm = this.#engine.begin(this);
      const image = await rejectOnAbort(this.#source.open(this.src), signal);
      if (!image) throw new TinyVLMError("image-missing");
      return vlm.read(this.#source.forProfile(image), { ...options, signal });
    });
  }

  /** Ends the answer or reading that runs, or waits; there need be none. */
  stop() {
    this.#running?.abort();
  }

  /** Attributes may come in any order, and several at once: they are looked at together. @param {string} name */
  #note(name) {
    if (this.#changed.size === 0) queueMicrotask(() => this.#settle());
    this.#changed.add(name);
  }

  #settle() {
    const changed = this.#changed;
    if (changed.size === 0) return;
    this.#changed = new Set();
    if (changed.has("alt")) this.#view?.describe(this.alt);
    if (changed.has("question") && this.#view) this.#view.question = this.question;
    if (changed.size === 1 && changed.has("alt")) return;
    this.#abandon();
    if (OF_THE_ENGINE.some((name) => changed.has(name))) this.#engine.leave();
    if (changed.has("src") || changed.has("image")) this.#changeImage(changed.has("image"));
    this.#view?.clearAnswer();
    this.#begin();
  }

  /** @param {boolean} isGiven  it does not come from `src` */
  #changeImage(isGiven) {
    if (!isGiven) this.#source.given = null;
    this.#source.drop();
    this.#view?.showImage(this.#source.given);
    this.#view?.setTakesImages(!this.src);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #see(entries) {
    if (this.#isSeen || !entries.some(({ isIntersecting }) => isIntersecting)) return;
    this.#isSeen = true;
    this.#observer?.disconnect();
    this.#settle();
    if (!this.#running) this.#begin();
  }

  /** Shows the image, loads the model, and asks what the page wants to know of it. */
  #begin() {
    if (!this.#isSeen) return;
    if (this.question && (this.#source.given || this.src)) {
      this.ask(this.question).catch(() => {}); // the event has told
      return;
    }
    this.#source.open(this.src).catch((error) => this.#fail(error));
    try {
      this.#engine.begin(this);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The view, which is made when the element has its place: that tells the language. */
  #shown() {
    if (this.#view) return this.#view;
    const view = new View(/** @type {ShadowRoot} */ (this.shadowRoot), {
      onAsk: (question) => void this.ask(question).catch(() => {}),
      onStop: () => this.stop(),
      onImage: (file) => (this.image = file),
    });
    view.question = this.question;
    view.describe(this.alt);
    view.showImage(this.#source.given);
    view.setTakesImages(!this.src);
    this.#view = view;
    return view;
  }

  /**
   * One request at a time: the next takes the place of the last.
   * @template T
   * @param {AbortSignal|undefined} outer  the caller's
   * @param {(signal: AbortSignal) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #run(outer, work) {
    this.stop();
    const own = new AbortController();
    this.#running = own;
    this.#states?.add("answering");
    const signal = outer ? AbortSignal.any([own.signal, outer]) : own.signal;
    try {
      return await work(signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
      else if (this.#running === own) this.#view?.stopAnswer();
      throw error;
    } finally {
      if (this.#running === own) this.#rest();
      if (!this.isConnected) this.#free();
    }
  }

  #rest() {
    this.#running = null;
    this.#states?.delete("answering");
    this.#view?.rest();
  }

  /** What runs is for something that is no more. */
  #abandon() {
    this.stop();
    this.#rest();
  }

  #becomeIdle() {
    this.#states?.delete("loading");
    this.#view?.hideProgress();
  }

  #free() {
    this.#observer?.disconnect();
    this.#observer = null;
    this.#isSeen = false;
    this.#abandon();
    this.#engine.leave();
    this.#source.drop();
    this.#view?.showImage(null);
  }

  /** Each error is told once, whichever way it comes. @param {unknown} cause */
  #fail(cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") return;
    const error = asTinyVLMError(cause);
    if (this.#told.has(error)) return;
    this.#told.add(error);
    this.#view?.showError(error.message);
    this.#tell("error", /** @type {ErrorDetail} */ ({ code: error.code, message: error.message, error }));
  }

  /** @param {"ready"|"progress"|"token"|"answer"|"error"} name @param {object} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(`tiny-vlm-${name}`, { detail, bubbles: true, composed: true }));
  }
}
