// What is said of a download that was left: how much of it is here, and the way on.

import { deleteModel, listModels } from "../../engine/shared/storage.js";
import { TinyVLMError } from "../../engine/shared/errors.js";
import { formatBytes } from "../common/format.js";
import { errorSentence, t } from "../../i18n/strings.js";
import { sizeOf } from "./download_controls.js";
import { nameOf } from "./model_switch.js";

/** @import { Notices } from "../common/notices.js" */
/** @import { Left, ModelSwitch } from "./model_switch.js" */

/** The notice's key: it is closed when a download goes on. */
const KEY = "download";

/** @param {Left} left @param {ModelSwitch} switching @param {Notices} notices */
export async function sayLeft({ isPaused, ...left }, switching, notices) {
  const { model } = left.choice;
  const name = nameOf(left.choice);
  if (isPaused) {
    const said = () => t("models.paused", { name, size: sizeOf(left) });
    notices.show(KEY, said, { label: "models.resume", onclick: () => switching.resume() });
    return;
  }
  const bytes = await keptBytes(model);
  if (!bytes) return notices.show(KEY, () => t("models.cancelled", { name }));
  notices.show(KEY, () => t("models.cancelled-kept", { name, size: formatBytes(bytes) }), {
    label: "models.delete-rest",
    onclick: () => void remove(model, name, notices),
  });
}

/** @param {string} source @param {string} name @param {Notices} notices */
async function remove(source, name, notices) {
  try {
    for (const { id, complete } of await keptOf(source)) if (!complete) await deleteModel(id);
    notices.show(KEY, () => t("models.deleted-rest", { name }));
  } catch (error) {
    if (!(error instanceof TinyVLMError)) throw error;
    notices.show(KEY, () => errorSentence(error));
  }
}

/** @param {string} source */
async function keptBytes(source) {
  return (await keptOf(source)).reduce((sum, { bytes, complete }) => sum + (complete ? 0 : bytes), 0);
}

/** @param {string} source */
async function keptOf(source) {
  const models = await listModels().catch(() => []);
  return models.filter((model) => model.source === source);
}
