// Keeps the end of the log in view while an answer grows, for as long as the person wants to see it: whoever scrolls up
// to read is left there until back at the end. On a wide window the log scrolls, on a phone the page does.

import { isTextField } from "../common/dom.js";

/** Whoever scrolls down to here has come to the end, in pixels. */
const NEAR_END = 64;
/** Positions are fractions of a pixel on some screens. */
const AT_END = 1;
const KEYS_UP = new Set(["ArrowUp", "PageUp", "Home"]);

export class Follower {
  #log;
  #composer;
  #follows = false;
  #isTouched = false;
  /** Where the log was scrolled to when last told. */
  #top = 0;

  /** @param {HTMLElement} log @param {HTMLElement} composer  what stands below the log, over its end on a phone */
  constructor(log, composer) {
    this.#log = log;
    this.#composer = composer;
    // Captured, since the log's own scrolling does not bubble.
    document.addEventListener("scroll", (event) => this.#onScroll(event), { capture: true, passive: true });
    document.addEventListener("wheel", (event) => this.#onWheel(event), { passive: true });
    document.addEventListener("keydown", (event) => this.#onKey(event));
    for (const type of ["touchstart", "touchend", "touchcancel"]) {
      const onTouch = (/** @type {Event} */ event) => {
        this.#isTouched = /** @type {TouchEvent} */ (event).touches.length > 0;
      };
      document.addEventListener(type, onTouch, { passive: true });
    }
    // Cards above and the box below take room from the log as they come and grow.
    new ResizeObserver(() => this.follow()).observe(log);
  }

  /** Shows the end after the log has grown, unless the person is elsewhere or has a finger on the page. */
  follow() {
    if (this.#follows && !this.#isTouched) this.#show();
  }

  /** Shows the end, and follows it from now on. */
  begin() {
    this.#follows = true;
    this.#show();
  }

  /** Leaves the person where they are: the log was emptied. */
  end() {
    this.#follows = false;
  }

  #show() {
    const hidden = this.#hidden;
    const scroller = this.#scroller;
    if (hidden > AT_END) scroller.scrollTop += hidden;
    this.#top = scroller.scrollTop; // so that this is not taken for the person's scrolling
  }

  /** What scrolls the log. */
  get #scroller() {
    const isItself = getComputedStyle(this.#log).overflowY !== "visible";
    return isItself ? this.#log : /** @type {HTMLElement} */ (document.scrollingElement);
  }

  /** How much of the log's end is not seen, in pixels. */
  get #hidden() {
    const scroller = this.#scroller;
    if (scroller === this.#log) return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    return this.#log.getBoundingClientRect().bottom - this.#composer.getBoundingClientRect().top;
  }

  /** The log gets shorter, too: that moves it, but not away from its end. @param {Event} event */
  #onScroll({ target }) {
    const scroller = this.#scroller;
    if (target !== scroller && target !== document) return;
    const moved = scroller.scrollTop - this.#top;
    this.#top = scroller.scrollTop;
    const hidden = this.#hidden;
    if (moved < 0 && hidden > AT_END) this.#follows = false;
    else if (moved > 0 && hidden < NEAR_END) this.#follows = true;
  }

  /** Told before anything moves, which it does in small steps: following would hold the first of them back. */
  #goUp() {
    if (this.#scroller.scrollTop > 0) this.#follows = false;
  }

  /** @param {WheelEvent} event */
  #onWheel({ deltaY, ctrlKey, target }) {
    if (deltaY < 0 && !ctrlKey && target instanceof Node && this.#scroller.contains(target)) this.#goUp();
  }

  /** @param {KeyboardEvent} event */
  #onKey({ key, shiftKey, target }) {
    if (isTextField(target) || !(target instanceof Element) || target.closest("dialog")) return;
    if (KEYS_UP.has(key) || (key === " " && shiftKey && !target.closest("button, summary"))) this.#goUp();
  }
}
