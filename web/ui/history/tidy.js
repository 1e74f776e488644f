// What tabs that have ended have left behind: answers that were being written are kept as far as they came, and marked.

import { livingLives } from "./lives.js";
import { TABLES, textBytes } from "./records.js";

/** @import { Message } from "./records.js" */
/** @import { Shelf } from "./shelf.js" */

/** @param {Shelf} disk */
export async function tidy(disk) {
  const lives = await livingLives();
  if (!lives) return; // it cannot be known who still writes: answers are marked as they are read
  await disk.write(TABLES, async (access) => {
    for (const { conversation, number, text } of await access.all("progress", [])) {
      const message = await access.get("messages", [conversation, number]);
      if (message && isWritten(message, lives)) continue;
      access.remove("progress", [conversation, number]);
      const record = await access.get("conversations", [conversation]);
      if (!message || !record || message.answer.state !== "unfinished") continue;
      access.put("messages", { ...message, life: null, answer: { ...message.answer, text, state: "interrupted" } });
      access.put("conversations", { ...record, bytes: record.bytes + textBytes(text) });
    }
    for (const { conversation, text } of await access.all("drafts", [])) {
      if (!text && !(await access.get("conversations", [conversation]))) access.remove("drafts", [conversation]);
    }
  });
}

/** @param {Message} message @param {Set<string>} lives */
export function isWritten({ answer, life }, lives) {
  return answer.state === "unfinished" && life !== null && lives.has(life);
}
