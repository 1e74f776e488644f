// Evaluated on the real page by scripts/bench.py: whole answers as a person gets them, in milliseconds.
async (/** @type {number} */ runs) => {
  /** @param {number} shape */
  const draw = (shape) => {
    const canvas = new OffscreenCanvas(256, 256);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("There is no room for a canvas.");
    context.fillStyle = "#f0eef5";
    context.fillRect(0, 0, 256, 256);
    context.fillStyle = "red";
    context.beginPath();
    context.arc(128, 128, 40 + shape, 0, 7);
    context.fill();
    return canvas.convertToBlob({ type: "image/png" });
  };
  /** @param {number[]} samples  the first two are not counted */
  const summary = (samples) => {
    const sorted = samples.slice(2).sort((a, b) => a - b);
    /** @param {number} share */
    const at = (share) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] * 100) / 100;
    return { median: at(0.5), low: at(0.25), high: at(0.75) };
  };
  const page = /** @type {Window & {tinyvlm?: import("../../tinyvlm.js").TinyVLM}} */ (window);
  const vlm = page.tinyvlm;
  if (!vlm) throw new Error("The page shows no model.");
  /** @type {number[]} */
  const first = [];
  /** @type {number[]} */
  const second = [];
  /** @type {number[]} */
  const encode = [];
  /** @type {number[]} */
  const prefill = [];
  /** @type {number[]} */
  const rate = [];
  let firstEver = 0;
  for (let run = 0; run < runs + 2; run++) {
    const blob = await draw(run);
    let started = performance.now();
    await vlm.ask(blob, "What color is the shape?");
    first.push(performance.now() - started);
    firstEver ||= first[0];
    if (!vlm.lastAnswer) throw new Error("There is no answer.");
    encode.push(vlm.lastAnswer.encode_ms);
    prefill.push(vlm.lastAnswer.prefill_ms);
    started = performance.now();
    await vlm.ask(blob, "What shape is in the image?");
    second.push(performance.now() - started);
    await vlm.ask(blob, "Describe the image.");
    rate.push((await vlm.stats()).decode_tokens_per_s);
  }
  const stats = await vlm.stats();
  return {
    threads: stats.threads,
    simd: stats.simd,
    activation_bits: stats.activation_bits,
    first_answer_ever_ms: Math.round(firstEver),
    encode_ms: summary(encode),
    prefill_ms: summary(prefill),
    decode_tokens_per_s: summary(rate),
    image_to_short_answer_ms: summary(first),
    second_short_answer_ms: summary(second),
    kernel_memory_peak_mb: Math.round(stats.kernel_memory_peak_bytes / 1e5) / 10,
    python_heap_mb: Math.round(stats.python_heap_bytes / 1e5) / 10,
  };
};
