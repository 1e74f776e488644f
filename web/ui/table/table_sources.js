// Where a table's pictures come from: files, a folder, or what is dropped onto the dialog.

import { byId } from "../common/dom.js";
import { carriesFiles, filesOf } from "../image/transfer.js";

/** @typedef {{name: string, blob: Blob}} Picture */

/** @param {HTMLElement} dialog @param {(pictures: Promise<Picture[]>) => void} onPictures */
export function listenForPictures(dialog, onPictures) {
  const [files, folder] = [byId("table-files-input", HTMLInputElement), byId("table-folder-input", HTMLInputElement)];
  byId("table-files").addEventListener("click", () => files.click());
  byId("table-folder").addEventListener("click", () => folder.click());
  files.addEventListener("change", () => onPictures(Promise.resolve(taken(files).map(asPicture))));
  // A browser lists a folder as the disk has it.
  folder.addEventListener("change", () => onPictures(Promise.resolve(taken(folder).map(asPicture).sort(byName))));
  listenForDrops(dialog, (dropped) => onPictures(dropped.then((list) => list.map(asPicture))));
}

/** Only those that look like images, unless none does. @param {Picture[]} pictures */
export function imagesAmong(pictures) {
  return pictures.filter(({ blob }) => blob.type.startsWith("image/"));
}

/** What is dropped here is not for the conversation behind. @param {HTMLElement} dialog @param {(files: Promise<File[]>) => void} onFiles */
function listenForDrops(dialog, onFiles) {
  const invite = (/** @type {boolean} */ isInviting) => dialog.classList.toggle("inviting", isInviting);
  for (const name of /** @type {const} */ (["dragenter", "dragover"])) {
    dialog.addEventListener(name, (event) => {
      if (!carriesFiles(event.dataTransfer)) return;
      event.preventDefault();
      event.stopPropagation();
      invite(true);
    });
  }
  dialog.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && dialog.contains(relatedTarget))) invite(false);
  });
  dialog.addEventListener("drop", (event) => {
    invite(false);
    if (!event.dataTransfer || !carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.stopPropagation();
    onFiles(filesOf(event.dataTransfer));
  });
}

/** @param {HTMLInputElement} input */
function taken(input) {
  const files = [...(input.files ?? [])];
  input.value = ""; // so that the same can be chosen again
  return files;
}

/** @param {File} file @returns {Picture} */
function asPicture(file) {
  const path = file.webkitRelativePath.split("/").slice(1).join("/"); // inside the folder that was chosen
  return { name: path || file.name, blob: file };
}

/** @param {Picture} a @param {Picture} b */
function byName(a, b) {
  return a.name.localeCompare(b.name, undefined, { numeric: true });
}
