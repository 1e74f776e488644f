// Text for the clipboard, also where a page has none: over plain HTTP, or where the browser refuses it.

/**
 * @param {string} text
 * @param {() => Node} shown  where it stands: that is selected where the text cannot be copied at once
 * @returns {Promise<boolean>}  whether it was copied; else it is selected, to be copied by hand
 */
export async function copyText(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(shown());
    return copyInTheOldWay(text);
  }
}

/** @param {string} text */
function copyInTheOldWay(text) {
  /** @param {ClipboardEvent} event */
  const give = (event) => {
    event.clipboardData?.setData("text/plain", text); // and not what is selected, which may say less
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener("copy", give, { capture: true });
  try {
    return document.execCommand("copy");
  } finally {
    removeEventListener("copy", give, { capture: true });
  }
}
