// The conversations that this device keeps: listed and searched, opened, named, taken along as files, deleted.

import { keptError, TinyVLMError } from "../../engine/shared/errors.js";
import { byId } from "../common/dom.js";
import { formatBytes } from "../common/format.js";
import { formatDay } from "../common/format_dates.js";
import { saveFile } from "../common/save_file.js";
import { say } from "../common/say.js";
import { errorSentence, language, LANGUAGES, t } from "../../i18n/strings.js";
import { exportArchive, importArchive } from "./archive.js";
import { exportHTML, exportMarkdown } from "./documents.js";
import { historyItem } from "./history_item.js";
import "./listing.js"; // so that it is there when the history wants it

/** @import { Said } from "../common/say.js" */
/** @import { Exported } from "./archive.js" */
/** @import { Words } from "./documents.js" */
/** @import { History } from "./store.js" */
/** @import { FoundConversation, Summary } from "./views.js" */

/** A pause in typing after which is searched. */
const PAUSE_MS = 150;

/**
 * @typedef {object} HistoryHandlers
 * @property {(id: string) => void} onOpen
 * @property {() => void} onNew
 * @property {(isKept: boolean) => Promise<void>} onKeep
 * @property {() => {id: string, isKept: boolean}} current  the conversation on the screen
 */

export class HistoryDialog {
  #dialog = byId("history-dialog", HTMLDialogElement);
  #list = byId("history-list");
  #search = byId("history-search", HTMLInputElement);
  #message = byId("history-message");
  #keep = byId("history-keep", HTMLInputElement);
  #more = byId("history-older");
  #file = byId("history-file", HTMLInputElement);
  #history;
  #handlers;
  /** How many are listed: more when asked for. */
  #count = 50;
  /** The search that counts. @type {AbortController|null} */
  #searching = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #pause;
  /** Whether something has changed that is not to be seen yet. */
  #isStale = false;

  /** @param {Promise<History>} history @param {HistoryHandlers} handlers */
  constructor(history, handlers) {
    this.#history = history;
    this.#handlers = handlers;
    byId("history-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#leave());
    byId("history-new").addEventListener("click", () => {
      this.#dialog.close();
      handlers.onNew();
    });
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => this.#refresh(), PAUSE_MS);
    });
    this.#more.addEventListener("click", () => {
      this.#count *= 2;
      void this.#refresh();
    });
    this.#keep.addEventListener("change", () => this.#try(() => handlers.onKeep(this.#keep.checked)));
    byId("history-save-all").addEventListener("click", () => this.#try((all) => this.#save(exportArchive(all, null))));
    byId("history-import").addEventListener("click", () => this.#file.click());
    this.#file.addEventListener("change", () => this.#import());
    byId("history-delete-all").addEventListener("click", () => this.#askBeforeAll(true));
    byId("history-keep-all").addEventListener("click", () => this.#askBeforeAll(false));
    byId("history-confirm-delete").addEventListener("click", () => this.#deleteAll());
    void history.then((all) => all.addEventListener("change", () => this.#hear()));
  }

  open() {
    this.#say(null);
    this.#closeActions();
    this.#askBeforeAll(false);
    this.#search.value = "";
    this.#count = 50;
    if (!this.#dialog.open) this.#dialog.showModal();
    void this.#refresh();
  }

  /** Nobody sees the list now: it is made when somebody will, and takes no memory until then. */
  #leave() {
    if (this.#dialog.open) return; // again: the event comes later
    clearTimeout(this.#pause);
    this.#searching?.abort();
    this.#list.replaceChildren();
  }

  #hear() {
    if (this.#isInUse) this.#isStale = true;
    else void this.#refresh();
  }

  /** Lists again, if someone is looking. */
  async #refresh() {
    if (!this.#dialog.open) return;
    this.#isStale = false;
    this.#searching?.abort();
    const searching = new AbortController();
    this.#searching = searching;
    const history = await this.#history;
    const query = this.#search.value.trim();
    try {
      const [found, usage] = await Promise.all([this.#found(history, query, searching.signal), history.usage()]);
      if (searching.signal.aborted || !this.#dialog.open) return; // closed: its event may come after what was read
      this.#show(found.conversations, found.isAll, query);
      const size = () => formatBytes(usage.bytes);
      say(byId("history-usage"), "history.usage", { count: usage.conversations, size });
    } catch (error) {
      if (!searching.signal.aborted) this.#fail(error);
    }
  }

  /**
   * @param {History} history
   * @param {string} query
   * @param {AbortSignal} signal
   * @returns {Promise<{conversations: (Summary|FoundConversation)[], isAll: boolean}>}
   */
  async #found(history, query, signal) {
    if (query) return { conversations: await history.find(query, signal), isAll: true };
    const { conversations, next } = await history.list({ count: this.#count });
    return { conversations, isAll: next === null };
  }

  /** @param {Summary[]} conversations @param {boolean} isAll @param {string} query */
  #show(conversations, isAll, query) {
    const { id: current, isKept } = this.#handlers.current();
    const focus = this.#focusedItem();
    this.#list.replaceChildren(
      ...conversations.map((conversation) => {
        const { id } = conversation;
        const item = historyItem(conversation, id === current, {
          onOpen: () => {
            this.#dialog.close();
            this.#handlers.onOpen(id);
          },
          onRename: (title) => this.#try((history) => history.rename(id, title)),
          onSave: (as) => this.#try((history) => this.#save(exported(history, id, as))),
          onDelete: () => this.#try((history) => history.remove(id)),
          onClose: () => this.#isStale && !this.#isInUse && this.#refresh(),
        });
        item.dataset.id = id;
        return item;
      }),
    );
    if (focus) this.#focusItem(focus);
    this.#more.hidden = isAll;
    const isEmpty = conversations.length === 0;
    say(byId("history-empty"), isEmpty ? (query ? "history.nothing-found" : "history.empty") : null);
    for (const id of ["history-save-all", "history-delete-all"]) byId(id).hidden = isEmpty && !query;
    this.#keep.checked = isKept;
  }

  /** Whether somebody is about to do something with one of them, give it a name, say: nothing moves meanwhile. */
  get #isInUse() {
    return this.#list.querySelector(".history-actions:not([hidden])") !== null;
  }

  /** What was to be done is done, or nothing is any more. */
  #closeActions() {
    for (const row of this.#list.querySelectorAll(".history-actions:not([hidden])")) {
      if (row.contains(document.activeElement)) row.parentElement?.querySelector("button")?.focus();
      row.toggleAttribute("hidden", true);
    }
  }

  /** Which item has the focus: the list is made anew at every change. */
  #focusedItem() {
    const items = this.#items;
    const at = items.findIndex((item) => item.contains(document.activeElement));
    return at < 0 ? null : { at, id: items[at].dataset.id, button: document.activeElement?.className };
  }

  /** The same item, or the one in its place. @param {{at: number, id: string|undefined, button: string|undefined}} focus */
  #focusItem({ at, id, button }) {
    const items = this.#items;
    const item = items.find(({ dataset }) => dataset.id === id) ?? items[Math.min(at, items.length - 1)];
    const buttons = [...(item?.querySelectorAll("button") ?? [])];
    (buttons.find(({ className }) => className === button) ?? buttons[0] ?? this.#search).focus();
  }

  get #items() {
    return /** @type {HTMLElement[]} */ ([...this.#list.children]);
  }

  async #import() {
    const file = this.#file.files?.[0];
    this.#file.value = ""; // so that the same file can be chosen again
    if (!file) return;
    await this.#try(async (history) => {
      const { added, skipped } = await importArchive(history, file);
      this.#say(() => t("history.imported", { count: added.length, skipped }));
    });
  }

  async #deleteAll() {
    this.#askBeforeAll(false);
    await this.#try(async (history) => {
      await history.removeAll();
      this.#say("history.deleted-all");
    });
  }

  /** @param {Promise<Exported|null>} exporting */
  async #save(exporting) {
    const file = await exporting;
    if (file) saveFile(file);
  }

  /** @param {(history: History) => Promise<void>} work */
  async #try(work) {
    this.#say(null);
    try {
      await work(await this.#history);
    } catch (error) {
      this.#fail(error);
    }
    this.#closeActions();
    await this.#refresh();
  }

  /** @param {boolean} isAsking */
  #askBeforeAll(isAsking) {
    byId("history-confirmation").hidden = !isAsking;
    byId("history-actions").hidden = isAsking;
    if (isAsking) byId("history-keep-all").focus();
  }

  /** @param {unknown} error */
  #fail(error) {
    if (!(error instanceof TinyVLMError)) throw error;
    this.#say(() => errorSentence(error));
  }

  /** @param {Said|null} said */
  #say(said) {
    say(this.#message, said);
  }
}

/** @param {History} history @param {string} id @param {"archive"|"markdown"|"html"} as */
function exported(history, id, as) {
  if (as === "archive") return exportArchive(history, id);
  return (as === "markdown" ? exportMarkdown : exportHTML)(history, id, words());
}

/** @returns {Words} */
function words() {
  return {
    language: LANGUAGES[language()].tag,
    title: t("history.untitled"),
    date: formatDay,
    error: async (code, details) => errorSentence(await keptError({ code, details })),
    states: {
      unfinished: t("answer.unfinished"),
      interrupted: t("answer.interrupted"),
      stopped: t("answer.stopped"),
      failed: t("answer.error"),
    },
  };
}
