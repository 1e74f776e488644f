// The page in German: what en.js says, by the same keys, and behind it what went wrong, by the codes of
// engine/shared/error_table.js. {words} in braces are filled in, and stay as they are. What depends on a number has a
// sentence for each form that the language has.

export default {
  title: "Tiny-VLM",
  "page.title": "Tiny-VLM: Fragen zu einem Bild stellen",
  tagline: "Fragen Sie etwas zu einem Bild. Es verlässt diese Seite nie.",

  "image.region": "Bild",
  "image.choose": "Bild auswählen",
  "image.or-drop": "oder irgendwo ablegen oder einfügen",
  "image.add": "Bilder hinzufügen",
  "image.drop-here": "Bild hier ablegen",
  "image.preview-alt": "Das Bild, nach dem Sie fragen: {name}",
  "image.pasted-name": "Eingefügtes Bild",
  "image.size": "{width} × {height}",
  "image.opening": "Bild wird geöffnet…",
  "image.several": {
    one: "{count} Bild wurde hinzugefügt. Sie fragen nach {name}.",
    other: "{count} Bilder wurden hinzugefügt. Sie fragen nach {name}.",
  },
  "image.some-of-many": {
    one: "Von {total} Dateien wurde {count} hinzugefügt; die anderen sind nicht lesbar oder zu viele. Sie fragen nach {name}.",
    other:
      "Von {total} Dateien wurden {count} hinzugefügt; die anderen sind nicht lesbar oder zu viele. Sie fragen nach {name}.",
  },
  "image.tray": "Bilder dieser Unterhaltung",
  "image.none-found": "Unter diesen Dateien ist kein lesbares Bild.",
  "image.none-found-kept": "Unter diesen Dateien ist kein lesbares Bild. Sie fragen weiterhin nach {kept}.",
  "image.refused": "{name}: {reason}",
  "image.refused-kept": "{name}: {reason} Sie fragen weiterhin nach {kept}.",
  "image.not-a-file": "Das war Text oder ein Link. Legen Sie eine Bilddatei ab oder fügen Sie ein kopiertes Bild ein.",
  "image.waiting": "Wird betrachtet, sobald der Sehteil da ist",
  "image.looking": "Bild wird betrachtet…",
  "image.seen": "Bild ist bereit; der Sprachteil wird noch geladen",
  "camera.open": "Foto aufnehmen",
  "view.open": "Groß zeigen",
  "reading.idle": "Text lesen",
  "reading.copy": "Text kopieren",
  "reading.tools": "Text im Bild",
  "reading.region": "Text des Bildes",
  "reading.summary": "Nur der Text",
  "samples.heading": "Oder probieren Sie eines von diesen",
  "samples.red-circle": "Ein roter Kreis",
  "samples.blue-triangle": "Ein blaues Dreieck",
  "samples.text-card": "Eine Karte mit der Aufschrift „Fresh bread“",
  "samples.bar-chart": "Ein Diagramm mit vier Balken",
  "samples.landscape": "Ein Haus zwischen Hügeln",
  "samples.failed": "Die Beispiele konnten nicht geladen werden. Ihre eigenen Bilder funktionieren trotzdem.",

  "model.choose": "Modell",
  "models.good-own":
    "Einfache Fragen zu Zeichnungen, Formen, Diagrammen und kurzen Texten, sofort beantwortet. Bei Fotos oft falsch.",
  "models.good-photos": "Fotos, Dokumente und Diagramme, in ganzen Sätzen. Es erinnert sich an das vorher Gesagte.",
  "models.good-photos-more": "Dasselbe mit besseren Antworten und fast doppelt so viel Speicher.",
  "models.good-video": "Fotos, wie SmolVLM-256M; auch mit Videos trainiert. Hier sieht es einzelne Bilder.",
  "models.good-text": "Unterhaltungen ohne Bilder.",
  "models.apache": "Lizenz Apache 2.0",
  "models.pause": "Anhalten",
  "models.cancel": "Download abbrechen",
  "models.back": "Zurück zu {name}",
  "models.better": "Bessere Antworten zu Fotos…",

  "history.open": "Unterhaltungen",

  "table.open": "Viele Bilder…",
  "table.offer": {
    one: "{count} Bild: in einer Tabelle danach fragen?",
    other: "{count} Bilder: eine Frage zu allen stellen, in einer Tabelle?",
  },
  "table.show": "Tabelle öffnen",

  "storage.open": "Gespeicherte Modelle",

  "chat.region": "Fragen und Antworten",
  "chat.log": "Unterhaltung",
  "chat.empty-title": "Was möchten Sie wissen?",
  "chat.empty-text":
    "Wählen Sie ein Bild und fragen Sie mit einfachen Worten danach. Das Modell läuft auf diesem Gerät.",
  "chat.empty-text-only": "Dieses Modell liest nur Text. Fragen Sie mit einfachen Worten; es läuft auf diesem Gerät.",
  "chat.question": "Sie:",
  "chat.answer": "Antwort:",
  "chat.again": "Erneut fragen",
  "chat.copied": "Kopiert",
  "chat.copy": "Kopieren",
  "chat.selected": "Markiert: bitte selbst kopieren",
  "chat.edit": "Bearbeiten",
  "chat.explain": "Wohin es geschaut hat",
  "answer.waiting-for-model": "Das Modell wird noch geladen; danach wird Ihre Frage beantwortet.",
  "answer.decoding": "Bild wird gelesen…",
  "answer.encoding": "Bild wird betrachtet…",
  "answer.answering": "Denkt nach…",
  "answer.waiting-for-reader": "Texterkennung wird geladen…",
  "answer.reading": "Text wird gelesen…",
  "answer.stopped": "Angehalten",
  "answer.stopped-early": "Angehalten, bevor die Antwort begann.",
  "answer.empty": "Das Modell hatte nichts zu sagen. Versuchen Sie eine andere Frage.",
  "answer.error": "Keine Antwort",
  "answer.interrupted": "Unterbrochen: Die Seite wurde vor dem Ende geschlossen",
  "answer.interrupted-early": "Unterbrochen, bevor die Antwort begann.",
  "answer.unfinished": "Wird geschrieben",
  "looked.waiting": "Noch ein Blick…",
  "draft.mark": "Entwurf",
  "draft.explanation": "beantwortet, bevor das ganze Modell da war, also weniger genau",
  "draft.again": "Noch einmal in voller Qualität fragen",
  "meta.first-token": "{time} bis zum ersten Token",
  "meta.total": "{time} insgesamt",
  "meta.tokens": { one: "{count} Token", other: "{count} Tokens" },
  "meta.reused": "Bild wiederverwendet",
  "meta.read": "im Bild gelesen",
  "meta.told": "mit dem Text im Bild",
  "meta.length": "an der Längengrenze abgeschnitten",
  "meta.dropped": "der älteste Teil der Unterhaltung passt nicht mehr und wurde weggelassen",

  "question.label": "Ihre Frage",
  "question.placeholder": "Frage zum Bild…",
  "question.empty": "Schreiben Sie zuerst eine Frage.",
  "question.placeholder-text": "Beliebige Frage…",
  "question.no-image": "Wählen Sie zuerst ein Bild: ablegen, einfügen oder ein Beispiel nehmen.",
  "question.busy": "Immer nur eine Antwort: Mit Esc halten Sie diese an.",
  "question.image-gone": "Dieses Bild ist nicht mehr da. Wählen Sie es noch einmal aus.",
  "with-text.sees": "Auch den Text im Bild mitgeben",
  "with-text.reads": "Den Text eines Bildes mitgeben",
  send: "Senden",
  stop: "Anhalten",
  "suggestions.label": "Vorgeschlagene Fragen",
  "composer.english-only": "Dieses Modell versteht nur Englisch: Bitte fragen Sie auf Englisch.",

  // What the suggested questions mean: they are asked in English, and explained in the language of the page.
  "ask.Describe the image.": "Beschreiben Sie das Bild.",
  "ask.How many bars are there?": "Wie viele Balken gibt es?",
  "ask.Is there a blue shape?": "Gibt es eine blaue Form?",
  "ask.Is there a boat in the picture?": "Ist auf dem Bild ein Boot?",
  "ask.Is there a house in the picture?": "Ist auf dem Bild ein Haus?",
  "ask.What color is it?": "Welche Farbe hat es?",
  "ask.What color is the C bar?": "Welche Farbe hat der Balken C?",
  "ask.What color is the shape?": "Welche Farbe hat die Form?",
  "ask.What does the text say?": "Was steht dort geschrieben?",
  "ask.What is in the picture?": "Was ist auf dem Bild?",
  "ask.What is the capital of France?": "Was ist die Hauptstadt von Frankreich?",
  "ask.What shape is in the image?": "Welche Form ist auf dem Bild?",
  "ask.Which bar is the tallest?": "Welcher Balken ist der höchste?",
  "ask.Write a haiku about rain.": "Schreiben Sie ein Haiku über den Regen.",

  "progress.heading": "Wird vorbereitet",
  "progress.text": "Sie können schon ein Bild wählen und fragen; die Antwort folgt.",
  "progress.image-waiting": "Ihr Bild wird betrachtet, sobald der Sehteil da ist.",
  "progress.vision": "Das Modell sieht schon: Wählen Sie ein Bild; es wird betrachtet, während der Rest kommt.",
  "progress.looking": "Ihr Bild wird betrachtet, während der Rest kommt.",
  "progress.seen": "Ihr Bild ist bereit; der Sprachteil wird noch geladen.",
  "progress.refining": "Wird verfeinert",
  "progress.draft": "Vorerst sind Antworten Entwürfe.",
  "progress.failed-heading": "Das Modell konnte nicht geladen werden",
  "progress.failed-refining": "Der Rest des Modells kam nicht an, daher bleiben Antworten Entwürfe",
  "progress.load-in": "In {quantization} laden",
  "progress.retry": "Erneut versuchen",
  "progress.python": "Python",
  "progress.kernels": "Kernels",
  "progress.package": "Paket",
  "progress.model": "Modell",
  "progress.waiting": "wartet",
  "progress.bytes": "{loaded} von {total}",
  "progress.kept": "{size} von diesem Gerät",
  "progress.all-kept": "von diesem Gerät",
  "progress.done": "fertig",

  "time.moments": "noch wenige Sekunden",
  "time.left": "noch etwa {time}",

  "engine.restarted": "Die Engine ist abgestürzt und wurde neu gestartet; Ihre Unterhaltung bleibt erhalten.",
  "notice.close": "Schließen",
  "page.new-version":
    "Eine neue Version dieser Seite ist da. Laden Sie sie neu, wenn ihre anderen Tabs geschlossen sind.",
  "page.reload": "Neu laden",

  "language.label": "Sprache",
  "language.failed":
    "{language} konnte nicht geladen werden. Prüfen Sie die Verbindung, und wählen Sie die Sprache noch einmal.",

  "settings.open": "Einstellungen",

  "speed.open": "Tempo",

  "shortcuts.open": "Tastatur",

  "status.loading": "Wird geladen…",
  "status.failed": "Das Modell ist nicht geladen.",
  "status.draft": "Entwurfsqualität",
  "status.full": "volle Qualität",
  "status.threads": { one: "{count} Thread", other: "{count} Threads" },
  "status.threads-because": "{threads} ({reason})",
  "status.relaxed": "Relaxed SIMD",
  "status.simd128": "SIMD128",
  "status.isolated": "von anderen Herkünften isoliert",
  "status.not-isolated": "nicht von anderen Herkünften isoliert",
  "status.memory": "{size} Arbeitsspeicher",
  "status.reader-loading": "Texterkennung wird geladen",
  "status.reader-ready": "liest Text",
  "stats.none": "Hier erscheinen Zahlen, sobald das Modell geladen ist.",
  "threads.not-isolated": "der Server sendet die Header nicht, die Threads brauchen (COOP, COEP)",
  "threads.as-asked": "wie verlangt",
  "threads.one-a-core": "einer je Kern",
  "threads.not-started": "Hilfs-Threads konnten nicht starten",

  // What went wrong
  "error.bad-argument": "{name} muss eines von {expected} sein; es ist {value}.",
  "error.image-tokens-wrong": "Diese Bilder werden mit genau {count} Mal dem Token {token} geschrieben.",
  "error.weight-name-invalid": "{name} ist nicht der Name einer .gguf- oder .safetensors-Datei.",
  "error.revision-invalid": "{revision} ist nicht der Name eines Branches, Tags oder Commits.",
  "error.address-not-a-model": "{url} ist nicht die Adresse eines Modells: Sie sollte {hub}/BESITZER/NAME sein.",
  "error.bad-question": "Die Frage muss Text sein.",
  "error.question-empty": "Bitte geben Sie eine Frage ein.",
  "error.question-too-long":
    "Die Frage ist zu lang: Dieses Modell liest höchstens {limit} Tokens, etwa {words} Wörter.",
  "error.chat-refused": "Das Modell nimmt diese Unterhaltung nicht an: {reason}.",
  "error.chat-text-only": "Dieses Modell beantwortet nur Fragen zu Text, nicht zu Bildern.",
  "error.image-missing": "Bitte wählen Sie zuerst ein Bild.",
  "error.image-unsupported": "{model} liest nur Text; fragen Sie ohne Bild.",
  "error.tower-misfit": "{model} liest nur Text: Der Vision Tower (mmproj) daneben gehört zu einem anderen Modell.",
  "error.tower-missing":
    "{model} sieht Bilder nur mit seinem Vision Tower: einer mmproj-Datei daneben, oder einer genannten.",
  "error.image-file-too-large":
    "Die Bilddatei hat {megabytes} MB; höchstens {limit} MB gehen. Wählen Sie eine kleinere.",
  "error.image-empty": "Die Bilddatei ist leer. Wählen Sie eine andere.",
  "error.image-unknown-type":
    "Diese Datei ist kein lesbares Bild. Nehmen Sie eine PNG-, JPEG-, WebP-, GIF-, BMP- oder AVIF-Datei.",
  "error.image-lfs-pointer":
    "Die Bilddatei enthält nur einen Git-LFS-Zeiger: Führen Sie dort git lfs pull aus, und versuchen Sie es erneut.",
  "error.image-unreadable": "Das Bild ist beschädigt und kann nicht gelesen werden. Wählen Sie ein anderes.",
  "error.image-too-large": "Das Bild hat {megapixels} Megapixel; höchstens {limit} gehen. Verkleinern Sie es zuerst.",
  "error.image-far-too-large":
    "Das Bild hat weit mehr als die {limit} Megapixel, die gehen. Verkleinern Sie es zuerst.",
  "error.image-side-too-long":
    "Das Bild hat {width} × {height} Pixel; höchstens {limit} Pixel je Seite gehen. Verkleinern Sie es zuerst.",
  "error.image-svg":
    "SVG-Zeichnungen haben keine Pixel. Nehmen Sie eine PNG-, JPEG-, WebP-, GIF-, BMP- oder AVIF-Datei.",
  "error.image-without-pixels": "Das Bild hat keine Pixel.",
  "error.json-invalid": "{file} des Modells ist kein JSON-Objekt.",
  "error.part-list-invalid": "Die Teileliste {url} ist ungültig.",
  "error.architecture-unknown":
    "Modelle vom Typ {model_type} werden nicht unterstützt; unterstützt werden: {supported}.",
  "error.config-invalid": "Die Konfiguration des Modells ist nicht brauchbar: {reason}.",
  "error.unsure-invalid":
    "Das Feld unsure in generation_config.json braucht below, eine Zahl von 0 bis 2, und answer, einen Text.",
  "error.naming-invalid":
    "Das Feld naming in generation_config.json braucht below, sure, likely und guessed, Anteile von 0 bis 1, und class_names.json einen Namen für jede Klasse.",
  "error.requests-invalid":
    "Das Feld requests in generation_config.json braucht made_for, das das Wort pictures sein kann.",
  "error.tokenizer-invalid": "Die tokenizer.json des Modells ist nicht brauchbar: {reason}.",
  "error.tokenizer-unsupported": "{field} des Tokenizers wird nicht unterstützt: nur BPE auf Byte-Ebene.",
  "error.jinja2-missing": "Die Unterhaltungen dieses Modells brauchen ein Paket, das fehlt: jinja2.",
  "error.template-missing": "Im Ordner des Modells fehlt die Chat-Vorlage.",
  "error.template-invalid": "Die Chat-Vorlage kennzeichnet {found} von {images} Bildern.",
  "error.chat-template-not-text": "Die Chat-Vorlage des Modells ist kein Text.",
  "error.chat-template-invalid": "Die Chat-Vorlage des Modells ist nicht brauchbar: {reason}.",
  "error.chat-template-endless": "Die Chat-Vorlage des Modells ist nicht brauchbar: Sie ist zu lang oder endet nicht.",
  "error.weights-invalid": "Die Gewichtsdatei hat keinen gültigen Kopf; sie ist beschädigt oder keine {format}-Datei.",
  "error.weights-truncated": "Die Gewichtsdatei endet in ihrem Kopf; sie ist beschädigt oder keine {format}-Datei.",
  "error.weights-header-too-long":
    "Die Gewichtsdatei hat einen Kopf von mehr als {limit} Bytes; sie ist beschädigt oder keine {format}-Datei.",
  "error.weights-name-twice": "Die Gewichtsdatei enthält {name} zweimal; sie ist beschädigt oder keine {format}-Datei.",
  "error.weights-bytes-left":
    "Die Gewichtsdatei hat {bytes} Bytes, die zu keinem Tensor gehören; sie ist beschädigt oder keine safetensors-Datei.",
  "error.tensor-invalid":
    "Die Gewichtsdatei beschreibt den Tensor {tensor} falsch; sie ist beschädigt oder keine {format}-Datei.",
  "error.tensor-in-two-files": "Zwei Gewichtsdateien des Modells enthalten einen Tensor {tensor}.",
  "error.index-invalid":
    "Die model.safetensors.index.json des Modells ist kein gültiger Index von safetensors-Dateien.",
  "error.index-wrong": "Der Index des Modells und seine Gewichtsdatei {file} widersprechen sich beim Tensor {tensor}.",
  "error.gguf-version-unsupported":
    "GGUF-Version {version} wird nicht unterstützt; unterstützt werden 2 und 3, Little Endian.",
  "error.gguf-split": "Das GGUF-Modell ist auf mehrere Dateien verteilt, und nicht alle sind da.",
  "error.gguf-files-wrong": "Ein GGUF-Modell ist ein Textmodell und, für Bilder, eine mmproj-Datei desselben Modells.",
  "error.gguf-widths-differ": "Die beiden GGUF-Dateien gehören nicht zu einem Modell: Ihre Breiten sind verschieden.",
  "error.gguf-not-for-images": "Das GGUF-Textmodell hat kein Token <image>: Es ist nicht für Bilder gemacht.",
  "error.gguf-architecture-unknown":
    "GGUF-Dateien vom Typ {architecture} werden nicht unterstützt; unterstützt werden: {supported}.",
  "error.gguf-metadata-invalid": "In der GGUF-Datei fehlt {key} oder ist nicht brauchbar.",
  "error.gguf-metadata-unsupported": "GGUF-Dateien, deren {key} {value} ist, werden nicht unterstützt.",
  "error.gguf-tokenizer-unsupported":
    "Der Tokenizer dieser GGUF-Datei ({model}, {pre}) wird nicht unterstützt: nur BPE auf Byte-Ebene wie in SmolLM2.",
  "error.gguf-tensor-unknown":
    "Der Tensor {tensor} gehört zu keiner Architektur, die in GGUF-Dateien unterstützt wird.",
  "error.weights-missing": "In den Gewichten des Modells fehlt der Tensor {tensor}.",
  "error.weights-unsupported":
    "Der Tensor {tensor} ist als {dtype} gespeichert, was nicht unterstützt wird; unterstützt werden: {supported}.",
  "error.weights-misfit": "Die Gewichte des Modells passen nicht zu seiner Konfiguration: {op} von {shapes}.",
  "error.logits-wrong": "Die Gewichte des Modells ergeben {found} Logits, nicht {expected}.",
  "error.weights-not-finite": "Die Gewichte enthalten Werte, die keine endlichen Zahlen sind.",
  "error.tensor-not-finite": "Der Tensor {tensor} enthält Werte, die keine endlichen Zahlen sind.",
  "error.tensor-shape-wrong":
    "Der Tensor {tensor} hat die Form {shape}, die nicht zur Konfiguration des Modells passt.",
  "error.tensor-size-wrong": "Der Tensor {tensor} enthält {found} Zahlen; es sollten {expected} sein.",
  "error.tensor-planes-wrong": "Der Tensor {tensor} besteht nicht aus zwei gleich großen Ebenen.",
  "error.tensor-groups-wrong": "Der Tensor {tensor} ist weder q4 noch q2: Die Größen passen nicht.",
  "error.quantized-otherwise":
    "Das Modell wurde mit {method} quantisiert, was nicht unterstützt wird: Nehmen Sie das Original oder eine GGUF-Datei.",
  "error.quantization-missing": "Dieser Modellordner enthält keine {quantization}-Gewichte.",
  "error.model-not-found":
    "Es gibt kein Modell {source}: Geben Sie ein Hugging-Face-Repository (besitzer/name), eine URL oder Dateien an.",
  "error.model-incomplete": "Dem Modell {model} fehlt die Datei {file}.",
  "error.weights-file-missing": "Das Modell hat weder model.safetensors noch eine GGUF-Datei.",
  "error.vision-tower-alone": "{file} ist der Vision Tower eines Modells: Nennen Sie die Datei des Modells selbst.",
  "error.lfs-pointer":
    "Die Datei {file} enthält nur einen Git-LFS-Zeiger: Führen Sie dort git lfs pull aus, und versuchen Sie es erneut.",
  "error.file-too-large": "{file} ist größer als die erlaubten {limit} Bytes.",
  "error.not-loaded": "Das Modell ist noch nicht geladen.",
  "error.reader-unavailable":
    "Die Texterkennung konnte nicht geladen werden. Prüfen Sie die Verbindung, schließen Sie andere Tabs, und fragen Sie noch einmal.",
  "error.url-invalid": "{url} ist keine gültige URL.",
  "error.rate-limited": "{host} bittet um eine Pause. Versuchen Sie es in einigen Minuten erneut.",
  "error.download-failed": "{url} konnte nicht heruntergeladen werden: Der Server antwortete mit {status}.",
  "error.download-cut-off":
    "Das Herunterladen von {url} brach ab. Prüfen Sie die Verbindung, und versuchen Sie es erneut: Es geht von dort weiter.",
  "error.download-range-wrong": "{url} kam von einer anderen Stelle als verlangt. Versuchen Sie es später erneut.",
  "error.checksum-mismatch":
    "{file} kam beschädigt an oder hat sich auf dem Server geändert. Laden Sie das Modell erneut.",
  "error.repository-not-found":
    "Es gibt kein Repository {repository}: Prüfen Sie den Namen. Ist es privat, geben Sie ein Token an.",
  "error.repository-gated":
    "{repository} ist ein zugangsbeschränktes Repository: Bitten Sie auf seiner Seite um Zugang, und geben Sie dann ein Token Ihres Kontos an.",
  "error.token-without-access":
    "Das Token hat keinen Zugang zu {repository}: Bitten Sie auf der Seite des Repositorys darum, mit dem Konto des Tokens.",
  "error.token-invalid":
    "Das Token ist ungültig. Erstellen Sie ein neues unter https://huggingface.co/settings/tokens.",
  "error.revision-not-found": "{repository} hat keinen Branch, Tag oder Commit {revision}.",
  "error.hub-answer-invalid": "{hub} hat mit etwas geantwortet, das keine Liste der Dateien von {repository} ist.",
  "error.out-of-memory":
    "Dieses Gerät gab keinen Speicher für weitere {megabytes} MB. Schließen Sie andere Tabs oder Programme, oder nehmen Sie ein kleineres Modell.",
  "error.model-too-large":
    "{model} braucht {megabytes} MB; höchstens {limit} MB gehen. Nehmen Sie ein kleineres Modell.",
  "error.quantization-too-large":
    "{model} braucht {megabytes} MB in {quantization}; höchstens {limit} MB gehen. Laden Sie es in {smaller}: Dann braucht es {smaller_megabytes} MB.",
  "error.resample-unsupported": "Der Filter {filter} für das Umrechnen der Größe wird nicht unterstützt.",
  "error.bad-address": "Ein Puffer der Kernels liegt außerhalb ihres Speichers.",
  "error.cancelled": "Die Antwort wurde angehalten.",
  "error.image-canvas-altered":
    "Dieser Browser verändert Bilder, bevor eine Seite sie lesen kann. Erlauben Sie dieser Seite, Canvas-Inhalte zu lesen, oder nehmen Sie einen anderen Browser.",
  "error.image-changed":
    "Die Bilddatei wurde seit der Auswahl auf der Festplatte geändert oder verschoben. Wählen Sie sie erneut.",
  "error.history-picture-gone": "Dieses Bild war noch nicht aufgehoben. Wählen Sie seine Datei noch einmal.",
  "error.image-not-blob": "Das Bild muss ein Blob oder ein File sein.",
  "error.host-unreachable":
    "{host} ist nicht erreichbar oder lässt sich von dieser Seite nicht lesen. Prüfen Sie die Verbindung.",
  "error.size-unknown": "{host} gibt nicht an, wie groß {file} ist; daher lässt es sich nicht laden.",
  "error.model-download-failed":
    "Das Modell konnte nicht heruntergeladen werden. Prüfen Sie die Verbindung, und laden Sie die Seite neu.",
  "error.model-file-short": "Eine Datei des Modells ist kürzer, als ihr Kopf angibt.",
  "error.dropped-file-missing": "{file} fehlt: Legen Sie alle Dateien des Modells zusammen ab.",
  "error.dropped-file-unreadable":
    "{file} wurde seit der Auswahl auf der Festplatte geändert oder verschoben. Wählen Sie die Datei erneut.",
  "error.load-cancelled": "Das Laden des Modells wurde angehalten.",
  "error.model-in-use":
    "Ein Teil des Modells ist in Gebrauch: Warten Sie, bis es geladen ist, oder schließen Sie den Tab, der es lädt.",
  "error.page-download-failed":
    "{file} der Seite konnte nicht heruntergeladen werden. Prüfen Sie die Verbindung, und laden Sie die Seite neu.",
  "error.page-part-missing":
    "Dieser Teil der Seite konnte nicht geladen werden. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.",
  "error.page-file-wrong":
    "Der Server sandte {type} anstelle von {file} der Seite. Laden Sie alle Dateien der Seite hoch, oder geben Sie baseURL an, wo sie liegen.",
  "error.python-failed": "Python konnte in diesem Browser nicht starten. Laden Sie die Seite neu.",
  "error.simd-missing":
    "Dieser Browser kann WebAssembly SIMD nicht ausführen. Bitte nehmen Sie ein aktuelles Chrome, Edge, Firefox oder Safari.",
  "error.memory-refused": "Dieses Gerät hat zu wenig freien Speicher. Schließen Sie andere Tabs, und laden Sie neu.",
  "error.engine-header-missing":
    "{file} kam ohne den Header {header}, daher kann die Engine nicht starten. Laden Sie die Seite neu; sonst muss ihr Server ihn senden.",
  "error.engine-elsewhere":
    "Browser starten die Engine nur vom Server dieser Seite, nicht von {origin}. Legen Sie die Dateien von tinyvlm.js dort ab.",
  "error.policy-too-strict":
    "Die Content-Security-Policy dieser Seite lässt die Engine nicht starten. Sie muss {directive} enthalten.",
  "error.worker-refused": "Der Browser startet die Engine nicht: {reason}.",
  "error.message-lost":
    "Eine Nachricht an die Engine ging verloren. Versuchen Sie es erneut, oder laden Sie die Seite neu.",
  "error.request-unsendable":
    "Diese Frage, ihr Bild oder ihre Optionen lassen sich nicht an die Engine senden. Geben Sie einfache Daten an.",
  "error.engine-stopped": "Die Engine ist abgestürzt, bevor sie geantwortet hatte. Fragen Sie noch einmal.",
  "error.engine-restarted": "Die Engine wurde neu gestartet. Fragen Sie noch einmal.",
  "error.engine-failing":
    "Die Engine stürzt auf diesem Gerät immer wieder ab. Schließen Sie andere Tabs, und laden Sie die Seite neu.",
  "error.disposed": "Dieses TinyVLM wurde beendet.",
  "error.internal": "In der Engine ging etwas schief. Versuchen Sie es erneut, oder laden Sie die Seite neu.",
  "error.history-unavailable":
    "Dieser Browser hebt für diese Seite nichts auf (ein privates Fenster?): Unterhaltungen bleiben, bis die Seite geschlossen wird.",
  "error.history-blocked":
    "Eine ältere Version dieser Seite in einem anderen Tab hält den Verlauf fest. Schließen Sie sie, und laden Sie diese neu, um Unterhaltungen aufzuheben.",
  "error.history-newer":
    "Eine neuere Version dieser Seite hat den Verlauf übernommen. Laden Sie diese neu, um Unterhaltungen aufzuheben.",
  "error.history-full":
    "Für weitere Unterhaltungen ist zu wenig Platz. Löschen Sie einige; bis dahin bleiben sie, bis die Seite geschlossen wird.",
  "error.archive-foreign": "{name} ist kein Verlauf, der aus dieser Seite exportiert wurde.",
  "error.archive-damaged":
    "{name} ist beschädigt, deshalb wurde nichts daraus übernommen. Exportieren Sie noch einmal.",
  "error.archive-newer":
    "{name} wurde von einer neueren Version dieser Seite exportiert. Laden Sie diese neu, und versuchen Sie es noch einmal.",
  "error.archive-too-large": "{name} hat {megabytes} MB in einem Stück; höchstens {limit} MB gehen.",
  "error.choice-unwritable": "Dieses Modell kann die mögliche Antwort {choice} nicht schreiben.",
  "error.choices-too-long":
    "Die möglichen Antworten sind zu lang: Texte dieses Modells haben höchstens {limit} Tokens.",
  "error.constraint-impossible": "Dieses Modell hat kein Token, mit dem die Antwort weitergehen könnte.",
  "error.storage-full":
    "Der Platz reicht nicht, um das Modell zu behalten: Es ist geladen, wird aber beim nächsten Mal neu heruntergeladen.",
  "error.storage-missing":
    "Dieser Browser behält für diese Seite keine Dateien (ein privates Fenster?): Das Modell wird beim nächsten Mal neu heruntergeladen.",
  "error.not-kept":
    "Der Server unterscheidet die Versionen dieses Modells nicht, daher wird es beim nächsten Mal neu heruntergeladen.",
  "error.few-bits": "Vier Bit je Gewicht kosten ein so kleines Modell viel. Laden Sie es in 8 Bit (q8), wo es passt.",
  "error.connection-lost": "Die Verbindung ist abgebrochen. Das Herunterladen geht weiter, sobald sie wieder da ist.",
};
