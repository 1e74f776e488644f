// Names of files: from a title in any language, as every system takes them.

const FORBIDDEN = /[\\/:*?"<>|\p{C}]+/gu;
const LONGEST = 60;
/** @type {Record<string, string>} */
const EXTENSIONS = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/gif": "gif",
  "image/bmp": "bmp",
  "image/avif": "avif",
};

/** @param {string} title @param {string} extension @returns {string} */
export function fileNameOf(title, extension) {
  const plain = title.normalize("NFC").replace(FORBIDDEN, " ").replace(/\s+/g, " ");
  const short = [...plain]
    .slice(0, LONGEST)
    .join("")
    .replace(/^[\s.]+|[\s.…]+$/g, "");
  return `${short || "conversation"}.${extension}`;
}

/** @param {string} type  of media @returns {string} */
export function extensionOf(type) {
  return EXTENSIONS[type] ?? "bin";
}
