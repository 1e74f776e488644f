// The custom element <tiny-vlm>, for pages that want a question and an answer beside an image, and no code:
//
//   <script type="module" src="./element.js"></script>
//   <tiny-vlm src="photo.jpg" question="What is this?"></tiny-vlm>
//
// Importing it twice, also from two places, defines it once. docs/embedding.md lists attributes, events, parts, errors.

import { TinyVLMElement } from "./element/tiny_vlm_element.js";
import { TinyVLMError } from "./tinyvlm.js";

export { TinyVLMElement, TinyVLMError };

/**
 * @typedef {import("./element/tiny_vlm_element.js").AskOptions} AskOptions
 * @typedef {import("./element/tiny_vlm_element.js").ReadyDetail} ReadyDetail
 * @typedef {import("./element/tiny_vlm_element.js").TokenDetail} TokenDetail
 * @typedef {import("./element/tiny_vlm_element.js").AnswerDetail} AnswerDetail
 * @typedef {import("./element/tiny_vlm_element.js").ErrorDetail} ErrorDetail
 * @typedef {import("./engine/shared/protocol.js").Progress} Progress
 */

// There are none where a server renders the page.
if (globalThis.customElements && !customElements.get("tiny-vlm")) {
  customElements.define("tiny-vlm", TinyVLMElement);
}
