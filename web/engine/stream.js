// Streams a published model's weights into kernel memory, in the order in which Python asks for them, which is that of the
// files: one reply of each file is read from its beginning to its end, and asked for again from where it broke off.

import { TinyVLMError } from "./protocol.js";
import { HUB, request, sleep } from "./request.js";

const HEADER_BYTES = 2 ** 18;
/** What lies between two wanted pieces is read and thrown away up to this size; then a new range is asked for. */
const MAX_SKIP = 2 ** 20;
const MAX_BREAKS = 5;
/** Most bytes of a dropped file that are held at a time. */
const BLOB_CHUNK = 2 ** 22;

/**
 * @param {import("./kernels.js").Kernels} kernels
 * @param {ReturnType<import("./python.js").wrapLoading>} loading
 * @param {import("./hub.js").WeightFile[]} weights
 * @param {{endpoint?: string, token?: string, signal?: AbortSignal, onProgress: (loaded: number, total: number) => void}}
 *   options
 * @throws {TinyVLMError}
 */
export async function streamWeights(kernels, loading, weights, { endpoint = HUB, token, signal, onProgress }) {
  const context = { endpoint, token, signal, sleep, fetch: (...request) => globalThis.fetch(...request) };
  const files = weights.map((weight) => (weight.blob ? new BlobFile(weight) : new WebFile(weight, context)));
  try {
    await Promise.all(files.map((file, index) => readHeader(file, weights[index], index, loading)));
    const total = loading.prepare();
    let loaded = 0;
    for (let piece; (piece = loading.piece()); loading.placed()) {
      const { address } = piece;
      await files[piece.file].read(piece.offset, piece.nbytes, (chunk, at) => {
        kernels.write(address + at, chunk);
        onProgress((loaded += chunk.byteLength), total);
      });
    }
    return loading.finish();
  } catch (error) {
    loading.giveUp();
    throw error;
  } finally {
    files.forEach((file) => file.close());
  }
}

/** A header says how long it is, or is read in ever larger parts. */
async function readHeader(file, { size }, index, loading) {
  for (let wanted = HEADER_BYTES; ; ) {
    const bytes = new Uint8Array(Math.min(wanted, size));
    await file.read(0, bytes.byteLength, (chunk, at) => bytes.set(chunk, at));
    wanted = loading.header(index, bytes);
    if (!wanted) return;
  }
}

class BlobFile {
  #blob;
  #name;

  constructor({ blob, name }) {
    this.#blob = blob;
    this.#name = name;
  }

  async read(offset, nbytes, sink) {
    for (let at = 0; at < nbytes; at += BLOB_CHUNK) {
      const part = this.#blob.slice(offset + at, offset + Math.min(at + BLOB_CHUNK, nbytes));
      const bytes = await part.arrayBuffer().catch((error) => {
        const sentence = `${this.#name} cannot be read: it was moved or changed. Drop it again.`;
        throw new TinyVLMError("model-incomplete", sentence, { reason: String(error) });
      });
      sink(new Uint8Array(bytes), at);
    }
  }

  close() {}
}

/** A file on a server, read through one reply after the other. */
class WebFile {
  #weight;
  #context;
  #reader = null;
  /** Where the next byte of the reply lies in the file. */
  #position = 0;
  #rest = new Uint8Array(0);
  #hasRanges = true;
  /** Replies that broke off without having brought anything that was wanted. */
  #breaks = 0;

  constructor(weight, context) {
    this.#weight = weight;
    this.#context = context;
  }

  async read(offset, nbytes, sink) {
    const end = offset + nbytes;
    for (let wanted = offset; wanted < end; ) {
      if (this.#context.signal?.aborted) throw new TinyVLMError("cancelled", "Loading the model was stopped.");
      const apart = wanted - this.#position;
      if (!this.#reader || apart < 0 || (apart > MAX_SKIP && this.#hasRanges)) await this.#open(wanted);
      const chunk = await this.#next();
      if (!chunk) continue; // broken off: asked for again
      const from = Math.min(Math.max(wanted - this.#position, 0), chunk.byteLength);
      const to = Math.min(Math.max(end - this.#position, 0), chunk.byteLength);
      if (to > from) {
        sink(chunk.subarray(from, to), wanted - offset);
        wanted += to - from;
        this.#breaks = 0;
      }
      this.#position += to;
      this.#rest = chunk.subarray(to);
    }
  }

  close() {
    this.#reader?.cancel().catch(() => {});
    this.#reader = null;
  }

  async #open(position) {
    this.close();
    const { url, size, name } = this.#weight;
    const headers = { Range: `bytes=${position}-` };
    const response = await request(url, this.#context, { headers });
    const total = response.headers.get("Content-Range")?.split("/")[1]; // not every server lets a page read it
    if (total && total !== "*" && Number(total) !== size) throw changed(name, url);
    this.#reader = response.body.getReader();
    this.#hasRanges = response.status === 206;
    this.#position = this.#hasRanges ? position : 0; // a server without ranges begins at the beginning
    this.#rest = new Uint8Array(0);
  }

  /** The reply's next bytes, or null where it broke off. */
  async #next() {
    if (this.#rest.byteLength) return this.#rest;
    const { done, value } = await this.#reader.read().catch((error) => ({ done: true, value: error }));
    if (!done) return value;
    this.#reader = null;
    const { url, name } = this.#weight;
    if (this.#context.signal?.aborted) throw new TinyVLMError("cancelled", "Loading the model was stopped.");
    if (++this.#breaks > MAX_BREAKS) {
      const sentence = `Downloading ${name} broke off again and again. Check the connection and try again.`;
      throw new TinyVLMError("download-cut-off", sentence, { url, reason: String(value) });
    }
    await this.#context.sleep(2 ** this.#breaks * 100);
    return null;
  }
}

function changed(name, url) {
  const sentence = `${name} is not the file that was announced: it has changed on the server. Try again.`;
  return new TinyVLMError("checksum-mismatch", sentence, { url });
}
