// Runs the jobs of scripts/kernel_steps.py in a worker, as the page's engine does; see Job there.

import { createKernels } from "../../web/engine/lead/kernels.js";

/**
 * @typedef {number|{at: number}} Word  a number, or a place in the job's memory
 * @typedef {object} Job
 * @property {string} operands  URL of the memory's first part
 * @property {string} [step]  URL of a step's module, or
 * @property {string} [kernels]  URL of a build of the kernels that ship, with
 * @property {"relaxed"|"simd128"} [variant]
 * @property {number} [threads]
 * @property {string} entry
 * @property {Word[]} args
 * @property {Word[]} prepare  a program that runs once; may be empty
 * @property {Word[]} words  what is written behind the operands
 * @property {{at: number, nbytes: number}} y
 *
 * @typedef {object} Measured
 * @property {number} seconds  median of one call
 * @property {string} sha256  of y
 */

const WARM_UP_MS = 300;
const MEASURE_MS = 500;
const MIN_CALLS = 5;

self.onmessage = async ({ data }) => {
  try {
    self.postMessage({ result: await run(data) });
  } catch (error) {
    self.postMessage({ error: String(error.stack ?? error) });
  }
};

/** @param {Job} job @returns {Promise<Measured>} */
async function run(job) {
  const operands = await fetchBytes(job.operands);
  const { exports, memory, base } = job.step ? await openStep(job.step) : await openKernels(job, operands.byteLength);
  const resolve = (words) => words.map((word) => (typeof word === "number" ? word : base + word.at));
  const place = (words) => new Int32Array(memory.buffer).set(resolve(words), (base + operands.byteLength) / 4);
  new Uint8Array(memory.buffer).set(operands, base);
  if (job.prepare.length) {
    place(job.prepare);
    exports.program_run(base + operands.byteLength, 0, 0, 0, 0, 0);
  }
  place(job.words);
  const args = resolve(job.args);
  const seconds = median(() => exports[job.entry](...args));
  const y = new Uint8Array(memory.buffer).slice(base + job.y.at, base + job.y.at + job.y.nbytes);
  return { seconds, sha256: await sha256(y) };
}

/** @param {string} url */
async function openStep(url) {
  const { instance } = await WebAssembly.instantiate(await fetchBytes(url));
  const exports = /** @type {any} */ (instance.exports);
  exports._initialize();
  return { exports, memory: exports.memory, base: Math.ceil(exports.__heap_base.value / 64) * 64 };
}

/** @param {Job} job @param {number} nbytes  of the operands */
async function openKernels({ kernels, variant, threads }, nbytes) {
  const urls = { [variant]: kernels };
  const options = { simd: variant, threads, activationBits: 7, onProgress: () => {} };
  const engine = await createKernels(urls, options);
  if (engine.threads !== threads) throw new Error(engine.threadsReason);
  const exports = /** @type {any} */ (engine.exports);
  return { exports, memory: engine.memory, base: exports.heap_alloc(2 * nbytes) };
}

/** The median of many calls, after V8 has had the time to compile what is called. */
function median(call) {
  for (let end = performance.now() + WARM_UP_MS, calls = 0; calls < 2 || performance.now() < end; calls++) call();
  const times = [];
  for (let end = performance.now() + MEASURE_MS; times.length < MIN_CALLS || performance.now() < end;) {
    const started = performance.now();
    call();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[times.length >> 1] / 1000;
}

async function fetchBytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
