// Brings a model's weights in: decides which part is fetched when, keeps parts where it can, verifies them, and hands
// them on in order. Few parts are in memory at a time: those that wait for their turn are on disk, or not fetched yet.

import { RequestLimit } from "./request_limit.js";
import { fillPart } from "./part_fetcher.js";
import { MemoryPart, StorageFailure } from "./part_store.js";
import { FileChanged, RemoteFile } from "./remote_file.js";
import { mismatch } from "./small_files.js";

/** @import { CutFile, CutPart, FileSource } from "../shared/model_files.js" */
/** @import { Bytes } from "../shared/protocol.js" */
/** @import { Hasher, RunningHash } from "../shared/sha256.js" */
/** @import { Hub } from "./hub_host.js" */
/** @import { OpenPart, PartStore } from "./part_store.js" */
/** @import { ProgressReporter } from "./progress.js" */

/** Parts that are handed on and not taken yet. */
const MOST_HANDED = 4;
/** Parts in memory, those that are handed on included. */
const WINDOW = 6;
const MOST_REFETCHES = 3;

/**
 * @typedef {object} DownloadOptions
 * @property {PartStore|null} store
 * @property {Hasher} hasher
 * @property {ProgressReporter} progress
 * @property {Hub|null} hub  where the files may be its
 * @property {(file: number, offset: number, bytes: Bytes) => void} handOn
 * @property {() => Promise<void>|undefined} onRecorded  what is known of the parts' hashes has changed
 * @property {() => void} onStorageFailure
 * @property {() => void} onOffline
 * @property {() => Promise<boolean>} isStale  whether the model's list has changed on the server
 *
 * @typedef {object} ArrivingFile
 * @property {CutFile} weight
 * @property {FileSource} source
 * @property {number} running  requests
 * @property {RunningHash|null} hash  of the parts that were handed on
 *
 * @typedef {object} ArrivingPart
 * @property {CutPart} part
 * @property {ArrivingFile} file
 * @property {number} fileIndex
 * @property {number} index  its turn
 * @property {"missing"|"running"|"kept"} state
 * @property {PromiseWithResolvers<void>} arrival
 * @property {number} counted  bytes that progress knows of
 * @property {Bytes|null} bytes
 * @property {boolean} inMemory  it was not fetched onto the disk
 */

export class ModelDownload {
  /** Parts that were handed on. */
  handedOn = 0;
  /** Whether anything came from elsewhere than the disk. */
  hasFetched = false;
  #taken = 0;
  /** @type {ArrivingFile[]} */
  #files;
  /** @type {ArrivingPart[]} */
  #parts;
  #options;
  #keeps;
  #requests = new RequestLimit();
  #stop = new AbortController();
  /** @type {PromiseWithResolvers<never>} */
  #failure = Promise.withResolvers();
  #onTaken = () => {};
  /** @type {Promise<unknown>} */
  #verifying = Promise.resolve();

  /**
   * @param {CutFile[]} weights  parts with their keys
   * @param {DownloadOptions} options
   */
  constructor(weights, options) {
    this.#options = options;
    this.#keeps = options.store !== null;
    const context = { hub: options.hub, signal: this.#stop.signal };
    this.#files = weights.map((weight) => ({
      weight,
      source: weight.dropped ?? new RemoteFile(weight, context, () => this.#pump()),
      running: 0,
      hash: null,
    }));
    const parts = this.#files.map((file, index) => file.weight.parts.map((part) => ({ part, file, fileIndex: index })));
    const order = [...parts.map(([first]) => first), ...parts.flatMap(([, ...rest]) => rest)];
    this.#parts = order.map((entry, index) => ({
      ...entry,
      index,
      state: "missing",
      arrival: Promise.withResolvers(),
      counted: 0,
      bytes: null,
      inMemory: false,
    }));
    this.#failure.promise.catch(() => {}); // raced with below
  }

  /** Downloads all, hands all on. @throws {TinyVLMError} */
  async run() {
    try {
      await this.#findKept();
      this.#pump();
      for (const entry of this.#parts) {
        await this.#unlessFailed(this.#room());
        const bytes = await this.#unlessFailed(this.#take(entry));
        await this.#handOn(entry, bytes);
      }
    } finally {
      this.#stop.abort();
    }
  }

  /** One of the parts that were handed on has been taken. */
  taken() {
    this.#taken++;
    this.#onTaken();
    this.#pump();
  }

  /** Whether all that was downloaded is on the disk. */
  get keeps() {
    return this.#keeps;
  }

  /**
   * @template T
   * @param {Promise<T>} work
   * @returns {Promise<T>}
   */
  #unlessFailed(work) {
    return Promise.race([work, this.#failure.promise]);
  }

  async #findKept() {
    const { store, progress } = this.#options;
    for (const entry of this.#parts) {
      const { part } = entry;
      entry.counted = store && part.key ? Math.min(await store.size(part.key), part.length) : 0;
      if (!store || !part.key || entry.counted < part.length) continue;
      entry.state = "kept";
      entry.arrival.resolve();
    }
    /** @param {(entry: ArrivingPart) => number} count */
    const sum = (count) => this.#parts.reduce((total, entry) => total + count(entry), 0);
    const total = sum(({ part }) => part.length);
    progress.begin(
      total,
      sum(({ counted }) => counted),
      this.#files[0].weight.name,
    );
    await this.#checkRoom(total - sum(({ counted }) => counted));
  }

  /** Half a model on a full disk helps nobody. @param {number} missing  bytes */
  async #checkRoom(missing) {
    if (!this.#keeps || !missing || !this.#parts[0].part.key) return;
    const { usage = 0, quota } = (await navigator.storage.estimate().catch(() => null)) ?? {};
    if (quota !== undefined && quota - usage < missing) this.#keepNoMore();
  }

  #keepNoMore() {
    if (!this.#keeps) return;
    this.#keeps = false;
    this.#options.onStorageFailure();
  }

  /**
   * Starts as many parts as may run now, the earliest first; later stages do not share the network with earlier ones.
   */
  #pump() {
    let stage = Infinity;
    for (const entry of this.#parts) {
      if (this.#stop.signal.aborted || entry.part.stage > stage) return;
      if (entry.state === "missing" && this.#mayStart(entry)) void this.#bring(entry);
      if (entry.state !== "kept") stage = Math.min(stage, entry.part.stage);
    }
  }

  /** @param {ArrivingPart} entry */
  #mayStart({ file, part, index }) {
    const staysInMemory = !this.#keeps || !part.key;
    if (staysInMemory && index >= this.#taken + WINDOW) return false;
    // Servers without ranges send a file from its beginning: one request at a time, until it is known.
    return this.#requests.free && (file.source.ranges || file.running === 0);
  }

  /** @param {ArrivingPart} entry */
  async #bring(entry) {
    entry.state = "running";
    entry.file.running++;
    this.#requests.open();
    try {
      const bytes = await this.#obtain(entry);
      const isNext = entry.index === this.handedOn;
      entry.bytes = isNext || !this.#isOnDisk(entry) ? bytes : null;
      entry.state = "kept";
      entry.arrival.resolve();
    } catch (error) {
      if (error instanceof StorageFailure) {
        this.#keepNoMore();
        entry.state = "missing";
      } else {
        this.#failure.reject(error);
      }
    } finally {
      entry.file.running--;
      this.#requests.close();
      this.#pump();
    }
  }

  /** @param {ArrivingPart} entry */
  #isOnDisk({ part, inMemory }) {
    return Boolean(part.key) && !inMemory;
  }

  /** The whole part, verified. @param {ArrivingPart} entry @returns {Promise<Bytes>} */
  async #obtain(entry) {
    const { part, file } = entry;
    const { name, url } = file.weight;
    return this.#open(entry, async (sink) => {
      for (let refetches = 0; ; refetches++) {
        this.#count(entry, sink.size());
        if (sink.size() > part.length) this.#clear(entry, sink);
        await fillPart(file.source, part, sink, {
          requests: this.#requests,
          signal: this.#stop.signal,
          onOffline: this.#options.onOffline,
          onBytes: (bytes) => {
            this.hasFetched = true;
            entry.counted += bytes;
            this.#options.progress.received(name, bytes);
          },
        });
        const bytes = await this.#verified(entry, () => sink.read());
        if (bytes) return bytes;
        this.#clear(entry, sink);
        if (url && refetches > 0 && (await this.#options.isStale())) throw new FileChanged(name);
        if (refetches === MOST_REFETCHES) throw mismatch(name);
      }
    });
  }

  /**
   * On disk where it can be kept, else in memory.
   * @template T
   * @param {ArrivingPart} entry
   * @param {(sink: OpenPart) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #open(entry, work) {
    const { part } = entry;
    const { store } = this.#options;
    entry.inMemory = !this.#keeps || !part.key;
    if (store && part.key && !entry.inMemory) return store.use(part.key, work);
    const memory = new MemoryPart(part.length);
    if (store && part.key && entry.counted) {
      const kept = await store.use(part.key, async (disk) => disk.read()).catch(() => new Uint8Array(0));
      memory.append(kept.subarray(0, part.length));
    }
    return work(memory);
  }

  /** Another tab may have brought bytes, or taken them away. @param {ArrivingPart} entry @param {number} size */
  #count(entry, size) {
    const { progress } = this.#options;
    if (size > entry.counted) progress.found(entry.file.weight.name, size - entry.counted);
    else progress.lost(entry.counted - size);
    entry.counted = size;
  }

  /** @param {ArrivingPart} entry @param {OpenPart} sink */
  #clear(entry, sink) {
    this.#options.progress.lost(entry.counted);
    entry.counted = 0;
    // Recorded from bytes that nothing else vouched for: they may have been the damaged ones.
    if (!entry.file.weight.verified) entry.part.sha256 = null;
    sink.clear();
  }

  /**
   * The bytes, or null for wrong ones; one part after the other, so that few are in memory.
   * @param {ArrivingPart} entry
   * @param {() => Bytes} read
   */
  #verified({ part }, read) {
    const turn = this.#verifying.then(async () => {
      const bytes = read();
      if (bytes.byteLength !== part.length) return null;
      if (!part.key && !part.sha256) return bytes; // nothing to compare with, now or later
      const sha256 = await this.#options.hasher.digest(bytes);
      if (part.sha256) return sha256 === part.sha256 ? bytes : null;
      part.sha256 = sha256;
      this.#options.onRecorded();
      return bytes;
    });
    this.#verifying = turn.catch(() => {});
    return turn;
  }

  /** The part whose turn it is: out of memory, or off the disk and verified. @param {ArrivingPart} entry */
  async #take(entry) {
    for (;;) {
      await entry.arrival.promise;
      const bytes = entry.bytes ?? (await this.#readKept(entry));
      entry.bytes = null;
      if (bytes) return bytes;
      entry.state = "missing";
      entry.arrival = Promise.withResolvers();
      this.#pump();
    }
  }

  /** @param {ArrivingPart} entry @returns {Promise<Bytes|null>} */
  async #readKept(entry) {
    const { store } = this.#options;
    const { key } = entry.part;
    if (!store || !key) return null;
    return store
      .use(key, (disk) => this.#verified(entry, () => disk.read()))
      .catch((error) => {
        if (error instanceof StorageFailure) return null; // taken away, or unreadable: fetched again
        throw error;
      });
  }

  /** @param {ArrivingPart} entry @param {Bytes} bytes */
  async #handOn({ file, fileIndex, part }, bytes) {
    const { weight } = file;
    const isLast = part === weight.parts.at(-1);
    if (weight.sha256 && !weight.verified) {
      file.hash ??= await this.#options.hasher.start();
      file.hash.update(bytes);
      if (isLast && file.hash.digest() !== weight.sha256) throw await this.#forget(file);
      weight.verified = isLast;
      if (isLast) this.#options.onRecorded();
    }
    this.handedOn++;
    this.#options.handOn(fileIndex, part.offset, bytes);
  }

  /** Which part of a file is wrong cannot be told, so none of them is kept. @param {ArrivingFile} file */
  async #forget({ weight }) {
    const { store, onRecorded } = this.#options;
    for (const part of weight.parts) part.sha256 = null;
    await onRecorded();
    for (const { key } of weight.parts) {
      if (store && key) await store.use(key, async (disk) => disk.clear()).catch(() => {});
    }
    return mismatch(weight.name);
  }

  async #room() {
    while (this.handedOn - this.#taken >= MOST_HANDED) {
      /** @type {PromiseWithResolvers<void>} */
      const { promise, resolve } = Promise.withResolvers();
      this.#onTaken = resolve;
      await promise;
    }
  }
}
