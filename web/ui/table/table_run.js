// Asks one question about one picture after the other. Between two rows the engine's queue is free, so that a question
// of the conversation waits for one row at most, and the table for that question.

import { asTinyVLMError, TinyVLMError, toWireError } from "../../engine/shared/errors.js";
import { settledOrAborted } from "../common/promises.js";
import { errorSentence, t } from "../../i18n/strings.js";
import { Pace } from "./pace.js";

/** @import { ModelCard, Profile } from "../../engine/shared/protocol.js" */
/** @import { TinyVLM } from "../../tinyvlm.js" */
/** @import { Message } from "../common/say.js" */
/** @import { Row } from "./records.js" */

/** The engine went away under a row: another one may manage it. */
const LOST = new Set(["engine-stopped", "engine-restarted"]);
/** What is wrong with the question, and so with every row. */
const OF_QUESTION = new Set(["question-too-long", "bad-choices", "choice-unwritable", "choices-too-long"]);

/**
 * @typedef {object} RunParts
 * @property {TinyVLM} vlm
 * @property {(row: Row) => Promise<Blob|null>} fileOf
 * @property {() => {profile: Profile, with_text: boolean}} how  questions are asked
 * @property {(card: ModelCard) => boolean} isEnglish  whether it answers in English alone
 * @property {(row: Row) => void} onRow  it has changed
 * @property {(isLoading: boolean) => void} onModel  whether the model has to be waited for
 *
 * @typedef {{end: "finished"|"stopped"}|{end: "halted", why: Message}} Outcome  halted: no row can be answered
 */

/** Why no row can be answered. */
class Halted extends Error {
  /** @param {Message} why */
  constructor(why) {
    super();
    this.why = why;
  }
}

export class TableRun {
  #parts;
  /** @type {AbortController|null} */
  #running = null;
  #pace = new Pace();

  /** @param {RunParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  get isRunning() {
    return this.#running !== null;
  }

  /** @param {number} rows  that are left @returns {number|null} seconds */
  left(rows) {
    return this.#running && this.#pace.left(rows);
  }

  stop() {
    this.#running?.abort();
  }

  /**
   * @param {() => Row|undefined} next  the row that is asked about next
   * @param {string} question
   * @param {string[]} choices  none: any answer will do
   * @returns {Promise<Outcome>}
   */
  async start(next, question, choices) {
    const running = new AbortController();
    this.#running = running;
    this.#pace = new Pace();
    try {
      for (let row = next(); row; row = next()) await this.#askAbout(row, question, choices, running.signal);
      return { end: "finished" };
    } catch (error) {
      if (running.signal.aborted) return { end: "stopped" };
      if (error instanceof Halted) return { end: "halted", why: error.why };
      throw error;
    } finally {
      this.#running = null;
    }
  }

  /**
   * @param {Row} row
   * @param {string} question
   * @param {string[]} choices
   * @param {AbortSignal} signal
   */
  async #askAbout(row, question, choices, signal) {
    for (let attempt = 1; ; attempt++) {
      const card = await this.#model(signal);
      const began = performance.now();
      try {
        await this.#answer(row, question, choices, card, signal);
      } catch (error) {
        const told = asTinyVLMError(error);
        if (!signal.aborted && LOST.has(told.code) && attempt === 1) continue;
        this.#fail(row, told, signal);
      }
      this.#pace.add(performance.now() - began);
      this.#parts.onRow(row);
      return;
    }
  }

  /**
   * Waits for the model, in full quality where that comes: a table is kept longer than a draft.
   * @param {AbortSignal} signal
   * @returns {Promise<ModelCard>}
   */
  async #model(signal) {
    const { vlm, how, onModel } = this.#parts;
    const told = setTimeout(() => onModel(true)); // one that is there is there sooner
    await settledOrAborted(vlm.whole, signal);
    clearTimeout(told);
    signal.throwIfAborted();
    onModel(false);
    const card = await vlm.ready.catch((error) => {
      const failed = asTinyVLMError(error);
      throw new Halted(() => errorSentence(failed));
    });
    if (!card.sees && !how().with_text) throw new Halted(() => t("table.blind"));
    return card;
  }

  /**
   * @param {Row} row
   * @param {string} question
   * @param {string[]} choices
   * @param {ModelCard} card
   * @param {AbortSignal} signal
   */
  async #answer(row, question, choices, card, signal) {
    const { vlm, fileOf, how, isEnglish } = this.#parts;
    const file = await fileOf(row);
    if (!file) throw new TinyVLMError("history-picture-gone");
    // A Blob of its own: a model that remembers does not go on with what was asked about this picture before.
    const picture = file.slice(0, file.size, file.type);
    const answer = await vlm.ask(picture, question, {
      ...how(),
      ...(choices.length ? { choices } : {}),
      signal,
      onPhase: () => this.#look(row),
    });
    const { lastAnswer } = vlm;
    const isOfModel = !lastAnswer?.reading && !lastAnswer?.unserved;
    Object.assign(row, {
      state: "done",
      answer: answer.trim(),
      ms: Math.round(lastAnswer?.total_ms ?? 0),
      model: card.name,
      english: isOfModel && isEnglish(card),
      error: null,
    });
  }

  /** @param {Row} row */
  #look(row) {
    if (row.state === "looking") return;
    row.state = "looking";
    this.#parts.onRow(row);
  }

  /** @param {Row} row @param {TinyVLMError} error @param {AbortSignal} signal @throws {Halted} */
  #fail(row, error, signal) {
    const isOver = signal.aborted || OF_QUESTION.has(error.code);
    if (!isOver) {
      Object.assign(row, { state: "failed", error: toWireError(error) });
      return;
    }
    row.state = "waiting";
    this.#parts.onRow(row);
    signal.throwIfAborted();
    throw new Halted(() => errorSentence(error));
  }
}
