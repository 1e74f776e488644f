// Git LFS keeps a few lines in the place of a file until it is told to bring the file itself; py/tinyvlm/git_lfs.py knows
// the same.

const BEGINNING = "version https://git-lfs.github.com/spec/";

/** @param {Blob} blob @returns {Promise<boolean>} whether Git LFS keeps it in the place of a file */
export async function isPointer(blob) {
  const beginning = await blob
    .slice(0, BEGINNING.length)
    .text()
    .catch(() => ""); // who reads all of it says why it cannot be read
  return beginning === BEGINNING;
}
