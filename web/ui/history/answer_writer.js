// An answer on its way to the store: what is there of it is kept every now and then, and all of it at its end.

import { Coalesced } from "./coalesced.js";

/** @import { Answer } from "./records.js" */

/**
 * @typedef {object} Ending
 * @property {Answer & {state: "done"|"stopped"|"failed"}} answer
 * @property {string|null} model  that answered, where it is not the one that was there when it was asked
 *
 * @typedef {object} Outcome
 * @property {string} [text]  in place of what was written last
 * @property {Answer["facts"]} [facts]
 * @property {string|null} [model]
 */

export class AnswerWriter {
  #end;
  #checkpoints;
  #text = "";
  #isOver = false;

  /**
   * @param {number} number  of the message in its conversation
   * @param {(text: string) => Promise<void>} checkpoint
   * @param {(ending: Ending) => Promise<void>} end
   */
  constructor(number, checkpoint, end) {
    this.number = number;
    this.#end = end;
    this.#checkpoints = new Coalesced(checkpoint);
  }

  /** @param {string} text  all that there is so far */
  write(text) {
    if (this.#isOver) return;
    this.#text = text;
    this.#checkpoints.set(text);
  }

  /** Resolves once it is kept, as do the others. @param {Outcome} [outcome] */
  finish(outcome = {}) {
    return this.#endAs("done", null, outcome);
  }

  /** @param {Outcome} [outcome] */
  stop(outcome = {}) {
    return this.#endAs("stopped", null, outcome);
  }

  /** @param {{code: string, details: Record<string, unknown>}} error @param {Outcome} [outcome] */
  fail({ code, details }, outcome = {}) {
    return this.#endAs("failed", { code, details }, outcome);
  }

  /** @returns {Promise<void>} */
  flush() {
    return this.#checkpoints.flush();
  }

  /** It was deleted: nothing of it is written any more. */
  forget() {
    this.#isOver = true;
    this.#checkpoints.drop();
  }

  /** @param {Ending["answer"]["state"]} state @param {Answer["error"]} error @param {Outcome} outcome */
  async #endAs(state, error, { text = this.#text, facts = null, model = null }) {
    if (this.#isOver) return;
    this.forget();
    await this.#end({ answer: { text, state, error: error && plain(error), facts: facts && plain(facts) }, model });
  }
}

/** Details are to be copied, and read by other versions of the page. @template T @param {T} value @returns {T} */
function plain(value) {
  return JSON.parse(JSON.stringify(value));
}
