// The engine's worker: starts Python and kernels side by side, takes the model's parts as they arrive, and answers
// requests one at a time. It is the lead thread: programs run here and on the helpers (threads.js).

import { ask, encode, explain } from "./answering.js";
import { createKernels } from "./kernels.js";
import { TinyVLMError, fromWireError, sentenceOf, toWireError } from "../shared/errors.js";
import { showLife } from "../shared/life.js";
import { fetchSite } from "../shared/page_file.js";
import { nextTask, send, stops } from "./page_side.js";
import { startPython } from "./python.js";
import { read } from "./reading.js";
import { ArrivingModel, fillModel } from "./stream.js";
import { TextReader } from "./text_reader.js";
import { timed } from "./timeline.js";

/**
 * @import {
 *   EngineRequest, LoadRequest, LoadResult, LoadStep, Milestone, ReaderLost, ReaderRequest, Results, Stats, StopRequest,
 * } from "../shared/protocol.js"
 */
/** @import { Engine } from "./answering.js" */
/** @import { KernelOptions, Kernels } from "./kernels.js" */
/** @import { Loading, Python, Session } from "./python.js" */

const WARM_UPS = 20;

/** As soon as images can be encoded. @type {Engine|null} */
let opened = null;
let hasBeenAsked = false;

// One request at a time, in order; "stop" is looked at at once, and "load" and "reader" go on beside the others: an image
// can be encoded before all of the model is there.
let queue = Promise.resolve();
/** Of the requests that came: they are counted. */
let lastId = 0;
self.onmessage = (/** @type {MessageEvent<EngineRequest|StopRequest|ReaderLost>} */ { data: message }) => {
  if (message.type === "stop") {
    stops.add(message.id);
    return;
  }
  if (message.type === "reader-lost") {
    opened?.reader.fail(fromWireError(message.error));
    return;
  }
  lastId = message.id;
  if (message.type === "load" || message.type === "reader") {
    void handle(message);
  } else {
    hasBeenAsked ||= message.type === "ask" || message.type === "explain" || message.type === "read";
    queue = queue.then(() => handle(message));
  }
};
// A request that cannot be read is the one after the last.
self.onmessageerror = () => send({ type: "error", id: ++lastId, error: toWireError(new TinyVLMError("message-lost")) });

/** @param {string} code */
function notice(code) {
  send({ type: "notice", code, message: sentenceOf(code) });
}

/** @param {EngineRequest} request */
async function handle(request) {
  const { id } = request;
  try {
    send({ type: "done", id, result: await resultOf(request) });
  } catch (error) {
    send({ type: "error", id, error: toWireError(error) });
  } finally {
    stops.delete(id);
  }
}

/** @param {EngineRequest} request @returns {Promise<Results[keyof Results]>} */
async function resultOf(request) {
  if (request.type === "load") return load(request);
  if (!opened) {
    throw new TinyVLMError("not-loaded");
  }
  switch (request.type) {
    case "encode":
      return encode(opened, request);
    case "ask":
      return ask(opened, request);
    case "explain":
      return explain(opened, request);
    case "read":
      return read(opened, request);
    case "reader":
      return takeReader(opened, request);
    case "stats":
      return stats(opened);
  }
}

/** @param {LoadRequest} request @returns {Promise<LoadResult>} */
async function load({ options, parts, life }) {
  const started = performance.now();
  void showLife(life);
  const arriving = new ArrivingModel(parts);
  const site = await fetchSite(options.site);
  const base = options.site;
  /** @param {LoadStep} step @param {number} loaded @param {number} total @param {boolean} done */
  const progress = (step, loaded, total, done) => {
    send({ type: "progress", progress: { step, loaded, total, done } });
  };
  const urls = Object.fromEntries(Object.entries(site.kernels).map(([name, url]) => [name, new URL(url, base).href]));
  const pythonReady = startPython(site, base, progress);
  /** @type {KernelOptions} */
  const kernelOptions = {
    threads: options.threads,
    simd: options.simd,
    activationBits: options.activationBits,
    onProgress: (nbytes, done) => progress("kernels", nbytes, nbytes, done),
  };
  const kernelsReady = timed("kernels and helpers", () => createKernels(urls, kernelOptions));
  const [model, kernels, python] = await Promise.all([arriving.description, kernelsReady, pythonReady]);
  if (!model.own) await python.addTemplates();
  const reader = new TextReader(site.reader ? () => send({ type: "reader-wanted" }) : null);
  const loading = python.openLoading(kernels, model, options.quantization, Boolean(site.reader));
  /** @param {Session} session */
  const open = (session) => (opened ??= { kernels, python, session, reader, image: null, loadMs: 0 });
  const engine = await timed("open the model", () => untilUsable(kernels, arriving, loading, open));
  engine.loadMs = performance.now() - started;
  setTimeout(async () => {
    await warmUpWhenIdle(engine.session, model.own ? WARM_UPS : 1);
    await python.keepSnapshot();
  }, 0);
  shareStopFlag(kernels);
  return { model: engine.session.card(), stats: await stats(engine), reader: Boolean(site.reader) };
}

/**
 * Fills the model; resolves once questions can be answered, while what makes the answers exact still arrives.
 * @param {Kernels} kernels
 * @param {ArrivingModel} arriving
 * @param {Loading} loading
 * @param {(session: Session) => Engine} open
 * @returns {Promise<Engine>}
 */
function untilUsable(kernels, arriving, loading, open) {
  return new Promise((resolve, reject) => {
    let isUsable = false;
    /** @param {Milestone} milestone */
    const onMilestone = (milestone) => {
      const engine = open(loading.session());
      if (milestone !== "vision" && !isUsable) {
        isUsable = true;
        resolve(engine);
      }
      send({ type: "milestone", milestone });
    };
    const onLoss = () => notice("few-bits");
    const filled = fillModel(kernels, arriving, loading, { whenIdle, onMilestone, onLoss }).catch((error) => {
      if (isUsable) send({ type: "incomplete", error: toWireError(error) });
      else reject(error);
    });
    // Not before: it would share the network with the model.
    void filled.then(() => (isUsable ? opened?.reader.want() : null)).catch(() => {}); // it is told elsewhere
  });
}

/** @param {Engine} engine @param {ReaderRequest} request @returns {Promise<null>} */
async function takeReader({ kernels, session, reader }, { parts }) {
  await reader.take(parts, kernels, session, whenIdle);
  send({ type: "milestone", milestone: "reader" });
  return null;
}

/** Resolves when no request is being worked on. */
async function whenIdle() {
  let seen;
  while (seen !== queue) {
    seen = queue;
    await seen;
  }
}

/** @param {Engine} engine @returns {Promise<Stats>} */
async function stats({ session, python, kernels, loadMs }) {
  return {
    ...session.stats(),
    crossOriginIsolated: self.crossOriginIsolated === true,
    load_ms: Math.round(loadMs),
    kernel_memory_total_bytes: kernels.memory.buffer.byteLength,
    python_heap_bytes: python.heapBytes(),
  };
}

/**
 * V8 compiles what runs often. Until the first question, which waits for one round at most.
 * @param {Session} session
 * @param {number} rounds
 */
async function warmUpWhenIdle(session, rounds) {
  for (let round = 0; round < rounds; round++) {
    await whenIdle();
    if (hasBeenAsked) return;
    timed("warm up", () => session.warmUp());
    await nextTask();
  }
}

/**
 * Lets the page stop a running program without waiting for this worker to look at its messages.
 * @param {Kernels} kernels
 */
function shareStopFlag({ exports, memory }) {
  if (!self.crossOriginIsolated) return;
  try {
    send({ type: "stop-flag", memory, offset: exports.engine_stop_flag() });
  } catch {
    // WebKitGTK 2.50 refuses to clone it; stopping then waits for the next message.
  }
}
