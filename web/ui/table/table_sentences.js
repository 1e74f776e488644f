// What is said of a table and of its rows.

import { fromWireError } from "../../engine/shared/errors.js";
import { errorSentence, t } from "../../i18n/strings.js";
import { MOST_ROWS } from "./records.js";

/** @import { PlainKey } from "../../i18n/strings.js" */
/** @import { Message, Said } from "../common/say.js" */
/** @import { countRows, Row } from "./records.js" */
/** @import { Outcome } from "./table_run.js" */
/** @import { StoreTrouble } from "./table_store.js" */

/** @type {Record<StoreTrouble, PlainKey>} */
export const TROUBLES = {
  elsewhere: "table.elsewhere",
  "nothing-kept": "table.nothing-kept",
  "no-room": "table.no-room",
};

/** How a table ended. @param {Outcome} outcome @param {ReturnType<typeof countRows>} counts @returns {Message} */
export function endSentence(outcome, { all: count, done, failed, open }) {
  if (outcome.end === "halted") return outcome.why;
  if (open > 0) return () => t("table.stopped", { done, count });
  return () => (failed ? t("table.finished-failed", { done, count, failed }) : t("table.finished", { count }));
}

/**
 * What was not taken.
 * @param {number} all  files that were brought
 * @param {number} images  among them
 * @param {number} taken  of these
 * @returns {Said|null}
 */
export function broughtSentence(all, images, taken) {
  if (images === 0) return "table.no-images";
  if (taken < images) return () => t("table.too-many", { limit: MOST_ROWS });
  return images < all ? () => t("table.left-out", { count: all - images }) : null;
}

/** What a row says in the place of an answer. @param {Row} row @returns {string} */
export function sentenceOf({ state, error }) {
  if (error) return errorSentence(fromWireError(error));
  switch (state) {
    case "waiting":
      return t("table.waiting");
    case "looking":
      return t("table.looking");
    case "skipped":
      return t("table.skipped");
    default:
      return t("table.no-words");
  }
}
