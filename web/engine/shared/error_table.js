// Errors as rows: a code, and its sentence with the details that belong into it. First those of
// py/tinyvlm/error_table.py that are met on this side as well; then the page's own. late_errors.js has the others. A test
// compares them, and every place that raises one.

/** Code -> an English sentence with `{details}`. @type {Readonly<Record<string, string>>} */
export const SENTENCES = Object.freeze({
  // ---- InputError: arguments ----------------------------------------------------------------------------------------
  "bad-argument": "{name} must be one of {expected}; it is {value}.",
  // ---- InputError: questions and conversations ----------------------------------------------------------------------
  "bad-question": "The question must be text.",
  // ---- InputError: images and videos --------------------------------------------------------------------------------
  "image-missing": "Please choose an image first.",
  "image-file-too-large": "The image file has {megabytes} MB; at most {limit} MB work. Choose a smaller one.",
  "image-empty": "The image file is empty. Choose another one.",
  "image-unknown-type": "This file is not an image that can be read. Use a PNG, JPEG, WebP, GIF, BMP or AVIF file.",
  "image-lfs-pointer": "The image file holds only a Git LFS pointer: run git lfs pull where it lies, and try again.",
  "image-unreadable": "The image is damaged and cannot be read. Choose another one.",
  "image-too-large": "The image has {megapixels} megapixels; at most {limit} megapixels work. Make it smaller first.",
  "image-far-too-large": "The image has far more than the {limit} megapixels that work. Make it smaller first.",
  "image-side-too-long":
    "The image is {width} × {height} pixels; at most {limit} pixels a side work. Make it smaller first.",
  "image-svg": "SVG drawings have no pixels to look at. Use a PNG, JPEG, WebP, GIF, BMP or AVIF file.",
  "image-without-pixels": "The image has no pixels.",
  // ---- InputError: how an answer is chosen --------------------------------------------------------------------------
  "sampling-unknown": "There is no option {option} for answers.",
  // ---- ModelError: small files --------------------------------------------------------------------------------------
  "part-list-invalid": "The part list {url} is not valid.",
  // ---- LoadError: what is there -------------------------------------------------------------------------------------
  "model-not-found":
    "There is no model {source}: give a Hugging Face repository (owner/name), a URL, a folder or a file.",
  "weights-file-missing": "The model has no model.safetensors and no GGUF file.",
  "not-loaded": "The model is not loaded yet.",
  "reader-unavailable": "The text reader could not be loaded. Check the connection, close other tabs, and ask again.",
  // ---- LoadError: network -------------------------------------------------------------------------------------------
  "url-invalid": "{url} is not a valid URL.",
  "rate-limited": "{host} asks to slow down. Try again in some minutes.",
  "download-failed": "{url} could not be downloaded: the server answered {status}.",
  "download-cut-off": "Downloading {url} broke off. Check the connection, and try again to go on from there.",
  "download-range-wrong": "{url} came from another place than was asked for. Try again later.",
  "checksum-mismatch": "{file} arrived damaged, or has changed on its server. Load the model again.",
  // ---- KernelError --------------------------------------------------------------------------------------------------
  "quantization-too-large":
    "{model} needs {megabytes} MB in {quantization}; at most {limit} MB work. " +
    "Load it in {smaller}: there it needs {smaller_megabytes} MB.",
  // ---- CancelledError -----------------------------------------------------------------------------------------------
  cancelled: "The answer was stopped.",
  // ---- the page's own: images ---------------------------------------------------------------------------------------
  "image-canvas-altered":
    "This browser alters images before a page can read them. Allow this page to read canvases, or use another browser.",
  "image-changed": "The image's file has changed on disk, or was moved, since it was chosen. Choose it again.",
  "image-not-blob": "The image must be a Blob or a File.",
  // ---- the page's own: the way to the model -------------------------------------------------------------------------
  "host-unreachable": "{host} could not be reached, or does not let this page read it. Check the connection.",
  "model-download-failed": "The model could not be downloaded. Check the connection and reload the page.",
  "model-file-short": "A file of the model is shorter than its header says.",
  "load-cancelled": "Loading the model was stopped.",
  "model-in-use": "A part of the model is in use: wait until it has loaded, or close the tab that loads it.",
  // ---- the page's own: the engine; `reason` is for who reports it ---------------------------------------------------
  "page-download-failed": "The page's {file} could not be downloaded. Check the connection and reload the page.",
  "page-part-missing": "This part of the page could not be loaded. Check the connection and try again.",
  "page-file-wrong":
    "The server sent {type} in place of the page's {file}. Upload all of the page's files, or give baseURL, where they lie.",
  "python-failed": "Python could not be started in this browser. Reload the page.",
  "simd-missing": "This browser cannot run WebAssembly SIMD. Please use a current Chrome, Edge, Firefox or Safari.",
  "memory-refused": "This device has too little memory left. Close other tabs and reload.",
  "engine-header-missing":
    "{file} came without the header {header}, so the engine cannot start. Reload the page; else its server has to send it.",
  "engine-elsewhere":
    "Browsers start the engine from this page's own server alone, not from {origin}. Put the files of tinyvlm.js there.",
  "policy-too-strict": "This page's Content-Security-Policy does not let the engine start. It has to say {directive}.",
  "worker-refused": "The browser does not start the engine: {reason}.",
  "message-lost": "A message to the engine was lost. Try again, or reload the page.",
  "request-unsendable": "This question, its image or its options cannot be sent to the engine. Give plain data.",
  "engine-stopped": "The engine stopped before it had answered. Ask again.",
  "engine-restarted": "The engine was started again. Ask again.",
  "engine-failing": "The engine keeps stopping on this device. Close other tabs and reload the page.",
  disposed: "This TinyVLM has been disposed of.",
  internal: "Something went wrong inside the engine. Try again, or reload the page.",
  // ---- the page's own: the history -----------------------------------------------------------------------------------
  "history-picture-gone": "This picture had not been kept yet. Choose its file again.",
  "history-unavailable":
    "This browser keeps no history for this page (a private window?): conversations stay until the page is closed.",
  "history-blocked":
    "An older version of this page in another tab holds the history. Close it, and reload this one to keep conversations.",
  "history-newer": "A newer version of this page has taken over the history. Reload this one to keep conversations.",
  "history-full":
    "There is too little space to keep more conversations. Delete some; until then they stay until the page is closed.",
  // ---- the page's own: notices, where nothing has failed for good ---------------------------------------------------
  "storage-full": "There is too little space to keep the model: it is loaded, but will be downloaded again next time.",
  "storage-missing":
    "This browser keeps no files for this page (a private window?): the model will be downloaded again next time.",
  "not-kept": "The server does not tell versions of this model apart, so it will be downloaded again next time.",
  "few-bits": "Four bits a weight cost a model as small as this one much. Load it in 8 bits (q8) where it fits.",
  "connection-lost": "The connection is lost. The download goes on as soon as it is back.",
});
