// A model's parts, as the download worker hands them on, into kernel memory: Python says which bytes go where.

import { TinyVLMError, fromWireError } from "../shared/errors.js";

/** @import { Arrival, Bytes, Milestone, ModelFiles, PartArrival, PartTaken } from "../shared/protocol.js" */
/** @import { Kernels } from "./kernels.js" */
/** @import { Arriving } from "./python.js" */

const HEADER_BYTES = 2 ** 18;

/**
 * What comes over the download worker's port: first the model's description, then verified parts of its weight files,
 * each file's first part before all others, then in the files' order.
 */
export class ArrivingModel {
  #port;
  /** Parts that may be needed again, in the order of the file. @type {{offset: number, bytes: Bytes}[][]} */
  #held = [];
  /** Up to where each file has been used. @type {number[]} */
  #used = [];
  /** @type {(() => void)[]} */
  #waiting = [];
  /** @type {TinyVLMError|null} */
  #failure = null;
  #hasEnded = false;
  /** As far as it is known: it may change once before the first part. @type {ModelFiles|null} */
  #model = null;
  /** @type {PromiseWithResolvers<ModelFiles>} */
  #description = Promise.withResolvers();

  /** @param {MessagePort} port */
  constructor(port) {
    this.#port = port;
    this.#description.promise.catch(() => {}); // told to whoever waits
    port.onmessage = (/** @type {MessageEvent<Arrival>} */ { data }) => {
      this.#receive(data);
      this.#waiting.splice(0).forEach((wake) => wake());
    };
    port.onmessageerror = () => this.fail(new TinyVLMError("message-lost"));
  }

  /** Resolves with the first part. @returns {Promise<ModelFiles>} */
  get description() {
    return this.#description.promise;
  }

  /**
   * Hands `nbytes` of a file on in runs, each with where it begins in what was asked for; waits for what is to come.
   * @param {number} file
   * @param {number} offset
   * @param {number} nbytes
   * @param {(bytes: Uint8Array, at: number) => void} sink
   * @throws {TinyVLMError}
   */
  async read(file, offset, nbytes, sink) {
    const end = offset + nbytes;
    for (let at = offset; at < end;) {
      const part = await this.#partAt(file, at);
      const bytes = part.bytes.subarray(at - part.offset, end - part.offset);
      sink(bytes, at - offset);
      at += bytes.byteLength;
    }
  }

  /**
   * What lies before `offset` is not read again; nor is anything of the files before.
   * @param {number} file
   * @param {number} offset
   */
  release(file, offset) {
    for (let index = 0; index < file; index++) this.#releaseOne(index, Infinity);
    this.#releaseOne(file, offset);
  }

  /** Nothing more will come. @param {TinyVLMError} error */
  fail(error) {
    this.#fail(error);
    this.#waiting.splice(0).forEach((wake) => wake());
  }

  /** Resolves when all files have been verified whole. @throws {TinyVLMError} */
  async ended() {
    this.release(this.#held.length, 0);
    await this.#until(() => this.#hasEnded);
  }

  /** @param {Arrival} message */
  #receive(message) {
    switch (message.type) {
      case "model":
        this.#held = message.weights.map(() => []);
        this.#used = message.weights.map(() => 0);
        this.#model = message;
        break;
      case "part":
        if (this.#model) this.#description.resolve(this.#model); // from here on it does not change any more
        this.#keep(message);
        break;
      case "end":
        this.#hasEnded = true;
        break;
      case "error":
        this.#fail(fromWireError(message.error));
        break;
    }
  }

  /** @param {TinyVLMError} error */
  #fail(error) {
    this.#failure = error;
    this.#description.reject(error);
  }

  /** @param {PartArrival} part */
  #keep({ file, offset, bytes }) {
    if (offset + bytes.byteLength <= this.#used[file]) {
      this.#send({ type: "taken" });
      return;
    }
    // All headers must be there before anything is released: first parts do not count.
    if (offset === 0) this.#send({ type: "taken" });
    this.#held[file].push({ offset, bytes });
  }

  /** @param {PartTaken} message */
  #send(message) {
    this.#port.postMessage(message);
  }

  /** @param {number} file @param {number} offset */
  #releaseOne(file, offset) {
    if (file >= this.#held.length) return;
    this.#used[file] = Math.max(this.#used[file], offset);
    const held = this.#held[file];
    while (held.length) {
      const [{ offset, bytes }] = held;
      if (offset + bytes.byteLength > this.#used[file]) return;
      held.shift();
      if (offset > 0) this.#send({ type: "taken" });
    }
  }

  /** @param {number} file @param {number} at */
  async #partAt(file, at) {
    const find = () => this.#held[file].find((part) => part.offset <= at && at < part.offset + part.bytes.byteLength);
    await this.#until(() => find() || this.#hasEnded);
    const part = find();
    if (!part) throw new TinyVLMError("model-file-short");
    return part;
  }

  /** @param {() => unknown} condition */
  async #until(condition) {
    while (!condition()) {
      if (this.#failure) throw this.#failure;
      /** @type {PromiseWithResolvers<void>} */
      const { promise, resolve } = Promise.withResolvers();
      this.#waiting.push(resolve);
      await promise;
    }
  }
}

/**
 * Reads headers, lets Python make room, and fills it as parts arrive. A failure after "draft" leaves the draft usable.
 * @param {Kernels} kernels
 * @param {ArrivingModel} arriving
 * @param {Arriving} loading
 * @param {{whenIdle: () => Promise<void>, onMilestone: (milestone: Milestone) => void, onLoss: () => void}} options
 *   nothing is placed before `whenIdle` resolves: a running answer keeps the weights that it began with; `onLoss`: four
 *   bits a weight cost this model much
 * @throws {TinyVLMError}
 */
export async function fillModel(kernels, arriving, loading, { whenIdle, onMilestone, onLoss }) {
  const { weights, own } = await arriving.description;
  let isUsable = false;
  try {
    await Promise.all(weights.map((weight, index) => readHeader(arriving, weight, index, loading)));
    if (loading.prepare().lossy) onLoss();
    /** @type {Milestone[]} */
    const withheld = [];
    for (let fill; (fill = loading.nextFill());) {
      const { file, offset, nbytes, address } = fill;
      arriving.release(file, offset);
      await arriving.read(file, offset, nbytes, (bytes, at) => kernels.write(address + at, bytes));
      await whenIdle();
      for (const milestone of loading.filled()) {
        // Without sums of its parts a file is trusted once all of it has been verified.
        if (!own || milestone === "whole" || milestone === "reader") {
          withheld.push(milestone);
          continue;
        }
        isUsable ||= milestone === "draft";
        onMilestone(milestone);
      }
    }
    await arriving.ended();
    withheld.forEach(onMilestone);
  } catch (error) {
    if (!isUsable) loading.giveUp();
    throw error;
  }
}

/**
 * A header says how long it is, or is read in ever larger parts.
 * @param {ArrivingModel} arriving
 * @param {{size: number}} weight
 * @param {number} index
 * @param {Arriving} loading
 */
async function readHeader(arriving, { size }, index, loading) {
  for (let wanted = HEADER_BYTES; ;) {
    const bytes = new Uint8Array(Math.min(wanted, size));
    await arriving.read(index, 0, bytes.byteLength, (chunk, at) => bytes.set(chunk, at));
    wanted = loading.header(index, bytes);
    if (!wanted) return;
  }
}
