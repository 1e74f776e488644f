// Holds the benchmark's workers by name; Python awaits `start` and `ask` (see serve.js).

const workers = new Map();

window.start = ({ name, script, options }) => {
  workers.set(name, new Worker(script, { type: "module" }));
  return window.ask({ name, question: options });
};

window.ask = ({ name, question }) =>
  new Promise((resolve, reject) => {
    const worker = workers.get(name);
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.result));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(question);
  });
