// Fills a part from wherever it broke off, with as many requests as that takes: waits longer after each failure in a
// row (exponential back-off with full jitter), anew after every byte, and does not count failures without a network.

import { TinyVLMError } from "../shared/errors.js";
import { Interruption } from "./remote_file.js";
import { sleep } from "./request.js";

/** @import { Bytes } from "../shared/protocol.js" */
/** @import { OpenPart, StorageFailure } from "./part_store.js" */
/** @import { RequestLimit } from "./request_limit.js" */

const MOST_FAILURES = 7;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 20_000;
const OFFLINE_WAIT_MS = 5000;

/**
 * @param {{read: (start: number, end: number, onChunk: (chunk: Bytes) => void) => Promise<void>}} source
 * @param {{offset: number, length: number}} part
 * @param {OpenPart} sink  holds the part's beginning
 * @param {object} options
 * @param {RequestLimit} options.requests
 * @param {AbortSignal} options.signal
 * @param {(bytes: number) => void} options.onBytes
 * @param {() => void} options.onOffline
 * @throws {TinyVLMError|StorageFailure}
 */
export async function fillPart(source, part, sink, { requests, signal, onBytes, onOffline }) {
  for (let failures = 0; sink.size() < part.length;) {
    const before = sink.size();
    try {
      await sleep(requests.pauseLeft);
      await source.read(part.offset + before, part.offset + part.length, (chunk) => {
        sink.append(chunk);
        requests.received(chunk.byteLength);
        onBytes(chunk.byteLength);
      });
    } catch (error) {
      if (signal.aborted) throw new TinyVLMError("load-cancelled");
      if (!(error instanceof Interruption)) throw error;
      requests.failed();
      requests.pause(error.pauseMs);
      if (sink.size() > before) failures = 0;
      if (navigator.onLine) {
        if (++failures > MOST_FAILURES) throw error.meaning;
        await sleep(Math.random() * Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS));
      } else {
        onOffline();
        await backOnline();
      }
    }
  }
}

/** The event, or some seconds: not every browser is right about being offline. @returns {Promise<unknown>} */
function backOnline() {
  return new Promise((resolve) => {
    setTimeout(resolve, OFFLINE_WAIT_MS);
    self.addEventListener("online", resolve, { once: true });
  });
}
