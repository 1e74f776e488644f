// How a benchmark's workers are spoken to: the first message starts one, every further one is answered with a value.

/** @param {(options: any) => Promise<(question: any) => unknown>} start  any: each worker says what it takes */
export function serve(start) {
  /** @type {((question: any) => unknown)|undefined} */
  let answer;
  self.onmessage = async ({ data }) => {
    try {
      const result = await answer?.(data);
      answer ??= await start(data);
      self.postMessage({ result });
    } catch (error) {
      self.postMessage({ error: String((error instanceof Error && error.stack) || error) });
    }
  };
}
