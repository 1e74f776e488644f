// Wires the page: what a person does on one side, conversation, images and model on the other. dialogs.js has what opens
// over it, model_wiring.js what the engine tells.

import { Dialogs } from "./dialogs.js";
import { ModelWiring, saying } from "./model_wiring.js";
import { parameters, sayWhatCameBefore, started } from "./engine_start.js";
import { keepOffline } from "./offline.js";
import { ChatLog } from "./ui/ask/chat.js";
import { Composer } from "./ui/ask/composer.js";
import { Conversation } from "./ui/ask/conversation.js";
import { keepHabits } from "./ui/ask/habits.js";
import { Session } from "./ui/ask/session.js";
import { suggestionsFor } from "./ui/ask/suggestions.js";
import { WithText } from "./ui/ask/with_text.js";
import { byId } from "./ui/common/dom.js";
import { offerLanguages } from "./ui/common/language_menu.js";
import { Notices } from "./ui/common/notices.js";
import { translate } from "./ui/common/say.js";
import { AskedImage } from "./ui/image/asked_image.js";
import { AskedStrip } from "./ui/image/asked_strip.js";
import { ImagePanel } from "./ui/image/image_panel.js";
import { ImageTray } from "./ui/image/image_tray.js";
import { ReadingTools } from "./ui/image/reading_tools.js";
import { OWN } from "./ui/model/known_models.js";
import { ModelSwitch } from "./ui/model/model_switch.js";
import { rememberSpeed } from "./ui/model/speeds.js";
import { AutoProfile } from "./ui/settings/auto_profile.js";
import { settings } from "./ui/settings/settings.js";
import { begun, t } from "./i18n/strings.js";

/** @import { ChosenImage } from "./ui/image/asked_image.js" */

translate(document);
const notStarted = byId("not-started");
notStarted.hidden = true; // what may take a while here is no failure
const vlm = await started;
notStarted.hidden = false;
Object.assign(window, { tinyvlm: vlm }); // for the console, and for tests

const auto = new AutoProfile(vlm, settings);
const asked = new AskedImage(vlm, () => auto.profile);
const notices = new Notices(byId("notices"));
const chat = new ChatLog(byId("chat"), byId("composer"), {
  onAgain: (question, image) => void conversation.askAgain(question, image),
  onEdit: (question, image) => void conversation.edit(question, image),
  async onImage(image) {
    if (await conversation.turnTo(image)) viewChosen();
  },
  onExplain: (question, image, bubble) => conversation.explain(question, image, bubble),
  onBetter: () => (model.card?.id === OWN.id ? () => dialogs.proposeModel() : null),
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
    readingTools.stop();
  },
});
const withText = new WithText(() => {
  const { card } = model;
  if (card && !card.sees) model.showWhatItReads(card);
});
/** @type {Conversation} */
const conversation = new Conversation({
  vlm,
  chat,
  composer,
  asked,
  session,
  how,
  onAnswered(question, answer) {
    if (answer && model.card) rememberSpeed(model.card.id, answer);
    if (answer) dialogs.setAnswer(answer);
    if (answer?.reading) readingTools.showAnswer(answer.reading, question, answer.text);
    void model.showStats();
  },
});
byId("view-image-button").addEventListener("click", viewChosen);
new AskedStrip(asked, (image) => dialogs.view(image));
const tray = new ImageTray((image) => void conversation.turnTo(image));
const readingTools = new ReadingTools(vlm, asked);
const switching = new ModelSwitch({ model: parameters.get("model") ?? undefined }, (choice) => model.load(choice));
const imagePanel = new ImagePanel(asked, {
  onModel(files) {
    dialogs.closeModels();
    switching.choose({ files });
  },
  onMany: (images) => dialogs.offerTable(images),
});
const onPhoto = (/** @type {File} */ photo) => imagePanel.bring([photo]);
const dialogs = new Dialogs({ vlm, session, switching, settings, auto, how, notices, onPhoto });
/** @type {ModelWiring} */
const model = new ModelWiring({
  ...{ vlm, switching, notices, dialogs, asked, imagePanel, conversation, chat, composer, withText, auto },
  onReady: showSuggestions,
});

asked.addEventListener("choice", () => {
  showSuggestions();
  showTray();
});
asked.addEventListener("brought", (event) => {
  session.take(/** @type {CustomEvent<ChosenImage>} */ (event).detail);
});
session.addEventListener("images", showTray);

let { profile } = auto;
for (const changing of [auto, settings]) changing.addEventListener("change", lookAsSet);
auto.addEventListener("measured", lookAgain);
settings.addEventListener("change", keepAsSet);
keepHabits(() => chat.lastQuestion);
composer.setEnglishOnly(!parameters.has("model")); // the page's own model does, as far as is known now
showSuggestions();
void imagePanel.loadSamples(new URL("samples/", document.baseURI).href);
model.follow();
sayWhatCameBefore(vlm);
void keepOffline(vlm.whole, () => {
  notices.show("new-version", "page.new-version", { label: "page.reload", onclick: () => location.reload() });
});
offerLanguages(byId("language", HTMLSelectElement), (language) => {
  notices.show("language", () => t("language.failed", { language }));
});
await session.restore();
await begun; // nothing else waits for it: what was said until then is written now
notStarted.remove();

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

/** How questions are asked. */
function how() {
  return { ...settings.sampling, profile: auto.profile, with_text: withText.isWanted };
}

function viewChosen() {
  if (asked.chosen) dialogs.view(asked.chosen);
}

/** Which image is asked about, of those of this conversation. */
function showTray() {
  const { chosen } = asked;
  const id = chosen && session.take(chosen).id; // one that is new joins them
  tray.show(session.images, id);
}

function showSuggestions() {
  composer.setSuggestions(suggestionsFor(asked.chosen?.questions, model.card));
}
