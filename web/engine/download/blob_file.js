// A dropped file, read as a file on a server is.

import { TinyVLMError } from "../shared/errors.js";

/** @import { Bytes } from "../shared/protocol.js" */

export class BlobFile {
  ranges = true;
  #blob;
  #name;

  /** @param {{blob: Blob, name: string}} file */
  constructor({ blob, name }) {
    this.#blob = blob;
    this.#name = name;
  }

  /** @param {number} start @param {number} end @param {(chunk: Bytes) => void} onChunk */
  async read(start, end, onChunk) {
    const bytes = await this.#blob
      .slice(start, end)
      .arrayBuffer()
      .catch(() => {
        throw new TinyVLMError("dropped-file-unreadable", { file: this.#name });
      });
    onChunk(new Uint8Array(bytes));
  }
}
