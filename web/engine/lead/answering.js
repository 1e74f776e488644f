// Answers questions, and explains answers: shows Python the image first, where it has not seen it.

import { decodeImage } from "../shared/image_pixels.js";
import { nextTask, send, sendPhase, stops } from "./page_side.js";
import { cancelled, read, readAsked } from "./reading.js";

/** @import { Explanation } from "../shared/explanation.js" */
/** @import { AnswerResult, AskRequest, EncodeRequest, EncodeResult, ExplainRequest } from "../shared/protocol.js" */
/** @import { Kernels } from "./kernels.js" */
/** @import { Python, Session } from "./python.js" */
/** @import { TextReader } from "./text_reader.js" */

/**
 * @typedef {object} Engine
 * @property {Kernels} kernels
 * @property {Python} python
 * @property {Session} session
 * @property {TextReader} reader
 * @property {EncodeResult|null} image  that questions are about
 * @property {number} loadMs
 */

/** A turn of the event loop costs more than a token: look at messages only this often while answering. */
const YIELD_AFTER_MS = 15;

/**
 * @param {Engine} engine
 * @param {Pick<EncodeRequest, "id"|"image"|"profile">} request
 * @returns {Promise<EncodeResult>}
 */
export async function encode(engine, { id, image, profile }) {
  sendPhase(id, "decoding");
  const { rgb, width, height } = await decodeImage(image);
  sendPhase(id, "encoding");
  engine.image = null;
  engine.image = engine.session.encode(rgb, width, height, profile ?? "balanced");
  return engine.image;
}

/** @param {Engine} engine @param {AskRequest} request @returns {Promise<AnswerResult>} */
export async function ask(engine, request) {
  const { session } = engine;
  const { text, encoded } = await answer(engine, request, session.ask);
  const stats = session.answerStats();
  const reading = stats.read || request.picture ? session.reading() : null;
  const reused = !encoded && engine.image !== null;
  return { text, encode_ms: encoded?.encode_ms ?? 0, reused_image: reused, ...stats, reading };
}

/** @param {Engine} engine @param {ExplainRequest} request @returns {Promise<Explanation>} */
export async function explain(engine, request) {
  await answer(engine, request, engine.session.explain);
  return engine.session.explanation();
}

/**
 * Answers a question, piece by piece.
 * @param {Engine} engine
 * @param {AskRequest|ExplainRequest} request
 * @param {Session["ask"]} begin
 * @returns {Promise<{text: string, encoded: EncodeResult|null}>}  `encoded`: an image that was
 */
async function answer(engine, request, begin) {
  const { id, picture, question } = request;
  const encoded = await show(engine, request);
  if (stops.has(id)) throw cancelled();
  const { session } = engine;
  const options = JSON.stringify(request.options);
  try {
    if (picture && session.readsFirst(question, options)) await read(engine, { id, image: picture, held: true });
    const { reads } = begin(question, options);
    if (reads) await readAsked(engine, id);
  } finally {
    sendPhase(id, "answering"); // also where it fails: the image has been encoded
  }
  let text = "";
  let yielded = performance.now();
  for (let piece; (piece = session.nextPiece()) !== null;) {
    text += piece;
    if (piece) send({ type: "token", id, text: piece });
    if (performance.now() - yielded > YIELD_AFTER_MS) {
      await nextTask(); // lets a stop message in
      yielded = performance.now();
    }
    if (stops.has(id)) throw cancelled();
  }
  return { text, encoded };
}

/**
 * What a question is about, where that changes with it: an image, none, or one that is only read.
 * @param {Engine} engine
 * @param {AskRequest|ExplainRequest} request
 */
async function show(engine, { id, image, picture, profile }) {
  const isOnlyRead = picture !== undefined && !engine.session.card().sees;
  if (image && !isOnlyRead) return encode(engine, { id, image, profile });
  if (image !== undefined) forget(engine);
  return null;
}

/** Begins a new conversation, without an image that is seen. @param {Engine} engine */
function forget(engine) {
  engine.session.forget();
  engine.image = null;
}
