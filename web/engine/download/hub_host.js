// The hub as a server: where it is, who gets the token, and what it says when it refuses.

import { LateError } from "../shared/late_error.js";

/** @import { TinyVLMError } from "../shared/errors.js" */

export const HUB = "https://huggingface.co";

export class Hub {
  #token;

  /** @param {{endpoint?: string, token?: string}} [options]  its address; sent to the hub alone */
  constructor({ endpoint = HUB, token } = {}) {
    this.endpoint = endpoint.replace(/\/+$/, "");
    this.#token = token?.trim();
  }

  /**
   * The token's header, for the hub and nobody else.
   * @param {string} url
   * @returns {Record<string, string>}
   */
  headersFor(url) {
    const isHub = this.#token && new URL(url).origin === new URL(this.endpoint).origin;
    return isHub ? { Authorization: `Bearer ${this.#token}` } : {};
  }

  /**
   * What a refusal means, by the reason that it comes with.
   * @param {Response} response
   * @param {string} url
   * @returns {TinyVLMError|null}  null: there is none
   */
  reasonOf({ status, headers }, url) {
    const reason = headers.get("X-Error-Code") ?? "";
    const said = headers.get("X-Error-Message") ?? "";
    const { repository, revision } = named(url);
    if (reason === "GatedRepo") {
      if (this.#token) return new LateError("token-without-access", { repository });
      return new LateError("repository-gated", { repository });
    }
    if (status === 401 && said.includes("Invalid credentials")) return new LateError("token-invalid");
    if (reason === "RepoNotFound" || (status === 401 && url.includes("/api/models/"))) {
      return new LateError("repository-not-found", { repository });
    }
    if (reason === "RevisionNotFound") return new LateError("revision-not-found", { repository, revision });
    return null;
  }
}

/** The repository and the revision that an address of the hub names; of another, its path and nothing. @param {string} url */
function named(url) {
  const path = new URL(url).pathname.slice(1);
  const [, repository = path, revision = ""] = /([^/]+\/[^/]+)\/(?:revision|resolve)\/([^/]+)/.exec(path) ?? [];
  return { repository, revision: JSON.stringify(decoded(revision)) };
}

/** A part of a URL as it was meant. @param {string} text */
export function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no valid UTF-8 in it
  }
}
