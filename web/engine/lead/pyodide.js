// Pyodide with the package imported: out of a snapshot where one fits, otherwise from its files.

import { openSnapshots } from "./snapshot.js";
import { timed } from "./timeline.js";

/** @import { Bytes, Site } from "../shared/protocol.js" */
/** @import { SnapshotStore } from "./snapshot.js" */

/** What the package imports of the standard library, compiled; it has a module that asks for the rest. */
const LIBRARY = "python_stdlib_small.zip";
const WHOLE_LIBRARY = "python_stdlib.zip";
/** What Pyodide fetches; its loader, pyodide.mjs, is imported beforehand. */
export const PYODIDE_FILES = ["pyodide.asm.js", "pyodide.asm.wasm", LIBRARY, "pyodide-lock.json"];

/**
 * What is used of Pyodide's interface.
 * @typedef {object} Pyodide
 * @property {(archive: ArrayBuffer, format: "wheel") => void} unpackArchive
 * @property {(name: string) => any} pyimport  any: what a module of Python's holds, its user knows
 * @property {() => Bytes} makeMemorySnapshot
 * @property {(name: string, module: object) => void} registerJsModule
 * @property {{HEAPU8: Uint8Array}} _module
 *
 * @typedef {object} PyodideOptions
 * @property {string} indexURL
 * @property {string} stdLibURL
 * @property {Promise<Bytes>} [_loadSnapshot]
 * @property {boolean} [_makeSnapshot]
 *
 * @typedef {{loadPyodide: (options: PyodideOptions) => Promise<Pyodide>}} Loader  pyodide.mjs
 *
 * @typedef {object} Started
 * @property {Pyodide} pyodide
 * @property {any} module  any: see `pyimport`
 * @property {boolean} restored
 * @property {() => Promise<void>} keepSnapshot  saves time at the next visit; to be called when nobody is waiting
 */

/**
 * @param {Site} site
 * @param {string} base  URL of the site's root
 * @param {Promise<ArrayBuffer>} archive  of the package
 * @param {string} module  the module to import
 * @returns {Promise<Started>}
 */
export async function startPyodide(site, base, archive, module) {
  const indexURL = new URL(site.pyodide, base).href;
  const sources = [...["pyodide.mjs", ...PYODIDE_FILES].map((name) => site.pyodide + name), site.package.url];
  const [{ loadPyodide }, snapshots] = await Promise.all([
    timed("Pyodide's loader", () => importLoader(indexURL)),
    timed("open snapshots", () => openSnapshots(sources.map((name) => `${name} ${site.files[name].sha256}`))),
  ]);
  const options = { indexURL, stdLibURL: `${indexURL}${LIBRARY}` };
  const restored = await restore(snapshots, (snapshot) => loadPyodide({ ...options, _loadSnapshot: snapshot }));
  const started = restored
    ? await goOn(restored, archive, module)
    : await startAnew(() => loadPyodide({ ...options, _makeSnapshot: snapshots !== null }), archive, module, snapshots);
  // What rest_of_library.py calls; not before a snapshot is made, which takes no JavaScript along.
  started.pyodide.registerJsModule("standard_library", { fetch: () => fetchNow(`${indexURL}${WHOLE_LIBRARY}`) });
  return started;
}

/**
 * Imports are synchronous.
 * @param {string} url
 * @returns {Uint8Array}
 */
function fetchNow(url) {
  return timed("fetch the standard library", () => {
    const request = new XMLHttpRequest();
    request.open("GET", url, false);
    request.responseType = "arraybuffer";
    request.send();
    if (request.status !== 200) throw new Error(`the host answered ${request.status}`);
    return new Uint8Array(request.response);
  });
}

/** @param {string} indexURL @returns {Promise<Loader>} */
function importLoader(indexURL) {
  // Not for bundlers: it is found where the site lies.
  return import(/* webpackIgnore: true */ /* @vite-ignore */ new URL("pyodide.mjs", indexURL).href);
}

/**
 * @param {SnapshotStore|null} snapshots
 * @param {(snapshot: Promise<Bytes>) => Promise<Pyodide>} load  waits for the snapshot after other things
 * @returns {Promise<Pyodide|null>}
 */
async function restore(snapshots, load) {
  const found = await snapshots?.find();
  if (!snapshots || !found) return null;
  try {
    const snapshot = timed("read and verify the snapshot", () => snapshots.read(found));
    return await timed("restore Python", () => load(snapshot));
  } catch {
    return null; // the next one takes its place
  }
}

/**
 * @param {Pyodide} pyodide
 * @param {Promise<ArrayBuffer>} archive  of the package
 * @param {string} name  the module to import
 * @returns {Promise<Started>}
 */
async function goOn(pyodide, archive, name) {
  const files = await archive;
  // Files are no part of a snapshot, and some modules are imported late.
  timed("unpack the package", () => pyodide.unpackArchive(files, "wheel"));
  reseed(pyodide);
  return { pyodide, module: pyodide.pyimport(name), restored: true, keepSnapshot: async () => {} };
}

/** Or else everyone would draw the same numbers at every visit. @param {Pyodide} pyodide */
function reseed(pyodide) {
  const random = pyodide.pyimport("random");
  random.seed();
  random.destroy();
}

/**
 * @param {() => Promise<Pyodide>} load
 * @param {Promise<ArrayBuffer>} archive  of the package
 * @param {string} name  the module to import
 * @param {SnapshotStore|null} snapshots
 * @returns {Promise<Started>}
 */
async function startAnew(load, archive, name, snapshots) {
  const pyodide = await timed("start Python", load);
  pyodide.pyimport("rest_of_library").install();
  const files = await archive;
  timed("unpack the package", () => pyodide.unpackArchive(files, "wheel"));
  const module = timed("import the package", () => pyodide.pyimport(name));
  let snapshot = snapshots && makeSnapshot(pyodide);
  const keepSnapshot = async () => {
    const kept = snapshot;
    if (snapshots && kept) await timed("keep the snapshot", () => snapshots.keep(kept));
    snapshot = null;
  };
  return { pyodide, module, restored: false, keepSnapshot };
}

/** To be called before Python knows of anything that belongs to the page. @param {Pyodide} pyodide */
function makeSnapshot(pyodide) {
  try {
    return timed("make the snapshot", () => pyodide.makeMemorySnapshot());
  } catch {
    return null;
  } finally {
    pyodide.registerJsModule("js", globalThis); // it had a stand-in until here, for the snapshot's sake
  }
}
