#!/usr/bin/env node
// Copies what the engine fetches (Python, kernels, models) to where a server finds it: npx tinyvlm-copy public/tinyvlm

import { cpSync, existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const FILES = ["site.json", "pyodide", "python", "kernels", "models"];
const [target] = process.argv.slice(2);
if (!target) {
  console.error("Usage: tinyvlm-copy FOLDER, such as public/tinyvlm; then new TinyVLM({ baseURL: \"/tinyvlm/\" }).");
  process.exit(2);
}
const source = dirname(fileURLToPath(import.meta.url));
for (const name of FILES.filter((name) => existsSync(join(source, name)))) {
  cpSync(join(source, name), join(resolve(target), name), { recursive: true });
}
