// Reads the text in a picture: the one that is asked about, or another.

import { TinyVLMError } from "../shared/errors.js";
import { decodeImage } from "../shared/image_pixels.js";
import { nextTask, send, sendPhase, stops } from "./page_side.js";

/** @import { Reading, ReadRequest } from "../shared/protocol.js" */
/** @import { Session } from "./python.js" */
/** @import { TextReader } from "./text_reader.js" */

/** @typedef {{session: Session, reader: TextReader}} CanRead */

/** A step takes longer than this or not: messages are looked at after each that does. */
const YIELD_AFTER_MS = 15;

/**
 * @param {CanRead} engine
 * @param {Omit<ReadRequest, "type">} request
 * @returns {Promise<Reading>}
 */
export async function read({ session, reader }, { id, image, held }) {
  const there = held ? session.picture() : "none";
  const known = there === "read" ? session.reading() : null;
  if (known) return known;
  await untilReady(reader, id);
  if (there === "kept") {
    sendPhase(id, "reading");
    session.beginReading(null, 0, 0, true);
  } else {
    sendPhase(id, "decoding");
    const { rgb, width, height } = await decodeImage(image);
    if (stops.has(id)) throw cancelled();
    sendPhase(id, "reading");
    session.beginReading(rgb, width, height, held);
  }
  return readOn(session, id);
}

/** Reads the picture that is asked about, whose pixels were kept. @param {CanRead} engine @param {number} id */
export async function readAsked({ session, reader }, id) {
  await untilReady(reader, id);
  sendPhase(id, "reading");
  session.beginReading(null, 0, 0, true);
  return readOn(session, id);
}

/** @param {TextReader} reader @param {number} id */
async function untilReady(reader, id) {
  if (!reader.isReady) {
    sendPhase(id, "waiting-for-reader");
    await Promise.race([reader.need(), stops.until(id)]);
  }
  if (stops.has(id)) throw cancelled();
}

/** @param {Session} session @param {number} id */
async function readOn(session, id) {
  for (let yielded = performance.now(); ;) {
    const { line, reading } = session.readOn();
    if (reading) return reading;
    if (line) send({ type: "line", id, line });
    if (performance.now() - yielded > YIELD_AFTER_MS) {
      await nextTask();
      yielded = performance.now();
    }
    if (stops.has(id)) {
      session.endReading();
      throw cancelled();
    }
  }
}

export function cancelled() {
  return new TinyVLMError("cancelled");
}
