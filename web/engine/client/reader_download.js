// Brings the text reader whenever the lead wants it, by a download worker of its own, and tells whether text can be read.

import { TinyVLMError, toWireError } from "../shared/errors.js";
import { DownloadWorker } from "./download_worker.js";

/** @import { DownloadNews, Notice, Progress, ReaderLost } from "../shared/protocol.js" */

/**
 * @typedef {object} ReaderHandlers
 * @property {(parts: MessagePort) => Promise<null>} takeParts  has the lead take them; resolves when it can read
 * @property {(message: ReaderLost) => void} tellLead
 * @property {(progress: Progress) => void} onProgress
 * @property {(notice: Notice) => void} onNotice
 */

export class ReaderDownload {
  #site = "";
  #handlers;
  /** @type {DownloadWorker|null} */
  #worker = null;
  /** @type {PromiseWithResolvers<void>} */
  #arrival = unsettled();
  #hasBegun = false;
  #isClosed = false;

  /** @param {ReaderHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  /** Resolves when text can be read; another one for each further try. */
  get canRead() {
    return this.#arrival.promise;
  }

  /** @param {string} site  URL of site.json */
  setSite(site) {
    this.#site = site;
  }

  /** Brings it, or tries to once more: the lead may ask for that before its word on the try before is here. */
  async begin() {
    if (this.#isClosed) return;
    if (this.#hasBegun) this.#arrival = unsettled();
    this.#hasBegun = true;
    const arrival = this.#arrival;
    const { port1, port2 } = new MessageChannel();
    const taken = this.#handlers.takeParts(port2);
    this.#worker?.end();
    const worker = this.#start(port1);
    this.#worker = worker;
    try {
      await taken;
      worker?.settle();
      arrival.resolve();
    } catch (error) {
      worker?.end();
      if (this.#isClosed) return;
      arrival.reject(error);
      this.#handlers.onNotice(toWireError(error));
    }
  }

  /** There will be none. @param {unknown} reason */
  close(reason) {
    this.#isClosed = true;
    this.#worker?.end();
    this.#arrival.reject(reason);
  }

  /** @param {MessagePort} port */
  #start(port) {
    try {
      const options = { site: this.#site, reader: true };
      /** @type {DownloadWorker} */
      const worker = new DownloadWorker(options, {
        onNews: (news) => this.#hear(news),
        onFault: (fault) => worker === this.#worker && this.#lose(fault),
        onDeath: () => worker === this.#worker && this.#lose(new TinyVLMError("engine-stopped")),
      });
      worker.begin(port);
      return worker;
    } catch (error) {
      this.#lose(error);
      return null;
    }
  }

  /** @param {DownloadNews} news */
  #hear(news) {
    switch (news.type) {
      case "progress":
        this.#handlers.onProgress(news.progress);
        break;
      case "notice":
        this.#handlers.onNotice({ code: news.code, message: news.message });
        break;
      case "failed":
        this.#handlers.tellLead({ type: "reader-lost", error: news.error });
        break;
    }
  }

  /** The lead waits for parts that nobody brings any more. @param {unknown} error */
  #lose(error) {
    if (!this.#isClosed) this.#handlers.tellLead({ type: "reader-lost", error: toWireError(error) });
  }
}

/** Nobody need be waiting. @returns {PromiseWithResolvers<void>} */
function unsettled() {
  /** @type {PromiseWithResolvers<void>} */
  const arrival = Promise.withResolvers();
  arrival.promise.catch(() => {});
  return arrival;
}
