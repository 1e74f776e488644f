// Wires the page: the engine's client on one side, what is seen on the other.

import { keepOffline, settle } from "./offline.js";
import { TinyVLM } from "./tinyvlm.js";
import { ChatLog } from "./ui/chat.js";
import { Composer } from "./ui/composer.js";
import { Conversation } from "./ui/conversation.js";
import { byId, element, translate } from "./ui/dom.js";
import { ImagePanel } from "./ui/image_panel.js";
import { ModelDialog } from "./ui/model_dialog.js";
import { ProgressCard } from "./ui/progress.js";
import { StatusBar } from "./ui/status.js";
import { list, t } from "./ui/strings.js";

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

const progress = new ProgressCard(byId("progress"));
const status = new StatusBar(byId("status"), byId("stats-panel"));
const composer = new Composer({
  onAsk: (question) => conversation.ask(question),
  onStop: () => conversation.stop(),
});
const models = new ModelDialog((choice) => {
  conversation.restart();
  vlm.load(choice);
  void followLoading();
});
const chat = new ChatLog(byId("chat"));
const conversation = new Conversation(vlm, chat, composer, () => models.profile, showStats);
let sampleQuestions = null;
let modelQuestions = list("suggestions.default");

const imagePanel = new ImagePanel({
  onImage(image, questions) {
    sampleQuestions = questions;
    conversation.start(image);
    showSuggestions();
  },
  takesModel: (files) => models.takeFiles(files),
});

vlm.addEventListener("progress", ({ detail }) => progress.update(detail));
vlm.addEventListener("restart", () => {
  showNotice(t("engine.restarted"));
  void followLoading();
});
vlm.addEventListener("failed", () => {
  byId("notice").hidden = true; // it says that the engine was restarted
  void followLoading();
});

showSuggestions();
void imagePanel.loadSamples(new URL("samples/", document.baseURI).href);
void followLoading();
void keepOffline(vlm.ready, () => {
  showNotice(t("page.new-version"), { textContent: t("page.reload"), onclick: () => location.reload() });
});

async function followLoading() {
  const { ready } = vlm;
  const isCurrent = () => vlm.ready === ready;
  conversation.setReady(false);
  progress.show();
  status.say(t("status.loading"));
  try {
    const card = await ready;
    if (!isCurrent()) return;
    status.setModel(card);
    models.setModel(card);
    conversation.setModel(card);
    showWhatItReads(card);
    showSuggestions();
    progress.hide();
    conversation.setReady(true);
    await showStats();
  } catch (error) {
    status.say(t("status.failed"));
    progress.fail(error.message, () => {
      vlm.reload();
      void followLoading();
    });
  }
}

function showWhatItReads({ sees, suggestions }) {
  modelQuestions = suggestions ?? list(sees ? "suggestions.default" : "suggestions.text");
  composer.setPlaceholder(t(sees ? "question.placeholder" : "question.placeholder-text"));
  chat.invite(sees ? "chat.empty-text" : "chat.empty-text-only");
  byId("image-panel").hidden = !sees;
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

function showNotice(sentence, action = {}) {
  const notice = byId("notice");
  const close = () => {
    notice.hidden = true;
  };
  notice.replaceChildren(
    element("span", { textContent: sentence }),
    element("button", { type: "button", className: "quiet", textContent: t("notice.close"), onclick: close, ...action }),
  );
  notice.hidden = false;
}
