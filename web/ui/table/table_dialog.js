// Many pictures, one question: where they are chosen and asked about, and what came of it.

import { TinyVLMError } from "../../engine/shared/errors.js";
import { byId } from "../common/dom.js";
import { saveFile } from "../common/save_file.js";
import { say } from "../common/say.js";
import { Coalesced } from "../history/coalesced.js";
import { fileNameOf } from "../history/file_name.js";
import { errorSentence, language, t } from "../../i18n/strings.js";
import { choicesOf, countRows, isOpen, isSameQuestion, MOST_ROWS, newRow } from "./records.js";
import { tableAsCSV, tableAsJSON } from "./table_files.js";
import { TableFilter } from "./table_filter.js";
import { TableProgress } from "./table_progress.js";
import { TableRun } from "./table_run.js";
import { broughtSentence, endSentence, sentenceOf, TROUBLES } from "./table_sentences.js";
import { imagesAmong, listenForPictures } from "./table_sources.js";
import { TableStore } from "./table_store.js";
import { TableView } from "./table_view.js";

/** @import { ModelCard, Profile } from "../../engine/shared/protocol.js" */
/** @import { TinyVLM } from "../../tinyvlm.js" */
/** @import { Message, Said } from "../common/say.js" */
/** @import { Question, Row, Table } from "./records.js" */
/** @import { Picture } from "./table_sources.js" */

/**
 * @typedef {object} TableParts
 * @property {TinyVLM} vlm
 * @property {() => {profile: Profile, with_text: boolean}} how  questions are asked
 * @property {(card: ModelCard) => boolean} isEnglish  whether a model reads and writes English alone
 * @property {(picture: Picture) => void} onPicture  it is to be seen large
 * @property {(said: Message) => void} onEnd  the table has ended, and nobody is looking at it
 */

export class TableDialog {
  #dialog = byId("table-dialog", HTMLDialogElement);
  #question = byId("table-question", HTMLInputElement);
  #choices = byId("table-choices", HTMLTextAreaElement);
  #message = byId("table-message");
  #parts;
  #view;
  #run;
  #progress;
  #filter = new TableFilter(() => this.#applyFilter());
  #store = new TableStore((trouble) => say(byId("table-kept"), TROUBLES[trouble]));
  #keepTable = new Coalesced((/** @type {Table} */ table) => this.#store.putTable(table));
  /** @type {Row[]} */
  #rows = [];
  #table = newTable();
  /** Ends with the table. */
  #life = new AbortController();
  /** Begins when the dialog is first needed. @type {Promise<void>|null} */
  #restored = null;

  /** @param {TableParts} parts */
  constructor(parts) {
    this.#parts = parts;
    const fileOf = (/** @type {number} */ number) => this.#store.file(number);
    this.#view = new TableView({ fileOf, onPicture: (row) => this.#enlarge(row), sentence: sentenceOf });
    this.#run = new TableRun({
      ...parts,
      fileOf: (row) => fileOf(row.number),
      onRow: (row) => this.#changed(row),
      onModel: (isLoading) => this.#progress.setLoading(isLoading),
    });
    this.#progress = new TableProgress({ onStop: () => this.#run.stop(), onRetry: () => this.#retry() });
    this.#listen();
    this.#show();
  }

  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#restored ??= this.#restore();
    return this.#restored;
  }

  /** Adds pictures, and shows the table. @param {Promise<Picture[]>} brought */
  async bring(brought) {
    await this.open();
    const life = this.#life;
    const pictures = await brought;
    if (life.signal.aborted) return;
    const images = imagesAmong(pictures);
    const taken = images.slice(0, MOST_ROWS - this.#rows.length);
    this.#say(broughtSentence(pictures.length, images.length, taken.length));
    const last = this.#rows.at(-1)?.number ?? 0;
    const rows = taken.map(({ name }, at) => newRow(last + 1 + at, name));
    this.#rows.push(...rows);
    const files = taken.map(({ blob }) => blob);
    this.#store.add(this.#table, rows, files);
    await this.#view.add(rows, life.signal);
    this.#show();
  }

  /** @param {ModelCard} card */
  setModel(card) {
    const isSaid = () => this.#parts.isEnglish(card) && language() !== "en";
    say(byId("table-english-only"), () => (isSaid() ? t("composer.english-only") : ""));
  }

  #listen() {
    byId("table-close").addEventListener("click", () => this.#dialog.close());
    listenForPictures(this.#dialog, (pictures) => void this.bring(pictures));
    byId("table-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#begin();
    });
    for (const field of [this.#question, this.#choices]) field.addEventListener("input", () => this.#written());
    addEventListener("pagehide", () => void this.#keepTable.flush());
    document.addEventListener("visibilitychange", () => document.hidden && void this.#keepTable.flush());
    byId("table-csv").addEventListener("click", () => this.#save("csv"));
    byId("table-json").addEventListener("click", () => this.#save("json"));
    byId("table-delete").addEventListener("click", () => this.#askBeforeDeleting(true));
    byId("table-keep").addEventListener("click", () => this.#askBeforeDeleting(false));
    byId("table-confirm-delete").addEventListener("click", () => this.#delete());
  }

  /** Shows what is kept of the last visit. */
  async #restore() {
    this.#dialog.ariaBusy = "true";
    const kept = await this.#store.open();
    if (kept) {
      this.#table = kept.table;
      this.#rows = kept.rows.map((row) => ({ ...row, state: kept.table.asked && isOpen(row) ? "skipped" : row.state }));
      this.#question.value = kept.table.written.question;
      this.#choices.value = kept.table.written.choices;
      await this.#view.add(this.#rows, this.#life.signal);
      const { all: count, done } = countRows(this.#rows);
      this.#say(() => t("table.found", { count, done }));
    }
    if (this.#store.isKeeping) say(byId("table-kept"), "table.kept");
    this.#dialog.ariaBusy = "false";
    this.#show();
  }

  #begin() {
    if (this.#run.isRunning) return;
    const asked = this.#table.written;
    if (!asked.question.trim()) return this.#refuse("question.empty", this.#question);
    if (this.#rows.length === 0) return this.#refuse("table.nothing", byId("table-files"));
    const isOther = this.#table.asked && !isSameQuestion(asked, this.#table.asked);
    if (!isOther && countRows(this.#rows).open === 0) return;
    this.#table.asked = { ...asked };
    void this.#work(this.#rows.filter((row) => isOther || isOpen(row)));
  }

  #retry() {
    if (!this.#run.isRunning) void this.#work(this.#rows.filter(({ state }) => state === "failed"));
  }

  /** Asks about these. @param {Row[]} rows */
  async #work(rows) {
    const table = this.#table;
    const { question, choices } = /** @type {Question} */ (table.asked);
    for (const row of rows) Object.assign(row, { state: "waiting", answer: "", ms: null, error: null });
    this.#view.updateAll(rows);
    void this.#store.putRows(table, rows);
    const next = () => this.#rows.find(({ state }) => state === "waiting");
    const running = this.#run.start(next, question.trim(), choicesOf(choices));
    this.#say(() => t("table.started", { count: rows.length }));
    this.#show();
    const outcome = await running;
    if (this.#table !== table) return; // it was deleted
    this.#skipRest();
    const said = endSentence(outcome, countRows(this.#rows));
    this.#say(said);
    if (!this.#dialog.open) this.#parts.onEnd(said);
    this.#show();
  }

  #skipRest() {
    const rest = this.#rows.filter(isOpen);
    for (const row of rest) row.state = "skipped";
    this.#view.updateAll(rest);
  }

  /** @param {Row} row */
  #changed(row) {
    if (!this.#rows.includes(row)) return; // of a table that was deleted
    this.#view.update(row);
    if (row.state === "looking") return;
    void this.#store.putRow(row);
    this.#show();
  }

  /** What stands in the fields is kept, too. */
  #written() {
    this.#table.written = { question: this.#question.value, choices: this.#choices.value };
    if (this.#rows.length) this.#keepTable.set(this.#table);
    this.#show();
  }

  #delete() {
    this.#askBeforeDeleting(false);
    this.#run.stop();
    this.#life.abort();
    this.#life = new AbortController();
    this.#keepTable.drop();
    this.#table = newTable();
    this.#rows = [];
    this.#view.clear();
    this.#filter.reset();
    this.#applyFilter();
    this.#question.value = "";
    this.#choices.value = "";
    void this.#store.remove();
    this.#say("table.deleted");
    this.#show();
    byId("table-files").focus();
  }

  /** @param {boolean} isAsking */
  #askBeforeDeleting(isAsking) {
    byId("table-confirmation").hidden = !isAsking;
    byId("table-delete").hidden = isAsking;
    byId(isAsking ? "table-keep" : "table-delete").focus();
  }

  /** @param {"csv"|"json"} kind */
  #save(kind) {
    const question = this.#table.asked ?? this.#table.written;
    const wrong = (/** @type {Row} */ row) => (row.error ? sentenceOf(row) : "");
    const blob = kind === "csv" ? tableAsCSV(this.#rows, wrong) : tableAsJSON(this.#rows, question, wrong);
    saveFile({ name: fileNameOf(question.question || t("table.list"), kind), blob });
  }

  /** @param {Row} row */
  async #enlarge({ number, name }) {
    const blob = await this.#store.file(number);
    if (blob) this.#parts.onPicture({ name, blob });
    else this.#say(() => errorSentence(new TinyVLMError("history-picture-gone")));
  }

  /** All but the rows themselves. */
  #show() {
    const { isRunning } = this.#run;
    const { asked, written } = this.#table;
    const counts = countRows(this.#rows);
    const isOther = asked !== null && !isSameQuestion(written, asked);
    this.#progress.show(counts, { isRunning, hasBegun: asked !== null, isOther, left: this.#run.left(counts.open) });
    for (const field of [this.#question, this.#choices]) field.readOnly = isRunning;
    byId("table-empty").hidden = counts.all > 0;
    byId("table-results").hidden = counts.all === 0;
    if (this.#filter.offer(this.#rows, asked ? choicesOf(asked.choices) : [])) this.#applyFilter();
    else this.#showCount();
  }

  #applyFilter() {
    this.#view.filter(this.#filter.test());
    this.#showCount();
  }

  #showCount() {
    const [shown, count] = [this.#view.count, this.#rows.length];
    say(byId("table-shown"), () => (shown < count ? t("table.shown", { shown, count }) : ""));
  }

  /** @param {Said} said @param {HTMLElement} field  where it can be mended */
  #refuse(said, field) {
    this.#say(said);
    field.focus();
  }

  /** @param {Said|null} said */
  #say(said) {
    say(this.#message, said);
  }
}

/** @returns {Table} */
function newTable() {
  return { id: "table", written: { question: "", choices: "" }, asked: null, created: Date.now() };
}
