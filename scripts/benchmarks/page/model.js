// Evaluated on the real page by scripts/bench.py: whole answers as a person gets them, in milliseconds.
async (runs) => {
  const draw = (shape) => {
    const canvas = new OffscreenCanvas(256, 256);
    const context = canvas.getContext("2d");
    context.fillStyle = "#f0eef5";
    context.fillRect(0, 0, 256, 256);
    context.fillStyle = "red";
    context.beginPath();
    context.arc(128, 128, 40 + shape, 0, 7);
    context.fill();
    return canvas.convertToBlob({ type: "image/png" });
  };
  const summary = (samples) => {
    const sorted = samples.slice(2).sort((a, b) => a - b);
    const at = (share) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] * 100) / 100;
    return { median: at(0.5), low: at(0.25), high: at(0.75) };
  };
  const vlm = window.tinyvlm;
  const first = [],
    encode = [],
    prefill = [],
    rate = [],
    second = [];
  let firstEver = 0;
  for (let run = 0; run < runs + 2; run++) {
    const blob = await draw(run);
    let started = performance.now();
    await vlm.ask(blob, "What color is the shape?");
    first.push(performance.now() - started);
    firstEver ||= first[0];
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
