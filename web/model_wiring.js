// From the engine to the page: what loads, what is there, what has failed, and what all that makes of the rest.

import { answerLanguage } from "./ui/ask/suggestions.js";
import { byId } from "./ui/common/dom.js";
import { OnDemand } from "./ui/common/on_demand.js";
import { say } from "./ui/common/say.js";
import { loadingControls, wayBack } from "./ui/model/download_controls.js";
import { Loading } from "./ui/model/loading.js";
import { ProgressCard } from "./ui/model/progress.js";
import { StatusBar } from "./ui/model/status.js";
import { asTinyVLMError, TinyVLMError } from "./engine/shared/errors.js";
import { errorSentence, t } from "./i18n/strings.js";

/** @import { Dialogs } from "./dialogs.js" */
/** @import { ModelCard, Notice, Progress, Quantization } from "./engine/shared/protocol.js" */
/** @import { TinyVLM } from "./tinyvlm.js" */
/** @import { ChatLog } from "./ui/ask/chat.js" */
/** @import { Composer } from "./ui/ask/composer.js" */
/** @import { Conversation } from "./ui/ask/conversation.js" */
/** @import { WithText } from "./ui/ask/with_text.js" */
/** @import { Notices } from "./ui/common/notices.js" */
/** @import { AskedImage } from "./ui/image/asked_image.js" */
/** @import { ImagePanel } from "./ui/image/image_panel.js" */
/** @import { Choice, Left, ModelSwitch } from "./ui/model/model_switch.js" */
/** @import { AutoProfile } from "./ui/settings/auto_profile.js" */

/**
 * @typedef {object} Told  who is told of the model
 * @property {TinyVLM} vlm
 * @property {ModelSwitch} switching
 * @property {Notices} notices
 * @property {Dialogs} dialogs
 * @property {AskedImage} asked
 * @property {ImagePanel} imagePanel
 * @property {Conversation} conversation
 * @property {ChatLog} chat
 * @property {Composer} composer
 * @property {WithText} withText
 * @property {AutoProfile} auto
 * @property {() => void} onReady  there are other questions to suggest
 */

export class ModelWiring {
  #told;
  #progress;
  #status = new StatusBar(byId("status"), byId("stats-panel"));
  #loading;
  /** Whether what is downloaded is kept. */
  #isKept = true;
  #left = new OnDemand({ load: () => import("./ui/model/left_notice.js"), make: ({ sayLeft }) => sayLeft });

  /** @param {Told} told */
  constructor(told) {
    const { vlm, switching, asked } = told;
    this.#told = told;
    this.#progress = new ProgressCard(byId("progress"), asked);
    this.#loading = new Loading(vlm, {
      onBegin: () => this.#begin(),
      onVision: () => asked.setCanSee(true),
      onReady: (card) => this.#becomeReady(card),
      onQuality: (isDraft) => this.#showQuality(isDraft),
      onWhole: () => {
        void this.showStats();
        told.dialogs.refreshStored();
      },
      onFailed: (error) => {
        this.#status.say("status.failed");
        this.#progress.fail(saying(error), () => this.#startAgain(), this.#whatFits(error), wayBack(switching));
      },
      onRestFailed: (error) => this.#progress.failRefining(saying(error), () => this.#startAgain()),
      onReader: (state) => {
        this.#status.setReader(state);
        told.withText.setCanRead(state === "ready");
        if (state === "ready") told.dialogs.refreshStored();
      },
    });
    this.#listen();
  }

  /** The model's, or that of the one before while nothing is known of it yet; null at first. */
  get card() {
    return this.#loading.card;
  }

  /** From the page's start on. */
  follow() {
    void this.#loading.follow();
  }

  /** @param {Choice} choice */
  load(choice) {
    say(byId("model-button"), "model.choose"); // until one is there
    this.#told.conversation.changeModel();
    this.#restart(() => this.#told.vlm.load(choice));
  }

  async showStats() {
    const { vlm, dialogs } = this.#told;
    try {
      const stats = await vlm.stats();
      this.#status.show(stats);
      dialogs.setStats(stats);
    } catch {
      // The engine has stopped; the restart says so and shows new figures.
    }
  }

  /** What the questions of a person may be about, where a model's card tells. @param {ModelCard} card */
  showWhatItReads(card) {
    const { asked, chat, composer, withText } = this.#told;
    const { sees } = card;
    composer.setPlaceholder(sees ? "question.placeholder" : "question.placeholder-text");
    composer.setEnglishOnly(answerLanguage(card) === "en");
    chat.invite(sees ? "chat.empty-text" : "chat.empty-text-only");
    byId("image-panel").hidden = !sees && !withText.isWanted;
    asked.setSees(sees);
  }

  #listen() {
    const { vlm, switching, notices, dialogs, asked } = this.#told;
    vlm.addEventListener("progress", (event) => {
      const { detail } = /** @type {CustomEvent<Progress>} */ (event);
      this.#progress.update(detail);
      switching.note(detail);
    });
    vlm.addEventListener("notice", (event) => {
      const { detail } = /** @type {CustomEvent<Notice>} */ (event);
      notices.show(detail.code, () => errorSentence(detail));
      if (detail.code !== "storage-missing") return;
      this.#isKept = false;
      dialogs.setModelsMissing();
    });
    vlm.addEventListener("restart", () => {
      notices.show("restart", "engine.restarted");
      asked.engineReplaced();
    });
    vlm.addEventListener("failed", () => notices.close("restart"));
    switching.addEventListener("left", (event) => {
      void this.#sayLeft(/** @type {CustomEvent<Left>} */ (event).detail);
    });
    switching.addEventListener("change", () => {
      if (switching.download) notices.close("download"); // it goes on, or another one does
    });
  }

  /** @param {Left} left */
  async #sayLeft(left) {
    const { switching, notices } = this.#told;
    try {
      const sayLeft = await this.#left.get();
      if (!switching.download) await sayLeft(left, switching, notices);
    } catch (error) {
      notices.show("download", saying(/** @type {Error} */ (error)));
    }
  }

  #begin() {
    const { switching, asked, imagePanel, conversation, withText, auto } = this.#told;
    asked.setCanSee(false);
    imagePanel.setModelReady(false);
    conversation.setReady(false);
    conversation.setWhole(false);
    this.#status.setReader("none");
    auto.setModel(null, false);
    withText.setModel(null);
    withText.setCanRead(false);
    this.#progress.show(loadingControls(switching, this.#isKept));
    this.#status.say("status.loading");
  }

  /** @param {ModelCard} card */
  #becomeReady(card) {
    const { switching, dialogs, imagePanel, conversation, withText, onReady } = this.#told;
    this.#status.setModel(card);
    this.#status.say(() => card.name);
    switching.arrived(card);
    say(byId("model-button"), () => card.name);
    dialogs.setModel(card);
    conversation.setModel(card);
    withText.setModel(card);
    this.showWhatItReads(card);
    onReady();
    conversation.setReady(true);
    imagePanel.setModelReady(true);
    void this.showStats();
  }

  /** @param {boolean} isDraft */
  #showQuality(isDraft) {
    const { conversation, auto } = this.#told;
    conversation.setWhole(!isDraft);
    auto.setModel(this.card, !isDraft);
    if (isDraft) this.#progress.showRefining();
    else this.#progress.hide();
  }

  /** Loads a model, which is shown the image as soon as it can see. @param {() => void} load */
  #restart(load) {
    const { asked } = this.#told;
    asked.stopLooking();
    asked.setSees(true);
    load();
    void asked.look();
    void this.#loading.follow();
  }

  #startAgain() {
    this.#restart(() => this.#told.vlm.reload());
  }

  /** Where a model is too large as it was asked for. @param {Error} error */
  #whatFits(error) {
    if (!(error instanceof TinyVLMError) || error.code !== "quantization-too-large") return undefined;
    const quantization = /** @type {Quantization} */ (error.details.smaller);
    return {
      label: () => t("progress.load-in", { quantization }),
      action: () => this.#restart(() => this.#told.vlm.reload({ quantization })),
    };
  }
}

/** @param {Error} error */
export function saying(error) {
  const told = asTinyVLMError(error);
  return () => errorSentence(told);
}
