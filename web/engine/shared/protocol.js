// The messages between the page and the engine's worker; what errors look like in them is in errors.js.
// Every request carries an `id`; everything the worker says about that request carries the same one.

/** @enum {string} page -> worker */
export const Request = Object.freeze({
  LOAD: "load",
  ENCODE: "encode",
  ASK: "ask",
  STOP: "stop",
  STATS: "stats",
});

/** @enum {string} worker -> page */
export const Reply = Object.freeze({
  /** The worker holds its life lock. */
  ALIVE: "alive",
  /** Where an int32 in shared memory stops the running program; not sent where memory cannot be shared. */
  STOP_FLAG: "stop-flag",
  PROGRESS: "progress",
  /** So much of the model is there; see Milestone. */
  MILESTONE: "milestone",
  /** A sentence for the person; nothing has failed for good. */
  NOTICE: "notice",
  /** The rest of a model that answers as a draft could not be had. */
  INCOMPLETE: "incomplete",
  PHASE: "phase",
  TOKEN: "token",
  /** The last word on a request. */
  DONE: "done",
  /** The last word on a request. */
  ERROR: "error",
});

/** What loads, in the order in which the page lists it. */
export const LOAD_STEPS = Object.freeze(["python", "kernels", "package", "model"]);

/**
 * @typedef {"vision"|"draft"|"whole"} Milestone  images can be encoded; questions are answered with the high nibbles of
 *   q8 weights; the weights are exact. A model that is not stored in planes has no draft.
 *
 * @typedef {object} ModelFiles  what the download worker says of a model before its parts
 * @property {string} name
 * @property {boolean} own  one of the site's
 * @property {Record<string, string>} texts  the small files
 * @property {{name: string, kind: "safetensors"|"gguf", size: number}[]} weights
 *
 * @typedef {object} LoadOptions
 * @property {string} site  URL of site.json
 * @property {string} [model]  one of the site's, a Hugging Face repository (owner/name), or a URL
 * @property {File[]} [files]  a model's files, in place of `model`
 * @property {string} [hub]  address of the hub
 * @property {string} [token]  for repositories that ask for one
 * @property {number} [threads]
 * @property {"relaxed"|"simd128"} [simd]
 * @property {string} lifeLock  name of the Web Lock that the worker holds for as long as it lives
 *
 * @typedef {object} SamplingOptions
 * @property {number} [max_new_tokens]
 * @property {number} [temperature]
 * @property {number} [top_k]
 * @property {number} [top_p]
 * @property {number} [min_p]
 * @property {number} [repetition_penalty]
 * @property {string[]} [stop]
 * @property {string[]} [choices]  the answer is one of these
 * @property {object} [schema]  the answer is JSON of this JSON schema
 * @property {number} [seed]
 * @property {boolean} [unsure]  false: also answers that the model would have to guess, where it would say so
 *
 * @typedef {{type: "load", id: number, options: LoadOptions, parts: MessagePort}} LoadRequest
 * @typedef {{type: "encode", id: number, image: Blob}} EncodeRequest
 * @typedef {{type: "ask", id: number, image?: Blob|null, profile?: string, question: string,
 *   options?: SamplingOptions}} AskRequest
 *   null as `image` begins a conversation without one; without `image`: about the image that this worker encoded last. An image that cannot be decoded leaves that one in
 *   place; it is given up when the phase "encoding" is announced.
 * @typedef {{type: "stop", id: number}} StopRequest  `id` of the running request; has no reply of its own
 * @typedef {{type: "stats", id: number}} StatsRequest
 *
 * @typedef {object} Progress
 * @property {"python"|"kernels"|"package"|"model"} step
 * @property {number} loaded  bytes
 * @property {number} total  bytes, 0 where unknown
 * @property {boolean} done
 * @property {string} [file]  the model's file that is arriving
 * @property {number} [kept]  how many of `loaded` came from this device
 * @property {number} [speed]  bytes per second of the last seconds; 0 until known
 * @property {number|null} [remaining_s]
 *
 * @typedef {"decoding"|"encoding"|"answering"} Phase
 *
 * @typedef {object} ModelCard
 * @property {string} name
 * @property {string} description
 * @property {string} limits  a sentence on what the model cannot do
 * @property {string[]} suggestions  questions it can answer
 * @property {boolean} sees  whether it reads images
 * @property {boolean} needs_image  whether every question is about one
 * @property {boolean} remembers  whether an answer may refer to earlier ones
 *
 * @typedef {object} LoadResult
 * @property {ModelCard} model
 * @property {Stats} stats
 *
 * @typedef {{encode_ms: number, width: number, height: number}} EncodeResult
 *
 * @typedef {object} AnswerResult
 * @property {string} text
 * @property {number} encode_ms
 * @property {number} prefill_ms
 * @property {number} decode_ms
 * @property {number} tokens
 * @property {"stop"|"length"|"cancelled"} finish_reason
 * @property {boolean} reused_image
 * @property {boolean} draft  answered before the weights were exact
 *
 * @typedef {Record<string, string|number|boolean|null>} Stats
 *   threads, threads_reason, simd, crossOriginIsolated, model, load_ms, encode_ms, prefill_ms, decode_tokens_per_s,
 *   kernel_memory_bytes, python_heap_bytes, activation_bits, ...
 */
