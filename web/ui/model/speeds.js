// How fast models have answered on this device.

const SPEEDS = "tinyvlm-speeds";
const MOST_ANSWERS = 5;

/**
 * @typedef {{first_token_ms: number, total_ms: number}} Speed
 */

/** Notes how long an answer took. @param {string} id  of the model @param {Speed} answer */
export function rememberSpeed(id, { first_token_ms, total_ms }) {
  const all = read();
  const times = [...(all[id] ?? []), [Math.round(first_token_ms), Math.round(total_ms)]].slice(-MOST_ANSWERS);
  try {
    localStorage.setItem(SPEEDS, JSON.stringify({ ...all, [id]: times }));
  } catch {
    // Without storage nothing is known of the last visit.
  }
}

/** Of the last answers, the middle one by time. @param {string} id @returns {Speed|null} */
export function speedOf(id) {
  const times = [...(read()[id] ?? [])].sort((a, b) => a[1] - b[1]);
  if (!times.length) return null;
  const [first_token_ms, total_ms] = times[times.length >> 1];
  return { first_token_ms, total_ms };
}

/** What is noted, as far as it is what this page writes. @returns {Record<string, [number, number][]>} */
function read() {
  try {
    const entries = Object.entries(JSON.parse(localStorage.getItem(SPEEDS) ?? "{}"));
    return Object.fromEntries(entries.map(([id, times]) => [id, Array.isArray(times) ? times.filter(isTimes) : []]));
  } catch {
    return {};
  }
}

/** @param {unknown} times @returns {times is [number, number]} */
function isTimes(times) {
  return Array.isArray(times) && times.length === 2 && times.every(Number.isFinite);
}
