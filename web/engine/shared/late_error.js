// An error whose row is in late_errors.js: for what no first visit brings, which so brings the rows along.

import { SENTENCES } from "./late_errors.js";
import { TinyVLMError, filled } from "./errors.js";

export class LateError extends TinyVLMError {
  /** @param {string} code @param {Record<string, unknown>} [details]  those that the code's sentence names */
  constructor(code, details = {}) {
    super(code, details, filled(SENTENCES[code], details));
  }
}
