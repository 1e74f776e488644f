// Stands in for web/tinyvlm.js where the page alone is tested: the same promises and events, and a script that decides
// when each of them comes. What the page asked for is in `script.calls`.

export class TinyVLM extends EventTarget {
  ready;
  canSee;
  whole;
  lastAnswer = null;
  script = new Script(this);

  constructor() {
    super();
    this.script.begin();
  }

  async encode(image, { profile, signal, onPhase } = {}) {
    return this.script.request({ name: "encode", image: image.size, profile }, this.canSee, signal, () =>
      onPhase("encoding"),
    );
  }

  async ask(image, question, { profile, signal, onPhase, onToken } = {}) {
    const call = { name: "ask", image: image && image.size, question, profile, onToken };
    this.lastAnswer = await this.script.request(call, this.ready, signal, () => onPhase("answering"));
    return this.lastAnswer.text;
  }

  async stats() {
    await this.ready;
    return { ...this.script.stats, draft: this.script.isDraft };
  }

  load(choice) {
    this.script.calls.push({ name: "load", choice });
    this.script.begin();
  }

  reload() {
    this.script.calls.push({ name: "reload" });
    this.script.begin();
  }
}

const CARD = {
  name: "Tiny-VLM 13M",
  description: "It looks at simple images.",
  limits: "Much.",
  suggestions: ["What shape is in the image?", "What color is it?", "Describe the image."],
  sees: true,
  needs_image: true,
  remembers: false,
};

class Script {
  calls = [];
  isDraft = false;
  stats = {
    threads: 2,
    simd: "relaxed",
    crossOriginIsolated: true,
    kernel_memory_bytes: 61e6,
    python_heap_bytes: 21e6,
  };
  #vlm;
  #resolvers = {};
  #queue = Promise.resolve();
  #running = null;

  constructor(vlm) {
    this.#vlm = vlm;
  }

  /** Nothing is loaded. */
  begin() {
    for (const name of ["canSee", "ready", "whole"]) {
      this.#vlm[name] = new Promise((resolve, reject) => {
        this.#resolvers[name] = { resolve, reject };
      });
      this.#vlm[name].catch(() => {});
    }
  }

  progress(detail) {
    this.#vlm.dispatchEvent(new CustomEvent("progress", { detail }));
  }

  notice(code, message) {
    this.#vlm.dispatchEvent(new CustomEvent("notice", { detail: { code, message } }));
  }

  vision() {
    this.#milestone("vision");
    this.#resolvers.canSee.resolve();
  }

  draft(card = {}) {
    this.isDraft = true;
    this.#milestone("draft");
    this.#resolvers.ready.resolve({ ...CARD, ...card });
  }

  whole(card = {}) {
    this.isDraft = false;
    this.#milestone("whole");
    this.#resolvers.ready.resolve({ ...CARD, ...card });
    this.#resolvers.whole.resolve();
  }

  async fail(code, message) {
    const { TinyVLMError } = await import("./engine/shared/errors.js");
    for (const { reject } of Object.values(this.#resolvers)) reject(new TinyVLMError(code, {}, message));
  }

  /** The engine has died and is started again. */
  async restart() {
    const { TinyVLMError } = await import("./engine/shared/errors.js");
    this.#running?.reject(new TinyVLMError("engine-stopped"));
    this.begin();
    this.#vlm.dispatchEvent(new Event("restart"));
  }

  token(text) {
    this.#running.call.onToken(text);
  }

  /** Ends the running request. */
  finish(text = "") {
    const { call, resolve } = this.#running;
    const times = { first_token_ms: 120, total_ms: 480 };
    resolve(call.name === "ask" ? { text, tokens: 3, finish_reason: "stop", draft: call.draft, ...times } : {});
  }

  /** One at a time, in order; each waits for `gate` and then for `finish`. */
  request(call, gate, signal, onStart) {
    this.calls.push(call);
    const aborted = new Promise((_, reject) => {
      const abort = () => {
        call.aborted = true;
        reject(new DOMException("The request was stopped.", "AbortError"));
      };
      if (signal?.aborted) abort();
      signal?.addEventListener("abort", abort);
    });
    const turn = this.#queue.then(async () => {
      await Promise.race([gate, aborted]);
      call.draft = this.isDraft;
      onStart();
      const running = new Promise((resolve, reject) => {
        this.#running = { call, resolve, reject };
      });
      return Promise.race([running, aborted]).finally(() => {
        this.#running = null;
      });
    });
    this.#queue = turn.catch(() => {});
    return Promise.race([turn, aborted]);
  }

  #milestone(detail) {
    this.#vlm.dispatchEvent(new CustomEvent("milestone", { detail }));
  }
}
