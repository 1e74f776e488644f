// The table that this device keeps, so that a reload loses nothing: one at a time, in a database of its own. Where the
// browser keeps nothing, the table lasts as long as the page.

import { DiskShelf } from "../history/disk_shelf.js";
import { blobOf } from "../history/records.js";

/** @import { Row, Table } from "./records.js" */
/** @import { Step } from "../history/disk_shelf.js" */

const NAME = "tinyvlm-table";
/** A reloaded page has what the page before it held by then. */
const LOCK_MS = 1000;
/** @type {Step[]} */
const STEPS = [
  (database) => {
    database.createObjectStore("tables", { keyPath: ["id"] });
    database.createObjectStore("rows", { keyPath: ["number"] });
    database.createObjectStore("files", { keyPath: ["number"] });
  },
];
/** @type {Kind[]} */
const ALL = ["tables", "rows", "files"];

/**
 * @typedef {{tables: Table, rows: Row, files: {number: number, type: string, bytes: ArrayBuffer}}} Records
 * @typedef {keyof Records} Kind
 *
 * @typedef {"elsewhere"|"nothing-kept"|"no-room"} StoreTrouble  another tab has a table; this browser keeps nothing;
 *   what no longer fits are the pictures' files
 *
 * @typedef {object} Access  as in history/shelf.js, of these records
 * @property {<K extends Kind>(kind: K, key: (string|number)[]) => Promise<Records[K]|undefined>} get
 * @property {<K extends Kind>(kind: K, prefix: (string|number)[]) => Promise<Records[K][]>} all
 * @property {<K extends Kind>(kind: K, record: Records[K]) => void} put
 * @property {(kind: Kind, prefix: (string|number)[]) => void} remove
 *
 * @typedef {object} Disk
 * @property {() => void} onReplaced
 * @property {<R>(kinds: readonly Kind[], work: (access: Access) => Promise<R>) => Promise<R>} read
 * @property {<R>(kinds: readonly Kind[], work: (access: Access) => Promise<R>) => Promise<R>} write
 * @property {<K extends Kind>(kind: K, record: Records[K]) => Promise<void>} putNow
 */

export class TableStore {
  /** Opens databases and runs transactions, whatever their records. */
  #disk = /** @type {Disk} */ (/** @type {unknown} */ (new DiskShelf(NAME, STEPS)));
  #isKeeping = false;
  #keepsFiles = true;
  /** Files of this visit, which need not be read from the disk. @type {Map<number, Blob>} */
  #files = new Map();
  /** Writes that must not overtake each other. @type {Promise<void>} */
  #turn = Promise.resolve();
  /** Ends what is still to be written of a table that was deleted. */
  #end = new AbortController();
  #onTrouble;

  /** @param {(trouble: StoreTrouble) => void} onTrouble  told once of each */
  constructor(onTrouble) {
    this.#onTrouble = onTrouble;
    this.#disk.onReplaced = () => this.#giveUp("nothing-kept");
  }

  /** Whether what is written now is there after a reload. */
  get isKeeping() {
    return this.#isKeeping;
  }

  /** @returns {Promise<{table: Table, rows: Row[]}|null>}  what is kept, if there is any; never rejects */
  async open() {
    if (!(await holdTable())) {
      this.#giveUp("elsewhere");
      return null;
    }
    try {
      const kept = await this.#disk.read(ALL, async (access) => {
        return { table: await access.get("tables", ["table"]), rows: await access.all("rows", []) };
      });
      this.#isKeeping = true;
      const { table, rows } = kept;
      return table && rows.length ? { table, rows } : null;
    } catch {
      this.#giveUp("nothing-kept");
      return null;
    }
  }

  /** @param {Table} table */
  putTable(table) {
    return this.#try(() => this.#disk.putNow("tables", table));
  }

  /**
   * Keeps new rows, and then their files one after the other.
   * @param {Table} table
   * @param {readonly Row[]} rows
   * @param {readonly Blob[]} files  theirs
   */
  add(table, rows, files) {
    for (const [at, row] of rows.entries()) this.#files.set(row.number, files[at]);
    const { signal } = this.#end;
    this.#turn = this.#turn.then(async () => {
      if (signal.aborted) return;
      await this.#try(() =>
        this.#disk.write(["tables", "rows"], async (access) => {
          access.put("tables", table);
          for (const row of rows) access.put("rows", asKept(row));
        }),
      );
      for (const [at, row] of rows.entries()) {
        if (!this.#isKeeping || !this.#keepsFiles || signal.aborted) return;
        await this.#putFile(row.number, files[at]);
      }
    });
  }

  /** @param {Row} row */
  putRow(row) {
    return this.#try(() => this.#disk.putNow("rows", asKept(row)));
  }

  /** Rows that were changed together. @param {Table} table @param {readonly Row[]} rows */
  putRows(table, rows) {
    return this.#try(() =>
      this.#disk.write(["tables", "rows"], async (access) => {
        access.put("tables", table);
        for (const row of rows) access.put("rows", asKept(row));
      }),
    );
  }

  /** @param {number} number  of a row @returns {Promise<Blob|null>}  null: it was not kept */
  async file(number) {
    const here = this.#files.get(number);
    if (here || !this.#isKeeping) return here ?? null;
    try {
      const kept = await this.#disk.read(["files"], (access) => access.get("files", [number]));
      return kept ? blobOf(kept) : null;
    } catch {
      return null;
    }
  }

  /** Deletes the table with all that belongs to it. */
  remove() {
    this.#end.abort();
    this.#end = new AbortController();
    this.#files.clear();
    this.#keepsFiles = true;
    this.#turn = this.#turn.then(() =>
      this.#try(() =>
        this.#disk.write(ALL, async (access) => {
          for (const kind of ALL) access.remove(kind, []);
        }),
      ),
    );
    return this.#turn;
  }

  /** @param {number} number @param {Blob} file */
  async #putFile(number, file) {
    const bytes = await file.arrayBuffer().catch(() => null);
    if (!bytes) return; // it has gone: its row will say so
    try {
      await this.#disk.putNow("files", { number, type: file.type, bytes });
    } catch {
      this.#keepsFiles = false;
      this.#onTrouble("no-room");
    }
  }

  /** @param {() => Promise<void>} write */
  async #try(write) {
    if (!this.#isKeeping) return;
    try {
      await write();
    } catch {
      this.#giveUp("nothing-kept");
    }
  }

  /** @param {StoreTrouble} trouble */
  #giveUp(trouble) {
    this.#isKeeping = false;
    this.#onTrouble(trouble);
  }
}

/** What is being looked at is not, after a reload. @param {Row} row @returns {Row} */
function asKept(row) {
  return { ...row, state: row.state === "looking" || row.state === "skipped" ? "waiting" : row.state };
}

/** @returns {Promise<boolean>} whether this tab is the one that keeps a table, to its end */
function holdTable() {
  return new Promise((resolve) => {
    if (!navigator.locks) return resolve(true);
    const hold = () => {
      resolve(true);
      return new Promise(() => {});
    };
    navigator.locks.request(NAME, { signal: AbortSignal.timeout(LOCK_MS) }, hold).catch((error) => {
      resolve(error.name !== "TimeoutError" && error.name !== "AbortError"); // where locks are refused, none is held
    });
  });
}
