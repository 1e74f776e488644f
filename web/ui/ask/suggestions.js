// Questions to begin with. They are in English, which all models read and the page's own reads alone; what they mean is
// said in the language of the page.

import { has, language, t } from "../../i18n/strings.js";

/** @import { ModelCard } from "../../engine/shared/protocol.js" */

/** Where neither the image nor the model brings its own. */
const ABOUT_IMAGES = ["What shape is in the image?", "What color is it?", "Describe the image."];
const ABOUT_ALL = ["What is the capital of France?", "Write a haiku about rain."];

/**
 * An example's questions, else the model's, else those that fit what it reads.
 * @param {readonly string[]|null|undefined} ofImage
 * @param {ModelCard|null} card
 */
export function suggestionsFor(ofImage, card) {
  return ofImage ?? card?.suggestions ?? (card && !card.sees ? ABOUT_ALL : ABOUT_IMAGES);
}

/** What a suggested question means, where the page does not speak its language; else "". @param {string} question */
export function meaningOf(question) {
  const key = `ask.${question}`;
  return language() !== "en" && has(key) ? t(key) : "";
}

/**
 * The language of a model's answers, as HTML's `lang` has it. Those that were made for conversations may know several;
 * the page's own knows English.
 * @param {ModelCard|null} card
 * @returns {"en"|""}
 */
export function answerLanguage(card) {
  return card && !card.remembers ? "en" : "";
}
