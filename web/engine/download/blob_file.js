// A dropped file, read as a file on a server is.

import { LateError } from "../shared/late_error.js";

/** @import { Bytes } from "../shared/protocol.js" */

export class BlobFile {
  ranges = true;
  #blob;
  #name;

  /** @param {Blob} blob @param {string} name */
  constructor(blob, name) {
    this.#blob = blob;
    this.#name = name;
  }

  /** @param {number} start @param {number} end @param {(chunk: Bytes) => void} onChunk */
  async read(start, end, onChunk) {
    const bytes = await this.#blob
      .slice(start, end)
      .arrayBuffer()
      .catch(() => {
        throw new LateError("dropped-file-unreadable", { file: this.#name });
      });
    onChunk(new Uint8Array(bytes));
  }
}
