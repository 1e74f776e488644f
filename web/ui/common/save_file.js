// A file for the person's own disk.

import { element } from "./dom.js";

/** @param {{name: string, blob: Blob}} file */
export function saveFile({ name, blob }) {
  const url = URL.createObjectURL(blob);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click
}
