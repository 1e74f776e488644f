// An element's part in an engine: begun when it is needed, followed while it loads, left when it is done with.

import { TinyVLMError } from "../tinyvlm.js";
import { takeEngine } from "./engines.js";

/** @import { TinyVLM } from "../tinyvlm.js" */
/** @import { ModelCard, Progress } from "../engine/shared/protocol.js" */
/** @import { Lease } from "./engines.js" */

/**
 * @typedef {object} EngineHandlers
 * @property {() => void} onBegin
 * @property {(progress: Progress) => void} onProgress
 * @property {(model: ModelCard) => void} onReady
 * @property {() => void} onLeave
 * @property {(error: unknown) => void} onLost  it was left, as it cannot be had; the next one begins anew
 */

export class EngineUse {
  #handlers;
  /** @type {(Lease & {left: AbortController})|null} */
  #lease = null;

  /** @param {EngineHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  get vlm() {
    return this.#lease?.vlm ?? null;
  }

  /**
   * @param {{model: string, hub: string, base: string}} choice  as the attributes have it
   * @returns {TinyVLM}  that of before, if there is one
   * @throws {TinyVLMError} url-invalid
   */
  begin({ model, hub, base }) {
    if (this.#lease) return this.#lease.vlm;
    if (base && !URL.canParse(base, document.baseURI)) throw new TinyVLMError("url-invalid", { url: base });
    const baseURL = base ? new URL(base, document.baseURI).href : undefined;
    const lease = takeEngine({ model: model || undefined, hub: hub || undefined, baseURL });
    const left = new AbortController();
    this.#lease = { ...lease, left };
    this.#handlers.onBegin();
    this.#follow(lease.vlm, left.signal);
    return lease.vlm;
  }

  leave() {
    const lease = this.#lease;
    if (!lease) return;
    this.#lease = null;
    lease.left.abort();
    lease.release();
    this.#handlers.onLeave();
  }

  /** @param {TinyVLM} vlm @param {AbortSignal} signal */
  #follow(vlm, signal) {
    const lose = (/** @type {unknown} */ error) => {
      if (signal.aborted) return;
      this.leave();
      this.#handlers.onLost(error);
    };
    vlm.addEventListener(
      "progress",
      (event) => this.#handlers.onProgress(/** @type {CustomEvent<Progress>} */ (event).detail),
      { signal },
    );
    vlm.addEventListener("failed", () => void vlm.ready.catch(lose), { signal });
    vlm.ready.then((model) => signal.aborted || this.#handlers.onReady(model), lose);
  }
}
