// Runs the kernel benchmark in a worker; scripts/bench.py awaits `benchmark(options)`.

window.benchmark = (options) =>
  new Promise((resolve, reject) => {
    const worker = new Worker("worker.js", { type: "module" });
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.figures));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(options);
  });
