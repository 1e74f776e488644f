// Python in this worker: Pyodide, the tinyvlm wheel, and the few calls into it.

import { TinyVLMError, fromWireError } from "../shared/errors.js";
import { PYODIDE_FILES, startPyodide } from "./pyodide.js";

/**
 * @param {object} site  site.json
 * @param {string} base  URL of the site's root
 * @param {(step: "python"|"package", loaded: number, total: number, done: boolean) => void} onProgress
 */
export async function startPython(site, base, onProgress) {
  const stopWatching = watchDownloads(site, onProgress);
  const wheel = fetchWheel(site, base, onProgress);
  wheel.catch(() => {}); // awaited after Pyodide, which may fail before
  const { pyodide, module, keepSnapshot } = await startPyodide(site, base, wheel, "tinyvlm.page.engine")
    .catch((error) => {
      if (error instanceof TinyVLMError) throw error;
      throw new TinyVLMError("python-failed", { reason: String(error) });
    })
    .finally(stopWatching);
  onProgress("package", site.wheel.size, site.wheel.size, true);
  let templates = false;
  return {
    /** Begins to open a model; what it returns is worked off by stream.js. */
    openLoading(kernels, { name, texts, weights }) {
      const files = weights.map(({ kind, size }) => ({ kind, size }));
      return wrapLoading(module.Loading(kernels, name, JSON.stringify(texts), JSON.stringify(files)));
    },
    /** Adds what chat templates need: Jinja, which bundled models do without. */
    async addTemplates() {
      if (templates) return;
      const archive = await fetchArchive(site.templates, base);
      pyodide.unpackArchive(archive, "wheel");
      templates = true;
    },
    keepSnapshot,
    heapBytes: () => pyodide._module.HEAPU8.byteLength,
  };
}

/** Methods of a Python object that answer with JSON. */
function wrap(object) {
  return (name) => {
    const method = object[name];
    return (...values) => unwrap(method(...values));
  };
}

/** @param {any} loading  tinyvlm.page.engine.Loading */
export function wrapLoading(loading) {
  const call = wrap(loading);
  return {
    header: call("header"),
    prepare: call("prepare"),
    nextFill: call("next_fill"),
    filled: call("filled"),
    giveUp: call("give_up"),
    session: () => wrapSession(loading.session),
  };
}

function wrapSession(session) {
  const call = wrap(session);
  return {
    encode: call("encode"),
    forget: call("forget"),
    warmUp: call("warm_up"),
    ask: call("ask"),
    nextPiece: call("next_piece"),
    answerStats: call("answer_stats"),
    stats: call("stats"),
    card: call("card"),
  };
}

function unwrap(text) {
  const { ok, error } = JSON.parse(text);
  if (error) throw fromWireError(error);
  return ok;
}

/** Pyodide fetches its files itself; their resource timings tell when each is in. */
function watchDownloads(site, onProgress) {
  const sizes = new Map(PYODIDE_FILES.map((name) => [name, site.files[site.pyodide + name].size]));
  const total = [...sizes.values()].reduce((a, b) => a + b, 0);
  const arrived = new Set();
  const report = (done) => {
    const loaded = [...arrived].reduce((sum, name) => sum + sizes.get(name), 0);
    onProgress("python", done ? total : loaded, total, done);
  };
  report(false);
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const name = entry.name.split("/").pop();
      if (sizes.has(name)) arrived.add(name);
    }
    report(false);
  });
  observer.observe({ type: "resource", buffered: true });
  return () => {
    observer.disconnect();
    report(true);
  };
}

async function fetchArchive({ url }, base) {
  const response = await fetch(new URL(url, base)).catch(() => null);
  if (!response?.ok) {
    throw new TinyVLMError("page-download-failed", { file: url.split("/").at(-1) });
  }
  return response.arrayBuffer();
}

async function fetchWheel(site, base, onProgress) {
  const bytes = await fetchArchive(site.wheel, base);
  onProgress("package", bytes.byteLength, site.wheel.size, false);
  return bytes;
}
