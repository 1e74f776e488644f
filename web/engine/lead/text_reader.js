// The text reader beside the model: wanted, on its way, or there. The page brings it when it is wanted (a download worker
// of its own hands on its parts), first when the model is whole, and once more whenever a request needs what failed.

import { asTinyVLMError, TinyVLMError } from "../shared/errors.js";
import { ArrivingModel, fillModel } from "./stream.js";
import { timed } from "./timeline.js";

/** @import { Kernels } from "./kernels.js" */
/** @import { Session } from "./python.js" */

export class TextReader {
  #bring;
  /** Set while it is on its way, and for good once it is there. @type {PromiseWithResolvers<void>|null} */
  #arrival = null;
  /** Resolves when a request waits. @type {PromiseWithResolvers<void>} */
  #needed = Promise.withResolvers();
  /** @type {ArrivingModel|null} */
  #arriving = null;

  /** @param {(() => void)|null} bring  asks the page for it; null where this site has none */
  constructor(bring) {
    this.#bring = bring;
  }

  /** It can read. */
  isReady = false;

  /** Has it brought, if it is not yet. @returns {Promise<void>}  rejects with reader-unavailable */
  want() {
    if (!this.#bring) return Promise.reject(unavailable("This site has none."));
    if (!this.#arrival) {
      this.#arrival = Promise.withResolvers();
      this.#arrival.promise.catch(() => {}); // told to whoever waits
      this.#bring();
    }
    return this.#arrival.promise;
  }

  /**
   * As `want`, for a request that waits: it tries by itself, and from now on the reader is filled whether a request is
   * being worked on or not.
   */
  need() {
    this.#needed.resolve();
    const isOnItsWay = this.#arrival !== null;
    const arrival = this.want();
    return isOnItsWay ? arrival.catch(() => this.want()) : arrival;
  }

  /**
   * Takes the parts that a download worker hands on.
   * @param {MessagePort} parts
   * @param {Kernels} kernels
   * @param {Session} session
   * @param {() => Promise<void>} whenIdle
   * @throws {TinyVLMError} reader-unavailable
   */
  async take(parts, kernels, session, whenIdle) {
    const arriving = new ArrivingModel(parts);
    this.#arriving = arriving;
    const whenFree = () => Promise.race([whenIdle(), this.#needed.promise]);
    try {
      const files = await arriving.description;
      await whenFree();
      const loading = timed("import the reader", () => session.loadReader(files));
      await fillModel(kernels, arriving, loading, { whenIdle: whenFree, onMilestone: () => {}, onLoss: () => {} });
    } catch (error) {
      const reason = unavailable(asTinyVLMError(error).message);
      this.#arrival?.reject(reason);
      this.#arrival = null;
      throw reason;
    }
    this.isReady = true;
    this.#arrival?.resolve();
  }

  /** Who brings it has died. @param {TinyVLMError} error */
  fail(error) {
    this.#arriving?.fail(error);
  }
}

/** @param {string} reason  a sentence */
function unavailable(reason) {
  return new TinyVLMError("reader-unavailable", { reason });
}
