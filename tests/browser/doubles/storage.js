// Stands in for web/engine/shared/storage.js: it keeps the models of `window.stored`, and refuses to delete those "in-use".

import { TinyVLMError } from "./errors.js";

let persisted = false;

export async function listModels() {
  return (window.stored ??= []);
}

export async function deleteModel(id) {
  if (id === "in-use") throw new TinyVLMError("model-in-use");
  window.stored = window.stored.filter((model) => model.id !== id);
}

export async function deleteAll() {
  window.stored = [];
}

export async function usage() {
  const usage = (await listModels()).reduce((sum, { bytes }) => sum + bytes, 0);
  return { usage, quota: window.quota ?? 10e9, persisted };
}

export async function persist() {
  persisted = window.grants === true;
  return persisted;
}
