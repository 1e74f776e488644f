// Runs a Python program in the site's own Pyodide: node in_pyodide.mjs PYODIDE PROGRAM FOLDER. The program finds FOLDER
// as /work. Nothing of this machine reaches it, so that what it makes is the same everywhere.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodideFolder, program, folder] = process.argv.slice(2).map((path) => resolve(path));
const { loadPyodide } = await import(pathToFileURL(`${pyodideFolder}/pyodide.mjs`).href);
const env = { HOME: "/home/pyodide", PYTHONHASHSEED: "0", PYTHONNODEBUGRANGES: "1" };
const pyodide = await loadPyodide({ indexURL: `${pyodideFolder}/`, env });
pyodide.mountNodeFS("/work", folder);
try {
  pyodide.runPython(readFileSync(program, "utf8"));
} catch (error) {
  console.error(error.message); // Node would quote the line of Pyodide that it comes from, which is all of it
  process.exitCode = 1;
}
