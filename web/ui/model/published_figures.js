// What public models do better than the page's own, by the scores that their authors have published. The figures of
// py/tinyvlm/hub/published_figures.py, which a test compares; here since they are shown before anything is loaded.

/**
 * @typedef {"documents"|"text"|"charts"|"diagrams"|"knowledge"} Task
 *
 * @typedef {object} Published
 * @property {string} source  address of the page that has them
 * @property {Readonly<Record<string, number>>} scores  by benchmark, each of at most 100
 */

/**
 * What questions are about, and the benchmarks that ask them; the order in which both are shown.
 * @type {Readonly<Record<Task, readonly string[]>>}
 */
export const TASKS = Object.freeze({
  documents: ["DocVQA val"],
  text: ["TextVQA val", "OCRBench"],
  charts: ["ChartQA test"],
  diagrams: ["AI2D", "ScienceQA"],
  knowledge: ["MMMU", "MMStar", "MathVista"],
});

const SMOLVLM_CARD = "https://huggingface.co/HuggingFaceTB/SmolVLM-256M-Instruct";
const SMOLVLM2_CARD = "https://huggingface.co/HuggingFaceTB/SmolVLM2-2.2B-Instruct";

/** By repository. @type {Readonly<Record<string, Published>>} */
export const PUBLISHED = Object.freeze({
  "HuggingFaceTB/SmolVLM-256M-Instruct": {
    source: SMOLVLM_CARD,
    scores: {
      "DocVQA val": 58.3,
      "TextVQA val": 49.9,
      OCRBench: 52.6,
      "ChartQA test": 55.8,
      AI2D: 47,
      ScienceQA: 73.6,
      MMMU: 28.3,
      MMStar: 34.6,
      MathVista: 35.9,
    },
  },
  "HuggingFaceTB/SmolVLM-500M-Instruct": {
    source: SMOLVLM_CARD,
    scores: {
      "DocVQA val": 70.5,
      "TextVQA val": 60.5,
      OCRBench: 61,
      "ChartQA test": 63.2,
      AI2D: 59.5,
      ScienceQA: 79.7,
      MMMU: 33.7,
      MMStar: 38.3,
      MathVista: 40.1,
    },
  },
  "HuggingFaceTB/SmolVLM-Instruct": {
    source: SMOLVLM_CARD,
    scores: {
      "DocVQA val": 79.7,
      "TextVQA val": 72.1,
      OCRBench: 65.5,
      "ChartQA test": 71.6,
      AI2D: 64,
      ScienceQA: 84.5,
      MMMU: 38.3,
      MMStar: 41.8,
      MathVista: 43.9,
    },
  },
  "HuggingFaceTB/SmolVLM2-2.2B-Instruct": {
    source: SMOLVLM2_CARD,
    scores: {
      "DocVQA val": 79.98,
      "TextVQA val": 73.21,
      OCRBench: 72.9,
      "ChartQA test": 68.84,
      AI2D: 70,
      ScienceQA: 90,
      MMMU: 42,
      MMStar: 46,
      MathVista: 51.5,
    },
  },
});
