// Stands in for web/engine/storage.js: models as `window.stored` lists them, or no storage at all where that is null.

import { TinyVLMError } from "./protocol.js";

let persisted = false;

function stored() {
  if (window.stored === null) throw new TinyVLMError("storage-missing", "There is no storage.");
  return (window.stored ??= []);
}

export async function listModels() {
  return stored();
}

export async function deleteModel(id) {
  window.stored = stored().filter((model) => model.id !== id);
}

export async function deleteAll() {
  window.stored = [];
}

export async function usage() {
  const models = stored();
  return { usage: models.reduce((sum, { bytes }) => sum + bytes, 0), quota: 10e9, persisted };
}

export async function persist() {
  persisted = window.grants === true;
  return persisted;
}
