// A worker that brings a model, or the text reader: its start, what it tells, and its end.

import { startWorker } from "../shared/workers.js";
import { LifeWatch } from "./life_watch.js";
import { post, watchStart } from "./start_failure.js";

/** @import { DownloadNews, DownloadRequest } from "../shared/protocol.js" */
/** @import { TinyVLMError } from "../shared/errors.js" */

/** Kept apart from `new URL`: bundlers would copy what both together name. */
const MODULE_URL = import.meta.url;

/**
 * @typedef {object} DownloadHandlers
 * @property {(news: DownloadNews) => void} onNews
 * @property {(fault: TinyVLMError) => void} onFault  what keeps it from starting
 * @property {() => void} onDeath
 */

export class DownloadWorker {
  #worker;
  #life;

  /** @param {DownloadHandlers} handlers @throws {TinyVLMError} */
  constructor({ onNews, onFault, onDeath }) {
    this.#life = new LifeWatch(onDeath);
    this.#worker = startWorker(
      () => new Worker(new URL("../download/worker.js", import.meta.url), { type: "module" }),
      "../download/worker.js",
      import.meta.url,
    );
    this.#worker.onmessage = (/** @type {MessageEvent<DownloadNews>} */ { data }) => onNews(data);
    watchStart(this.#worker, this.#life, new URL("../download/worker.js", MODULE_URL).href, { onFault, onDeath });
  }

  /**
   * @param {DownloadRequest} options
   * @param {MessagePort} port  where parts are handed on
   * @throws {TinyVLMError} request-unsendable
   */
  start(options, port) {
    const { life } = this.#life;
    post(this.#worker, { type: "start", options, port, life }, [port, life.port]);
  }

  /** It has nothing left to do but to write down what it keeps, so that nobody need mind its end. */
  settle() {
    this.#life.stop();
  }

  end() {
    this.#life.stop();
    this.#worker.terminate();
  }
}
