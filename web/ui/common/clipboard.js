// Text for the clipboard, also where a page has none: over plain HTTP, or where the browser refuses it.

/**
 * @param {string} text
 * @param {() => Node} shown  where the text stands: it is selected where it cannot be copied otherwise
 * @returns {Promise<boolean>}  whether it was copied; else it is selected, to be copied by hand
 */
export async function copyText(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(shown());
    return document.execCommand("copy"); // in the way that pages without a clipboard have
  }
}
