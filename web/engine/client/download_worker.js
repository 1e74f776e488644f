// A worker that brings a model, or the text reader: which one, its start, what it tells, and its end.

import { startWorker } from "../shared/workers.js";
import { LifeWatch } from "./life_watch.js";
import { post, watchStart } from "./start_failure.js";

/** @import { DownloadNews, DownloadRequest } from "../shared/protocol.js" */
/** @import { TinyVLMError } from "../shared/errors.js" */

/** Kept apart from `new URL`: bundlers would copy what both together name. */
const MODULE_URL = import.meta.url;
const OWN = {
  path: "../download/worker.js",
  start: () => new Worker(new URL("../download/worker.js", import.meta.url), { type: "module" }),
};
const ANY = {
  path: "../download/any_model_worker.js",
  start: () => new Worker(new URL("../download/any_model_worker.js", import.meta.url), { type: "module" }),
};

/**
 * @typedef {object} DownloadHandlers
 * @property {(news: DownloadNews) => void} onNews
 * @property {(fault: TinyVLMError) => void} onFault  what keeps it from starting
 * @property {() => void} onDeath
 */

export class DownloadWorker {
  #options;
  #worker;
  #life;

  /** @param {DownloadRequest} options @param {DownloadHandlers} handlers @throws {TinyVLMError} */
  constructor(options, { onNews, onFault, onDeath }) {
    this.#options = options;
    this.#life = new LifeWatch(onDeath);
    const { path, start } = isOwnAlone(options) ? OWN : ANY;
    this.#worker = startWorker(start, path, import.meta.url);
    this.#worker.onmessage = (/** @type {MessageEvent<DownloadNews>} */ { data }) => onNews(data);
    watchStart(this.#worker, this.#life, new URL(path, MODULE_URL).href, { onFault, onDeath });
  }

  /**
   * Has it bring what was asked for.
   * @param {MessagePort} port  where parts are handed on
   * @throws {TinyVLMError} request-unsendable
   */
  begin(port) {
    const options = this.#options;
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

/** Whether it can only be one of the site's own, before it is known which these are. @param {DownloadRequest} options */
export function isOwnAlone({ model, files }) {
  return !files && !/[/:]/.test(model ?? ""); // others have an owner or an address
}
