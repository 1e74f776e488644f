// Reads a picture so many times in the page, and returns milliseconds: from the Blob to the reading, decoding included.
async (/** @type {[picture: string, runs: number]} */ [picture, runs]) => {
  const { tinyvlm } = /** @type {Window & {tinyvlm: import("../../../web/tinyvlm.js").TinyVLM}} */ (
    /** @type {unknown} */ (window)
  );
  const blob = new Blob([Uint8Array.from(atob(picture), (c) => c.charCodeAt(0))], { type: "image/png" });
  await tinyvlm.canRead;
  const times = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await tinyvlm.read(blob);
    times.push(performance.now() - started);
  }
  return times;
};
