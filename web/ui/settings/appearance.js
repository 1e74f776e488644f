// Colours and size of text as they were set. A page's HTML names this module as `blocking="render"`, so that where browsers
// know that, nothing is seen before it in other colours.

import { settings } from "./settings.js";

apply();
settings.addEventListener("change", apply);

function apply() {
  const { theme, textSize } = settings.values;
  Object.assign(document.documentElement.dataset, { theme, textSize });
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
    meta.setAttribute("media", mediaOf(meta.getAttribute("data-scheme") ?? "", theme));
  }
}

/** When a browser's own frame takes a colour. @param {string} scheme  that it belongs to @param {string} theme */
function mediaOf(scheme, theme) {
  if (theme === "system") return `(prefers-color-scheme: ${scheme})`;
  return theme === scheme ? "all" : "not all";
}
