// Whether the tab that was writing an answer still is: each holds a Web Lock of its own for as long as it lives, and
// the browser gives it back however the tab ends.

const PREFIX = "tinyvlm-history-";

/**
 * Holds a life's lock to the end, where there are locks.
 * @param {string} life
 * @returns {Promise<void>}  once it is held
 */
export function holdLife(life) {
  return new Promise((resolve) => {
    const hold = () => {
      resolve();
      return new Promise(() => {});
    };
    if (!navigator.locks) return resolve();
    navigator.locks.request(PREFIX + life, hold).catch(() => resolve());
  });
}

/** @returns {Promise<Set<string>|null>}  the lives that go on, of all tabs; null where that cannot be known */
export async function livingLives() {
  try {
    const { held = [] } = await navigator.locks.query();
    const names = held.map(({ name = "" }) => name).filter((name) => name.startsWith(PREFIX));
    return new Set(names.map((name) => name.slice(PREFIX.length)));
  } catch {
    return null;
  }
}
