// The text that was read in the picture, laid over it line by line: an outline for the eye, and transparent letters
// that are selected and copied where they stand.

import { sayLabel } from "../common/say.js";

/** @import { Reading } from "../../engine/shared/protocol.js" */
/** @typedef {Reading["lines"][number]} Line */

const SVG = "http://www.w3.org/2000/svg";
/** Shares of a line's height: its letters' size, and how far below its top they stand. */
const FONT_SIZE = 0.75;
const BASELINE = 0.77;

export class ReadingLayer {
  #root = svg("svg", { class: "reading-layer", role: "img", lang: "", hidden: "" });
  /** @type {Reading|null} */
  #reading = null;
  /** Of each line, what selections are made in. @type {Text[]} */
  #texts = [];

  /** @param {HTMLElement} picture  what it covers; the image in it is seen whole ("object-fit: contain") */
  constructor(picture) {
    picture.append(this.#root);
    document.addEventListener("copy", (event) => this.#copy(event));
  }

  get isShown() {
    return !this.#root.hasAttribute("hidden");
  }

  set isShown(isShown) {
    this.#root.toggleAttribute("hidden", !isShown);
  }

  /** @param {Reading} reading @param {ReadonlySet<number>} [marked]  the lines that stand out */
  show(reading, marked = new Set()) {
    const { width, height, lines } = reading;
    this.#reading = reading;
    this.#texts = lines.map(({ text }) => new Text(text));
    const groups = lines.map((line, index) => drawn(line, this.#texts[index], marked.has(index)));
    this.#root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    sayLabel(this.#root, "reading.layer", { count: lines.length });
    this.#root.replaceChildren(...groups);
    this.isShown = true;
  }

  clear() {
    this.isShown = false;
    this.#reading = null;
    this.#texts = [];
    this.#root.replaceChildren();
  }

  /** Lines of a row beside each other, and blocks apart, as all of the text has them. @param {ClipboardEvent} event */
  #copy(event) {
    const selection = getSelection();
    if (!selection?.rangeCount || !event.clipboardData) return;
    const range = selection.getRangeAt(0);
    if (range.collapsed || !this.#root.contains(range.commonAncestorContainer)) return;
    event.clipboardData.setData("text/plain", this.#textIn(range));
    event.preventDefault();
  }

  /** @param {Range} range */
  #textIn(range) {
    if (!this.#reading) return "";
    const selected = this.#texts.filter((text) => range.intersectsNode(text));
    const [first, last] = [selected[0], selected.at(-1)];
    if (!first || !last) return "";
    const starts = startsOf(this.#reading);
    const startOf = (/** @type {Text} */ text) => starts[this.#texts.indexOf(text)];
    const from = range.startContainer === first ? range.startOffset : 0;
    const to = range.endContainer === last ? range.endOffset : last.length;
    return this.#reading.text.slice(startOf(first) + from, startOf(last) + to);
  }
}

/** Where each line begins in all of the text. @param {Reading} reading */
function startsOf({ text, lines }) {
  let end = 0;
  return lines.map((line) => {
    const start = text.indexOf(line.text, end);
    end = start + line.text.length;
    return start;
  });
}

/** @param {Line} line @param {Text} letters @param {boolean} isMarked */
function drawn({ corners }, letters, isMarked) {
  const [[x, y], along, , below] = corners;
  const width = Math.hypot(along[0] - x, along[1] - y) || 1;
  const height = Math.hypot(below[0] - x, below[1] - y) || 1;
  // From a level line at the origin to where this one stands, leaning as it does.
  const matrix = [
    (along[0] - x) / width,
    (along[1] - y) / width,
    (below[0] - x) / height,
    (below[1] - y) / height,
    x,
    y,
  ];
  const text = svg("text", {
    transform: `matrix(${matrix.join(" ")})`,
    y: BASELINE * height,
    "font-size": FONT_SIZE * height,
    textLength: width,
    lengthAdjust: "spacingAndGlyphs",
  });
  text.append(letters);
  const outline = svg("polygon", { points: corners.join(" ") });
  return svg("g", { class: isMarked ? "line marked" : "line" }, outline, text);
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string|number>} attributes
 * @param {...Node} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}
