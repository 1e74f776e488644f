// The engines of this page. Elements that want the same model share one, so that it is loaded once and held once; the
// last that leaves ends it.

import { TinyVLM } from "../tinyvlm.js";

/**
 * @typedef {object} EngineChoice
 * @property {string} [model]
 * @property {string} [hub]
 * @property {string} [baseURL]
 *
 * @typedef {object} Lease
 * @property {TinyVLM} vlm
 * @property {() => void} release  to be called once
 */

/** @type {Map<string, {vlm: TinyVLM, users: number}>} */
const engines = new Map();

/**
 * One that has failed for good is not handed out again: whoever comes next begins anew.
 * @param {EngineChoice} choice
 * @returns {Lease}
 * @throws {import("../tinyvlm.js").TinyVLMError} url-invalid
 */
export function takeEngine({ model, hub, baseURL }) {
  const key = JSON.stringify([model, hub, baseURL]);
  const engine = engines.get(key) ?? startEngine(key, { model, hub, baseURL });
  engine.users++;
  const release = () => {
    engine.users--;
    if (engine.users > 0) return;
    forget(key, engine);
    engine.vlm.dispose();
  };
  return { vlm: engine.vlm, release };
}

/** @param {string} key @param {EngineChoice} choice */
function startEngine(key, choice) {
  const engine = { vlm: new TinyVLM(choice), users: 0 };
  engines.set(key, engine);
  const drop = () => forget(key, engine);
  engine.vlm.ready.catch(drop);
  engine.vlm.addEventListener("failed", drop);
  return engine;
}

/** @param {string} key @param {{vlm: TinyVLM}} engine */
function forget(key, engine) {
  if (engines.get(key) === engine) engines.delete(key);
}
