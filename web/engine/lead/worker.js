// The engine's worker: starts Python and kernels side by side, takes the model's parts as they arrive, and answers
// requests one at a time. It is the lead thread: programs run here and on the helpers (threads.js).

import { decodeImage } from "./images.js";
import { createKernels } from "./kernels.js";
import { TinyVLMError, toWireError } from "../shared/errors.js";
import { startPython } from "./python.js";
import { ArrivingModel, fillModel } from "./stream.js";
import { timed } from "./timeline.js";

/** A turn of the event loop costs more than a token: look at messages only this often while answering. */
const YIELD_AFTER_MS = 15;

const WARM_UPS = 20;

let engine = null;
let hasBeenAsked = false;
const stopped = new Set();

const handlers = { load, encode, ask, stats };

// One request at a time, in order; "stop" is looked at at once, and "load" goes on beside the others: an image can be
// encoded before all of the model is there.
let queue = Promise.resolve();
self.onmessage = ({ data: message }) => {
  if (message.type === "stop") {
    stopped.add(message.id);
  } else if (message.type === "load") {
    void handle(message);
  } else {
    hasBeenAsked ||= message.type === "ask";
    queue = queue.then(() => handle(message));
  }
};

async function handle(message) {
  const { id } = message;
  const post = (type, fields) => self.postMessage({ type, id, ...fields });
  try {
    if (message.type !== "load" && !engine) {
      throw new TinyVLMError("not-loaded");
    }
    post("done", { result: await handlers[message.type](message, post) });
  } catch (error) {
    post("error", { error: toWireError(error) });
  } finally {
    stopped.delete(id);
  }
}

async function load({ options, parts }) {
  const started = performance.now();
  holdLifeLock(options.lifeLock);
  const arriving = new ArrivingModel(parts);
  const site = await fetchSite(options.site);
  const base = options.site;
  const progress = (step, loaded, total, done) => {
    self.postMessage({ type: "progress", progress: { step, loaded, total, done } });
  };
  const urls = Object.fromEntries(Object.entries(site.kernels).map(([name, url]) => [name, new URL(url, base).href]));
  const pythonReady = startPython(site, base, progress);
  const kernelOptions = {
    threads: options.threads,
    simd: options.simd,
    activationBits: options.activationBits,
    onProgress: (bytes, done) => progress("kernels", bytes, bytes, done),
  };
  const kernelsReady = timed("kernels and helpers", () => createKernels(urls, kernelOptions));
  const [model, kernels, python] = await Promise.all([arriving.description, kernelsReady, pythonReady]);
  if (!model.own) await python.addTemplates();
  const loading = python.openLoading(kernels, model);
  await timed("open the model", () =>
    untilUsable(kernels, arriving, loading, (session) => {
      engine ??= { kernels, python, session, image: null, loadMs: 0 };
    }),
  );
  engine.loadMs = performance.now() - started;
  setTimeout(async () => {
    await warmUpWhenIdle(model.own ? WARM_UPS : 1);
    await python.keepSnapshot();
  }, 0);
  shareStopFlag(kernels);
  return { model: engine.session.card(), stats: await stats() };
}

/** Fills the model; resolves once questions can be answered, while what makes the answers exact still arrives. */
function untilUsable(kernels, arriving, loading, open) {
  return new Promise((resolve, reject) => {
    let isUsable = false;
    const onMilestone = (milestone) => {
      open(loading.session());
      if (milestone !== "vision" && !isUsable) {
        isUsable = true;
        resolve();
      }
      self.postMessage({ type: "milestone", milestone });
    };
    fillModel(kernels, arriving, loading, { whenIdle, onMilestone }).catch((error) => {
      if (isUsable) self.postMessage({ type: "incomplete", error: toWireError(error) });
      else reject(error);
    });
  });
}

/** Resolves when no request is being worked on. */
async function whenIdle() {
  for (let seen = null; seen !== queue;) {
    seen = queue;
    await seen;
  }
}

async function encode({ image, profile }, post) {
  post("phase", { phase: "decoding" });
  const { rgb, width, height } = await decodeImage(image);
  post("phase", { phase: "encoding" });
  engine.image = null;
  engine.image = engine.session.encode(rgb, width, height, profile ?? "balanced");
  return engine.image;
}

async function ask({ id, image, profile, question, options }, post) {
  if (image) await encode({ image, profile }, post);
  if (image === null) forget();
  if (stopped.has(id)) throw cancelled();
  post("phase", { phase: "answering" });
  const { session } = engine;
  session.ask(question, JSON.stringify(options ?? {}));
  let text = "";
  let yielded = performance.now();
  for (let piece; (piece = session.nextPiece()) !== null;) {
    text += piece;
    post("token", { text: piece });
    if (performance.now() - yielded > YIELD_AFTER_MS) {
      await nextTask(); // lets a stop message in
      yielded = performance.now();
    }
    if (stopped.has(id)) throw cancelled();
  }
  const encodeMs = image ? engine.image.encode_ms : 0;
  return { text, encode_ms: encodeMs, reused_image: !image && engine.image !== null, ...session.answerStats() };
}

async function stats() {
  const { session, python, kernels, loadMs } = engine;
  return {
    ...session.stats(),
    crossOriginIsolated: self.crossOriginIsolated === true,
    load_ms: Math.round(loadMs),
    kernel_memory_total_bytes: kernels.memory.buffer.byteLength,
    python_heap_bytes: python.heapBytes(),
  };
}

/** A question without an image, or one that begins a new conversation. */
function forget() {
  engine.session.forget();
  engine.image = null;
}

/** V8 compiles what runs often. Until the first question, which waits for one round at most. */
async function warmUpWhenIdle(rounds) {
  for (let round = 0; round < rounds; round++) {
    await whenIdle();
    if (hasBeenAsked) return;
    timed("warm up", () => engine.session.warmUp());
    await nextTask();
  }
}

function cancelled() {
  return new TinyVLMError("cancelled");
}

/** Lets the page stop a running program without waiting for this worker to look at its messages. */
function shareStopFlag({ exports, memory }) {
  if (!self.crossOriginIsolated) return;
  try {
    self.postMessage({ type: "stop-flag", memory, offset: exports.engine_stop_flag() });
  } catch {
    // WebKitGTK 2.50 refuses to clone it; stopping then waits for the next message.
  }
}

/** Held until this worker dies, however it dies: the page waits for the same lock to learn of it. */
function holdLifeLock(name) {
  if (!name || !self.navigator.locks) return;
  void self.navigator.locks.request(name, () => {
    self.postMessage({ type: "alive" });
    return new Promise(() => {});
  });
}

async function fetchSite(url) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) {
    throw new TinyVLMError("page-download-failed", { file: "site.json" });
  }
  return response.json();
}

// A message to oneself is a task like any other, without the 4 ms that nested timers wait.
const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()();
function nextTask() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
