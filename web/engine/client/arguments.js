// What a caller of the client hands over: checked, and told apart.

import { TinyVLMError } from "../shared/errors.js";

/** @import { Profile, SamplingOptions } from "../shared/protocol.js" */

/**
 * @typedef {object} ClientOptions  the client's own
 * @property {unknown} [onToken]
 * @property {unknown} [onLine]
 * @property {unknown} [onPhase]
 * @property {AbortSignal} [signal]
 * @property {Profile} [profile]
 */

/**
 * What the engine is told of how to answer: all that is not the client's, as Python knows which options there are.
 * @param {ClientOptions & SamplingOptions} options
 * @returns {SamplingOptions}
 * @throws {TinyVLMError} sampling-unknown
 */
export function samplingOf({ onToken, onLine, onPhase, signal, profile, ...sampling }) {
  const given = Object.entries(sampling).filter(([, value]) => value !== undefined);
  for (const [option, value] of given) {
    if (typeof value === "function") throw new TinyVLMError("sampling-unknown", { option }); // it cannot be sent
  }
  return Object.fromEntries(given);
}

/** @param {Blob} image @throws {TinyVLMError} image-not-blob */
export function checkImageArgument(image) {
  if (!(image instanceof Blob)) throw new TinyVLMError("image-not-blob");
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
export function rejectOnAbort(promise, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortError());
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

export function abortError() {
  return new DOMException("The request was stopped.", "AbortError");
}
