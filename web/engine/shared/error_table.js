// Every error as a row: its code, and its sentence with the details that belong into it. First the rows of
// py/tinyvlm/error_table.py, whose errors come here over the wire or are met on this side as well; then the page's own.
// A test compares them, and every place that raises one.

/** Code -> an English sentence with `{details}`. @type {Readonly<Record<string, string>>} */
export const SENTENCES = Object.freeze({
  // ---- InputError: arguments ----------------------------------------------------------------------------------------
  "bad-argument": "{name} must be one of {expected}; it is {value}.",
  "choices-and-schema": "An answer is one of several choices or follows a schema, not both.",
  "token-ids-invalid": "Logits are of 1 to {limit} token ids, each from 0 to {last}.",
  "image-tokens-wrong": "These images are written as {count} of the token {token}, no more and no less.",
  "weight-name-invalid": "{name} is not the name of a .gguf or .safetensors file.",
  "revision-invalid": "{revision} is not the name of a branch, a tag or a commit.",
  "address-not-a-model": "{url} is not the address of a model: it should be {hub}/OWNER/NAME.",
  "target-not-empty": "{path} is there already; name a new folder.",
  "wasmtime-missing": "The wasm backend needs a package that is not installed: pip install wasmtime.",
  "model-closed": "This model was closed. Load it again.",
  "other-process": "A loaded model works in its own process only. Load it in this one too.",
  // ---- InputError: questions and conversations ----------------------------------------------------------------------
  "bad-question": "The question must be text.",
  "question-empty": "Please type a question.",
  "question-too-long": "The question is too long: this model reads at most {limit} tokens, about {words} words.",
  "stream-replaced": "Another question was asked before this answer had ended.",
  "chat-message-invalid":
    "A message of a chat has a role, and as its content a text or a list of texts, images and videos.",
  "chat-refused": "The model does not take this chat: {reason}.",
  "chat-text-only": "This model answers questions about text only, not about images.",
  // ---- InputError: images and videos --------------------------------------------------------------------------------
  "image-missing": "Please choose an image first.",
  "image-unsupported": "{model} reads text only; ask without an image.",
  "image-not-kept": "This image was encoded without keeping its pixels. Give the image itself.",
  "image-of-another-model": "This image was encoded by another model. Encode it with this one.",
  "tower-misfit": "{model} reads text only: the vision tower (mmproj) beside it is another model's.",
  "tower-missing": "{model} sees images only with its vision tower: an mmproj file beside it, or named.",
  "image-not-found": "There is no file {path}.",
  "image-file-unreadable": "The file {path} cannot be read: {reason}.",
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
  "image-bad-value": "The image must be a path, bytes, an open file, a PIL image or an array, not {type}.",
  "image-bad-array":
    "An image array is uint8 or floats from 0 to 1, of shape (H, W, 3) or (3, H, W), " +
    "not {dtype} of shape {shape}.",
  "image-array-ambiguous": "An array of shape {shape} may have its channels first or last. Give a PIL image instead.",
  "image-array-range": "Floats of an image array must be from 0 to 1, not from {least} to {most}.",
  "image-array-unreadable": "The image array cannot be read: {reason}.",
  "image-address": "Images are not fetched from the web. Download it, and give its path or its bytes.",
  "image-data-url": "The data URL cannot be read. Give the bytes of the image instead.",
  "image-file-not-bytes": "The image file gives no bytes. Open it in binary mode.",
  "video-unsupported": "This model does not read videos.",
  "video-empty": "The video has no frames.",
  "reading-invalid": "This is not a reading as Reading.to_json gives it ({reason}).",
  // ---- InputError: how an answer is chosen --------------------------------------------------------------------------
  "bad-sampling": "The option {option} must be a number from {least} to {most}, not {value}.",
  "sampling-not-positive": "The option {option} must be a number above 0 and at most {most}, not {value}.",
  "sampling-not-a-count": "The option {option} must be a whole number of at least {least}, not {value}.",
  "seed-invalid": "The seed must be a whole number, not {value}.",
  "stop-invalid": "The texts to stop at must be a list, none of them empty, not {value}.",
  "sampling-unknown": "There is no option {option} for answers.",
  "sampling-misnamed": "There is no option {option} for answers; perhaps {meant} is meant.",
  "bad-choices": "Choices must be a list of texts, one at least and none of them empty, not {value}.",
  "choice-unwritable": "This model's tokenizer cannot write the choice {choice}.",
  "choices-too-long": "The choices are too long: this model's texts have at most {limit} tokens.",
  "constraint-impossible": "This model has no token with which the answer could go on.",
  // ---- InputError: JSON schemas -------------------------------------------------------------------------------------
  "bad-schema": "A JSON schema must be an object, not {value}.",
  "schema-keyword-invalid": "The JSON schema's {keyword} cannot be {value}.",
  "schema-type-unknown": "The JSON schema's type must be of {known}, not {value}.",
  "schema-required-unknown": "The JSON schema's required must be a list of names that properties has, not {value}.",
  "schema-bounds-wrong":
    "The JSON schema's {lower} and {upper} must be whole numbers, the first not larger, not {least} and {most}.",
  "schema-name-invalid": "A name in a JSON schema must be text, not {name}.",
  "schema-value-invalid": "The JSON schema holds {value}, which is not JSON.",
  "schema-too-deep": "The JSON schema is nested too deep.",
  "schema-unsupported": "The JSON schema's {keyword} is not supported here.",
  "schema-pattern-unsupported": "The JSON schema's pattern {pattern} is not supported here, for its {part}.",
  "schema-format-unsupported": "The JSON schema's format {format} is not supported here.",
  "schema-ref-unsupported": "The JSON schema's $ref {pointer} leads back to itself, or out of the schema.",
  "schema-one-of-overlaps":
    "Two options of the JSON schema's oneOf may fit one value. Use anyOf, or give each a const of its own.",
  "schema-too-many-options": "The JSON schema's allOf, anyOf and oneOf make more than {limit} options.",
  "schema-impossible": "Nothing that can be written here fits the JSON schema.",
  "json-unwritable": "This model's tokenizer cannot write JSON: it lacks characters of ASCII.",
  // ---- ModelError: small files --------------------------------------------------------------------------------------
  "json-invalid": "The model's {file} is not a JSON object.",
  "part-list-invalid": "The part list {url} is not valid.",
  "architecture-unknown": "Models of type {model_type} are not supported; supported: {supported}.",
  "config-invalid": "The model's config is not usable: {reason}.",
  "unsure-invalid": "The field unsure of generation_config.json needs below, a number from 0 to 2, and answer, a text.",
  "naming-invalid":
    "The field naming of generation_config.json needs below, sure, likely and guessed, shares from 0 to 1, and class_names.json a name for each class.",
  "requests-invalid": "The field requests of generation_config.json needs made_for, which can be the word pictures.",
  "tokenizer-invalid": "The model's tokenizer.json is not usable: {reason}.",
  "tokenizer-unsupported": "The tokenizer's {field} is not supported: only byte-level BPE is.",
  "jinja2-missing": "This model's chats need a package that is not installed: pip install jinja2.",
  "template-missing": "The model's folder has no chat template.",
  "template-invalid": "The chat template marks {found} of {images} images.",
  "chat-template-not-text": "The model's chat template is not a text.",
  "chat-template-invalid": "The model's chat template cannot be used: {reason}.",
  "chat-template-endless": "The model's chat template cannot be used: it is too long, or does not come to an end.",
  // ---- ModelError: files of weights ---------------------------------------------------------------------------------
  "weights-invalid": "The weights file has no valid header; it is damaged or not a {format} file.",
  "weights-truncated": "The weights file ends within its header; it is damaged or not a {format} file.",
  "weights-header-too-long":
    "The weights file has a header of more than {limit} bytes; it is damaged or not a {format} file.",
  "weights-name-twice": "The weights file has {name} twice; it is damaged or not a {format} file.",
  "weights-bytes-left":
    "The weights file has {bytes} bytes that belong to no tensor; it is damaged or not a safetensors file.",
  "tensor-invalid": "The weights file describes tensor {tensor} wrongly; it is damaged or not a {format} file.",
  "tensor-in-two-files": "Two of the model's weight files hold a tensor {tensor}.",
  "index-invalid": "The model's model.safetensors.index.json is not a valid index of safetensors files.",
  "index-wrong": "The model's index and its weight file {file} disagree about tensor {tensor}.",
  "gguf-version-unsupported": "GGUF version {version} is not supported; supported: 2 and 3, little-endian.",
  "gguf-split": "The GGUF model is split into several files, and not all of them are here.",
  "gguf-files-wrong": "A GGUF model is one text model and, for images, one mmproj file of the same model.",
  "gguf-widths-differ": "The two GGUF files are not parts of one model: their widths differ.",
  "gguf-not-for-images": "The GGUF text model has no <image> token: it is not for images.",
  "gguf-architecture-unknown": "GGUF files of type {architecture} are not supported; supported: {supported}.",
  "gguf-metadata-invalid": "The GGUF file's {key} is missing or not usable.",
  "gguf-metadata-unsupported": "GGUF files whose {key} is {value} are not supported.",
  "gguf-tokenizer-unsupported":
    "This GGUF file's tokenizer ({model}, {pre}) is not supported: only byte-level BPE as in SmolLM2 is.",
  "gguf-tensor-unknown": "Tensor {tensor} belongs to no architecture that is supported in GGUF files.",
  // ---- ModelError: weights that do not suit -------------------------------------------------------------------------
  "weights-missing": "The model's weights have no tensor {tensor}.",
  "weights-unsupported": "Tensor {tensor} is stored as {dtype}, which is not supported; supported: {supported}.",
  "weights-misfit": "The model's weights do not fit its config: {op} of {shapes}.",
  "logits-wrong": "The model's weights give {found} logits, not {expected}.",
  "weights-not-finite": "The weights hold values that are not finite numbers.",
  "tensor-not-finite": "Tensor {tensor} holds values that are not finite numbers.",
  "tensor-shape-wrong": "Tensor {tensor} has the shape {shape}, which does not fit the model's config.",
  "tensor-size-wrong": "Tensor {tensor} holds {found} numbers; it should hold {expected}.",
  "tensor-planes-wrong": "Tensor {tensor} is not held as two planes of the same size.",
  "tensor-groups-wrong": "Tensor {tensor} is neither q4 nor q2: sizes do not fit.",
  "quantized-otherwise":
    "The model was quantized with {method}, which is not supported: use the original, or a GGUF file.",
  "quantized-already": "{model} is quantized already; start from the original model.",
  "quantization-missing": "This model folder holds no {quantization} weights.",
  // ---- LoadError: what is there -------------------------------------------------------------------------------------
  "model-not-found":
    "There is no model {source}: give a Hugging Face repository (owner/name), a URL, a folder or a file.",
  "path-not-found": "There is no file or folder {path}.",
  "path-not-found-near": "There is no file or folder {path}; near by there is {names}.",
  "model-incomplete": "The model {model} has no file {file}.",
  "folder-not-a-model": "{path} is a folder without a config.json or GGUF file, so not a model.",
  "weights-file-missing": "The model has no model.safetensors and no GGUF file.",
  "vision-tower-alone": "{file} is a model's vision tower: name the model's own file.",
  "file-unreadable": "{path} cannot be read: {reason}.",
  "lfs-pointer": "The file {file} holds only a Git LFS pointer: run git lfs pull where it lies, and try again.",
  "file-too-large": "{file} is larger than the {limit} bytes that it may have.",
  "not-loaded": "The model is not loaded yet.",
  "reader-missing": "The reader of text is not installed; reinstall tinyvlm.",
  "reader-unavailable": "The text reader could not be loaded. Check the connection, close other tabs, and ask again.",
  // ---- LoadError: network -------------------------------------------------------------------------------------------
  "url-invalid": "{url} is not a valid URL.",
  "redirect-insecure": "{url} leads to an address without https.",
  "redirect-endless": "{url} leads from one address to the next without end.",
  "no-network": "{host} could not be reached: {reason}. Check the network connection.",
  "no-answer": "{host} gave no answer that can be read: {reason}. Try again later.",
  "rate-limited": "{host} asks to slow down. Try again in some minutes.",
  "download-failed": "{url} could not be downloaded: the server answered {status}.",
  "download-cut-off": "Downloading {url} broke off. Check the connection, and try again to go on from there.",
  "download-short": "Downloading {url} ended after {received} of {size} bytes. Try again to go on from there.",
  "download-range-wrong": "{url} came from another place than was asked for. Try again later.",
  "checksum-mismatch": "{file} arrived damaged, or has changed on its server. Load the model again.",
  // ---- LoadError: the hub -------------------------------------------------------------------------------------------
  "repository-not-found":
    "There is no repository {repository}: check the name. If it is private, give a token (HF_TOKEN).",
  "repository-gated":
    "{repository} is a gated repository: ask for access on its page, then give a token of your account (HF_TOKEN).",
  "token-without-access":
    "The token (HF_TOKEN) has no access to {repository}: ask for it on the repository's page, with its account.",
  "token-invalid": "The token (HF_TOKEN) is not valid. Make a new one at https://huggingface.co/settings/tokens.",
  "revision-not-found": "{repository} has no branch, tag or commit {revision}.",
  "hub-answer-invalid": "{hub} answered with something that is not a list of {repository}'s files.",
  // ---- LoadError: disk ----------------------------------------------------------------------------------------------
  "not-cached": "{model} is not wholly in the cache. Load it once with a network connection.",
  "cache-used": "{model} comes from the cache, because asking for it failed: {reason}.",
  "cache-not-writable": "{path} cannot be written: {reason}. Set TINYVLM_CACHE to a folder that can be.",
  "disk-full": "The disk is full, so {path} cannot be written. Free some space, or set TINYVLM_CACHE to another disk.",
  "target-disk-full": "The disk is full, so {path} cannot be written. Free some space, or name another folder.",
  "target-not-writable": "{path} cannot be written: {reason}.",
  // ---- KernelError --------------------------------------------------------------------------------------------------
  "kernels-missing": "The kernels {file} are not installed; reinstall tinyvlm.",
  "out-of-memory":
    "This device gave no memory for another {megabytes} MB. Close other tabs or programs, or use a smaller model.",
  "model-too-large": "{model} needs {megabytes} MB; at most {limit} MB work. Use a smaller model.",
  "quantization-too-large":
    "{model} needs {megabytes} MB in {quantization}; at most {limit} MB work. " +
    "Load it in {smaller}: there it needs {smaller_megabytes} MB.",
  "resample-unsupported": "Resampling filter {filter} is not supported.",
  "bad-address": "A kernel buffer lies outside kernel memory.",
  // ---- CancelledError -----------------------------------------------------------------------------------------------
  cancelled: "The answer was stopped.",
  // ---- the page's own: images ---------------------------------------------------------------------------------------
  "image-canvas-altered":
    "This browser alters images before a page can read them. Allow this page to read canvases, or use another browser.",
  "image-changed": "The image's file has changed on disk, or was moved, since it was chosen. Choose it again.",
  "image-not-blob": "The image must be a Blob or a File.",
  // ---- the page's own: the way to the model -------------------------------------------------------------------------
  "host-unreachable": "{host} could not be reached, or does not let this page read it. Check the connection.",
  "size-unknown": "{host} does not tell how large {file} is, so it cannot be loaded.",
  "model-download-failed": "The model could not be downloaded. Check the connection and reload the page.",
  "model-file-short": "A file of the model is shorter than its header says.",
  "dropped-file-missing": "{file} is missing: drop all files of the model together.",
  "dropped-file-unreadable": "{file} has changed on disk, or was moved, since it was chosen. Choose it again.",
  "load-cancelled": "Loading the model was stopped.",
  "model-in-use": "A part of the model is in use: wait until it has loaded, or close the tab that loads it.",
  // ---- the page's own: the engine; `reason` is for who reports it ---------------------------------------------------
  "page-download-failed": "The page's {file} could not be downloaded. Check the connection and reload the page.",
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
  "archive-foreign": "{name} is not a history that was exported from this page.",
  "archive-damaged": "{name} is damaged, so nothing of it was taken in. Export it again.",
  "archive-newer": "{name} was exported by a newer version of this page. Reload this one, and try again.",
  "archive-too-large": "{name} has {megabytes} MB in one piece; at most {limit} MB work.",
  // ---- the page's own: notices, where nothing has failed for good ---------------------------------------------------
  "storage-full": "There is too little space to keep the model: it is loaded, but will be downloaded again next time.",
  "storage-missing":
    "This browser keeps no files for this page (a private window?): the model will be downloaded again next time.",
  "not-kept": "The server does not tell versions of this model apart, so it will be downloaded again next time.",
  "few-bits": "Four bits a weight cost a model as small as this one much. Load it in 8 bits (q8) where it fits.",
  "connection-lost": "The connection is lost. The download goes on as soon as it is back.",
});
