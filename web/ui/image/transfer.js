// What a drop or the clipboard brings: which of it is meant, and its files, those inside folders among them.

/** So many of a folder's entries are looked at: whoever drops a whole disk does not wait for all of it. */
const MOST_ENTRIES = 10_000;

/** @param {DataTransfer|null} transfer @returns {boolean} files, or a picture that is not on this disk */
export function carriesFiles(transfer) {
  return transfer?.types.includes("Files") ?? false;
}

/**
 * Whether there is text that is more than the names of the files beside it. Word and Excel put a picture of the text on
 * the clipboard, too; file managers the names or paths of what was copied.
 * @param {DataTransfer} transfer
 */
export function carriesText(transfer) {
  const lines = transfer.getData("text/plain").split(/\r?\n/).filter(Boolean);
  const names = new Set([...transfer.files].map(({ name }) => name));
  return lines.some((line) => !names.has(lastOf(line)));
}

/**
 * The files, with those inside folders in the folders' place: what lies at the top of one comes before what lies deep.
 * Hidden files of folders and what cannot be opened are left out. To be called while the event is handled, since a
 * transfer is empty afterwards.
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
export async function filesOf(transfer) {
  const brought = [...transfer.items]
    .filter(({ kind }) => kind === "file")
    .map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
  const files = await Promise.all(
    brought.map(({ entry, file }) => (entry && isFolder(entry) ? filesIn(entry) : file ? [file] : [])),
  );
  return files.flat();
}

/** @param {FileSystemDirectoryEntry} folder */
async function filesIn(folder) {
  /** @type {FileSystemEntry[]} */
  const entries = [];
  const folders = [folder];
  for (const next of folders) {
    if (entries.length >= MOST_ENTRIES) break;
    const found = (await entriesOf(next)).slice(0, MOST_ENTRIES - entries.length);
    entries.push(...found);
    folders.push(...found.filter(isFolder));
  }
  const files = await Promise.all(entries.map(fileOf));
  return files.filter((file) => file !== null);
}

/** In the order of their names, as a file manager shows them. @param {FileSystemDirectoryEntry} folder */
async function entriesOf(folder) {
  /** @type {FileSystemEntry[]} */
  const entries = [];
  const reader = folder.createReader();
  try {
    for (;;) {
      /** @type {FileSystemEntry[]} */
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      entries.push(...some);
      if (!some.length || entries.length >= MOST_ENTRIES) break;
    }
  } catch {
    // It may not be opened, or has just gone.
  }
  return entries
    .filter(({ name }) => !name.startsWith("."))
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

/** @param {FileSystemEntry} entry @returns {Promise<File|null>}  null for a folder, and what cannot be opened */
function fileOf(entry) {
  if (isFolder(entry)) return Promise.resolve(null);
  const { promise, resolve } = Promise.withResolvers();
  /** @type {FileSystemFileEntry} */ (entry).file(resolve, () => resolve(null));
  return promise;
}

/** @param {FileSystemEntry} entry @returns {entry is FileSystemDirectoryEntry} */
function isFolder(entry) {
  return entry.isDirectory;
}

/** The name at the end of a path or a file: URL. @param {string} line */
function lastOf(line) {
  const last = line.trim().split(/[\\/]/).at(-1) ?? "";
  try {
    return /^file:/i.test(line.trim()) ? decodeURIComponent(last) : last;
  } catch {
    return last;
  }
}
