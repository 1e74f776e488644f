// The address of a picture: one for all places that show it at the same time, so that the browser loads and decodes it once.

/** Those that are held, and in how many places. @type {Map<Blob, {url: string, places: number}>} */
const held = new Map();

/** For an <img>, until it is let go of. @param {Blob} picture @returns {string} */
export function holdURL(picture) {
  const known = held.get(picture) ?? { url: URL.createObjectURL(picture), places: 0 };
  held.set(picture, { ...known, places: known.places + 1 });
  return known.url;
}

/** A place does not show it any more. @param {Blob} picture  that was held there */
export function letURLGo(picture) {
  const known = held.get(picture);
  if (!known) return;
  if (known.places > 1) {
    held.set(picture, { ...known, places: known.places - 1 });
    return;
  }
  held.delete(picture);
  URL.revokeObjectURL(known.url);
}
