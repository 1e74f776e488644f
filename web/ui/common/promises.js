// Waiting that can be given up.

/**
 * Waits for a promise, but no longer than until the signal. What it rejects with is left to those who come after.
 * @param {Promise<unknown>} promise
 * @param {AbortSignal} signal
 */
export function settledOrAborted(promise, signal) {
  return new Promise((resolve) => {
    promise.then(resolve, resolve);
    signal.addEventListener("abort", resolve, { once: true });
  });
}

/**
 * Resolves with it, or after so long, whatever becomes of it.
 * @param {number} ms
 * @param {Promise<unknown>} promise
 * @returns {Promise<void>}
 */
export function withinMs(ms, promise) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    promise.then(end, end);
  });
}
