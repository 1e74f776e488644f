// A dropped file, read as a file on a server is.

import { TinyVLMError } from "../shared/protocol.js";

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
      .catch((error) => {
        const sentence = `${this.#name} cannot be read: it was moved or changed. Drop it again.`;
        throw new TinyVLMError("model-incomplete", sentence, { reason: String(error) });
      });
    onChunk(new Uint8Array(bytes));
  }
}
