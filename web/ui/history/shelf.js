// Where records lie: one way to read and write them, on the disk (disk_shelf.js) as in memory.

import { KEYS, TABLES } from "./records.js";

/** @import { Conversation, Key, Records, Table } from "./records.js" */

/**
 * Records within one transaction, which ends when something else is waited for.
 * @typedef {object} Access
 * @property {<T extends Table>(table: T, key: Key) => Promise<Records[T]|undefined>} get
 * @property {<T extends Table>(table: T, prefix: Key) => Promise<Records[T][]>} all  whose keys begin so, in order
 * @property {<T extends Table>(table: T, prefix: Key) => Promise<Records[T]|undefined>} last
 * @property {<T extends Table>(table: T, key: Key|null, count: number) => Promise<Records[T][]>} after  those that come
 *   next, in the order of their keys
 * @property {(place: Place|null, count: number) => Promise<Conversation[]>} newest  those that come next in a list
 * @property {<T extends Table>(table: T, record: Records[T]) => void} put
 * @property {(table: Table, prefix: Key) => void} remove  all whose keys begin so
 */

/** Where a list goes on: [order, id] of the conversation before. @typedef {[number, string]} Place */

/**
 * @typedef {object} Shelf
 * @property {<R>(tables: readonly Table[], work: (access: Access) => Promise<R>) => Promise<R>} read
 * @property {<R>(tables: readonly Table[], work: (access: Access) => Promise<R>) => Promise<R>} write  all or nothing
 * @property {<T extends Table>(table: T, record: Records[T]) => Promise<void>} putNow  begun and committed before it
 *   returns: a page that is about to end has no time for more
 */

/** All of one conversation. @typedef {{[T in Table]: Records[T][]}} Bundle */

/** @param {Access} access @param {string} id @returns {Promise<Bundle>} */
export async function readBundle(access, id) {
  const [conversations, messages, progress, images, files, drafts] = await Promise.all([
    access.all("conversations", [id]),
    access.all("messages", [id]),
    access.all("progress", [id]),
    access.all("images", [id]),
    access.all("files", [id]),
    access.all("drafts", [id]),
  ]);
  return { conversations, messages, progress, images, files, drafts };
}

/** @param {Access} access @param {Bundle} bundle */
export function putBundle(access, bundle) {
  for (const table of TABLES) {
    for (const record of bundle[table]) access.put(table, record);
  }
}

/** @param {Access} access @param {Key} prefix  [id], or [] for everything */
export function removeBundle(access, prefix) {
  for (const table of TABLES) access.remove(table, prefix);
}

/** For what is not to be kept, and where nothing can be. @implements {Shelf} */
export class MemoryShelf {
  /** By table and key, in JSON. @type {Map<string, Map<string, object>>} */
  #tables = new Map(TABLES.map((table) => [table, new Map()]));

  /** @param {string} id  of a conversation */
  has(id) {
    return this.#table("conversations").has(JSON.stringify([id]));
  }

  /** @type {Shelf["read"]} */
  read(_, work) {
    return work(this.#access());
  }

  /** @type {Shelf["write"]} */
  async write(_, work) {
    const before = new Map([...this.#tables].map(([table, records]) => [table, new Map(records)]));
    try {
      return await work(this.#access());
    } catch (error) {
      this.#tables = before;
      throw error;
    }
  }

  /** @type {Shelf["putNow"]} */
  async putNow(table, record) {
    this.#put(table, record);
  }

  /** @returns {Access} */
  #access() {
    return {
      get: async (table, key) => this.#all(table, key)[0],
      all: async (table, prefix) => this.#all(table, prefix),
      last: async (table, prefix) => this.#all(table, prefix).at(-1),
      after: async (table, key, count) => {
        const records = this.#all(table, []);
        const rest = key ? records.filter((record) => compareKeys(keyOf(table, record), key) > 0) : records;
        return rest.slice(0, count);
      },
      newest: async (place, count) => {
        const records = this.#all("conversations", []).sort((a, b) => compareKeys([a.order, a.id], [b.order, b.id]));
        const rest = place ? records.filter(({ order, id }) => compareKeys([order, id], place) > 0) : records;
        return rest.slice(0, count);
      },
      put: (table, record) => this.#put(table, record),
      remove: (table, prefix) => {
        for (const record of this.#all(table, prefix)) {
          this.#table(table).delete(JSON.stringify(keyOf(table, record)));
        }
      },
    };
  }

  /** @template {Table} T @param {T} table @param {Records[T]} record */
  #put(table, record) {
    this.#table(table).set(JSON.stringify(keyOf(table, record)), structuredClone(record));
  }

  /** Copies, as a disk gives them. @template {Table} T @param {T} table @param {Key} prefix @returns {Records[T][]} */
  #all(table, prefix) {
    return [...this.#table(table).values()]
      .filter((record) => prefix.every((part, index) => part === keyOf(table, record)[index]))
      .sort((a, b) => compareKeys(keyOf(table, a), keyOf(table, b)))
      .map((record) => structuredClone(record));
  }

  /** @template {Table} T @param {T} table */
  #table(table) {
    return /** @type {Map<string, Records[T]>} */ (this.#tables.get(table));
  }
}

/** @template {Table} T @param {T} table @param {Records[T]} record @returns {Key} */
export function keyOf(table, record) {
  const fields = /** @type {Record<string, string|number>} */ (/** @type {unknown} */ (record));
  return KEYS[table].map((name) => fields[name]);
}

/** In IndexedDB's order, for keys of one table. @param {Key} a @param {Key} b @returns {number} */
export function compareKeys(a, b) {
  for (const [index, part] of a.entries()) {
    if (part < b[index]) return -1;
    if (part > b[index]) return 1;
  }
  return a.length - b.length;
}
