// The messages between the page and the engine's workers; what errors look like in them is in errors.js.
// Every request carries an `id`; everything the lead says about that request carries the same one.
//
// Messages are unions told apart by `type`. They are sent through functions that take nothing else, so that the type
// check (scripts/javascript.py) finds a field that one side knows and the other does not.

/** @import { WireError } from "./errors.js" */
/** @import { Explanation } from "./explanation.js" */
/** @import { Life } from "./life.js" */

/** page -> lead */
export const Request = Object.freeze({
  LOAD: "load",
  ENCODE: "encode",
  ASK: "ask",
  EXPLAIN: "explain",
  READ: "read",
  READER: "reader",
  STOP: "stop",
  STATS: "stats",
});

/** worker -> page */
export const Reply = Object.freeze({
  /** Where an int32 in shared memory stops the running program; not sent where memory cannot be shared. */
  STOP_FLAG: "stop-flag",
  PROGRESS: "progress",
  /** So much of the model is there; see Milestone. */
  MILESTONE: "milestone",
  /** A sentence for the person; nothing has failed for good. */
  NOTICE: "notice",
  /** A worker could not be told what to do, so that nothing comes of it. */
  FAILED: "failed",
  /** The rest of a model that answers as a draft could not be had. */
  INCOMPLETE: "incomplete",
  /** The text reader is to be brought. */
  READER_WANTED: "reader-wanted",
  PHASE: "phase",
  TOKEN: "token",
  /** A line of text, as it is read. */
  LINE: "line",
  /** The last word on a request. */
  DONE: "done",
  /** The last word on a request. */
  ERROR: "error",
});

/**
 * What loads, in the order in which the page lists it.
 * @type {readonly LoadStep[]}
 */
export const LOAD_STEPS = Object.freeze(["python", "kernels", "package", "model"]);

/**
 * @typedef {Uint8Array<ArrayBuffer>} Bytes  in a memory of their own: views of the kernels' shared memory are none,
 *   since browsers neither hash nor transfer nor write that
 *
 * @typedef {"python"|"kernels"|"package"|"model"} LoadStep
 *
 * @typedef {"decoding"|"encoding"|"waiting-for-reader"|"reading"|"answering"} Phase
 *
 * @typedef {"vision"|"draft"|"whole"|"reader"} Milestone  images can be encoded; questions are answered with the high
 *   nibbles of q8 weights; the weights are exact; text can be read. A model that is not stored in planes has no draft.
 *
 * @typedef {"relaxed"|"simd128"} Variant  a build of the kernels
 *
 * @typedef {"q8"|"q4"} Quantization  how weights are held
 *
 * @typedef {"fast"|"balanced"|"accuracy"} Profile  how closely to look at an image
 *
 * @typedef {"safetensors"|"gguf"} WeightKind
 */

/**
 * @typedef {object} Site  site.json, as scripts/site_files.py writes it; addresses are relative to it
 * @property {string} pyodide  folder
 * @property {{url: string, size: number}} package  Python's modules
 * @property {string} templates  what chat templates need
 * @property {Record<Variant, string>} kernels
 * @property {string[]} models
 * @property {string} default_model
 * @property {string|null} [reader]  the folder, in models/, of what reads text
 * @property {Record<string, {size: number, sha256: string}>} files  what the page needs offline
 */

/**
 * @typedef {object} ModelChoice  which model
 * @property {string} [model]  one of the site's, a Hugging Face repository (owner/name), or a URL
 * @property {File[]} [files]  a model's files, in place of `model`
 * @property {string} [hub]  address of the hub
 * @property {string} [token]  for repositories that ask for one
 *
 * @typedef {object} EngineOptions  how it is run
 * @property {number} [threads]
 * @property {Variant} [simd]
 * @property {7} [activationBits]  what every browser can do, even where the probe at the start found 8
 * @property {Quantization} [quantization]  of weights that are not quantized yet; q8 if left out
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
 * @property {boolean} [unsure]  false: the model's own answer always, also where it would have to guess, or was not made
 *   for what is asked
 * @property {boolean} [with_text]  the image is read first, and the model is told what it says
 */

/**
 * page -> lead
 * @typedef {LoadRequest|EncodeRequest|AskRequest|ExplainRequest|ReadRequest|ReaderRequest|StatsRequest} EngineRequest
 *   each has a reply
 * @typedef {{type: "stop", id: number}} StopRequest  `id` of the running request; has no reply of its own
 * @typedef {{type: "reader-lost", error: WireError}} ReaderLost  who brings it has died; has no reply either
 *
 * @typedef {object} LoadRequest
 * @property {"load"} type
 * @property {number} id
 * @property {EngineOptions & {site: string}} options  `site`: URL of site.json
 * @property {MessagePort} parts  where the download worker speaks
 * @property {Life} life
 *
 * @typedef {object} EncodeRequest
 * @property {"encode"} type
 * @property {number} id
 * @property {Blob} image
 * @property {Profile} [profile]
 *
 * @typedef {object} AskRequest
 * @property {"ask"} type
 * @property {number} id
 * @property {string} question
 * @property {SamplingOptions} options
 * @property {Blob|null} [image]  null begins a conversation without one; left out: about the image that the lead
 *   encoded last. An image that cannot be decoded leaves that one in place; it is given up when the phase "encoding" is
 *   announced.
 * @property {Blob} [picture]  the image asked about, to be read first; a model that sees no images is told its text alone
 * @property {Profile} [profile]
 *
 * @typedef {Omit<AskRequest, "type"> & {type: "explain"}} ExplainRequest  a question that is answered, and the answer
 *   explained; in a conversation, where it was last asked
 *
 * @typedef {object} ReadRequest
 * @property {"read"} type
 * @property {number} id
 * @property {Blob} image
 * @property {boolean} held  it is the one that the lead encoded last
 *
 * @typedef {{type: "reader", id: number, parts: MessagePort}} ReaderRequest  `parts`: where its download worker speaks
 *
 * @typedef {{type: "stats", id: number}} StatsRequest
 *
 * @typedef {object} Requests
 * @property {LoadRequest} load
 * @property {EncodeRequest} encode
 * @property {AskRequest} ask
 * @property {ExplainRequest} explain
 * @property {ReadRequest} read
 * @property {ReaderRequest} reader
 * @property {StatsRequest} stats
 *
 * @typedef {object} Results  of each request
 * @property {LoadResult} load
 * @property {EncodeResult} encode
 * @property {AnswerResult} ask
 * @property {Explanation} explain
 * @property {Reading} read
 * @property {null} reader
 * @property {Stats} stats
 */

/**
 * lead -> page, on a request
 * @typedef {PhaseReply|TokenReply|LineReply|DoneReply|ErrorReply} EngineReply
 * @typedef {{type: "phase", id: number, phase: Phase}} PhaseReply
 * @typedef {{type: "token", id: number, text: string}} TokenReply
 * @typedef {{type: "line", id: number, line: ReadLine}} LineReply
 * @typedef {{type: "done", id: number, result: Results[keyof Results]}} DoneReply
 * @typedef {{type: "error", id: number, error: WireError}} ErrorReply
 */

/**
 * News that belong to no request. lead -> page:
 * @typedef {StopFlagNews|ProgressNews|MilestoneNews|NoticeNews|IncompleteNews|ReaderWantedNews} EngineNews
 * @typedef {{type: "stop-flag", memory: WebAssembly.Memory, offset: number}} StopFlagNews
 * @typedef {{type: "progress", progress: Progress}} ProgressNews
 * @typedef {{type: "milestone", milestone: Milestone}} MilestoneNews
 * @typedef {{type: "incomplete", error: WireError}} IncompleteNews
 * @typedef {{type: "reader-wanted"}} ReaderWantedNews
 *
 * download worker -> page:
 * @typedef {ProgressNews|NoticeNews|FailedNews} DownloadNews
 * @typedef {{type: "failed", error: WireError}} FailedNews
 * @typedef {{type: "notice", code: string, message: string}} NoticeNews
 */

/**
 * page -> download worker
 * @typedef {{type: "start", options: DownloadRequest, port: MessagePort, life: Life}} StartRequest  `port`: where the
 *   lead listens
 * @typedef {ModelChoice & {site: string, reader?: boolean}} DownloadRequest  `site`: URL of site.json; `reader`: the
 *   site's text reader, in place of a model
 */

/**
 * download worker -> lead: "model", once more should it change before its first part; "part"s; "end" or "error"
 * @typedef {ModelArrival|PartArrival|EndArrival|ErrorArrival} Arrival
 * @typedef {{type: "model"} & ModelFiles} ModelArrival
 * @typedef {{type: "part", file: number, offset: number, bytes: Bytes}} PartArrival  `file`: its place in the list
 * @typedef {{type: "end"}} EndArrival
 * @typedef {{type: "error", error: WireError}} ErrorArrival
 *
 * lead -> download worker, on each part:
 * @typedef {{type: "taken"}} PartTaken
 *
 * @typedef {object} ModelFiles  what is said of a model before its parts
 * @property {string} name
 * @property {boolean} own  one of the site's
 * @property {Record<string, string>} texts  the small files
 * @property {{name: string, kind: WeightKind, size: number}[]} weights
 */

/**
 * @typedef {object} Progress
 * @property {LoadStep|"reader"} step  the text reader comes last, when the page lists nothing any more
 * @property {number} loaded  bytes
 * @property {number} total  bytes, 0 where unknown
 * @property {boolean} done
 * @property {string} [file]  the model's file that is arriving
 * @property {number} [kept]  how many of `loaded` came from this device
 * @property {number} [speed]  bytes per second of the last seconds; 0 until known
 * @property {number|null} [remaining_s]
 *
 * @typedef {{code: string, message: string, details?: Record<string, unknown>}} Notice  what a person should know, though
 *   nothing has failed for good: a row of error_table.js
 *
 * @typedef {object} ModelCard
 * @property {string} id
 * @property {string} name
 * @property {string} [description]
 * @property {string} [limits]  a sentence on what the model cannot do
 * @property {string[]} [suggestions]  questions it can answer
 * @property {boolean} sees  whether it reads images
 * @property {boolean} needs_image  whether every question is about one
 * @property {boolean} remembers  whether an answer may refer to earlier ones
 *
 * @typedef {{model: ModelCard, stats: Stats, reader: boolean}} LoadResult  `reader`: the site has one for text
 *
 * @typedef {{encode_ms: number, width: number, height: number}} EncodeResult
 *
 * @typedef {object} AnswerStats  of py/tinyvlm/page/engine.py
 * @property {number} prefill_ms
 * @property {number} decode_ms
 * @property {number} tokens
 * @property {number} prompt_tokens
 * @property {number} reused_tokens  of the prompt, that the KV cache held already
 * @property {number} dropped_turns  that the context has no room for any more
 * @property {"stop"|"length"|"cancelled"} finish_reason
 * @property {boolean} draft  answered before the weights were exact
 * @property {boolean} read  it is what a reader found in the image
 * @property {boolean} named  it names what the image shows from its class probabilities
 * @property {boolean} unserved  it is a sentence, in the language of the question, on what the model was not made for
 *
 * @typedef {object} AnswerOf
 * @property {string} text
 * @property {number} encode_ms
 * @property {boolean} reused_image
 * @property {Reading|null} reading  what the image says, where the answer is of that, or the model was told it
 * @typedef {AnswerStats & AnswerOf} AnswerResult
 *
 * @typedef {object} Reading  Reading.to_json() of py/tinyvlm/reading/reading.py: places are in pixels of the upright image
 * @property {number} width
 * @property {number} height
 * @property {string} text  all of it, row by row
 * @property {(ReadLine & {block: number, row: number, words: ReadLine[]})[]} lines
 * @property {number} read_ms
 *
 * @typedef {object} ReadLine  or a word of it
 * @property {string} text
 * @property {number} confidence  0 to 1
 * @property {[Point, Point, Point, Point]} corners  clockwise from the text's upper left
 *
 * @typedef {[x: number, y: number]} Point
 *
 * @typedef {object} ModelStats  of py/tinyvlm/vlm.py and its runner
 * @property {string} model
 * @property {boolean} draft
 * @property {number} load_ms
 * @property {number} encode_ms
 * @property {number} prefill_ms
 * @property {number} decode_tokens_per_s
 * @property {string} backend
 * @property {Variant} simd
 * @property {number} threads
 * @property {string} threads_reason  why this many: "not-isolated" (the page is not cross-origin isolated), "as-asked",
 *   "one-a-core" or "not-started" (helpers could not be)
 * @property {7|8} activation_bits
 * @property {number} kernel_memory_bytes
 * @property {number} kernel_memory_peak_bytes
 * @property {number} arena_bytes
 *
 * @typedef {object} WorkerStats
 * @property {boolean} crossOriginIsolated
 * @property {number} load_ms  from the request to the first answer that could be had
 * @property {number} kernel_memory_total_bytes
 * @property {number} python_heap_bytes
 *
 * @typedef {ModelStats & WorkerStats} Stats
 */
