// Errors as rows, those that nothing raises which a first visit brings: Python's own, of which most come over the wire with
// their sentences; those of models of others (late_error.js raises them); and those of parts of the page that come late.
// error_table.js has the others, and this one's order.

/** Code -> an English sentence with `{details}`. @type {Readonly<Record<string, string>>} */
export const SENTENCES = Object.freeze({
  // ---- InputError: arguments ----------------------------------------------------------------------------------------
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
  "question-empty": "Please type a question.",
  "question-too-long": "The question is too long: this model reads at most {limit} tokens, about {words} words.",
  "stream-replaced": "Another question was asked before this answer had ended.",
  "chat-message-invalid":
    "A message of a chat has a role, and as its content a text or a list of texts, images and videos.",
  "chat-refused": "The model does not take this chat: {reason}.",
  "chat-text-only": "This model answers questions about text only, not about images.",
  // ---- InputError: images and videos --------------------------------------------------------------------------------
  "image-unsupported": "{model} reads text only; ask without an image.",
  "image-not-kept": "This image was encoded without keeping its pixels. Give the image itself.",
  "image-of-another-model": "This image was encoded by another model. Encode it with this one.",
  "tower-misfit": "{model} reads text only: the vision tower (mmproj) beside it is another model's.",
  "tower-missing": "{model} sees images only with its vision tower: an mmproj file beside it, or named.",
  "image-not-found": "There is no file {path}.",
  "image-file-unreadable": "The file {path} cannot be read: {reason}.",
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
  "path-not-found": "There is no file or folder {path}.",
  "path-not-found-near": "There is no file or folder {path}; near by there is {names}.",
  "model-incomplete": "The model {model} has no file {file}.",
  "folder-not-a-model": "{path} is a folder without a config.json or GGUF file, so not a model.",
  "vision-tower-alone": "{file} is a model's vision tower: name the model's own file.",
  "file-unreadable": "{path} cannot be read: {reason}.",
  "lfs-pointer": "The file {file} holds only a Git LFS pointer: run git lfs pull where it lies, and try again.",
  "file-too-large": "{file} is larger than the {limit} bytes that it may have.",
  "reader-missing": "The reader of text is not installed; reinstall tinyvlm.",
  // ---- LoadError: network -------------------------------------------------------------------------------------------
  "redirect-insecure": "{url} leads to an address without https.",
  "redirect-endless": "{url} leads from one address to the next without end.",
  "no-network": "{host} could not be reached: {reason}. Check the network connection.",
  "no-answer": "{host} gave no answer that can be read: {reason}. Try again later.",
  "download-short": "Downloading {url} ended after {received} of {size} bytes. Try again to go on from there.",
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
  "resample-unsupported": "Resampling filter {filter} is not supported.",
  "bad-address": "A kernel buffer lies outside kernel memory.",
  // ---- the page's own: the way to the model -------------------------------------------------------------------------
  "size-unknown": "{host} does not tell how large {file} is, so it cannot be loaded.",
  "dropped-file-missing": "{file} is missing: drop all files of the model together.",
  "dropped-file-unreadable": "{file} has changed on disk, or was moved, since it was chosen. Choose it again.",
  // ---- the page's own: the history -----------------------------------------------------------------------------------
  "archive-foreign": "{name} is not a history that was exported from this page.",
  "archive-damaged": "{name} is damaged, so nothing of it was taken in. Export it again.",
  "archive-newer": "{name} was exported by a newer version of this page. Reload this one, and try again.",
  "archive-too-large": "{name} has {megabytes} MB in one piece; at most {limit} MB work.",
});
