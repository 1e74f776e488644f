// Wires the page: the engine's client on one side, what is seen on the other.

import { keepOffline, settle } from "./offline.js";
import { TinyVLM } from "./tinyvlm.js";
import { ChatLog } from "./ui/ask/chat.js";
import { Composer } from "./ui/ask/composer.js";
import { Conversation } from "./ui/ask/conversation.js";
import { keepHabits } from "./ui/ask/habits.js";
import { Session } from "./ui/ask/session.js";
import { offerShortcuts } from "./ui/ask/shortcuts.js";
import { answerLanguage, suggestionsFor } from "./ui/ask/suggestions.js";
import { WithText } from "./ui/ask/with_text.js";
import { byId } from "./ui/common/dom.js";
import { offerLanguages } from "./ui/common/language_menu.js";
import { Notices } from "./ui/common/notices.js";
import { translate } from "./ui/common/say.js";
import { HistoryDialog } from "./ui/history/history_dialog.js";
import { AskedImage } from "./ui/image/asked_image.js";
import { AskedStrip } from "./ui/image/asked_strip.js";
import { Camera } from "./ui/image/camera.js";
import { HeatLayer } from "./ui/image/heat_layer.js";
import { ImagePanel } from "./ui/image/image_panel.js";
import { ImageView } from "./ui/image/image_view.js";
import { ImageTray } from "./ui/image/image_tray.js";
import { PictureText } from "./ui/image/picture_text.js";
import { rememberSpeed } from "./ui/model/device.js";
import { loadingControls, wayBack } from "./ui/model/download_controls.js";
import { leftNotice } from "./ui/model/left_notice.js";
import { Loading } from "./ui/model/loading.js";
import { OWN } from "./ui/model/known_models.js";
import { ModelDialog } from "./ui/model/model_dialog.js";
import { ModelSwitch } from "./ui/model/model_switch.js";
import { ProgressCard } from "./ui/model/progress.js";
import { StatusBar } from "./ui/model/status.js";
import { StorageDialog } from "./ui/model/storage_dialog.js";
import { AutoProfile } from "./ui/settings/auto_profile.js";
import { settings } from "./ui/settings/settings.js";
import { SettingsDialog } from "./ui/settings/settings_dialog.js";
import { SpeedDialog } from "./ui/speed/speed_dialog.js";
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
  threads: Number(parameters.get("threads")) || settings.values.threads || undefined,
  // The engine says so where it takes neither of these.
  simd: /** @type {"relaxed"|"simd128"|undefined} */ (parameters.get("simd") ?? undefined),
  activationBits: /** @type {7|undefined} */ (Number(parameters.get("bits")) || undefined),
  quantization: /** @type {Quantization|undefined} */ (parameters.get("quantization") ?? undefined),
});
Object.assign(window, { tinyvlm: vlm }); // for the console, and for tests

let isKept = true; // what is downloaded
const auto = new AutoProfile(vlm, settings);
new SettingsDialog(settings, auto);
const asked = new AskedImage(vlm, () => auto.profile);
const notices = new Notices(byId("notices"));
const progress = new ProgressCard(byId("progress"), asked);
const status = new StatusBar(byId("status"), byId("stats-panel"));
const chat = new ChatLog(byId("chat"), byId("composer"), {
  onAgain: (question, image) => void conversation.askAgain(question, image),
  onEdit: (question, image) => void conversation.edit(question, image),
  async onImage(image) {
    if ((await conversation.turnTo(image)) && asked.chosen) view.open(asked.chosen);
  },
  onExplain: (question, image, bubble) => conversation.explain(question, image, bubble),
  onBetter: () => (loading.card?.id === OWN.id ? () => models.propose() : null),
});
const session = new Session(
  (trouble) => notices.show(trouble.code, saying(trouble)),
  () => settings.values.keeps,
);
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
/** @type {Conversation} */
const conversation = new Conversation({
  vlm,
  chat,
  composer,
  asked,
  session,
  how,
  onLook(heat, image) {
    for (const layer of heatLayers) {
      if (heat && image === asked.chosen) layer.show(heat, image);
      else layer.clear();
    }
  },
  onAnswered(question, answer) {
    if (answer && loading.card) rememberSpeed(loading.card.id, answer);
    if (answer) speed.setAnswer(answer);
    if (answer?.reading) pictureText.showAnswer(answer.reading, question, answer.text);
    void showStats();
  },
});
const view = new ImageView();
byId("view-image-button").addEventListener("click", () => asked.chosen && view.open(asked.chosen));
new AskedStrip(asked, (image) => view.open(image));
const heatLayers = [byId("picture"), byId("strip-picture")].map((picture) => new HeatLayer(picture));
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
const switching = new ModelSwitch({ model: parameters.get("model") ?? undefined }, (choice) => {
  conversation.changeModel();
  begin(() => vlm.load(choice));
});
const models = new ModelDialog(switching, { onStored: () => stored.open() });
leftNotice(switching, notices);
const speed = new SpeedDialog(vlm);
const stored = new StorageDialog((model) => models.choose({ model }));
const loading = new Loading(vlm, {
  onBegin() {
    asked.setCanSee(false);
    imagePanel.setModelReady(false);
    conversation.setReady(false);
    conversation.setWhole(false);
    status.setReader("none");
    auto.setModel(null, false);
    withText.setModel(null);
    withText.setCanRead(false);
    progress.show(loadingControls(switching, isKept));
    status.say("status.loading");
  },
  onVision() {
    asked.setCanSee(true);
  },
  onReady(card) {
    status.setModel(card);
    status.say(() => card.name);
    switching.arrived(card);
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
    auto.setModel(loading.card, !isDraft);
    if (isDraft) progress.showRefining();
    else progress.hide();
  },
  onWhole() {
    void showStats();
    void stored.refresh();
    void models.refresh();
  },
  onFailed(error) {
    status.say("status.failed");
    progress.fail(saying(error), startAgain, whatFits(error), wayBack(switching));
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
  for (const layer of heatLayers) layer.clear();
});
asked.addEventListener("brought", (event) => {
  session.take(/** @type {CustomEvent<ChosenImage>} */ (event).detail);
});
session.addEventListener("images", showTray);
vlm.addEventListener("progress", (event) => {
  const { detail } = /** @type {CustomEvent<Progress>} */ (event);
  progress.update(detail);
  switching.note(detail);
});
vlm.addEventListener("notice", (event) => {
  const { detail } = /** @type {CustomEvent<Notice>} */ (event);
  notices.show(detail.code, () => errorSentence(detail));
  if (detail.code === "storage-missing") {
    isKept = false;
    stored.setMissing();
    models.setMissing();
  }
});
vlm.addEventListener("restart", () => {
  notices.show("restart", "engine.restarted");
  asked.engineReplaced();
});
vlm.addEventListener("failed", () => notices.close("restart"));

let { profile } = auto;
for (const changing of [auto, settings]) changing.addEventListener("change", lookAsSet);
auto.addEventListener("measured", lookAgain);
settings.addEventListener("change", keepAsSet);
keepHabits(() => chat.lastQuestion);
offerShortcuts();
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

/** Another way to look at images counts at once for one that nobody has asked about. */
function lookAsSet() {
  if (auto.profile === profile) return;
  profile = auto.profile;
  lookAgain();
}

function lookAgain() {
  if (!chat.hasMessages) void asked.look();
}

/** Whether conversations are kept counts at once for one in which nothing was asked. */
function keepAsSet() {
  const { keeps } = settings.values;
  if (!chat.hasMessages && session.isKept !== keeps) void session.setKept(keeps).catch(() => {});
}

async function showStats() {
  try {
    const stats = await vlm.stats();
    status.show(stats);
    speed.setStats(stats);
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
  return { ...settings.sampling, profile: auto.profile, with_text: withText.isWanted };
}

/** Which image is asked about, of those of this conversation. */
function showTray() {
  const { chosen } = asked;
  const id = chosen && session.take(chosen).id; // one that is new joins them
  tray.show(session.images, id);
}

function showSuggestions() {
  composer.setSuggestions(suggestionsFor(asked.chosen?.questions, loading.card));
}
