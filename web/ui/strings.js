// Every sentence the page says. Sentences about errors come from the engine, which knows what went wrong.

const en = {
  title: "Tiny-VLM",
  tagline: "Ask about an image. It never leaves this page.",

  "image.region": "Image",
  "image.choose": "Choose an image",
  "image.or-drop": "or drop one anywhere, or paste it",
  "image.drop-here": "Drop the image",
  "image.change": "Change",
  "image.preview-alt": "The image you ask about: {name}",
  "image.pasted-name": "Pasted image",
  "image.size": "{width} × {height}",
  "image.first-of-many": "{count} files were dropped; this is the first.",
  "image.not-a-file": "That was text or a link. Drop an image file, or paste a copied image.",
  "image.no-preview": "This file cannot be shown. Its type may be wrong, or it may be damaged.",
  "samples.heading": "Or try one of these",
  "samples.failed": "The examples could not be loaded. Your own images still work.",

  "model.choose": "Model",
  "model.heading": "Choose a model",
  "model.source": "Hugging Face repository, or URL",
  "model.placeholder": "owner/name",
  "model.known": "Models that fit",
  "model.explanation":
    "It is downloaded from there into this page; your images and questions still never leave it. SmolVLM and Idefics3 " +
    "see, SmolLM2 reads text only.",
  "model.files": "Open files…",
  "model.folder": "Open a folder…",
  "model.profile": "How closely to look at images",
  "model.fast": "Fast: the whole image at once",
  "model.balanced": "Balanced: up to four tiles",
  "model.accuracy": "Accurate: all tiles of the model",
  "model.token-summary": "Repositories that ask for a token",
  "model.token": "Access token, sent to the hub only",
  "model.bundled": "Use the page's own",
  "model.cancel": "Cancel",
  "model.load": "Load",
  "model.name-missing": "Write the name of a repository, owner/name, or open files.",
  "model.no-weights": "There is no .safetensors or .gguf file among these.",

  "chat.region": "Questions and answers",
  "chat.log": "Conversation",
  "chat.empty-title": "What would you like to know?",
  "chat.empty-text": "Choose an image, then ask about it in plain words. The model runs on this device.",
  "chat.empty-text-only": "This model reads text only. Ask in plain words; it runs on this device.",
  "chat.question": "You",
  "chat.answer": "Answer",
  "answer.waiting-for-model": "Waiting for the model to load; then your question is answered.",
  "answer.decoding": "Reading the image…",
  "answer.encoding": "Looking at the image…",
  "answer.answering": "Thinking…",
  "answer.stopped": "Stopped",
  "answer.stopped-early": "Stopped before the answer began.",
  "answer.empty": "The model had nothing to say. Try another question.",
  "answer.error": "No answer",
  "meta.first-token": "{time} to first token",
  "meta.total": "{time} in all",
  "meta.tokens": "{count} tokens",
  "meta.one-token": "1 token",
  "meta.reused": "image reused",
  "meta.length": "cut at the length limit",
  "meta.dropped": "the oldest part of the conversation no longer fits and was left out",

  "question.label": "Your question",
  "question.placeholder": "Ask about the image…",
  "question.empty": "Write a question first.",
  "question.placeholder-text": "Ask anything…",
  "question.no-image": "Choose an image first: drop one, paste one, or take an example.",
  "question.busy": "One answer at a time: press Esc to stop this one.",
  send: "Send",
  stop: "Stop",
  "suggestions.label": "Suggested questions",
  "suggestions.text": ["What is the capital of France?", "Write a haiku about rain."],
  "suggestions.default": ["What shape is in the image?", "What color is it?", "Describe the image."],

  "progress.heading": "Getting ready",
  "progress.text": "You can already choose an image and ask; the answer follows.",
  "progress.failed-heading": "The model could not be loaded",
  "progress.retry": "Try again",
  "progress.python": "Python",
  "progress.kernels": "Kernels",
  "progress.package": "Package",
  "progress.model": "Model",
  "progress.waiting": "waiting",
  "progress.bytes": "{loaded} of {total}",
  "progress.done": "{total}, done",
  "progress.done-unknown": "done",

  "engine.restarted": "The engine stopped and was restarted; your chat is kept.",
  "notice.close": "Close",
  "page.new-version": "A new version of this page is there. Reload it, with its other tabs closed.",
  "page.reload": "Reload",

  "status.loading": "Loading…",
  "status.failed": "The model is not loaded.",
  "status.one-thread": "1 thread",
  "status.threads": "{count} threads",
  "status.reason": "({reason})",
  "status.relaxed": "relaxed SIMD",
  "status.simd128": "SIMD128",
  "status.isolated": "cross-origin isolated",
  "status.not-isolated": "not cross-origin isolated",
  "status.memory": "{size} of memory",

  "stats.limits": "What it cannot do",
  "stats.none": "Figures appear here once the model has loaded.",
  "stats.yes": "yes",
  "stats.no": "no",
  "stats.model": "Model",
  "stats.threads": "Threads",
  "stats.threads_reason": "About the threads",
  "stats.simd": "SIMD",
  "stats.crossOriginIsolated": "Cross-origin isolated",
  "stats.load_ms": "Time to load",
  "stats.encode_ms": "Image encoding",
  "stats.prefill_ms": "Reading the question",
  "stats.decode_ms": "Writing the answer",
  "stats.decode_tokens_per_s": "Tokens per second",
  "stats.kernel_memory_bytes": "Model and kernel memory",
  "stats.kernel_memory_peak_bytes": "Model and kernel memory, peak",
  "stats.kernel_memory_total_bytes": "Kernel memory, reserved",
  "stats.python_heap_bytes": "Python memory",
  "stats.activation_bits": "Activation bits",
  "stats.arena_bytes": "Working memory",
  "stats.backend": "Backend",
};

/**
 * @param {string} key
 * @param {Record<string, string|number>} [params]  replace {name} in the sentence
 * @returns {string}
 */
export function t(key, params = {}) {
  return en[key].replace(/\{(\w+)\}/g, (_, name) => params[name]);
}

/** @param {string} key @returns {boolean} */
export function has(key) {
  return key in en;
}

/** @param {string} key @returns {string[]} */
export function list(key) {
  return en[key];
}
