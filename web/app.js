// Wires the page: the engine's client on one side, what is seen on the other.

import { keepOffline, settle } from "./offline.js";
import { TinyVLM } from "./tinyvlm.js";
import { ChatLog } from "./ui/ask/chat.js";
import { Composer } from "./ui/ask/composer.js";
import { Conversation } from "./ui/ask/conversation.js";
import { Session } from "./ui/ask/session.js";
import { answerLanguage, suggestionsFor } from "./ui/ask/suggestions.js";
import { WithText } from "./ui/ask/with_text.js";
import { byId } from "./ui/common/dom.js";
import { offerLanguages } from "./ui/common/language_menu.js";
import { Notices } from "./ui/common/notices.js";
import { translate } from "./ui/common/say.js";
import { HistoryDialog } from "./ui/history/history_dialog.js";
import { AskedImage } from "./ui/image/asked_image.js";
import { Camera } from "./ui/image/camera.js";
import { HeatLayer } from "./ui/image/heat_layer.js";
import { ImagePanel } from "./ui/image/image_panel.js";
import { ImageView } from "./ui/image/image_view.js";
import { ImageTray } from "./ui/image/image_tray.js";
import { PictureText } from "./ui/image/picture_text.js";
import { Loading } from "./ui/model/loading.js";
import { ModelDialog } from "./ui/model/model_dialog.js";
import { ProgressCard } from "./ui/model/progress.js";
import { StatusBar } from "./ui/model/status.js";
import { StorageDialog } from "./ui/model/storage_dialog.js";
import { TableDialog } from "./ui/table/table_dialog.js";
import { asTinyVLMError, TinyVLMError } from "./engine/shared/errors.js";
import { begun, errorSentence, t } from "./i18n/strings.js";

/** @import { ChosenImage, OfferedImage } from "./ui/image/asked_image.js" */
/** @import { ModelCard, Notice, Progress, Quantization } from "./engine/shared/protocol.js" */

translate(document);
const notStarted = byId("not-started");
notStarted.hidden = true; // what may take a while here is no failure
await settle();
notStarted.hidden = false;
const parameters = new URLSearchParams(location.search);
const vlm = new TinyVLM({
  model: parameters.get("model") ?? undefined,
  hub: parameters.get("hub") ?? undefined,
  threads: Number(parameters.get("threads")) || undefined,
  // The engine says so where it takes neither of these.
  simd: /** @type {"relaxed"|"simd128"|undefined} */ (parameters.get("simd") ?? undefined),
  activationBits: /** @type {7|undefined} */ (Number(parameters.get("bits")) || undefined),
  quantization: /** @type {Quantization|undefined} */ (parameters.get("quantization") ?? undefined),
});
Object.assign(window, { tinyvlm: vlm }); // for the console, and for tests

const asked = new AskedImage(vlm, () => models.profile);
const notices = new Notices(byId("notices"));
const progress = new ProgressCard(byId("progress"), asked);
const status = new StatusBar(byId("status"), byId("stats-panel"));
const chat = new ChatLog(byId("chat"), byId("composer"), {
  onAgain: (question, image) => void conversation.askAgain(question, image),
  onEdit: (question, image) => void conversation.edit(question, image),
  onImage: (image) => void conversation.turnTo(image),
  onCopy: copyText,
  onExplain: (question, image, bubble) => void conversation.explain(question, image, bubble),
});
const session = new Session((trouble) => notices.show(trouble.code, saying(trouble)));
const composer = new Composer({
  onAsk: (question) => conversation.ask(question),
  onWrite: () => conversation.keepDraft(),
  onStop() {
    conversation.stop();
    pictureText.stop();
  },
});
const withText = new WithText(() => {
  const { card } = loading;
  if (!card || card.sees) return;
  showWhatItReads(card);
});
const conversation = new Conversation({
  vlm,
  chat,
  composer,
  asked,
  session,
  how,
  onLook(heat, image) {
    if (heat && image === asked.chosen) heatLayer.show(heat, image);
    else heatLayer.clear();
  },
  onAnswered(question, answer) {
    if (answer?.reading) pictureText.showAnswer(answer.reading, question, answer.text);
    void showStats();
  },
});
const view = new ImageView();
byId("view-image-button").addEventListener("click", () => asked.chosen && view.open(asked.chosen));
const heatLayer = new HeatLayer(byId("picture"));
const tray = new ImageTray((image) => void conversation.turnTo(image));
new HistoryDialog(session.history, {
  onOpen: (id) => void session.open(id),
  onNew: () => void session.begin(),
  onKeep: (isKept) => session.setKept(isKept),
  current: () => session,
});
const pictureText = new PictureText(vlm, asked);
const table = new TableDialog({
  vlm,
  how,
  isEnglish: (card) => answerLanguage(card) === "en",
  onPicture: ({ name, blob }) => view.open({ name: () => name, blob, preview: blob }),
  onEnd: (said) => notices.show("table", said, { label: "table.show", onclick: () => void table.open() }),
});
const imagePanel = new ImagePanel(asked, (files) => models.takeFiles(files), offerTable);
new Camera((photo) => imagePanel.bring([photo]));
const models = new ModelDialog({
  onChoice(choice) {
    conversation.changeModel();
    begin(() => vlm.load(choice));
  },
  onProfile() {
    if (!chat.hasMessages) void asked.look();
  },
});
const stored = new StorageDialog((model) => models.choose({ model }));
const loading = new Loading(vlm, {
  onBegin() {
    asked.setCanSee(false);
    imagePanel.setModelReady(false);
    conversation.setReady(false);
    conversation.setWhole(false);
    status.setReader("none");
    withText.setModel(null);
    withText.setCanRead(false);
    progress.show();
    status.say("status.loading");
  },
  onVision() {
    asked.setCanSee(true);
  },
  onReady(card) {
    status.setModel(card);
    status.say(() => card.name);
    models.setModel(card);
    conversation.setModel(card);
    withText.setModel(card);
    table.setModel(card);
    showWhatItReads(card);
    showSuggestions();
    conversation.setReady(true);
    imagePanel.setModelReady(true);
    void showStats();
  },
  onQuality(isDraft) {
    conversation.setWhole(!isDraft);
    if (isDraft) progress.showRefining();
    else progress.hide();
  },
  onWhole() {
    void showStats();
    void stored.refresh();
  },
  onFailed(error) {
    status.say("status.failed");
    progress.fail(saying(error), startAgain, whatFits(error));
  },
  onRestFailed(error) {
    progress.failRefining(saying(error), startAgain);
  },
  onReader(state) {
    status.setReader(state);
    withText.setCanRead(state === "ready");
    if (state === "ready") void stored.refresh();
  },
});

asked.addEventListener("choice", () => {
  showSuggestions();
  showTray();
  heatLayer.clear();
});
asked.addEventListener("brought", (event) => {
  session.take(/** @type {CustomEvent<ChosenImage>} */ (event).detail);
});
session.addEventListener("images", showTray);
vlm.addEventListener("progress", (event) => {
  progress.update(/** @type {CustomEvent<Progress>} */ (event).detail);
});
vlm.addEventListener("notice", (event) => {
  const { detail } = /** @type {CustomEvent<Notice>} */ (event);
  notices.show(detail.code, () => errorSentence(detail));
  if (detail.code === "storage-missing") stored.setMissing();
});
vlm.addEventListener("restart", () => {
  notices.show("restart", "engine.restarted");
  asked.engineReplaced();
});
vlm.addEventListener("failed", () => notices.close("restart"));

composer.setEnglishOnly(!parameters.has("model")); // the page's own model does, as far as is known now
showSuggestions();
void imagePanel.loadSamples(new URL("samples/", document.baseURI).href);
void loading.follow();
void keepOffline(vlm.whole, () => {
  notices.show("new-version", "page.new-version", { label: "page.reload", onclick: () => location.reload() });
});
offerLanguages(byId("language", HTMLSelectElement), (language) => {
  notices.show("language", () => t("language.failed", { language }));
});
await session.restore();
await begun; // nothing else waits for it: what was said until then is written now
notStarted.remove();

/** Loads a model, which is shown the image as soon as it can see. @param {() => void} load */
function begin(load) {
  asked.stopLooking();
  asked.setSees(true);
  load();
  void asked.look();
  void loading.follow();
}

function startAgain() {
  begin(() => vlm.reload());
}

/** @param {Error} error */
function saying(error) {
  const told = asTinyVLMError(error);
  return () => errorSentence(told);
}

/** Where a model is too large as it was asked for. @param {Error} error */
function whatFits(error) {
  if (!(error instanceof TinyVLMError) || error.code !== "quantization-too-large") return undefined;
  const quantization = /** @type {Quantization} */ (error.details.smaller);
  return {
    label: () => t("progress.load-in", { quantization }),
    action: () => begin(() => vlm.reload({ quantization })),
  };
}

/** @param {ModelCard} card */
function showWhatItReads(card) {
  const { sees } = card;
  composer.setPlaceholder(sees ? "question.placeholder" : "question.placeholder-text");
  composer.setEnglishOnly(answerLanguage(card) === "en");
  chat.invite(sees ? "chat.empty-text" : "chat.empty-text-only");
  byId("image-panel").hidden = !sees && !withText.isWanted;
  asked.setSees(sees);
}

async function showStats() {
  try {
    status.show(await vlm.stats());
  } catch {
    // The engine has stopped; the restart says so and shows new figures.
  }
}

/** More images than a conversation takes. @param {OfferedImage[]} images */
function offerTable(images) {
  const pictures = images.map(({ name, blob }) => ({ name: name(), blob }));
  notices.show("table", () => t("table.offer", { count: images.length }), {
    label: "table.show",
    onclick() {
      notices.close("table");
      void table.bring(Promise.resolve(pictures));
    },
  });
}

/** How questions are asked. */
function how() {
  return { profile: models.profile, with_text: withText.isWanted };
}

/** Which image is asked about, of those of this conversation. */
function showTray() {
  const { chosen } = asked;
  const id = chosen && session.take(chosen).id; // one that is new joins them
  tray.show(session.images, id);
}

/** @param {string} text @returns {Promise<boolean>} whether it was */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function showSuggestions() {
  composer.setSuggestions(suggestionsFor(asked.chosen?.questions, loading.card));
}
