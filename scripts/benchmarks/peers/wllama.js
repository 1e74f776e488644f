// wllama (llama.cpp) on a GGUF file: every question is one completion, answered with llama.cpp's own seconds a token.

import { LoggerWithoutDebug, Wllama } from "../../peers/@wllama/wllama/esm/index.min.js";
import { serve } from "../page/serve.js";

// Its fastest settings here: flash attention gains a few percent in prefill, and halves the speed of decoding at 512.
const SETTINGS = { flash_attn: false, cache_type_k: "f32", cache_type_v: "f32", n_parallel: 1, n_batch: 512 };

/** @param {{model: string, threads: number, context: number}} options */
serve(async ({ model, threads, context }) => {
  const paths = { default: new URL("../../peers/@wllama/wllama/esm/wasm/wllama.wasm", self.location.href).href };
  const wllama = new Wllama(paths, { suppressNativeLog: true, logger: LoggerWithoutDebug });
  const blob = await (await fetch(model)).blob();
  await wllama.loadModel([blob], { ...SETTINGS, n_threads: threads, n_ctx: context, n_gpu_layers: 0 });
  if (wllama.getNumThreads() !== threads) {
    throw new Error(`wllama runs on ${wllama.getNumThreads()} threads instead of ${threads}.`);
  }
  const complete = async (tokens, max_tokens, cache_prompt) => {
    const prompt = " the".repeat(tokens); // one token a word
    const options = { prompt, max_tokens, cache_prompt, temperature: 0, top_k: 1, ignore_eos: true };
    const { timings } = await wllama.createCompletion(options);
    if (timings.prompt_n + timings.cache_n !== tokens || timings.predicted_n !== max_tokens) {
      throw new Error(`wllama took ${timings.prompt_n} tokens and gave ${timings.predicted_n}.`);
    }
    return timings;
  };
  return async ({ prefill, decodeAt, steps }) => {
    if (prefill) {
      return (await complete(prefill, 1, false)).prompt_ms / 1000 / prefill;
    }
    // The first token comes with the prefill.
    return (await complete(decodeAt - steps / 2, steps + 1, true)).predicted_ms / 1000 / steps;
  };
});
