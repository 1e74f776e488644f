// How a worker shows that it lives, also while it is busy for seconds: by a Web Lock, which the browser gives to the
// next one when the worker ends, however it ends. Where there are no locks (plain http, blocked cookies, some frames) a
// worker of its own answers for it: that one has nothing else to do, and ends with it.

import { startWorker } from "./workers.js";

/**
 * @typedef {{lock: string, port: MessagePort}} Life  the lock's name, and where the page listens
 * @typedef {"locked"|"beat"} LifeSign  worker -> page: it holds the lock; it answers, and has just answered
 */

/** To be called once, at the worker's start. @param {Life} life */
export async function showLife({ lock, port }) {
  if (await holdLock(lock)) {
    port.postMessage(/** @type {LifeSign} */ ("locked"));
    return;
  }
  try {
    const sentinel = startWorker(
      () => new Worker(new URL("./sentinel.js", import.meta.url), { type: "module" }),
      "./sentinel.js",
      import.meta.url,
    );
    sentinel.postMessage(port, [port]);
  } catch {
    // Workers may start none here: it works all the same, unwatched.
  }
}

/** Whether the lock could be had; it is then held to the end. @param {string} name @returns {Promise<boolean>} */
function holdLock(name) {
  return new Promise((resolve) => {
    const hold = () => {
      resolve(true);
      return new Promise(() => {});
    };
    if (navigator.locks) navigator.locks.request(name, hold).catch(() => resolve(false));
    else resolve(false);
  });
}
