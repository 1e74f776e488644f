// How a benchmark's workers are spoken to: the first message starts one, every further one is answered with a value.

/** @param {(options: any) => Promise<(question: any) => any>} start */
export function serve(start) {
  let answer;
  self.onmessage = async ({ data }) => {
    try {
      const result = answer ? await answer(data) : void (answer = await start(data));
      self.postMessage({ result });
    } catch (error) {
      self.postMessage({ error: String(error.stack ?? error) });
    }
  };
}
