// Kernels and Pyodide as the page's worker has them; the measuring itself is Python, sent expression by expression.

import { createKernels } from "../../engine/lead/kernels.js";
import { unpackedPackage } from "../../engine/lead/package.js";
import { serve } from "./serve.js";

/** @param {{modules: string[], packages?: string[], setup?: string, simd?: string, threads?: number}} options */
serve(async ({ modules, packages = [], setup = "", simd, threads }) => {
  const base = new URL("../../", self.location.href);
  const site = await (await fetch(new URL("site.json", base))).json();
  const urls = Object.fromEntries(Object.entries(site.kernels).map(([name, url]) => [name, new URL(url, base).href]));
  const engine = await createKernels(urls, { simd, threads, onProgress: () => {} });
  const indexURL = new URL(site.pyodide, base).href;
  const { loadPyodide } = await import(`${indexURL}pyodide.mjs`);
  const pyodide = await loadPyodide({ indexURL, packages });
  const bytes = await (await fetch(new URL(site.package.url, base))).arrayBuffer();
  pyodide.unpackArchive(await unpackedPackage(bytes), "wheel");
  pyodide.globals.set("engine", engine);
  pyodide.runPython(`
import importlib, json, sys
from tinyvlm.backends.page_kernels import PageKernels
kernels = PageKernels(engine)
`);
  for (const module of modules) {
    const name = `${module.replaceAll(".", "/")}.py`;
    const file = `${pyodide.FS.cwd()}/${name}`;
    pyodide.FS.mkdirTree(file.slice(0, file.lastIndexOf("/")));
    pyodide.FS.writeFile(file, await (await fetch(new URL(name, base))).text());
  }
  pyodide.runPython("importlib.invalidate_caches()");
  modules.forEach((/** @type {string} */ module) => pyodide.runPython(`import ${module}`));
  pyodide.runPython(setup);
  return (expression) => JSON.parse(pyodide.runPython(`json.dumps(${expression})`));
});
