// Holds the benchmark's workers by name; Python awaits `start` and `ask` (see serve.js).

/** @type {Map<string, Worker>} */
const workers = new Map();

/** @param {{name: string, script: string, options: unknown}} worker */
function start({ name, script, options }) {
  workers.set(name, new Worker(script, { type: "module" }));
  return ask({ name, question: options });
}

/** @param {{name: string, question: unknown}} question @returns {Promise<unknown>} */
function ask({ name, question }) {
  return new Promise((resolve, reject) => {
    const worker = workers.get(name);
    if (!worker) throw new Error(`There is no worker ${name}.`);
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.result));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(question);
  });
}

Object.assign(window, { start, ask });
