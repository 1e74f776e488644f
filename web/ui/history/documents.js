// One conversation for people to read: as Markdown, or as a single HTML file.

import { extensionOf, fileNameOf } from "./file_name.js";
import { writeZip } from "./zip.js";

/** @import { Exported } from "./archive.js" */
/** @import { AnswerState } from "./records.js" */
/** @import { History } from "./store.js" */
/** @import { SeenConversation, SeenImage, SeenMessage } from "./views.js" */

/**
 * What a document says besides what was said, in the person's language.
 * @typedef {object} Words
 * @property {string} language  BCP 47
 * @property {string} title  for a conversation that has none
 * @property {(ms: number) => string} date
 * @property {(code: string, details: Record<string, unknown>) => Promise<string>|string} error
 * @property {Record<Exclude<AnswerState, "done">, string>} states
 */

/** @typedef {{image: SeenImage, blob: Blob}} Picture */

const STYLE =
  "body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}" +
  "img{max-width:100%;max-height:30rem}h2{font-size:1rem;margin:1.5rem 0 .25rem}" +
  "p{margin:.25rem 0;white-space:pre-wrap;overflow-wrap:anywhere}.soft{opacity:.7}";
/** STYLE's, in base64: nothing else may style the file, and nothing at all may run in it. */
const STYLE_SHA256 = "NIzlS1htmfBiLLO2PdYYVGj+CsDx4VN56vTdD/WO1tI=";
const POLICY =
  `default-src 'none'; img-src data:; style-src 'sha256-${STYLE_SHA256}'; ` + "base-uri 'none'; form-action 'none'";
/** Pictures that browsers show; others of unknown type are none. */
const PICTURE = /^image\/(png|jpeg|webp|gif|bmp|avif)$/;

/**
 * A .md file; where there are images a .zip with it and them, since Markdown with images inside is not for reading.
 * @param {History} history
 * @param {string} id
 * @param {Words} words
 * @returns {Promise<Exported|null>}  null where there is no such conversation
 */
export async function exportMarkdown(history, id, words) {
  const conversation = await history.conversation(id);
  if (!conversation) return null;
  const pictures = await picturesOf(history, conversation);
  const title = conversation.title || words.title;
  const names = new Map(
    pictures.map(({ image }, index) => [image.id, `images/${index + 1}.${extensionOf(image.type)}`]),
  );
  const text = new Blob([await markdownOf(conversation, pictures, names, words)], { type: "text/markdown" });
  if (pictures.length === 0) return { name: fileNameOf(title, "md"), blob: text };
  const files = pictures.map(({ image, blob }) => ({ name: names.get(image.id) ?? "", blob }));
  const zip = [{ name: fileNameOf(title, "md"), blob: text, isText: true }, ...files];
  return { name: fileNameOf(title, "zip"), blob: await writeZip(zip, conversation.changed) };
}

/**
 * One file that needs no other, shows its images from data: URLs, and runs nothing.
 * @param {History} history
 * @param {string} id
 * @param {Words} words
 * @returns {Promise<Exported|null>}  null where there is no such conversation
 */
export async function exportHTML(history, id, words) {
  const conversation = await history.conversation(id);
  if (!conversation) return null;
  const title = conversation.title || words.title;
  /** @type {string[]} */
  const parts = [
    `<!doctype html>\n<html lang="${escapeHTML(words.language)}">\n<head>\n<meta charset="utf-8">\n`,
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n`,
    `<meta name="viewport" content="width=device-width">\n<title>${escapeHTML(title)}</title>\n`,
    `<style>${STYLE}</style>\n</head>\n<body>\n<h1 dir="auto">${escapeHTML(title)}</h1>\n`,
    `<p class="soft">${escapeHTML(words.date(conversation.created))}</p>\n`,
  ];
  const pictures = await picturesOf(history, conversation);
  for (const { pictures: shown, message } of inOrder(conversation, pictures)) {
    for (const { image, blob } of shown) {
      parts.push(`<p><img alt="${escapeHTML(image.name)}" src="${await dataURL(blob, image.type)}"></p>\n`);
    }
    if (message) parts.push(await htmlOf(message, words));
  }
  parts.push("</body>\n</html>\n");
  return { name: fileNameOf(title, "html"), blob: new Blob(parts, { type: "text/html" }) };
}

/** @param {History} history @param {SeenConversation} conversation @returns {Promise<Picture[]>} */
async function picturesOf(history, { id, images }) {
  const pictures = [];
  for (const image of images) {
    const blob = await history.file(id, image.id);
    if (blob) pictures.push({ image, blob });
  }
  return pictures;
}

/**
 * Each image before the first question about it; those that nobody asked about at the end.
 * @param {SeenConversation} conversation
 * @param {Picture[]} pictures
 * @returns {{pictures: Picture[], message: SeenMessage|null}[]}
 */
function inOrder({ messages }, pictures) {
  const left = new Set(pictures);
  const rows = messages.map((message) => {
    const shown = [...left].filter(({ image }) => image.id === message.image);
    for (const picture of shown) left.delete(picture);
    return { pictures: shown, message };
  });
  return [...rows, { pictures: [...left], message: null }];
}

/** @param {SeenMessage} message @param {Words} words */
async function htmlOf({ question, answer }, words) {
  const remark = await remarkOf(answer, words);
  const soft = remark && `<p class="soft">${escapeHTML(remark)}</p>\n`;
  return `<h2 dir="auto">${escapeHTML(question)}</h2>\n<p dir="auto">${escapeHTML(answer.text)}</p>\n${soft}`;
}

/**
 * @param {SeenConversation} conversation
 * @param {Picture[]} pictures
 * @param {Map<string, string>} names
 * @param {Words} words
 */
async function markdownOf(conversation, pictures, names, words) {
  const blocks = [`# ${oneLine(conversation.title || words.title)}`, `*${oneLine(words.date(conversation.created))}*`];
  for (const { pictures: shown, message } of inOrder(conversation, pictures)) {
    blocks.push(...shown.map(({ image }) => `![${oneLine(image.name)}](${names.get(image.id)})`));
    if (!message) continue;
    const { question, answer } = message;
    blocks.push(`**${oneLine(question)}**`, escapeMarkdown(answer.text));
    const remark = await remarkOf(answer, words);
    if (remark) blocks.push(`*${oneLine(remark)}*`);
  }
  return `${blocks.filter(Boolean).join("\n\n")}\n`;
}

/**
 * What is to be known of an answer that did not come to its end.
 * @param {SeenMessage["answer"]} answer
 * @param {Words} words
 */
function remarkOf({ state, error }, words) {
  if (state === "done") return "";
  return error ? words.error(error.code, error.details) : words.states[state];
}

/** @param {string} text */
function escapeHTML(text) {
  /** @type {Record<string, string>} */
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => names[character]);
}

/** So that it reads as it was written: CommonMark takes a backslash before any of these. @param {string} text */
function escapeMarkdown(text) {
  return text
    .trim()
    .replace(/[\\`*_[\]<>&~|$]/g, "\\$&")
    .replace(/^([ \t]*)([#+=-]|\d+(?=[.)]))/gm, (_, space, mark) =>
      /\d/.test(mark) ? `${space}${mark}\\` : `${space}\\${mark}`,
    )
    .replace(/(?<!\n)\n(?!\n)/g, "  \n");
}

/** @param {string} text */
function oneLine(text) {
  return escapeMarkdown(text.replace(/\s+/g, " "));
}

/** @param {Blob} blob @param {string} type @returns {Promise<string>} */
function dataURL(blob, type) {
  const picture = new Blob([blob], { type: PICTURE.test(type) ? type : "application/octet-stream" });
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(picture);
  });
}
