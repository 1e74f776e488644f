// Where the language of the page is chosen. Each is listed by its own name, for those who read no other.

import { LANGUAGES, choose, language, onSpeak } from "../../i18n/strings.js";
import { element } from "./dom.js";

/** @import { LanguageCode } from "../../i18n/strings.js" */

/**
 * @param {HTMLSelectElement} menu
 * @param {(name: string) => void} onFailed  a language's file cannot be had, and the one before is spoken still
 */
export function offerLanguages(menu, onFailed) {
  const codes = /** @type {LanguageCode[]} */ (Object.keys(LANGUAGES));
  menu.replaceChildren(...codes.map((code) => option(code)));
  onSpeak(() => {
    menu.value = language();
  });
  menu.addEventListener("change", async () => {
    const code = /** @type {LanguageCode} */ (menu.value);
    try {
      await choose(code);
    } catch {
      menu.value = language();
      onFailed(LANGUAGES[code].name);
    }
  });
}

/** @param {LanguageCode} code */
function option(code) {
  const { name, tag } = LANGUAGES[code];
  return element("option", { value: code, lang: tag, textContent: name });
}
