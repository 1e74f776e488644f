// The image that an element asks about: the page's or the person's own, or fetched from where `src` says.

import { TinyVLMError } from "../tinyvlm.js";

/** @import { Profile } from "../engine/shared/protocol.js" */

export class ImageSource {
  /** In place of what `src` names. @type {Blob|null} */
  given = null;
  /** On its way, or here. @type {{image: Promise<Blob>, abort: AbortController}|null} */
  #fetched = null;
  /** That was asked about last. @type {{image: Blob, profile: Profile, copy: Blob}|null} */
  #lookedAt = null;
  #onFetched;

  /** @param {(image: Blob) => void} onFetched */
  constructor(onFetched) {
    this.#onFetched = onFetched;
  }

  /**
   * Fetched once; after a failure the next call tries again.
   * @param {string} src
   * @returns {Promise<Blob|null>}
   * @throws {TinyVLMError} as `fetchImage` does
   */
  async open(src) {
    if (this.given || !src) return this.given;
    if (!this.#fetched) {
      const abort = new AbortController();
      const fetched = { image: fetchImage(src, abort.signal), abort };
      this.#fetched = fetched;
      fetched.image.then(
        (image) => this.#fetched === fetched && this.#onFetched(image),
        () => this.#fetched === fetched && (this.#fetched = null),
      );
    }
    return this.#fetched.image;
  }

  /**
   * The engine knows an image by its Blob, and looks at it once: to look more closely takes another.
   * @param {Blob} image
   * @param {Profile} [profile]  left out: as it was looked at last
   */
  forProfile(image, profile = this.#lookedAt?.profile ?? "balanced") {
    const last = this.#lookedAt;
    if (last?.image === image && last.profile === profile) return last.copy;
    const copy = last?.image === image ? image.slice(0, image.size, image.type) : image;
    this.#lookedAt = { image, profile, copy };
    return copy;
  }

  /** What was fetched is not wanted any more. */
  drop() {
    this.#fetched?.abort.abort();
    this.#fetched = null;
    this.#lookedAt = null;
  }
}

/**
 * @param {string} src  as the attribute has it, relative to the document
 * @param {AbortSignal} signal
 * @returns {Promise<Blob>}
 * @throws {DOMException} AbortError
 * @throws {TinyVLMError} url-invalid, download-failed; host-unreachable also where a server of another origin does not
 *   send Access-Control-Allow-Origin: browsers do not tell one from the other
 */
async function fetchImage(src, signal) {
  if (!URL.canParse(src, document.baseURI)) throw new TinyVLMError("url-invalid", { url: src });
  const url = new URL(src, document.baseURI);
  const response = await orUnreachable(fetch(url, { signal }), url, signal);
  if (!response.ok) throw new TinyVLMError("download-failed", { url: url.href, status: response.status });
  return orUnreachable(response.blob(), url, signal);
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {URL} url
 * @param {AbortSignal} signal
 */
async function orUnreachable(promise, url, signal) {
  try {
    return await promise;
  } catch (error) {
    if (signal.aborted) throw error;
    throw new TinyVLMError("host-unreachable", { host: url.host || url.protocol });
  }
}
