// Named spans of the start, for the browser's performance panel and scripts/benchmarks/start.py.

const PREFIX = "tinyvlm ";

/**
 * Does something and notes when it began and ended.
 * @template T
 * @param {string} name
 * @param {() => T} action
 * @returns {T}
 */
export function timed(name, action) {
  const start = performance.now();
  const end = () => performance.measure(PREFIX + name, { start });
  const result = action();
  if (result instanceof Promise) result.then(end, end);
  else end();
  return result;
}
