// Brings a model's weights in: decides which part is fetched when, keeps parts where it can, verifies them, and hands
// them on in order. Few parts are in memory at a time: those that wait for their turn are on disk, or not fetched yet.

import { BlobFile } from "./blob_file.js";
import { RequestLimit } from "./request_limit.js";
import { fillPart } from "./part_fetcher.js";
import { MemoryPart, StorageFailure } from "./part_store.js";
import { FileChanged, RemoteFile } from "./remote_file.js";
import { mismatch } from "./small_files.js";

/** Parts that are handed on and not taken yet. */
const MOST_HANDED = 4;
/** Parts in memory, those that are handed on included. */
const WINDOW = 6;
const MOST_REFETCHES = 3;

/**
 * @typedef {object} DownloadOptions
 * @property {import("./part_store.js").PartStore|null} store
 * @property {import("../shared/sha256.js").Hasher} hasher
 * @property {import("./progress.js").ProgressReporter} progress
 * @property {{endpoint: string, token?: string}} context
 * @property {(file: number, offset: number, bytes: Uint8Array) => void} handOn
 * @property {() => Promise<void>|undefined} onRecorded  what is known of the parts' hashes has changed
 * @property {() => void} onStorageFailure
 * @property {() => void} onOffline
 * @property {() => Promise<boolean>} isStale  whether the model's list has changed on the server
 */

export class ModelDownload {
  /** Parts that were handed on. */
  handedOn = 0;
  /** Whether anything came from elsewhere than the disk. */
  hasFetched = false;
  #taken = 0;
  #files;
  #parts;
  #options;
  #keeps;
  #requests = new RequestLimit();
  #stop = new AbortController();
  #fail;
  #failure;
  #onTaken = () => {};
  #verifying = Promise.resolve();

  /**
   * @param {import("./kept_model.js").CutFile[]} weights  parts with their keys
   * @param {DownloadOptions} options
   */
  constructor(weights, options) {
    this.#options = options;
    this.#keeps = options.store !== null;
    const context = { ...options.context, signal: this.#stop.signal };
    this.#files = weights.map((weight) => ({
      weight,
      source: weight.blob ? new BlobFile(weight) : new RemoteFile(weight, context, () => this.#pump()),
      running: 0,
      hash: null,
    }));
    const parts = this.#files.map((file, index) => file.weight.parts.map((part) => ({ part, file, fileIndex: index })));
    const order = [...parts.map(([first]) => first), ...parts.flatMap(([, ...rest]) => rest)];
    this.#parts = order.map((entry, index) => ({ ...entry, index, state: "missing", counted: 0, bytes: null }));
    this.#failure = new Promise((_, reject) => (this.#fail = reject));
    this.#failure.catch(() => {}); // raced with below
  }

  /** Downloads all, hands all on. @throws {TinyVLMError} */
  async run() {
    try {
      await this.#findKept();
      for (const entry of this.#parts) this.#await(entry);
      this.#pump();
      for (const entry of this.#parts) {
        await Promise.race([this.#room(), this.#failure]);
        await this.#handOn(entry, await Promise.race([this.#take(entry), this.#failure]));
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

  async #findKept() {
    const { store, progress } = this.#options;
    for (const entry of this.#parts) {
      const { part } = entry;
      entry.counted = store && part.key ? Math.min(await store.size(part.key), part.length) : 0;
      if (store && part.key && entry.counted === part.length) entry.state = "kept";
    }
    const sum = (count) => this.#parts.reduce((total, entry) => total + count(entry), 0);
    const total = sum(({ part }) => part.length);
    progress.begin(
      total,
      sum(({ counted }) => counted),
      this.#files[0].weight.name,
    );
    await this.#checkRoom(total - sum(({ counted }) => counted));
  }

  /** Half a model on a full disk helps nobody. */
  async #checkRoom(missing) {
    if (!this.#keeps || !missing || !this.#parts[0].part.key) return;
    const { usage, quota } = (await navigator.storage.estimate().catch(() => null)) ?? {};
    if (quota !== undefined && quota - usage < missing) this.#keepNoMore();
  }

  #keepNoMore() {
    if (!this.#keeps) return;
    this.#keeps = false;
    this.#options.onStorageFailure();
  }

  #await(entry) {
    entry.arrived = new Promise((resolve) => (entry.arrive = resolve));
    if (entry.state === "kept") entry.arrive();
  }

  /** Starts as many parts as may run now, the earliest first; later stages do not share the network with earlier ones. */
  #pump() {
    let stage = Infinity;
    for (const entry of this.#parts) {
      if (this.#stop.signal.aborted || entry.part.stage > stage) return;
      if (entry.state === "missing" && this.#mayStart(entry)) void this.#bring(entry);
      if (entry.state !== "kept") stage = Math.min(stage, entry.part.stage);
    }
  }

  #mayStart({ file, part, index }) {
    const staysInMemory = !this.#keeps || !part.key;
    if (staysInMemory && index >= this.#taken + WINDOW) return false;
    // Servers without ranges send a file from its beginning: one request at a time, until it is known.
    return this.#requests.free && (file.source.ranges || file.running === 0);
  }

  async #bring(entry) {
    entry.state = "running";
    entry.file.running++;
    this.#requests.open();
    try {
      const bytes = await this.#obtain(entry);
      const isNext = entry.index === this.handedOn;
      entry.bytes = isNext || !this.#isOnDisk(entry) ? bytes : null;
      entry.state = "kept";
      entry.arrive();
    } catch (error) {
      if (error instanceof StorageFailure) {
        this.#keepNoMore();
        entry.state = "missing";
      } else {
        this.#fail(error);
      }
    } finally {
      entry.file.running--;
      this.#requests.close();
      this.#pump();
    }
  }

  #isOnDisk({ part, inMemory }) {
    return Boolean(part.key) && !inMemory;
  }

  /** The whole part, verified. */
  async #obtain(entry) {
    const { part, file } = entry;
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
            this.#options.progress.received(file.weight.name, bytes);
          },
        });
        const bytes = await this.#verified(entry, () => sink.read());
        if (bytes) return bytes;
        this.#clear(entry, sink);
        if (refetches > 0 && (await this.#options.isStale())) throw new FileChanged(file.weight.name);
        if (refetches === MOST_REFETCHES) throw mismatch(file.weight.name);
      }
    });
  }

  async #open(entry, work) {
    const { part } = entry;
    const { store } = this.#options;
    entry.inMemory = !this.#keeps || !part.key;
    if (!entry.inMemory) return store.use(part.key, work);
    const memory = new MemoryPart(part.length);
    if (part.key && entry.counted) {
      const kept = await store.use(part.key, async (disk) => disk.read()).catch(() => new Uint8Array(0));
      memory.append(kept.subarray(0, part.length));
    }
    return work(memory);
  }

  /** Another tab may have brought bytes, or taken them away. */
  #count(entry, size) {
    const { progress } = this.#options;
    if (size > entry.counted) progress.found(entry.file.weight.name, size - entry.counted);
    else progress.lost(entry.counted - size);
    entry.counted = size;
  }

  #clear(entry, sink) {
    this.#options.progress.lost(entry.counted);
    entry.counted = 0;
    // Recorded from bytes that nothing else vouched for: they may have been the damaged ones.
    if (!entry.file.weight.verified) entry.part.sha256 = null;
    sink.clear();
  }

  /** The bytes, or null for wrong ones; one part after the other, so that few are in memory. */
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

  /** The part whose turn it is: out of memory, or off the disk and verified. */
  async #take(entry) {
    for (;;) {
      await entry.arrived;
      const bytes = entry.bytes ?? (await this.#readKept(entry));
      entry.bytes = null;
      if (bytes) return bytes;
      entry.state = "missing";
      this.#await(entry);
      this.#pump();
    }
  }

  async #readKept(entry) {
    const { store } = this.#options;
    return store
      .use(entry.part.key, (disk) => this.#verified(entry, () => disk.read()))
      .catch((error) => {
        if (error instanceof StorageFailure) return null; // taken away, or unreadable: fetched again
        throw error;
      });
  }

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

  /** Which part of a file is wrong cannot be told, so none of them is kept. */
  async #forget({ weight }) {
    const { store, onRecorded } = this.#options;
    for (const part of weight.parts) part.sha256 = null;
    await onRecorded();
    for (const { key } of store ? weight.parts : []) await store.use(key, async (disk) => disk.clear()).catch(() => {});
    return mismatch(weight.name);
  }

  async #room() {
    while (this.handedOn - this.#taken >= MOST_HANDED) await new Promise((resolve) => (this.#onTaken = resolve));
  }
}
