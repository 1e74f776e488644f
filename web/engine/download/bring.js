// What a download worker does: it has a model found, keeps it, verifies it, and hands its parts on. Its two entries differ
// in which models they find. ../shared/protocol.js has what it says to whom.

import { ownError } from "./find_model.js";
import { KeptModel, canBeKept, cutWeights } from "./kept_model.js";
import { ModelDownload } from "./model_download.js";
import { PartStore, StorageFailure } from "./part_store.js";
import { ProgressReporter } from "./progress.js";
import { TinyVLMError, sentenceOf, toWireError } from "../shared/errors.js";
import { showLife } from "../shared/life.js";
import { fetchSite } from "../shared/page_file.js";
import { FileChanged } from "./remote_file.js";
import { Hasher } from "../shared/sha256.js";

/** @import { CutFile } from "../shared/model_files.js" */
/** @import { Arrival, DownloadNews, DownloadRequest, StartRequest } from "../shared/protocol.js" */
/** @import { Find, FoundModel, Tools } from "./find_model.js" */

/** Has this worker do what the page asks of it. @param {Find} find */
export function bringWith(find) {
  self.onmessage = (/** @type {MessageEvent<StartRequest>} */ { data: { options, port, life } }) => {
    void showLife(life);
    start(find, options, port).then(
      () => handOver(port, { type: "end" }),
      (error) => handOver(port, { type: "error", error: toWireError(error) }),
    );
  };
  self.onmessageerror = () => tell({ type: "failed", error: toWireError(new TinyVLMError("message-lost")) });
}

/** @param {MessagePort} port @param {Arrival} message @param {Transferable[]} [transfer] */
function handOver(port, message, transfer = []) {
  port.postMessage(message, transfer);
}

/** @param {DownloadNews} message */
function tell(message) {
  self.postMessage(message);
}

/** @param {Find} find @param {DownloadRequest} options @param {MessagePort} port */
async function start(find, options, port) {
  const site = await fetchSite(options.site);
  const hasher = new Hasher(new URL(site.kernels.simd128, options.site).href);
  const store = await PartStore.open();
  const step = options.reader ? "reader" : "model";
  const progress = new ProgressReporter(step, (progress) => tell({ type: "progress", progress }));
  const tools = { store, hasher, progress };
  let own = false;
  if (options.reader) for (const code of MODELS_NOTICES) noticed.add(code);
  try {
    for (let tries = 1; ; tries++) {
      const model = await find(options, site, tools);
      own = model.own && !options.reader;
      const { download, kept } = await prepare(model, port, tools);
      const error = await download.run().then(
        () => null,
        (/** @type {unknown} */ error) => error,
      );
      if (!error) {
        progress.done();
        await kept?.settled();
        if (kept && download.keeps && download.hasFetched) await kept.removeOthers().catch(() => {}); // the next load's
        return;
      }
      // What has been handed on cannot be taken back.
      if (!(error instanceof FileChanged) || download.handedOn || tries > 1) throw error;
    }
  } catch (error) {
    throw own ? ownError(error) : error;
  }
}

/**
 * Announces the model, and readies its download.
 * @param {FoundModel} model
 * @param {MessagePort} port
 * @param {Tools & {progress: ProgressReporter}} tools
 */
async function prepare(model, port, { store, hasher, progress }) {
  if (!store && model.source) notice("storage-missing");
  const { name, own, texts } = model;
  const weights = model.isCut ? model.weights : await cutWeights(model.weights, store, hasher);
  const announced = weights.map(({ name, kind, size }) => ({ name, kind, size }));
  handOver(port, { type: "model", name, own, texts, weights: announced });
  const kept = await keep(model, weights, { store, hasher });
  const download = new ModelDownload(weights, {
    store: kept && store,
    hasher,
    progress,
    hub: model.hub,
    handOn: (file, offset, bytes) => handOver(port, { type: "part", file, offset, bytes }, [bytes.buffer]),
    onRecorded: () => kept?.save().catch(() => {}), // the parts stay; their hashes are told by the next load
    onStorageFailure: () => notice("storage-full"),
    onOffline: () => notice("connection-lost"),
    isStale: model.isStale,
  });
  port.onmessage = () => download.taken();
  port.onmessageerror = () => download.taken(); // nothing else is said there
  return { download, kept };
}

/**
 * @param {FoundModel} model
 * @param {CutFile[]} weights
 * @param {Tools} tools
 * @returns {Promise<KeptModel|null>}  null where nothing can be kept
 */
async function keep({ name, source, texts }, weights, { store, hasher }) {
  if (!store || !source) return null;
  if (!canBeKept(weights)) {
    notice("not-kept");
    return null;
  }
  try {
    return await KeptModel.open({ name, source, texts }, weights, store, hasher);
  } catch (error) {
    if (!(error instanceof StorageFailure)) throw error;
    notice("storage-full");
    return null;
  }
}

/** @typedef {"storage-full"|"storage-missing"|"not-kept"|"connection-lost"} NoticeCode */

/** They speak of the model: who brings the text reader does not say them again. @type {NoticeCode[]} */
const MODELS_NOTICES = ["storage-full", "storage-missing", "not-kept"];
/** @type {Set<NoticeCode>} */
const noticed = new Set();
/** Once each. @param {NoticeCode} code */
function notice(code) {
  if (noticed.has(code)) return;
  noticed.add(code);
  tell({ type: "notice", code, message: sentenceOf(code) });
}
