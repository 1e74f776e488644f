// Answers for the worker that started it; see life.js. Imports nothing: one request, and it answers.

self.onmessage = (/** @type {MessageEvent<MessagePort>} */ { data: port }) => {
  const beat = () => port.postMessage("beat");
  port.onmessage = beat;
  beat();
};
