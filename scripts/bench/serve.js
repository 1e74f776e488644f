// How a benchmark's workers are spoken to: the first message starts one, every further one is answered with a value.

/**
 * @template Options, Question
 * @param {(options: Options) => Promise<(question: Question) => unknown>} start
 */
export function serve(start) {
  /** @type {((question: Question) => unknown)|undefined} */
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
