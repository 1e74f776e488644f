// A file on a server, one request at a time: ranges of it, or all of it where the server knows no ranges.

import { TinyVLMError } from "../shared/errors.js";
import { TRANSIENT, refusal } from "./request.js";

/** @import { ServedWeights } from "../shared/model_files.js" */
/** @import { Bytes } from "../shared/protocol.js" */
/** @import { Hub } from "./hub_host.js" */

/** A connection that brings nothing for so long counts as dead. */
const STALL_MS = 20_000;
const LONGEST_PAUSE_MS = 60_000;

/** A request that failed in a way that can pass. */
export class Interruption extends Error {
  /**
   * @param {TinyVLMError} meaning  what to say should it not pass
   * @param {number} [pauseMs]  that the server asks for
   */
  constructor(meaning, pauseMs = 0) {
    super(meaning.message);
    this.meaning = meaning;
    this.pauseMs = pauseMs;
  }
}

/** The file is another one than before. */
export class FileChanged extends TinyVLMError {
  /** @param {string} name */
  constructor(name) {
    super("checksum-mismatch", { file: name });
  }
}

/** @typedef {{hub: Hub|null, signal: AbortSignal}} FileContext */

export class RemoteFile {
  /** Whether the server knows ranges; null before the first reply. @type {boolean|null} */
  ranges = null;
  #file;
  #context;
  #onReply;
  /** The tag to send with a range, where the server can be asked to. @type {string|null} */
  #ifRange = null;
  /** A reply that brings the whole file, read up to the end of some part. @type {Body|null} */
  #whole = null;

  /**
   * @param {ServedWeights} file
   * @param {FileContext} context
   * @param {() => void} onReply  `ranges` is known
   */
  constructor(file, context, onReply) {
    this.#file = file;
    this.#context = context;
    this.#onReply = onReply;
  }

  /**
   * Hands the bytes of [start, end) on as they come; what came before an error is handed on.
   * @param {number} start
   * @param {number} end
   * @param {(chunk: Bytes) => void} onChunk
   * @throws {Interruption|TinyVLMError}
   */
  async read(start, end, onChunk) {
    let body = this.#whole;
    this.#whole = null;
    if (!body || body.position > start) {
      body?.close();
      body = await this.#open(start, end);
    }
    try {
      await body.read(start, end, onChunk);
    } catch (error) {
      body.close();
      throw error;
    }
    if (body.isWhole && end < this.#file.size) this.#whole = body;
    else body.close();
  }

  /** @param {number} start @param {number} end */
  async #open(start, end) {
    const { url } = this.#file;
    /** @type {Record<string, string>} */
    const headers = { Range: `bytes=${start}-${end - 1}`, ...this.#context.hub?.headersFor(url) };
    if (this.#ifRange) headers["If-Range"] = this.#ifRange;
    const watch = new Watch(this.#context.signal);
    // The browser's own cache would make requests for one file wait for each other, and keep all twice.
    const response = await fetch(url, { headers, cache: "no-store", signal: watch.signal }).catch((error) => {
      watch.stop();
      throw new Interruption(refusal(error, url, this.#context));
    });
    watch.rest();
    const stream = this.#bodyOf(response, start, watch);
    this.ranges = response.status === 206;
    this.#onReply();
    const isOurs = !response.redirected && new URL(url).origin === self.location.origin;
    // Elsewhere this header would need a preflight, which the hub's network refuses.
    if (isOurs && this.#file.etag?.startsWith('"')) this.#ifRange = this.#file.etag;
    return new Body(stream, watch, this.ranges ? start : 0, !this.ranges, url);
  }

  /**
   * The reply's bytes, if they are what was asked for; else the request ends.
   * @param {Response} response
   * @param {number} start
   * @param {Watch} watch
   */
  #bodyOf(response, start, watch) {
    try {
      this.#check(response, start);
      if (!response.body) throw new Interruption(new TinyVLMError("download-cut-off", { url: this.#file.url }));
      return response.body;
    } catch (error) {
      watch.stop();
      throw error;
    }
  }

  /** @param {Response} response @param {number} start */
  #check(response, start) {
    const { name, url, size, etag } = this.#file;
    const { status, headers } = response;
    if (status !== 200 && status !== 206) {
      if (status === 416) throw new FileChanged(name);
      const meaning = refusal(response, url, this.#context);
      if (!TRANSIENT.includes(status)) throw meaning;
      const pauseMs = readRetryAfter(headers.get("Retry-After"));
      if (pauseMs > LONGEST_PAUSE_MS) throw meaning;
      throw new Interruption(meaning, pauseMs);
    }
    // Not every server lets a page read these.
    const now = validatorOf(response);
    if (etag && now && now !== etag) throw new FileChanged(name);
    const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("Content-Range") ?? "") ?? [];
    const isEncoded = headers.has("Content-Encoding");
    const length = status === 206 ? total : isEncoded ? undefined : headers.get("Content-Length");
    if (length && Number(length) !== size) throw new FileChanged(name);
    if (status === 206 && first && Number(first) !== start) {
      throw new Interruption(new TinyVLMError("download-range-wrong", { url }));
    }
  }
}

/** What tells one version of a file from another. @param {Response} response @returns {string|null} */
export function validatorOf({ headers }) {
  return headers.get("ETag") ?? headers.get("Last-Modified");
}

class Body {
  #reader;
  #watch;
  #url;
  /** @type {Bytes|null} */
  #rest = null;

  /**
   * @param {ReadableStream<Bytes>} stream
   * @param {Watch} watch
   * @param {number} position  where in the file the stream is
   * @param {boolean} isWhole  it leads to the file's end
   * @param {string} url
   */
  constructor(stream, watch, position, isWhole, url) {
    this.#reader = stream.getReader();
    this.#watch = watch;
    this.#url = url;
    this.position = position;
    this.isWhole = isWhole;
  }

  /** @param {number} start @param {number} end @param {(chunk: Bytes) => void} onChunk */
  async read(start, end, onChunk) {
    while (this.position < end) {
      const chunk = this.#rest ?? (await this.#next());
      this.#rest = null;
      const from = Math.min(Math.max(start - this.position, 0), chunk.byteLength);
      const to = Math.min(end - this.position, chunk.byteLength);
      this.position += to;
      if (to < chunk.byteLength) this.#rest = chunk.subarray(to);
      if (to > from) onChunk(chunk.subarray(from, to));
    }
  }

  async #next() {
    /** @type {unknown} */
    let reason = "the end came early";
    this.#watch.start();
    const { value } = await this.#reader.read().catch(() => ({ value: undefined }));
    this.#watch.rest();
    if (!value) throw new Interruption(new TinyVLMError("download-cut-off", { url: this.#url }));
    return value;
  }

  close() {
    this.#watch.stop();
    this.#reader.cancel().catch(() => {});
  }
}

/** Ends a request that brings nothing, or that nobody wants any more. */
class Watch {
  #controller = new AbortController();
  /** @type {number|undefined} */
  #timer;
  #end = () => this.#controller.abort();
  #outer;

  /** @param {AbortSignal} outer */
  constructor(outer) {
    this.#outer = outer;
    outer.addEventListener("abort", this.#end);
    if (outer.aborted) this.#end();
    this.start();
  }

  get signal() {
    return this.#controller.signal;
  }

  start() {
    this.rest();
    this.#timer = setTimeout(this.#end, STALL_MS);
  }

  /** Nothing is waited for: the next bytes are not wanted yet. */
  rest() {
    clearTimeout(this.#timer);
  }

  stop() {
    this.rest();
    this.#outer.removeEventListener("abort", this.#end);
    this.#controller.abort();
  }
}

/** Milliseconds: the header is a number of seconds or a date. @param {string|null} text */
function readRetryAfter(text) {
  if (!text) return 0;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Math.max(0, ms || 0);
}
