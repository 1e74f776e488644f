// What goes on around an answer: whether the page is looked at, and what the device lives on.

/** When the page was last in the background; -Infinity: never. */
let lastHidden = document.hidden ? performance.now() : -Infinity;
document.addEventListener("visibilitychange", () => {
  lastHidden = performance.now(); // at its beginning and at its end
});

/** Whether the page has been in the background in the last so many milliseconds. @param {number} ms */
export function wasHiddenFor(ms) {
  return document.hidden || performance.now() - lastHidden < ms;
}

/**
 * Whether the browser says that the device runs on battery. Most do not tell; those of laptops on mains do.
 * https://w3c.github.io/battery/
 * @returns {Promise<boolean>}
 */
export async function isOnBattery() {
  const { getBattery } = /** @type {{getBattery?: () => Promise<{charging: boolean}>}} */ (navigator);
  try {
    return getBattery ? !(await getBattery.call(navigator)).charging : false;
  } catch {
    return false; // a policy forbids it
  }
}
