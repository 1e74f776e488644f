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
