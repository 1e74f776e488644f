// The models that are known to fit this engine, and what is known of them before anything is fetched. A figure that nobody
// has published or measured is null, and left out where the page shows it.
//
// Sizes of public models are those of their weights: of the published shapes, as scripts/benchmarks/smolvlm.py and tests
// count them, two bytes each, and four of SmolVLM2's, which is published in float32 (1.03 GB, as its page on the hub says).
// Memory is what docs/performance.md has measured with these. Tests compare both.

/** @import { PlainKey } from "../../i18n/strings.js" */

/**
 * @typedef {object} KnownModel
 * @property {string} id  what its card says, and for public models the repository
 * @property {string} name
 * @property {number|null} bytes  to download
 * @property {number|null} memory  bytes that the kernels take at most while it loads and answers
 * @property {PlainKey|null} licence
 * @property {PlainKey} good  what it is good at
 */

/** The page's own. @type {Readonly<KnownModel>} */
export const OWN = Object.freeze({
  id: "tinyvlm-13m",
  name: "Tiny-VLM 13M",
  bytes: 13_989_696,
  memory: 25_500_000,
  licence: null,
  good: "models.good-own",
});

/** The one that is proposed to who wants better answers about photos. */
export const BETTER = "HuggingFaceTB/SmolVLM-256M-Instruct";

/** Public ones, the smallest of a kind first. @type {readonly Readonly<KnownModel>[]} */
export const KNOWN = Object.freeze([
  {
    id: BETTER,
    name: "SmolVLM-256M",
    bytes: 512_969_856,
    memory: 348_000_000,
    licence: "models.apache",
    good: "models.good-photos",
  },
  {
    id: "HuggingFaceTB/SmolVLM-500M-Instruct",
    name: "SmolVLM-500M",
    bytes: 1_014_964_608,
    memory: 643_000_000,
    licence: "models.apache",
    good: "models.good-photos-more",
  },
  {
    id: "HuggingFaceTB/SmolVLM2-256M-Video-Instruct",
    name: "SmolVLM2-256M",
    bytes: 1_025_939_712,
    memory: null,
    licence: "models.apache",
    good: "models.good-video",
  },
  {
    id: "HuggingFaceTB/SmolLM2-135M-Instruct",
    name: "SmolLM2-135M",
    bytes: 269_030_016,
    memory: null,
    licence: "models.apache",
    good: "models.good-text",
  },
]);

/** @param {string} source  as models are asked for, or as they are kept @returns {Readonly<KnownModel>|undefined} */
export function knownModel(source) {
  return isOwnModel(source) ? OWN : KNOWN.find(({ id }) => id === source);
}

/** Whether this is the page's own: it is kept as the folder that it came from. @param {string} source */
export function isOwnModel(source) {
  return source === OWN.id || source === new URL(`models/${OWN.id}/`, document.baseURI).href;
}
