// Records in IndexedDB: the schema and its versions, transactions as promises, and tabs that want another version.

import { KEYS, TABLES } from "./records.js";

/** @import { Records, Table } from "./records.js" */
/** @import { Access, Shelf } from "./shelf.js" */

/** @typedef {(database: IDBDatabase, transaction: IDBTransaction) => void} Step */

/** A version adds a step here, and never changes one: `STEPS[n]` makes version n + 1 of version n. @type {Step[]} */
const STEPS = [
  (database) => {
    for (const table of TABLES) {
      const store = database.createObjectStore(table, { keyPath: KEYS[table] });
      if (table === "conversations") store.createIndex("newest", ["order", "id"]);
    }
  },
];
const BLOCKED_MS = 3_000;
/** Some browsers have been known to say nothing at all. */
const SILENT_MS = 15_000;

/** Why there is no history on the disk. @typedef {"unavailable"|"blocked"|"newer"} Refusal */

export class Refused extends Error {
  /** @param {Refusal} reason @param {unknown} [cause] */
  constructor(reason, cause) {
    super(reason, { cause });
    this.reason = reason;
  }
}

/** @implements {Shelf} */
export class DiskShelf {
  #name;
  #steps;
  /** @type {Promise<IDBDatabase>|null} */
  #opened = null;
  /** @type {IDBDatabase|null} */
  #database = null;
  #isReplaced = false;

  /** A newer page wants another version: this one has let go of the data. @type {() => void} */
  onReplaced = () => {};

  /** @param {string} name  of the database @param {readonly Step[]} [steps]  to its version */
  constructor(name, steps = STEPS) {
    this.#name = name;
    this.#steps = steps;
  }

  /** @returns {Promise<IDBDatabase>}  rejects with Refused */
  open() {
    if (this.#isReplaced) return Promise.reject(new Refused("newer"));
    if (!this.#opened) {
      const opened = openDatabase(this.#name, this.#steps).then((database) => this.#watch(database));
      opened.catch(() => this.#forget(opened));
      this.#opened = opened;
    }
    return this.#opened;
  }

  /** @type {Shelf["read"]} */
  async read(tables, work) {
    return run(await this.#begin(tables, "readonly", "default"), work);
  }

  /** @type {Shelf["write"]} */
  async write(tables, work) {
    return run(await this.#begin(tables, "readwrite", "strict"), work);
  }

  /** @type {Shelf["putNow"]} */
  async putNow(table, record) {
    // Nothing is waited for before the commit where the database is open, as it is when there is something to put.
    const database = this.#database ?? (await this.open());
    const transaction = database.transaction([table], "readwrite", { durability: "relaxed" });
    transaction.objectStore(table).put(record);
    transaction.commit();
    await ended(transaction);
  }

  close() {
    void this.#opened?.then((database) => database.close());
    this.#database = null;
    this.#opened = null;
  }

  /** @param {readonly Table[]} tables @param {IDBTransactionMode} mode @param {IDBTransactionDurability} durability */
  async #begin(tables, mode, durability) {
    try {
      return (await this.open()).transaction(tables, mode, { durability });
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "InvalidStateError")) throw error;
      this.close(); // it was closed, and nobody has been told yet
      return (await this.open()).transaction(tables, mode, { durability });
    }
  }

  /** @param {IDBDatabase} database */
  #watch(database) {
    this.#database = database;
    // As when a person clears the page's data: the next use opens another one.
    database.onclose = () => this.close();
    database.onversionchange = ({ newVersion }) => {
      this.#isReplaced = newVersion !== null; // null: it is being deleted
      this.close();
      if (this.#isReplaced) this.onReplaced();
    };
    return database;
  }

  /** @param {Promise<IDBDatabase>} opened */
  #forget(opened) {
    if (this.#opened === opened) this.#opened = null;
  }
}

/** @param {string} name @param {readonly Step[]} steps @returns {Promise<IDBDatabase>} */
function openDatabase(name, steps) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, steps.length); // where there is none at all, this throws
    let isGivenUp = false;
    /** @param {Refusal} reason */
    const giveUp = (reason) => {
      isGivenUp = true;
      reject(new Refused(reason));
    };
    setTimeout(() => giveUp("unavailable"), SILENT_MS);
    request.onupgradeneeded = ({ oldVersion }) => {
      const { transaction } = request;
      if (transaction) for (const step of steps.slice(oldVersion)) step(request.result, transaction);
    };
    request.onblocked = () => setTimeout(() => giveUp("blocked"), BLOCKED_MS);
    request.onsuccess = () => {
      if (isGivenUp) request.result.close();
      else resolve(request.result);
    };
    request.onerror = () => {
      const reason = request.error?.name === "VersionError" ? "newer" : "unavailable";
      reject(new Refused(reason, request.error));
    };
  }).catch((error) => {
    throw error instanceof Refused ? error : new Refused("unavailable", error);
  });
}

/**
 * @template R
 * @param {IDBTransaction} transaction
 * @param {(access: Access) => Promise<R>} work
 * @returns {Promise<R>}
 */
async function run(transaction, work) {
  const end = ended(transaction);
  end.catch(() => {}); // waited for below, perhaps never
  let result;
  try {
    const working = work(accessOf(transaction));
    working.catch(() => {}); // as above
    result = await Promise.race([working, aborted(end)]);
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // It has ended already, for a reason of its own.
    }
    throw transaction.error ?? error;
  }
  await end;
  return result;
}

/** Work may wait for what an aborted transaction never tells, in WebKit. @param {Promise<void>} end @returns {Promise<never>} */
function aborted(end) {
  return end.then(() => new Promise(() => {}));
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function ended(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("It was aborted.", "AbortError"));
  });
}

/** @param {IDBTransaction} transaction @returns {Access} */
function accessOf(transaction) {
  /** @param {Table} table */
  const store = (table) => transaction.objectStore(table);
  return {
    get: (table, key) => resultOf(store(table).get(key)),
    all: (table, prefix) => resultOf(store(table).getAll(rangeOf(prefix))),
    last: async (table, prefix) => {
      const cursor = await resultOf(store(table).openCursor(rangeOf(prefix), "prev"));
      return cursor?.value;
    },
    after: (table, key, count) => resultOf(store(table).getAll(key && IDBKeyRange.lowerBound(key, true), count)),
    newest: (place, count) => {
      const range = place && IDBKeyRange.lowerBound(place, true);
      return resultOf(store("conversations").index("newest").getAll(range, count));
    },
    put: (table, record) => void store(table).put(record),
    remove: (table, prefix) => void store(table).delete(rangeOf(prefix)),
  };
}

/** Keys that begin so: an array sorts behind all numbers and texts. @param {(string|number)[]} prefix */
function rangeOf(prefix) {
  return IDBKeyRange.bound(prefix, [...prefix, []]);
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
