// Python in this worker: Pyodide, the tinyvlm package, and the few calls into it.

import { TinyVLMError, fromWireError } from "../shared/errors.js";
import { fetchPageBytes, fetchPageFile } from "../shared/page_file.js";
import { unpackedPackage } from "./package.js";
import { PYODIDE_FILES, startPyodide } from "./pyodide.js";

/**
 * @import {
 *   AnswerStats, Bytes, EncodeResult, Milestone, ModelCard, ModelFiles, ModelStats, Profile, Quantization, ReadLine,
 *   Reading, Site,
 * } from "../shared/protocol.js"
 */
/** @import { WireError } from "../shared/errors.js" */
/** @import { Explanation } from "../shared/explanation.js" */
/** @import { Kernels } from "./kernels.js" */

/**
 * What py/tinyvlm/page/engine.py has.
 * @typedef {(...values: any[]) => string} PythonMethod  any: what it takes, and what the JSON holds, is told by Loading
 *   and Session
 * @typedef {"encode"|"forget"|"warm_up"|"reads_first"|"ask"|"explain"|"next_piece"|"explanation"|"answer_stats"|"stats"|
 *   "card"|"picture"|"begin_reading"|"read_on"|"end_reading"|"reading"} SessionMethod
 * @typedef {"header"|"prepare"|"next_fill"|"filled"|"give_up"} LoadingMethod
 * @typedef {Record<LoadingMethod, PythonMethod>} PythonArriving
 * @typedef {Record<SessionMethod, PythonMethod> &
 *   {load_reader: (texts: string, files: string) => PythonArriving}} PythonSession
 * @typedef {PythonArriving & {session: PythonSession}} PythonLoading
 * @typedef {object} PythonModule
 * @property {(
 *   kernels: Kernels, name: string, texts: string, files: string, quantization: string, reads: boolean,
 * ) => PythonLoading} Loading
 */

/**
 * @typedef {{file: number, offset: number, nbytes: number, address: number}} Fill  bytes of a file, and where to put
 *   them
 *
 * @typedef {object} Arriving  a model or a reader on its way in; all throw TinyVLMErrors
 * @property {(index: number, bytes: Bytes) => number} header  takes a file's first bytes; 0, or how many are needed
 * @property {() => {nbytes: number, lossy: boolean}} prepare  how many bytes will be asked for, and whether 4 bits a
 *   weight cost this model much
 * @property {() => Fill|null} nextFill  null: all is there
 * @property {() => Milestone[]} filled  the bytes lie there: what this reaches
 * @property {() => null} giveUp
 *
 * @typedef {Arriving & {session: () => Session}} Loading  a model
 *
 * @typedef {object} Session  a model in use; all throw TinyVLMErrors
 * @property {(rgb: Bytes, width: number, height: number, profile: Profile) => EncodeResult} encode
 * @property {() => null} forget
 * @property {() => null} warmUp
 * @property {(question: string, options: string) => boolean} readsFirst  whether the image has to be read before a
 *   question `with_text`
 * @property {(question: string, options: string) => {reads: boolean}} ask  `options`: SamplingOptions as JSON; `reads`:
 *   the image has to be read first
 * @property {(question: string, options: string) => {reads: boolean}} explain  as `ask`, with an explanation at the end
 * @property {() => string|null} nextPiece
 * @property {() => Explanation} explanation  of the answer whose last piece is out
 * @property {() => AnswerStats} answerStats
 * @property {() => ModelStats} stats
 * @property {() => ModelCard} card
 * @property {(files: ModelFiles) => Arriving} loadReader
 * @property {() => "read"|"kept"|"none"} picture  what is there of the image asked about, for a reader
 * @property {(rgb: Bytes|null, width: number, height: number, isAskedAbout: boolean) => null} beginReading  null: the
 *   pixels that were kept
 * @property {() => {line?: ReadLine|null, reading?: Reading}} readOn  `reading` at the end
 * @property {() => null} endReading  before its end
 * @property {() => Reading|null} reading  of the image asked about
 *
 * @typedef {(step: "python"|"package", loaded: number, total: number, done: boolean) => void} OnProgress
 * @typedef {Awaited<ReturnType<typeof startPython>>} Python
 */

/**
 * @param {Site} site
 * @param {string} base  URL of the site's root
 * @param {OnProgress} onProgress
 */
export async function startPython(site, base, onProgress) {
  /** @type {PromiseWithResolvers<never>} */
  const wrong = Promise.withResolvers();
  const stopWatching = watchDownloads(site, onProgress, () => checkFiles(site, base).catch(wrong.reject));
  const archive = fetchPackage(site, base, onProgress);
  archive.catch(() => {}); // awaited after Pyodide, which may fail before
  const started = startPyodide(site, base, archive, "tinyvlm.page.engine");
  const { pyodide, module, keepSnapshot } = await Promise.race([started, wrong.promise])
    .catch(async (error) => {
      if (error instanceof TinyVLMError) throw error;
      await checkFiles(site, base);
      throw new TinyVLMError("python-failed", { reason: String(error) });
    })
    .finally(stopWatching);
  /** @type {PythonModule} */
  const engine = module;
  onProgress("package", site.package.size, site.package.size, true);
  let templates = false;
  return {
    /**
     * Begins to open a model; what it returns is worked off by stream.js.
     * @param {Kernels} kernels
     * @param {ModelFiles} model
     * @param {Quantization|undefined} quantization
     * @param {boolean} reads  there will be a text reader
     */
    openLoading(kernels, { name, texts, weights }, quantization, reads) {
      const [known, files] = [JSON.stringify(texts), filesOf(weights)];
      return wrapLoading(engine.Loading(kernels, name, known, files, quantization ?? "", reads));
    },
    /** Adds what chat templates need: Jinja, which bundled models do without. */
    async addTemplates() {
      if (templates) return;
      const { buffer } = await fetchPageBytes(new URL(site.templates, base).href);
      pyodide.unpackArchive(buffer, "wheel");
      templates = true;
    },
    keepSnapshot,
    heapBytes: () => pyodide._module.HEAPU8.byteLength,
  };
}

/** What a method of Python's answers with. @param {PythonMethod} method @returns {(...values: any[]) => any} */
function wrap(method) {
  return (...values) => unwrap(method(...values));
}

/** What Python is told of files of weights. @param {ModelFiles["weights"]} weights */
function filesOf(weights) {
  return JSON.stringify(weights.map(({ name, kind, size }) => ({ name, kind, size })));
}

/** @param {PythonLoading} loading @returns {Loading} */
function wrapLoading(loading) {
  return { ...wrapArriving(loading), session: () => wrapSession(loading.session) };
}

/** @param {PythonArriving} loading @returns {Arriving} */
function wrapArriving(loading) {
  return {
    header: wrap(loading.header),
    prepare: wrap(loading.prepare),
    nextFill: wrap(loading.next_fill),
    filled: wrap(loading.filled),
    giveUp: wrap(loading.give_up),
  };
}

/** @param {PythonSession} session @returns {Session} */
function wrapSession(session) {
  return {
    encode: wrap(session.encode),
    forget: wrap(session.forget),
    warmUp: wrap(session.warm_up),
    readsFirst: wrap(session.reads_first),
    ask: wrap(session.ask),
    explain: wrap(session.explain),
    nextPiece: wrap(session.next_piece),
    explanation: wrap(session.explanation),
    answerStats: wrap(session.answer_stats),
    stats: wrap(session.stats),
    card: wrap(session.card),
    loadReader: ({ texts, weights }) => wrapArriving(session.load_reader(JSON.stringify(texts), filesOf(weights))),
    picture: wrap(session.picture),
    beginReading: wrap(session.begin_reading),
    readOn: wrap(session.read_on),
    endReading: wrap(session.end_reading),
    reading: wrap(session.reading),
  };
}

/** @param {string} text */
function unwrap(text) {
  /** @type {{ok?: unknown, error?: WireError}} */
  const { ok, error } = JSON.parse(text);
  if (error) throw fromWireError(error);
  return ok;
}

/**
 * Pyodide fetches its files itself; their resource timings tell when each is in.
 * @param {Site} site
 * @param {OnProgress} onProgress
 * @param {() => void} onWrong  one came as a web page, which Pyodide would wait for without end
 */
function watchDownloads(site, onProgress, onWrong) {
  const sizes = new Map(PYODIDE_FILES.map((name) => [name, site.files[site.pyodide + name].size]));
  const total = [...sizes.values()].reduce((a, b) => a + b, 0);
  /** @type {Set<string>} */
  const arrived = new Set();
  /** @param {boolean} done */
  const report = (done) => {
    const loaded = [...arrived].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
    onProgress("python", done ? total : loaded, total, done);
  };
  report(false);
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const name = entry.name.split("/").at(-1) ?? "";
      if (!sizes.has(name)) continue;
      arrived.add(name);
      // Newer than TypeScript's list, and missing in some browsers.
      const { contentType } = /** @type {{contentType?: string}} */ (/** @type {unknown} */ (entry));
      if (contentType === "text/html") onWrong();
    }
    report(false);
  });
  observer.observe({ type: "resource", buffered: true });
  return () => {
    observer.disconnect();
    report(true);
  };
}

/**
 * Pyodide fetches its files itself, and does not tell which of them are missing.
 * @param {Site} site
 * @param {string} base
 * @throws {TinyVLMError} page-download-failed, page-file-wrong
 */
async function checkFiles(site, base) {
  for (const name of ["pyodide.mjs", ...PYODIDE_FILES]) {
    const response = await fetchPageFile(new URL(site.pyodide + name, base).href);
    await response.body?.cancel();
  }
}

/** @param {Site} site @param {string} base @param {OnProgress} onProgress */
async function fetchPackage(site, base, onProgress) {
  const { buffer } = await fetchPageBytes(new URL(site.package.url, base).href);
  onProgress("package", buffer.byteLength, site.package.size, false);
  return unpackedPackage(buffer);
}
