// Stands in for web/engine/shared/storage.js: it keeps the models of `window.stored`, and refuses to delete those
// "in-use".

import { TinyVLMError } from "./errors.js";

/** @import * as real from "../../../web/engine/shared/storage.js" */

const page = /** @type {Window & {stored?: real.KeptModel[], quota?: number, grants?: boolean}} */ (window);
let persisted = false;

/** @type {typeof real.listModels} */
export async function listModels() {
  return (page.stored ??= []);
}

/** @type {typeof real.deleteModel} */
export async function deleteModel(id) {
  if (id === "in-use") throw new TinyVLMError("model-in-use");
  page.stored = (await listModels()).filter((model) => model.id !== id);
}

/** @type {typeof real.deleteAll} */
export async function deleteAll() {
  page.stored = [];
}

/** @type {typeof real.usage} */
export async function usage() {
  const usage = (await listModels()).reduce((sum, { bytes }) => sum + bytes, 0);
  return { usage, quota: page.quota ?? 10e9, persisted };
}

/** @type {typeof real.persist} */
export async function persist() {
  persisted = page.grants === true;
  return persisted;
}
