// Brings a model folder in: small files as texts, weights streamed straight into kernel memory, every part verified.
// parts.json lists files in the order execution needs them, with sizes and sha256 sums.

import { parsePartList } from "./parts.js";
import { TinyVLMError } from "./protocol.js";

const WEIGHTS = "model.safetensors";

/**
 * @param {import("./kernels.js").Kernels} kernels
 * @param {string} folderURL  ends with "/"
 * @param {{onProgress: (loaded: number, total: number) => void, digest: (bytes: Uint8Array) => Promise<string>,
 *          signal?: AbortSignal}} options  `digest` gives a sha256 in hex
 * @returns {Promise<{texts: Record<string, string>, address: number, nbytes: number}>}  where the weights lie
 */
export async function loadModel(kernels, folderURL, options) {
  const files = await readPartList(folderURL, options.signal);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let loaded = 0;
  const advance = (bytes) => options.onProgress((loaded += bytes), total);
  const texts = {};
  let weights = null;
  try {
    for (const file of files) {
      if (file.name === WEIGHTS) {
        weights = await loadWeights(kernels, folderURL, file, advance, options);
      } else {
        const bytes = await fetchWhole(folderURL, file, advance, options);
        texts[file.name] = new TextDecoder().decode(bytes);
      }
    }
    if (!weights) {
      throw new TinyVLMError("model-incomplete", `The model's part list names no ${WEIGHTS}.`);
    }
  } catch (error) {
    if (weights) kernels.exports.heap_free(weights.address);
    throw error;
  }
  return { texts, ...weights };
}

async function readPartList(folderURL, signal) {
  const response = await request(folderURL, "parts.json", signal);
  return parsePartList(await response.text(), `${folderURL}parts.json`);
}

async function fetchWhole(folderURL, file, advance, { signal, digest }) {
  const bytes = new Uint8Array(file.size);
  await stream(folderURL, file, signal, (chunk, at) => {
    bytes.set(chunk, at);
    advance(chunk.byteLength);
  });
  await verify(bytes, file.sha256, file.name, digest);
  return bytes;
}

async function loadWeights(kernels, folderURL, file, advance, { signal, digest }) {
  const address = kernels.exports.heap_alloc(file.size) >>> 0;
  if (!address) {
    throw new TinyVLMError("out-of-memory", "This device has too little memory for the model. Close other tabs.");
  }
  try {
    await stream(folderURL, file, signal, (chunk, at) => {
      kernels.write(address + at, chunk);
      advance(chunk.byteLength);
    });
    for (const part of file.parts ?? [{ offset: 0, length: file.size, sha256: file.sha256 }]) {
      await verify(kernels.read(address + part.offset, part.length), part.sha256, file.name, digest);
    }
  } catch (error) {
    kernels.exports.heap_free(address);
    throw error;
  }
  return { address, nbytes: file.size };
}

/** Hands every chunk of a file on with its offset; throws unless exactly `file.size` bytes came. */
async function stream(folderURL, file, signal, onChunk) {
  const response = await request(folderURL, file.name, signal);
  const reader = response.body.getReader();
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      throw failed(folderURL + file.name, error);
    });
    if (done) break;
    if (at + value.byteLength > file.size) {
      await reader.cancel();
      throw mismatch(file.name);
    }
    onChunk(value, at);
    at += value.byteLength;
  }
  if (at !== file.size) throw failed(folderURL + file.name, `${at} of ${file.size} bytes`);
}

async function request(folderURL, name, signal) {
  const url = folderURL + name;
  const response = await fetch(url, { signal }).catch((error) => {
    throw failed(url, error);
  });
  if (!response.ok) throw failed(url, response.status);
  return response;
}

async function verify(bytes, sha256, name, digest) {
  if ((await digest(bytes)) !== sha256) throw mismatch(name);
}

function failed(url, reason) {
  const sentence = "The model could not be downloaded. Check the connection and reload the page.";
  return new TinyVLMError("download-failed", sentence, { url, reason: String(reason) });
}

function mismatch(name) {
  const sentence = "The downloaded model is damaged or has changed on the server. Reload the page to fetch it again.";
  return new TinyVLMError("checksum-mismatch", sentence, { file: name });
}
