// The two shelves, disk and memory: which of them a conversation lies on, and what becomes of it where the disk takes
// no more.

import { TinyVLMError } from "../../engine/shared/errors.js";
import { DiskShelf, Refused } from "./disk_shelf.js";
import { TABLES } from "./records.js";
import { MemoryShelf, putBundle, readBundle, removeBundle } from "./shelf.js";

/** @import { Records, Table } from "./records.js" */
/** @import { Access, Bundle, Shelf } from "./shelf.js" */

/** @typedef {(trouble: TinyVLMError) => void} OnTrouble */

export class Shelves {
  #disk;
  #memory = new MemoryShelf();
  #isDiskUsed = false;
  /** Conversations that are not to be written to the disk. @type {Set<string>} */
  #unkept = new Set();
  /** Those that were to be, but could not. @type {Set<string>} */
  #overflowed = new Set();
  /** Writes come one after the other, so that none meets a conversation on its way from one shelf to the other. */
  #turn = /** @type {Promise<unknown>} */ (Promise.resolve());
  /** @type {Set<string>} */
  #told = new Set();
  #onTrouble;

  /** @param {string} name  of the database @param {OnTrouble} onTrouble  called once for each kind of trouble */
  constructor(name, onTrouble) {
    this.#onTrouble = onTrouble;
    this.#disk = new DiskShelf(name);
    this.#disk.onReplaced = () => {
      this.#isDiskUsed = false;
      this.tell(new Refused("newer"));
    };
  }

  /** Where the disk is of no use, all goes to memory, and `onTrouble` is told why. */
  async open() {
    try {
      await this.#disk.open();
      this.#isDiskUsed = true;
    } catch (error) {
      this.tell(error);
    }
  }

  close() {
    this.#isDiskUsed = false;
    this.#disk.close();
  }

  /** @returns {Shelf|null} */
  get disk() {
    return this.#isDiskUsed ? this.#disk : null;
  }

  /** @returns {{shelf: Shelf, isKept: boolean}[]} */
  get each() {
    const memory = { shelf: this.#memory, isKept: false };
    return this.disk ? [{ shelf: this.disk, isKept: true }, memory] : [memory];
  }

  /** Whether it lies in memory, whatever the disk has of it. @param {string} conversation */
  isInMemory(conversation) {
    return this.#memory.has(conversation);
  }

  /** Whether it lies on the disk, or would. @param {string} conversation */
  isKept(conversation) {
    return this.#isDiskUsed && !this.#unkept.has(conversation);
  }

  /** It was never written, and will not be. @param {string} conversation */
  neverKeep(conversation) {
    this.#unkept.add(conversation);
  }

  /**
   * Reads what belongs to one conversation.
   * @template R
   * @param {string} conversation
   * @param {(access: Access) => Promise<R>} work
   * @returns {Promise<R>}
   */
  async read(conversation, work) {
    const { disk } = this;
    if (!disk || this.#memory.has(conversation)) return this.#memory.read(TABLES, work);
    try {
      return await disk.read(TABLES, work);
    } catch (error) {
      this.tell(error);
      return this.#memory.read(TABLES, work);
    }
  }

  /**
   * Reads the same of both shelves; nothing of a disk that fails.
   * @template R
   * @param {readonly Table[]} tables
   * @param {(access: Access) => Promise<R>} work
   * @returns {Promise<{result: R, isKept: boolean}[]>}
   */
  async readBoth(tables, work) {
    const memory = { result: await this.#memory.read(tables, work), isKept: false };
    try {
      return this.disk ? [{ result: await this.disk.read(tables, work), isKept: true }, memory] : [memory];
    } catch (error) {
      this.tell(error);
      return [memory];
    }
  }

  /**
   * Writes what belongs to one conversation, all or nothing; in memory where the disk fails.
   * @template R
   * @param {string} conversation
   * @param {(access: Access) => Promise<R>} work  done again where the first time has failed
   * @returns {Promise<R>}
   */
  write(conversation, work) {
    return this.#inTurn(async () => {
      if (!this.isKept(conversation)) return this.#memory.write(TABLES, work);
      try {
        return await this.#disk.write(TABLES, work);
      } catch (error) {
        this.tell(error);
        await this.#overflow(conversation);
        return this.#memory.write(TABLES, work);
      }
    });
  }

  /**
   * For an answer's progress and a draft. Begun before it returns.
   * @template {"progress"|"drafts"} T
   * @param {T} table
   * @param {Records[T]} record
   */
  async putNow(table, record) {
    if (!this.isKept(record.conversation)) return this.#memory.putNow(table, record);
    try {
      await this.#disk.putNow(table, record);
    } catch (error) {
      // No reason to give the conversation up: what comes next may have room. In memory it would hide the rest.
      this.tell(error);
    }
  }

  /**
   * Puts a whole conversation where those that are kept lie.
   * @param {string} id
   * @param {Bundle} bundle
   * @returns {Promise<void>}
   * @throws {TinyVLMError} history-full, history-unavailable
   */
  add(id, bundle) {
    return this.#inTurn(() => this.#writeStrictly(async (access) => putBundle(access, bundle), this.#shelfOf(id)));
  }

  /**
   * @param {string} conversation
   * @param {boolean} isKept
   * @returns {Promise<void>}
   * @throws {TinyVLMError} history-full, history-unavailable: the disk does not take it, or not let go of it
   */
  move(conversation, isKept) {
    return this.#inTurn(() => (isKept ? this.#keep(conversation) : this.#unkeep(conversation)));
  }

  /**
   * @param {string|null} conversation  null: all
   * @returns {Promise<void>}
   * @throws {TinyVLMError} history-unavailable: the disk does not let go of it
   */
  remove(conversation) {
    const prefix = conversation === null ? [] : [conversation];
    return this.#inTurn(async () => {
      await this.#memory.write(TABLES, async (access) => removeBundle(access, prefix));
      if (this.disk) await this.#writeStrictly(async (access) => removeBundle(access, prefix), this.disk);
    });
  }

  /** Another tab has removed it: a copy that has only overflowed goes as well. @param {string|null} conversation */
  removeOverflowed(conversation) {
    const gone = [...this.#overflowed].filter((id) => conversation === null || id === conversation);
    return this.#inTurn(async () => {
      for (const id of gone) await this.#memory.write(TABLES, async (access) => removeBundle(access, [id]));
    });
  }

  /** Says once what is wrong with the disk. @param {unknown} error @throws {unknown} what is no trouble of a disk's */
  tell(error) {
    const trouble = troubleOf(error);
    if (this.#told.has(trouble.code)) return;
    this.#told.add(trouble.code);
    this.#onTrouble(trouble);
  }

  /** Resolves when all that was begun is written. */
  async idle() {
    await this.#turn;
  }

  /** @param {string} conversation @returns {Shelf} */
  #shelfOf(conversation) {
    return this.isKept(conversation) ? this.#disk : this.#memory;
  }

  /** @param {string} conversation */
  async #keep(conversation) {
    if (this.isKept(conversation)) return;
    const { disk } = this;
    if (!disk) throw new TinyVLMError("history-unavailable");
    const bundle = await this.#memory.read(TABLES, (access) => readBundle(access, conversation));
    await this.#writeStrictly(async (access) => putBundle(access, bundle), disk);
    this.#unkept.delete(conversation);
    this.#overflowed.delete(conversation);
    await this.#memory.write(TABLES, async (access) => removeBundle(access, [conversation]));
  }

  /** @param {string} conversation */
  async #unkeep(conversation) {
    const { disk } = this;
    this.#unkept.add(conversation);
    this.#overflowed.delete(conversation);
    if (!disk) return;
    const bundle = await disk.read(TABLES, (access) => readBundle(access, conversation));
    if (!this.#memory.has(conversation)) {
      await this.#memory.write(TABLES, async (access) => putBundle(access, bundle));
    }
    await this.#writeStrictly(async (access) => removeBundle(access, [conversation]), disk);
  }

  /** Goes on in memory with what the disk has. @param {string} conversation */
  async #overflow(conversation) {
    const bundle = await this.#disk.read(TABLES, (access) => readBundle(access, conversation)).catch(() => null);
    if (bundle) await this.#memory.write(TABLES, async (access) => putBundle(access, bundle));
    this.#unkept.add(conversation);
    this.#overflowed.add(conversation);
  }

  /** @param {(access: Access) => Promise<void>} work @param {Shelf} shelf */
  async #writeStrictly(work, shelf) {
    try {
      await shelf.write(TABLES, work);
    } catch (error) {
      throw troubleOf(error);
    }
  }

  /** @template R @param {() => Promise<R>} work @returns {Promise<R>} */
  #inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

/**
 * What a browser says of storage that fails; other errors are mistakes of ours.
 * @param {unknown} error
 * @returns {TinyVLMError}
 */
function troubleOf(error) {
  if (error instanceof Refused && error.reason === "blocked") return new TinyVLMError("history-blocked");
  if (error instanceof Refused && error.reason === "newer") return new TinyVLMError("history-newer");
  if (error instanceof Refused) return new TinyVLMError("history-unavailable");
  if (!(error instanceof DOMException)) throw error;
  if (error.name === "QuotaExceededError") return new TinyVLMError("history-full");
  if (error.name === "DataCloneError") throw error;
  return new TinyVLMError("history-unavailable");
}
