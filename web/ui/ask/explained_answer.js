// An answer word by word: each shows where in the image the model looked for it, and what else it could have said.

import { element } from "../common/dom.js";
import { formatShare } from "../common/format.js";
import { say } from "../common/say.js";
import { t } from "../../i18n/strings.js";

/** @import { ExplainedWord, Explanation } from "../../engine/shared/explanation.js" */

/** From this share of attention on that went to no place, the places say little. */
const MOSTLY_ELSEWHERE = 0.85;
const SHOWN = 5;
/** What is less than that is said to be so. */
const LEAST_SHARE = 0.01;

/**
 * @param {Explanation} explanation
 * @param {(heat: number[][]|null) => void} onWord  the word that is looked at, or none any more
 * @returns {HTMLElement}
 */
export function explainedAnswer({ kind, words, text }, onWord) {
  const root = element("div", { className: "explained" });
  if (kind !== "own" || words.length === 0) {
    root.append(say(element("p", { className: "soft" }), kind === "own" ? "looked.nothing" : `looked.${kind}`));
    return root;
  }
  const details = element("div", { className: "looked-details" });
  const row = element("p", { className: "looked-words", lang: "en", dir: "auto", role: "group", ariaLabel: text });
  const buttons = words.map((word) => wordButton(word));
  const turnTo = (/** @type {number} */ at) => {
    for (const [index, button] of buttons.entries()) {
      button.tabIndex = index === at ? 0 : -1;
      button.ariaPressed = String(index === at);
    }
    details.replaceChildren(...detailsOf(words[at]));
    onWord(words[at].heat);
  };
  for (const [at, button] of buttons.entries()) {
    for (const event of ["focus", "click", "pointerenter"]) button.addEventListener(event, () => turnTo(at));
  }
  row.addEventListener("keydown", (event) => {
    const at = buttons.findIndex((button) => button === document.activeElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    buttons[Math.min(buttons.length - 1, Math.max(0, next))].focus();
  });
  row.append(...buttons);
  root.append(row, details);
  turnTo(0);
  return root;
}

/** @param {ExplainedWord} word */
function wordButton({ text, probability }) {
  const button = element("button", { type: "button", className: "looked-word", textContent: text.trim() || text });
  button.dataset.sure = probability < 0.3 ? "low" : probability < 0.7 ? "middle" : "high";
  return button;
}

/** @param {ExplainedWord} word */
function detailsOf({ text, probability, alternatives, elsewhere, heat }) {
  const lines = [
    say(element("p"), "looked.sure", { word: text.trim(), share: () => shareOf(probability) }),
    say(element("p", { className: "soft" }), heat && elsewhere < MOSTLY_ELSEWHERE ? "looked.place" : "looked.no-place"),
  ];
  const others = alternatives.slice(0, SHOWN).map(({ text: other, probability: p }) => {
    const name = () => other.trim() || t("looked.end");
    const bar = element("meter", { min: 0, max: 1, value: p, className: "looked-bar" });
    bar.setAttribute("aria-hidden", "true");
    const line = element("li", {}, say(element("span", { lang: "en", dir: "auto" }), name), bar);
    line.append(say(element("span", { className: "soft" }), () => shareOf(p)));
    return line;
  });
  if (others.length > 1) {
    lines.push(say(element("p", { className: "small-heading" }), "looked.alternatives"));
    lines.push(/** @type {any} */ (element("ol", { className: "looked-others" }, ...others)));
  }
  return lines;
}

/** @param {number} probability */
function shareOf(probability) {
  return probability < LEAST_SHARE ? `< ${formatShare(LEAST_SHARE)}` : formatShare(probability);
}
