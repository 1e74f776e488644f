// Wires the page: the engine's client on one side, what is seen on the other.

import { keepOffline, settle } from "./offline.js";
import { TinyVLM } from "./tinyvlm.js";
import { ChatLog } from "./ui/ask/chat.js";
import { Composer } from "./ui/ask/composer.js";
import { Conversation } from "./ui/ask/conversation.js";
import { byId, translate } from "./ui/common/dom.js";
import { ImagePanel } from "./ui/image/image_panel.js";
import { LookingAhead } from "./ui/image/looking_ahead.js";
import { ModelDialog } from "./ui/model/model_dialog.js";
import { Notices } from "./ui/common/notices.js";
import { ProgressCard } from "./ui/model/progress.js";
import { StatusBar } from "./ui/model/status.js";
import { StorageDialog } from "./ui/model/storage_dialog.js";
import { list, t } from "./i18n/strings.js";

translate(document);
await settle();
const parameters = new URLSearchParams(location.search);
const vlm = new TinyVLM({
  model: parameters.get("model") ?? undefined,
  hub: parameters.get("hub") ?? undefined,
  threads: Number(parameters.get("threads")) || undefined,
  simd: parameters.get("simd") ?? undefined,
  activationBits: Number(parameters.get("bits")) || undefined,
});
window.tinyvlm = vlm;

const notices = new Notices(byId("notices"));
const progress = new ProgressCard(byId("progress"));
const status = new StatusBar(byId("status"), byId("stats-panel"));
const composer = new Composer({
  onAsk: (question) => conversation.ask(question),
  onStop: () => conversation.stop(),
});
const models = new ModelDialog({
  onChoice(choice) {
    conversation.changeModel();
    lookingAhead.stop();
    vlm.load(choice);
    lookAtTheImage();
    void followLoading();
  },
  onProfile() {
    if (!chat.hasMessages) lookAtTheImage();
  },
});
const stored = new StorageDialog((model) => models.choose({ model }));
const chat = new ChatLog(byId("chat"));
const conversation = new Conversation(vlm, chat, composer, () => models.profile, showStats);
const lookingAhead = new LookingAhead(vlm, () => models.profile, showImageState);
let canSee = false;
let isDraft = false;
let isReady = false;
let imageState = "none";
let sampleQuestions = null;
let modelQuestions = list("suggestions.default");

const imagePanel = new ImagePanel({
  onImage(image, questions) {
    sampleQuestions = questions;
    conversation.start(image);
    lookAtTheImage();
    showSuggestions();
  },
  takesModel: (files) => models.takeFiles(files),
});

vlm.addEventListener("progress", ({ detail }) => progress.update(detail));
vlm.addEventListener("milestone", ({ detail }) => reach[detail]());
vlm.addEventListener("notice", ({ detail: { code, message } }) => {
  notices.show(message, { key: code });
  if (code === "storage-missing") stored.setMissing();
});
vlm.addEventListener("restart", () => {
  notices.show(t("engine.restarted"), { key: "restart" });
  if (imageState === "seen") lookingAhead.stop(); // what it saw went with the engine
  void followLoading();
});
vlm.addEventListener("failed", () => {
  notices.close("restart");
  void followLoading();
});

showSuggestions();
void imagePanel.loadSamples(new URL("samples/", document.baseURI).href);
void followLoading();
void keepOffline(vlm.whole, () => {
  notices.show(t("page.new-version"), { label: t("page.reload"), action: () => location.reload() });
});

const reach = {
  vision() {
    canSee = true;
    progress.setCanSee();
    showImageState(imageState);
  },
  draft() {
    isDraft = true;
    showQuality();
  },
  whole() {
    isDraft = false;
    showQuality();
    void showStats();
    void stored.refresh();
  },
};

async function followLoading() {
  const { ready, whole } = vlm;
  const isCurrent = () => vlm.ready === ready;
  canSee = isDraft = isReady = false;
  conversation.setReady(false);
  conversation.setWhole(false);
  progress.show();
  showImageState(imageState);
  status.say(t("status.loading"));
  try {
    const card = await ready;
    if (!isCurrent()) return;
    status.setModel(card);
    status.say(card.name);
    models.setModel(card);
    conversation.setModel(card);
    showWhatItReads(card);
    showSuggestions();
    isReady = true;
    conversation.setReady(true);
    showQuality();
    showImageState(imageState);
    void showStats();
  } catch (error) {
    if (!isCurrent()) return;
    status.say(t("status.failed"));
    progress.fail(error.message, startAgain);
    return;
  }
  try {
    await whole;
  } catch (error) {
    if (isCurrent()) progress.failRefining(error.message, startAgain);
  }
}

function startAgain() {
  vlm.reload();
  lookAtTheImage();
  void followLoading();
}

/** Whether answers are drafts, and what is still to come. */
function showQuality() {
  if (!isReady) return;
  conversation.setWhole(!isDraft);
  if (isDraft) progress.showRefining();
  else progress.hide();
}

function lookAtTheImage() {
  const { image } = conversation;
  if (image) void lookingAhead.look(image);
  else lookingAhead.stop();
}

/** @param {import("./ui/image/looking_ahead.js").ImageState} state */
function showImageState(state) {
  imageState = state;
  const shown = state === "waiting" && canSee ? "looking" : state;
  progress.setImage(shown);
  imagePanel.setState(isReady && shown === "seen" ? "none" : shown);
}

function showWhatItReads({ sees, suggestions }) {
  modelQuestions = suggestions ?? list(sees ? "suggestions.default" : "suggestions.text");
  composer.setPlaceholder(t(sees ? "question.placeholder" : "question.placeholder-text"));
  chat.invite(sees ? "chat.empty-text" : "chat.empty-text-only");
  byId("image-panel").hidden = !sees;
  if (!sees) lookingAhead.stop();
}

async function showStats() {
  try {
    status.show(await vlm.stats());
  } catch {
    // The engine has stopped; the restart says so and shows new figures.
  }
}

function showSuggestions() {
  composer.setSuggestions(sampleQuestions ?? modelQuestions);
}
