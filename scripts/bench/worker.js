// Kernels and Pyodide as the page's worker has them; the measuring itself is Python (ops.py, networks.py).

import { createKernels } from "../engine/kernels.js";

self.onmessage = async ({ data: options }) => {
  try {
    self.postMessage({ figures: await run(options) });
  } catch (error) {
    self.postMessage({ error: String(error.stack ?? error) });
  }
};

/** @param {{part: "ops"|"networks", simd?: string, threads?: number}} options */
async function run({ part, simd, threads }) {
  const base = new URL("../", self.location.href);
  const site = await (await fetch(new URL("site.json", base))).json();
  const urls = Object.fromEntries(Object.entries(site.kernels).map(([name, url]) => [name, new URL(url, base).href]));
  const kernels = await createKernels(urls, { simd, threads, onProgress: () => {} });
  const indexURL = new URL(site.pyodide, base).href;
  const { loadPyodide } = await import(`${indexURL}pyodide.mjs`);
  const pyodide = await loadPyodide({ indexURL });
  pyodide.unpackArchive(await (await fetch(new URL(site.wheel.url, base))).arrayBuffer(), "wheel");
  pyodide.FS.writeFile("bench_part.py", await (await fetch(`${part}.py`)).text());
  pyodide.globals.set("engine", kernels);
  const json = pyodide.runPython(`
import json, sys
sys.path.insert(0, ".")
import bench_part
from tinyvlm.backends.page_kernels import PageKernels
json.dumps(bench_part.measure(PageKernels(engine)))
`);
  const figures = JSON.parse(json);
  figures.activation_mode = kernels.activationMode;
  return figures;
}
