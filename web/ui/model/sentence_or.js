// Names that the engine may have more of than the page has words for.

import { has, t } from "../../i18n/strings.js";

/** What is called by a name that the page has no sentence for is called so. @param {string} key @param {string} name */
export function sentenceOr(key, name) {
  return has(key) ? t(key) : name;
}
