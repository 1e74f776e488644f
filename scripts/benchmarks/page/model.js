// Evaluated on the real page by scripts/bench.py: the page's own measurement, which bench.html shows to anyone.
async (/** @type {number} */ runs) => {
  const page = /** @type {Window & {tinyvlm?: import("../../tinyvlm.js").TinyVLM}} */ (window);
  if (!page.tinyvlm) throw new Error("The page shows no model.");
  const { measure } = await import("../../ui/speed/benchmark.js"); // of the page, which lies at the top
  return measure(page.tinyvlm, { runs });
};
