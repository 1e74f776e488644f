// Brings the text reader whenever the lead wants it, by a download worker of its own, and tells whether text can be read.

import { TinyVLMError, toWireError } from "../shared/errors.js";
import { DownloadWorker } from "./download_worker.js";

/** @import { DownloadNews, Progress, ReaderLost } from "../shared/protocol.js" */

/**
 * @typedef {object} ReaderHandlers
 * @property {(parts: MessagePort) => Promise<null>} takeParts  has the lead take them; resolves when it can read
 * @property {(message: ReaderLost) => void} tellLead
 * @property {(progress: Progress) => void} onProgress
 * @property {(notice: {code: string, message: string}) => void} onNotice
 */

export class ReaderDownload {
  #site = "";
  #handlers;
  /** @type {DownloadWorker|null} */
  #worker = null;
  /** @type {PromiseWithResolvers<void>} */
  #arrival = unsettled();
  #hasFailed = false;
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

  /** Brings it, or tries to once more. */
  async begin() {
    if (this.#isClosed) return;
    if (this.#hasFailed) this.#arrival = unsettled();
    this.#hasFailed = false;
    const { port1, port2 } = new MessageChannel();
    const taken = this.#handlers.takeParts(port2);
    this.#start(port1);
    try {
      await taken;
      this.#worker?.settle();
      this.#arrival.resolve();
    } catch (error) {
      this.#worker?.end();
      if (this.#isClosed) return;
      const { code, message } = toWireError(error);
      this.#hasFailed = true;
      this.#arrival.reject(error);
      this.#handlers.onNotice({ code, message });
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
    this.#worker?.end();
    this.#worker = null;
    try {
      this.#worker = new DownloadWorker({
        onNews: (news) => this.#hear(news),
        onFault: (fault) => this.#lose(fault),
        onDeath: () => this.#lose(new TinyVLMError("engine-stopped")),
      });
      this.#worker.start({ site: this.#site, reader: true }, port);
    } catch (error) {
      this.#lose(error);
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
