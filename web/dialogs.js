// What opens over the page: each dialog is imported when it is first wanted, and told then what it has missed. What has to
// be noticed or kept all the time is noticed and kept elsewhere, or here.

import { offerShortcuts } from "./ui/ask/shortcuts.js";
import { answerLanguage } from "./ui/ask/suggestions.js";
import { byId } from "./ui/common/dom.js";
import { OnDemand } from "./ui/common/on_demand.js";
import { offerCamera } from "./ui/image/camera.js";
import { wasHiddenFor } from "./ui/speed/circumstances.js";
import { errorSentence, t } from "./i18n/strings.js";

/** @import { ModelCard, Profile, Stats } from "./engine/shared/protocol.js" */
/** @import { TinyVLM } from "./tinyvlm.js" */
/** @import { Session } from "./ui/ask/session.js" */
/** @import { Notices } from "./ui/common/notices.js" */
/** @import { PartSource } from "./ui/common/on_demand.js" */
/** @import { ChosenImage, OfferedImage } from "./ui/image/asked_image.js" */
/** @import { ModelSwitch } from "./ui/model/model_switch.js" */
/** @import { AutoProfile } from "./ui/settings/auto_profile.js" */
/** @import { Settings } from "./ui/settings/settings.js" */
/** @import { Answer } from "./ui/speed/last_answer.js" */

/**
 * @typedef {object} Page  what the dialogs are about
 * @property {TinyVLM} vlm
 * @property {Session} session
 * @property {ModelSwitch} switching
 * @property {Settings} settings
 * @property {AutoProfile} auto
 * @property {() => {profile: Profile, with_text: boolean}} how  questions are asked
 * @property {Notices} notices
 * @property {(photo: File) => void} onPhoto
 */

const NOTICE = "part";

export class Dialogs {
  #notices;
  #history;
  #models;
  #settings;
  #shortcuts;
  #speed;
  #stored;
  #table;
  #view;
  #viewfinder;
  /** @type {ModelCard|null} */
  #card = null;
  #areModelsKept = true;
  /** @type {Stats|null} */
  #stats = null;
  /** @type {{answer: Answer, wasHidden: boolean}|null} */
  #last = null;

  /** @param {Page} page */
  constructor({ vlm, session, switching, settings, auto, how, notices, onPhoto }) {
    const { threads } = settings.values; // the engine was started with so many
    this.#notices = notices;
    this.#history = this.#part({
      load: () => import("./ui/history/history_dialog.js"),
      make: ({ HistoryDialog }) =>
        new HistoryDialog(session.history, {
          onOpen: (id) => void session.open(id),
          onNew: () => void session.begin(),
          onKeep: (isKept) => session.setKept(isKept),
          current: () => session,
        }),
      styles: ["styles/history.css"],
    });
    this.#models = this.#part({
      load: () => import("./ui/model/model_dialog.js"),
      make: ({ ModelDialog }) => {
        const dialog = new ModelDialog(switching, { onStored: () => this.#openStored() });
        if (!this.#areModelsKept) dialog.setMissing();
        return dialog;
      },
      styles: ["styles/models.css"],
    });
    this.#settings = this.#part({
      load: () => import("./ui/settings/settings_dialog.js"),
      make: ({ SettingsDialog }) => new SettingsDialog(settings, auto, threads),
      styles: ["styles/settings.css"],
    });
    this.#shortcuts = this.#part({
      load: () => import("./ui/ask/shortcut_list.js"),
      make: ({ ShortcutList }) => new ShortcutList(),
      styles: ["styles/settings.css"],
    });
    this.#speed = this.#part({
      load: () => import("./ui/speed/speed_dialog.js"),
      make: ({ SpeedDialog }) => {
        const dialog = new SpeedDialog(vlm);
        if (this.#stats) dialog.setStats(this.#stats);
        if (this.#last) dialog.setAnswer(this.#last.answer, this.#last.wasHidden);
        return dialog;
      },
      styles: ["styles/speed.css"],
    });
    this.#stored = this.#part({
      load: () => import("./ui/model/storage_dialog.js"),
      make: ({ StorageDialog }) => {
        const dialog = new StorageDialog(switching);
        if (!this.#areModelsKept) dialog.setMissing();
        return dialog;
      },
    });
    this.#view = this.#part({
      load: () => import("./ui/image/image_view.js"),
      make: ({ ImageView }) => new ImageView(),
      styles: ["styles/viewer.css"],
    });
    this.#table = this.#part({
      // With the view, which its rows open: a notice behind the table would tell nobody that it cannot be had.
      load: async () => (await Promise.all([import("./ui/table/table_dialog.js"), this.#view.get()]))[0],
      make: ({ TableDialog }) => {
        const dialog = new TableDialog({
          vlm,
          how,
          isEnglish: (card) => answerLanguage(card) === "en",
          onPicture: ({ name, blob }) => this.view({ name: () => name, blob, preview: blob }),
          onEnd: (said) => notices.show("table", said, { label: "table.show", onclick: () => this.#openTable() }),
        });
        if (this.#card) dialog.setModel(this.#card);
        return dialog;
      },
      styles: ["styles/table.css"],
    });
    this.#viewfinder = this.#part({
      load: () => import("./ui/image/viewfinder.js"),
      make: ({ Viewfinder }) => new Viewfinder(onPhoto),
    });
    this.#listen(onPhoto);
  }

  /** Shows an image by itself. @param {Pick<ChosenImage, "blob"|"preview"|"name">} image */
  view(image) {
    void this.#view.want((view) => view.open(image));
  }

  /** More images than a conversation takes. @param {OfferedImage[]} images */
  offerTable(images) {
    const pictures = images.map(({ name, blob }) => ({ name: name(), blob }));
    this.#notices.show("table", () => t("table.offer", { count: images.length }), {
      label: "table.show",
      onclick: () => {
        void this.#table.want((table) => {
          this.#notices.close("table"); // not before: where the table cannot be had, it still offers
          void table.bring(Promise.resolve(pictures));
        });
      },
    });
  }

  /** Proposes the model that answers better. */
  proposeModel() {
    void this.#models.want((dialog) => dialog.propose());
  }

  /** @param {ModelCard} card  of the model that answers now */
  setModel(card) {
    this.#card = card;
    void this.#models.here?.refresh();
    this.#table.here?.setModel(card);
  }

  /** The browser does not let this page keep models. */
  setModelsMissing() {
    this.#areModelsKept = false;
    this.#models.here?.setMissing();
    this.#stored.here?.setMissing();
  }

  /** What is kept of models is not what it was. */
  refreshStored() {
    void this.#models.here?.refresh();
    void this.#stored.here?.refresh();
  }

  /** Before a model is brought that was named elsewhere. */
  closeModels() {
    this.#models.here?.close();
  }

  /** @param {Stats} stats */
  setStats(stats) {
    this.#stats = stats;
    this.#speed.here?.setStats(stats);
  }

  /** @param {Answer} answer  that has just ended */
  setAnswer(answer) {
    this.#last = { answer, wasHidden: wasHiddenFor(answer.total_ms) };
    this.#speed.here?.setAnswer(answer, this.#last.wasHidden);
  }

  /** @param {(photo: File) => void} onPhoto */
  #listen(onPhoto) {
    const onClick = (/** @type {string} */ id, /** @type {() => void} */ open) =>
      byId(id).addEventListener("click", open);
    onClick("history-button", () => void this.#history.want((dialog) => dialog.open()));
    onClick("model-button", () => void this.#models.want((dialog) => dialog.open()));
    onClick("settings-button", () => void this.#settings.want((dialog) => dialog.open()));
    onClick("speed-button", () => void this.#speed.want((dialog) => void dialog.open()));
    onClick("storage-button", () => this.#openStored());
    onClick("table-button", () => this.#openTable());
    offerShortcuts(() => void this.#shortcuts.want((list) => list.open()));
    const onViewfinder = () => void this.#viewfinder.want((dialog) => void dialog.open());
    offerCamera({ onPhoto, onViewfinder });
  }

  #openStored() {
    void this.#stored.want((dialog) => dialog.open());
  }

  #openTable() {
    void this.#table.want((dialog) => void dialog.open());
  }

  /** @template Modules, Part @param {PartSource<Modules, Part>} source */
  #part(source) {
    const styles = ["styles/dialogs.css", ...(source.styles ?? [])];
    return new OnDemand({ ...source, styles }, (error) => {
      // Firefox and WebKit do not ask again for a module that they could not have once: a reload does.
      const onclick = () => location.reload();
      if (error) this.#notices.show(NOTICE, () => errorSentence(error), { label: "page.reload", onclick });
      else this.#notices.close(NOTICE);
    });
  }
}
