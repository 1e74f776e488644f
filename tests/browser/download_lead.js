// Plays the engine's worker: starts a download, takes its parts, and puts the files together.

import { isOwnAlone } from "./engine/client/download_worker.js";

/**
 * @import {
 *   Arrival, Bytes, DownloadNews, DownloadRequest, ModelArrival, PartArrival, Progress, StartRequest,
 * } from "./engine/shared/protocol.js"
 */

/**
 * @typedef {object} Seen
 * @property {ModelArrival[]} models
 * @property {[file: number, offset: number, length: number][]} parts
 * @property {Progress[]} progress
 * @property {string[]} notices  their codes
 * @property {number} untaken  the most parts at a time that were not taken yet
 */

/**
 * @param {DownloadRequest} options  as the download worker gets them
 * @param {object} [play]
 * @param {object} [play.world]  what is different about the worker's world (download_world.js)
 * @param {number} [play.take]  how many parts are taken; all if left out
 * @param {(part: PartArrival) => void} [play.onPart]
 */
export function load(options, { world = {}, take = Infinity, onPart = () => {} } = {}) {
  const path = isOwnAlone(options) ? "/download_own_world.js" : "/download_world.js";
  const worker = new Worker(path, { type: "module", name: JSON.stringify(world) });
  const { port1, port2 } = new MessageChannel();
  /** @type {Seen} */
  const seen = { models: [], parts: [], progress: [], notices: [], untaken: 0 };
  /** @type {Bytes[]} */
  const files = [];
  let taken = 0;
  worker.onmessage = (/** @type {MessageEvent<DownloadNews>} */ { data }) => {
    if (data.type === "progress") seen.progress.push(data.progress);
    if (data.type === "notice") seen.notices.push(data.code);
  };
  const finished = new Promise((resolve) => {
    port1.onmessage = async (/** @type {MessageEvent<Arrival>} */ { data }) => {
      switch (data.type) {
        case "model":
          seen.models.push(data);
          files.splice(0, Infinity, ...data.weights.map(({ size }) => new Uint8Array(size)));
          break;
        case "part":
          files[data.file].set(data.bytes, data.offset);
          seen.parts.push([data.file, data.offset, data.bytes.byteLength]);
          seen.untaken = Math.max(seen.untaken, seen.parts.length - taken);
          onPart(data);
          if (taken < take) {
            taken++;
            port1.postMessage({ type: "taken" });
          }
          break;
        default:
          worker.terminate();
          resolve({ ...seen, ...data, hashes: data.type === "end" ? await Promise.all(files.map(sha256)) : [] });
      }
    };
  });
  const life = { lock: `life ${Math.random()}`, port: new MessageChannel().port2 };
  /** @type {StartRequest} */
  const request = { type: "start", options, port: port2, life };
  worker.postMessage(request, [port2, life.port]);
  return { finished, seen, end: () => worker.terminate() };
}

/** @param {Bytes} bytes */
async function sha256(bytes) {
  if (!crypto.subtle) return Array.from(bytes).join();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
