// Zip files (PKWARE's APPNOTE 6.3), with fflate, which is fetched when it is first needed. It writes them, and
// inflates; their directory is read here: its own reader wants the whole file in memory, looks at no checksum, and
// takes a size for what the directory says.

import { TinyVLMError } from "../../engine/shared/errors.js";

/** A name that TypeScript does not follow: the file is the build's (scripts/website/zip_library.py). @type {string} */
const LIBRARY = "../../vendor/fflate.js";
const CHUNK_BYTES = 2 ** 18;
const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT = 0xffff;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
/** What is behind these is in zip64's records: nobody exports that much. */
const ZIP64_COUNT = 0xffff;
const FIRST_YEAR = Date.UTC(1981);
const LAST_YEAR = Date.UTC(2099);

/** @typedef {typeof import("fflate")} Fflate */
/** @typedef {{name: string, blob: Blob, isText?: boolean}} File  isText: worth compressing */

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {number} method
 * @property {number} crc
 * @property {number} packed  bytes in the file
 * @property {number} size  bytes of what they hold, as the directory says
 * @property {number} offset  of its local header
 */

/** The file is no zip, or not whole, or not what it says. */
export class DamagedZip extends Error {}

/**
 * The same files give the same bytes.
 * @param {Iterable<File>|AsyncIterable<File>} files
 * @param {number} date  ms, of all of them
 * @returns {Promise<Blob>}
 */
export async function writeZip(files, date) {
  const { Zip, ZipDeflate, ZipPassThrough } = await load();
  /** @type {BlobPart[]} */
  const parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  let chunks = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(/** @type {Uint8Array<ArrayBuffer>} */ (chunk));
  });
  for await (const { name, blob, isText } of files) {
    const entry = isText ? new ZipDeflate(name) : new ZipPassThrough(name);
    entry.mtime = Math.min(LAST_YEAR, Math.max(FIRST_YEAR, date));
    zip.add(entry);
    for await (const { chunk, isLast } of chunksOf(blob)) entry.push(chunk, isLast);
    parts.push(new Blob(chunks)); // out of this page's memory
    chunks = [];
  }
  zip.end();
  return new Blob([...parts, ...chunks], { type: "application/zip" });
}

/** @param {Blob} zip @returns {Promise<Map<string, Entry>>}  by name, without folders @throws {DamagedZip} */
export async function readDirectory(zip) {
  const { count, size, offset } = await findEnd(zip);
  const view = await viewOf(zip, offset, size);
  /** @type {Map<string, Entry>} */
  const entries = new Map();
  let at = 0;
  let packed = 0;
  for (let index = 0; index < count; index++) {
    const { entry, length } = readEntryAt(view, at);
    at += length;
    packed += entry.packed;
    if (entries.has(entry.name)) throw new DamagedZip("A name is there twice.");
    if (!entry.name.endsWith("/")) entries.set(entry.name, entry);
  }
  // Together they are no longer than the file: no byte of it is unpacked twice.
  if (at !== size || packed > offset) throw new DamagedZip("Its directory is not what its end says.");
  return entries;
}

/**
 * @param {Blob} zip
 * @param {Entry} entry
 * @param {string} [type]
 * @returns {Promise<Blob>}  of the size that the directory says, and of its checksum
 * @throws {DamagedZip}
 */
export async function readEntry(zip, entry, type = "") {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const chunks = [];
  await unpack(zip, entry, (chunk) => chunks.push(chunk.slice()));
  return new Blob(chunks, { type });
}

/** Unpacks it, and keeps nothing. @param {Blob} zip @param {Entry} entry @throws {DamagedZip} */
export async function checkEntry(zip, entry) {
  await unpack(zip, entry, () => {});
}

/** @param {Blob} zip @param {Entry} entry @param {(chunk: Uint8Array<ArrayBuffer>) => void} take */
async function unpack(zip, entry, take) {
  const packed = await packedBytes(zip, entry);
  let size = 0;
  let crc = 0;
  /** @param {Uint8Array} chunk */
  const pass = (chunk) => {
    size += chunk.length;
    // A bomb ends here, after no more than a chunk unpacks to.
    if (size > entry.size) throw new DamagedZip("There is more of it than its directory says.");
    crc = crc32(chunk, crc);
    take(/** @type {Uint8Array<ArrayBuffer>} */ (chunk));
  };
  if (entry.method === STORED) {
    for await (const { chunk } of chunksOf(packed)) pass(chunk);
  } else {
    await inflate(packed, pass);
  }
  if (size !== entry.size || crc !== entry.crc) throw new DamagedZip("It is not what its directory says.");
}

/** @param {Blob} packed @param {(chunk: Uint8Array) => void} pass */
async function inflate(packed, pass) {
  const { Inflate } = await load();
  const stream = new Inflate(pass);
  for await (const { chunk, isLast } of chunksOf(packed, CHUNK_BYTES / 16)) {
    try {
      stream.push(chunk, isLast);
    } catch (error) {
      throw error instanceof DamagedZip ? error : new DamagedZip("It cannot be inflated.", { cause: error });
    }
  }
}

/** @param {Blob} zip @param {Entry} entry */
async function packedBytes(zip, { offset, packed }) {
  const view = await viewOf(zip, offset, LOCAL_HEADER_BYTES);
  if (view.getUint32(0, true) !== LOCAL_HEADER) throw new DamagedZip("A file is not where its directory says.");
  const start = offset + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + packed > zip.size) throw new DamagedZip("A file leads out of the zip.");
  return zip.slice(start, start + packed);
}

/** The record at the end, behind which there may be a comment. @param {Blob} zip */
async function findEnd(zip) {
  const start = Math.max(0, zip.size - END_BYTES - MAX_COMMENT);
  const view = await viewOf(zip, start, zip.size - start);
  for (let at = view.byteLength - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== END) continue;
    if (at + END_BYTES + view.getUint16(at + 20, true) !== view.byteLength) continue;
    const [count, size, offset] = [
      view.getUint16(at + 10, true),
      view.getUint32(at + 12, true),
      view.getUint32(at + 16, true),
    ];
    if (count === ZIP64_COUNT || offset + size !== start + at) throw new DamagedZip("Its directory is not at its end.");
    return { count, size, offset };
  }
  throw new DamagedZip("It has no directory.");
}

/** @param {DataView<ArrayBuffer>} view @param {number} at @returns {{entry: Entry, length: number}} */
function readEntryAt(view, at) {
  if (at + DIRECTORY_ENTRY_BYTES > view.byteLength || view.getUint32(at, true) !== DIRECTORY_ENTRY) {
    throw new DamagedZip("Its directory ends early.");
  }
  const nameBytes = view.getUint16(at + 28, true);
  const length = DIRECTORY_ENTRY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (at + length > view.byteLength) throw new DamagedZip("Its directory ends early.");
  const method = view.getUint16(at + 10, true);
  const isEncrypted = (view.getUint16(at + 8, true) & ENCRYPTED) !== 0;
  if (isEncrypted || ![STORED, DEFLATED].includes(method)) throw new DamagedZip("It is packed in another way.");
  const entry = {
    name: new TextDecoder().decode(new Uint8Array(view.buffer, at + DIRECTORY_ENTRY_BYTES, nameBytes)),
    method,
    crc: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  };
  return { entry, length };
}

/** @param {Blob} blob @param {number} offset @param {number} size @throws {DamagedZip} where there is less */
async function viewOf(blob, offset, size) {
  const bytes = await blob.slice(offset, offset + size).arrayBuffer();
  if (bytes.byteLength !== size) throw new DamagedZip("It ends early.");
  return new DataView(bytes);
}

/**
 * @param {Blob} blob  an empty one is one empty chunk
 * @param {number} [length]
 * @returns {AsyncGenerator<{chunk: Uint8Array<ArrayBuffer>, isLast: boolean}>}
 */
async function* chunksOf(blob, length = CHUNK_BYTES) {
  let at = 0;
  do {
    const end = Math.min(at + length, blob.size);
    yield { chunk: new Uint8Array(await blob.slice(at, end).arrayBuffer()), isLast: end === blob.size };
    at = end;
  } while (at < blob.size);
}

/** @returns {Promise<Fflate>} */
async function load() {
  const page = /** @type {{fflate?: Fflate}} */ (globalThis);
  try {
    await import(LIBRARY); // the small build, which is no module: it leaves its name in the page
  } catch {
    throw new TinyVLMError("page-download-failed", { file: "vendor/fflate.js" });
  }
  return /** @type {Fflate} */ (page.fflate);
}

/** Of each byte's remainder, by the reversed polynomial of CRC-32. */
const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? 0xedb88320 ^ (remainder >>> 1) : remainder >>> 1;
  return remainder;
});

/** @param {Uint8Array} bytes @param {number} [before]  the CRC-32 of what comes before them @returns {number} */
export function crc32(bytes, before = 0) {
  let crc = ~before;
  for (const byte of bytes) crc = REMAINDERS[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
