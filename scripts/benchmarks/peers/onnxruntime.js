// ONNX Runtime on the tower: every question is one run, answered with its seconds.

import * as ort from "../../peers/onnxruntime-web/dist/ort.wasm.min.mjs";
import { serve } from "../page/serve.js";

/** @param {{model: string, pixels: string, shape: number[], threads: number}} options */
serve(async ({ model, pixels, shape, threads }) => {
  ort.env.wasm.wasmPaths = new URL("../../peers/onnxruntime-web/dist/", self.location.href).href;
  ort.env.wasm.numThreads = threads;
  const bytes = async (url) => (await fetch(url)).arrayBuffer();
  const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
  const session = await ort.InferenceSession.create(await bytes(model), options);
  const input = new ort.Tensor("float32", new Float32Array(await bytes(pixels)), shape);
  return async () => {
    const started = performance.now();
    await session.run({ pixels: input });
    return (performance.now() - started) / 1000;
  };
});
