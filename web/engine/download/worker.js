// Downloads a model beside the engine's worker, which is busy for seconds at its start: finds it, keeps it, verifies it,
// and hands its parts on. Ends with the page, or when the page ends it.
//
// page -> here: {type: "start", options, port}; here -> page: {type: "progress" | "notice", ...}.
// here -> port: {type: "model"}, once more should it change before its first part; {type: "part"}...; {type: "end"} or
// {type: "error"}. port -> here: {type: "taken"} for each part.

import { findModel, ownError } from "./find_model.js";
import { KeptModel, cutWeights } from "./kept_model.js";
import { ModelDownload } from "./model_download.js";
import { PartStore, StorageFailure } from "./part_store.js";
import { ProgressReporter } from "./progress.js";
import { TinyVLMError, sentenceOf, toWireError } from "../shared/errors.js";
import { FileChanged } from "./remote_file.js";
import { HUB } from "./request.js";
import { Hasher } from "../shared/sha256.js";

self.onmessage = ({ data: { options, port } }) => {
  start(options, port).then(
    () => port.postMessage({ type: "end" }),
    (error) => port.postMessage({ type: "error", error: toWireError(error) }),
  );
};

async function start(options, port) {
  const site = await fetchSite(options.site);
  const hasher = new Hasher(new URL(site.kernels.simd128, options.site).href);
  const store = await PartStore.open();
  const progress = new ProgressReporter((progress) => self.postMessage({ type: "progress", progress }));
  const tools = { store, hasher, progress };
  let own = false;
  try {
    for (let tries = 1; ; tries++) {
      const model = await findModel(options, site, tools);
      own = model.own;
      const { download, kept } = await prepare(model, options, port, tools);
      const error = await download.run().catch((error) => error);
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

/** Announces the model, and readies its download. */
async function prepare(model, options, port, { store, hasher, progress }) {
  if (!store && model.source) notice("storage-missing");
  const { name, own, texts } = model;
  const weights = model.isCut ? model.weights : await cutWeights(model.weights, store, hasher);
  const announced = weights.map(({ name, kind, size }) => ({ name, kind, size }));
  port.postMessage({ type: "model", name, own, texts, weights: announced });
  const kept = await keep(model, weights, store, hasher);
  const download = new ModelDownload(weights, {
    store: kept && store,
    hasher,
    progress,
    context: { endpoint: options.hub ?? HUB, token: options.token },
    handOn: (file, offset, bytes) => port.postMessage({ type: "part", file, offset, bytes }, [bytes.buffer]),
    onRecorded: () => kept?.save().catch(() => {}), // the parts stay; their hashes are told by the next load
    onStorageFailure: () => notice("storage-full"),
    onOffline: () => notice("connection-lost"),
    isStale: model.isStale,
  });
  port.onmessage = () => download.taken();
  return { download, kept };
}

/** @returns {Promise<KeptModel|null>}  null where nothing can be kept */
async function keep(model, weights, store, hasher) {
  if (!store || !model.source) return null;
  if (weights.some(({ parts }) => parts.some(({ key }) => !key))) {
    notice("not-kept");
    return null;
  }
  try {
    return await KeptModel.open(model, weights, store, hasher);
  } catch (error) {
    if (!(error instanceof StorageFailure)) throw error;
    notice("storage-full");
    return null;
  }
}

const noticed = new Set();
function notice(code) {
  if (noticed.has(code)) return;
  noticed.add(code);
  self.postMessage({ type: "notice", code, message: sentenceOf(code) });
}

async function fetchSite(url) {
  const response = await fetch(url).catch(() => null);
  const site = response?.ok ? await response.json().catch(() => null) : null;
  if (!site) throw new TinyVLMError("page-download-failed", { file: "site.json" });
  return site;
}
