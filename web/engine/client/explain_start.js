// Why a worker did not start. Browsers only say that it did not, so its files are asked for once more, from here.

import { TinyVLMError } from "../shared/errors.js";
import { missing, nameOf, typeOf, wrong } from "../shared/page_file.js";

/** As they are written, and as they are in a site that was made smaller. */
const IMPORT = /\b(?:from|import) ?"(\.[^"]+)"/g;
const SCRIPT_TYPE = /^(text|application)\/(x-)?(java|ecma)script$/;
const EMBEDDER = "Cross-Origin-Embedder-Policy";

/**
 * @param {string} url  of the worker's script
 * @returns {Promise<TinyVLMError|null>}  null: its files are as they should be
 */
export async function explainStart(url) {
  const fault = await faultOfModules(url);
  if (fault) return fault;
  const response = await fetch(url).catch(() => null);
  if (!response || response.headers.has(EMBEDDER) || !(await isEmbedderChecked())) return null;
  return new TinyVLMError("engine-header-missing", { file: nameOf(url), header: EMBEDDER });
}

/** A module, or one that it imports, that is missing or no script. @param {string} entry */
async function faultOfModules(entry) {
  const urls = new Set([entry]);
  for (const url of urls) {
    const response = await fetch(url).catch(() => null);
    const text = await response?.text().catch(() => null);
    if (!response || typeof text !== "string") return missing(url);
    if (!response.ok) return new TinyVLMError("download-failed", { url, status: response.status });
    if (!SCRIPT_TYPE.test(typeOf(response))) return wrong(url, typeOf(response));
    for (const [, imported] of text.matchAll(IMPORT)) urls.add(new URL(imported, url).href);
  }
  return null;
}

/** Whether this page may only start workers that come with the header. */
async function isEmbedderChecked() {
  if (crossOriginIsolated) return true;
  const page = await fetch(location.href, { method: "HEAD" }).catch(() => null);
  return page?.headers.has(EMBEDDER) ?? false;
}
