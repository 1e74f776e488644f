// The page in French: what en.js says, by the same keys, and behind it what went wrong, by the codes of
// engine/shared/error_table.js. {words} in braces are filled in, and stay as they are. What depends on a number has a
// sentence for each form that the language has.

export default {
  title: "Tiny-VLM",
  "page.title": "Tiny-VLM : interrogez une image",
  tagline: "Posez une question sur une image. Elle ne quitte jamais cette page.",

  "image.region": "Image",
  "image.choose": "Choisir une image",
  "image.or-drop": "ou déposez-la n’importe où, ou collez-la",
  "image.add": "Ajouter des images",
  "image.drop-here": "Déposez l’image",
  "image.preview-alt": "L’image sur laquelle porte la question : {name}",
  "image.pasted-name": "Image collée",
  "image.size": "{width} × {height}",
  "image.opening": "Ouverture de l’image…",
  "image.several": {
    one: "{count} image ajoutée. Vos questions portent sur {name}.",
    many: "{count} images ajoutées. Vos questions portent sur {name}.",
    other: "{count} images ajoutées. Vos questions portent sur {name}.",
  },
  "image.some-of-many": {
    one: "Sur {total} fichiers, {count} a été ajouté ; les autres sont illisibles ou trop nombreux. Vos questions portent sur {name}.",
    many: "Sur {total} fichiers, {count} ont été ajoutés ; les autres sont illisibles ou trop nombreux. Vos questions portent sur {name}.",
    other:
      "Sur {total} fichiers, {count} ont été ajoutés ; les autres sont illisibles ou trop nombreux. Vos questions portent sur {name}.",
  },
  "image.tray": "Images de cette conversation",
  "image.none-found": "Aucun de ces fichiers n’est une image lisible.",
  "image.none-found-kept": "Aucun de ces fichiers n’est une image lisible. Vos questions portent toujours sur {kept}.",
  "image.refused": "{name} : {reason}",
  "image.refused-kept": "{name} : {reason} Vos questions portent toujours sur {kept}.",
  "image.not-a-file": "C’était du texte ou un lien. Déposez un fichier image, ou collez une image copiée.",
  "image.waiting": "Sera regardée dès que la partie vision sera là",
  "image.looking": "Examen de l’image…",
  "image.seen": "L’image est prête ; la partie langage se charge encore",
  "camera.open": "Prendre une photo",
  "view.open": "Afficher en grand",
  "reading.idle": "Lire le texte",
  "reading.copy": "Copier le texte",
  "reading.tools": "Texte dans l’image",
  "reading.region": "Texte de l’image",
  "reading.summary": "Le texte seul",
  "samples.heading": "Ou essayez l’une de celles-ci",
  "samples.red-circle": "Un cercle rouge",
  "samples.blue-triangle": "Un triangle bleu",
  "samples.text-card": "Une carte où est écrit « Fresh bread »",
  "samples.bar-chart": "Un graphique à quatre barres",
  "samples.landscape": "Une maison entre des collines",
  "samples.failed": "Les exemples n’ont pas pu être chargés. Vos propres images fonctionnent quand même.",

  "model.choose": "Modèle",
  "models.good-own":
    "Questions simples sur des dessins, formes, graphiques et textes courts ; la réponse est immédiate. Se trompe souvent sur les photos.",
  "models.good-photos": "Photos, documents et graphiques, en phrases complètes. Il se souvient de ce qui précède.",
  "models.good-photos-more": "La même chose avec de meilleures réponses, et presque deux fois plus de mémoire.",
  "models.good-video": "Photos, comme SmolVLM-256M ; entraîné aussi avec des vidéos. Ici, il voit des images seules.",
  "models.good-text": "Conversations sans images.",
  "models.apache": "licence Apache 2.0",
  "models.pause": "Mettre en pause",
  "models.cancel": "Annuler le téléchargement",
  "models.back": "Revenir à {name}",
  "models.better": "De meilleures réponses sur les photos…",

  "history.open": "Conversations",

  "table.open": "Plusieurs images…",
  "table.offer": {
    one: "{count} image : poser une question dans un tableau ?",
    many: "{count} images : poser une seule question sur toutes, dans un tableau ?",
    other: "{count} images : poser une seule question sur toutes, dans un tableau ?",
  },
  "table.show": "Ouvrir le tableau",

  "storage.open": "Modèles enregistrés",

  "chat.region": "Questions et réponses",
  "chat.log": "Conversation",
  "chat.empty-title": "Que souhaitez-vous savoir ?",
  "chat.empty-text":
    "Choisissez une image, puis posez une question avec des mots simples. Le modèle tourne sur cet appareil.",
  "chat.empty-text-only":
    "Ce modèle ne lit que du texte. Posez une question avec des mots simples ; il tourne sur cet appareil.",
  "chat.question": "Vous :",
  "chat.answer": "Réponse :",
  "chat.again": "Redemander",
  "chat.copied": "Copiée",
  "chat.copy": "Copier",
  "chat.selected": "Sélectionnée : copiez-la à la main",
  "chat.edit": "Modifier",
  "chat.explain": "Ce qu’il a regardé",
  "answer.waiting-for-model": "En attente du modèle ; votre question aura ensuite sa réponse.",
  "answer.decoding": "Lecture de l’image…",
  "answer.encoding": "Examen de l’image…",
  "answer.answering": "Réflexion…",
  "answer.waiting-for-reader": "Chargement du lecteur de texte…",
  "answer.reading": "Lecture du texte…",
  "answer.stopped": "Arrêtée",
  "answer.stopped-early": "Arrêtée avant le début de la réponse.",
  "answer.empty": "Le modèle n’avait rien à dire. Essayez une autre question.",
  "answer.error": "Pas de réponse",
  "answer.interrupted": "Interrompue : la page a été fermée avant la fin",
  "answer.interrupted-early": "Interrompue avant le début de la réponse.",
  "answer.unfinished": "En cours d’écriture",
  "looked.waiting": "Nouveau regard…",
  "draft.mark": "Brouillon",
  "draft.explanation": "répondu avant l’arrivée du modèle entier, donc moins exact",
  "draft.again": "Reposer en pleine qualité",
  "meta.first-token": "{time} jusqu’au premier token",
  "meta.total": "{time} en tout",
  "meta.tokens": { one: "{count} token", many: "{count} de tokens", other: "{count} tokens" },
  "meta.reused": "image réutilisée",
  "meta.read": "lu dans l’image",
  "meta.told": "avec le texte de l’image",
  "meta.length": "coupé à la limite de longueur",
  "meta.dropped": "le début de la conversation ne tient plus et a été omis",

  "question.label": "Votre question",
  "question.placeholder": "Votre question…",
  "question.empty": "Écrivez d’abord une question.",
  "question.placeholder-text": "Toute question…",
  "question.no-image": "Choisissez d’abord une image : déposez-en une, collez-en une ou prenez un exemple.",
  "question.busy": "Une réponse à la fois : appuyez sur Échap pour arrêter celle-ci.",
  "question.image-gone": "Cette image n’est plus là. Choisissez-la de nouveau.",
  "with-text.sees": "Lui donner aussi le texte de l’image",
  "with-text.reads": "Lui donner le texte d’une image",
  send: "Envoyer",
  stop: "Arrêter",
  "suggestions.label": "Questions suggérées",
  "composer.english-only": "Ce modèle ne comprend que l’anglais : posez vos questions en anglais.",

  // What the suggested questions mean: they are asked in English, and explained in the language of the page.
  "ask.Describe the image.": "Décrivez l’image.",
  "ask.How many bars are there?": "Combien y a-t-il de barres ?",
  "ask.Is there a blue shape?": "Y a-t-il une forme bleue ?",
  "ask.Is there a boat in the picture?": "Y a-t-il un bateau sur l’image ?",
  "ask.Is there a house in the picture?": "Y a-t-il une maison sur l’image ?",
  "ask.What color is it?": "De quelle couleur est-ce ?",
  "ask.What color is the C bar?": "De quelle couleur est la barre C ?",
  "ask.What color is the shape?": "De quelle couleur est la forme ?",
  "ask.What does the text say?": "Que dit le texte ?",
  "ask.What is in the picture?": "Qu’y a-t-il sur l’image ?",
  "ask.What is the capital of France?": "Quelle est la capitale de la France ?",
  "ask.What shape is in the image?": "Quelle forme y a-t-il sur l’image ?",
  "ask.Which bar is the tallest?": "Quelle barre est la plus haute ?",
  "ask.Write a haiku about rain.": "Écrivez un haïku sur la pluie.",

  "progress.heading": "Préparation",
  "progress.text": "Vous pouvez déjà choisir une image et poser une question ; la réponse suivra.",
  "progress.image-waiting": "Votre image sera regardée dès que la partie vision sera là.",
  "progress.vision": "Le modèle voit déjà : choisissez une image, il la regarde pendant que le reste arrive.",
  "progress.looking": "Votre image est regardée pendant que le reste arrive.",
  "progress.seen": "Votre image est prête ; la partie langage se charge encore.",
  "progress.refining": "Affinage",
  "progress.draft": "Pour l’instant, les réponses sont des brouillons.",
  "progress.failed-heading": "Le modèle n’a pas pu être chargé",
  "progress.failed-refining": "Le reste du modèle n’est pas arrivé : les réponses restent des brouillons",
  "progress.load-in": "Le charger en {quantization}",
  "progress.retry": "Réessayer",
  "progress.python": "Python",
  "progress.kernels": "Kernels",
  "progress.package": "Paquet",
  "progress.model": "Modèle",
  "progress.waiting": "en attente",
  "progress.bytes": "{loaded} sur {total}",
  "progress.kept": "{size} de cet appareil",
  "progress.all-kept": "de cet appareil",
  "progress.done": "terminé",

  "time.moments": "encore quelques secondes",
  "time.left": "encore {time} environ",

  "engine.restarted": "Le moteur s’est arrêté et a été relancé ; votre conversation est conservée.",
  "notice.close": "Fermer",
  "page.new-version": "Une nouvelle version de cette page est là. Rechargez-la, ses autres onglets fermés.",
  "page.reload": "Recharger",

  "language.label": "Langue",
  "language.failed": "{language} n’a pas pu être chargé. Vérifiez la connexion, et choisissez à nouveau la langue.",

  "settings.open": "Réglages",

  "speed.open": "Vitesse",

  "shortcuts.open": "Clavier",

  "status.loading": "Chargement…",
  "status.failed": "Le modèle n’est pas chargé.",
  "status.draft": "qualité brouillon",
  "status.full": "pleine qualité",
  "status.threads": { one: "{count} thread", many: "{count} de threads", other: "{count} threads" },
  "status.threads-because": "{threads} ({reason})",
  "status.relaxed": "SIMD relâché",
  "status.simd128": "SIMD128",
  "status.isolated": "isolée des autres origines",
  "status.not-isolated": "non isolée des autres origines",
  "status.memory": "{size} de mémoire",
  "status.reader-loading": "lecteur de texte en chargement",
  "status.reader-ready": "lit le texte",
  "stats.none": "Les chiffres apparaîtront ici une fois le modèle chargé.",
  "threads.not-isolated": "le serveur n’envoie pas les en-têtes que demandent les threads (COOP, COEP)",
  "threads.as-asked": "comme demandé",
  "threads.one-a-core": "un par cœur",
  "threads.not-started": "les threads auxiliaires n’ont pas pu démarrer",

  // What went wrong
  "error.bad-argument": "{name} doit être l’un de {expected} ; c’est {value}.",
  "error.image-tokens-wrong": "Ces images s’écrivent avec {count} fois le token {token}, ni plus ni moins.",
  "error.weight-name-invalid": "{name} n’est pas le nom d’un fichier .gguf ou .safetensors.",
  "error.revision-invalid": "{revision} n’est pas le nom d’une branche, d’une étiquette ou d’un commit.",
  "error.address-not-a-model": "{url} n’est pas l’adresse d’un modèle : ce devrait être {hub}/PROPRIÉTAIRE/NOM.",
  "error.bad-question": "La question doit être du texte.",
  "error.question-empty": "Veuillez écrire une question.",
  "error.question-too-long":
    "La question est trop longue : ce modèle lit au plus {limit} tokens, environ {words} mots.",
  "error.chat-refused": "Le modèle n’accepte pas cette conversation : {reason}.",
  "error.chat-text-only": "Ce modèle ne répond qu’aux questions sur du texte, pas sur des images.",
  "error.image-missing": "Veuillez d’abord choisir une image.",
  "error.image-unsupported": "{model} ne lit que du texte ; posez la question sans image.",
  "error.tower-misfit": "{model} ne lit que du texte : la tour de vision (mmproj) à côté est celle d’un autre modèle.",
  "error.tower-missing": "{model} ne voit les images qu’avec sa tour de vision : un fichier mmproj à côté, ou nommé.",
  "error.image-file-too-large":
    "Le fichier image fait {megabytes} Mo ; {limit} Mo au plus conviennent. Choisissez-en un plus petit.",
  "error.image-empty": "Le fichier image est vide. Choisissez-en un autre.",
  "error.image-unknown-type":
    "Ce fichier n’est pas une image lisible. Utilisez un fichier PNG, JPEG, WebP, GIF, BMP ou AVIF.",
  "error.image-lfs-pointer":
    "Le fichier image ne contient qu’un pointeur Git LFS : lancez git lfs pull là où il se trouve, puis réessayez.",
  "error.image-unreadable": "L’image est endommagée et illisible. Choisissez-en une autre.",
  "error.image-too-large": "L’image a {megapixels} mégapixels ; {limit} au plus conviennent. Réduisez-la d’abord.",
  "error.image-far-too-large": "L’image dépasse de loin les {limit} mégapixels possibles. Réduisez-la d’abord.",
  "error.image-side-too-long":
    "L’image fait {width} × {height} pixels ; {limit} pixels de côté au plus conviennent. Réduisez-la d’abord.",
  "error.image-svg":
    "Les dessins SVG n’ont pas de pixels à regarder. Utilisez un fichier PNG, JPEG, WebP, GIF, BMP ou AVIF.",
  "error.image-without-pixels": "L’image n’a pas de pixels.",
  "error.json-invalid": "Le {file} du modèle n’est pas un objet JSON.",
  "error.part-list-invalid": "La liste de parties {url} n’est pas valide.",
  "error.architecture-unknown": "Les modèles de type {model_type} ne sont pas pris en charge ; le sont : {supported}.",
  "error.config-invalid": "La configuration du modèle n’est pas utilisable : {reason}.",
  "error.unsure-invalid":
    "Le champ unsure de generation_config.json demande below, un nombre de 0 à 2, et answer, un texte.",
  "error.naming-invalid":
    "Le champ naming de generation_config.json demande below, sure, likely et guessed, de 0 à 1, et class_names.json un nom pour chaque classe.",
  "error.requests-invalid":
    "Le champ requests de generation_config.json demande made_for, qui peut être le mot pictures.",
  "error.tokenizer-invalid": "Le tokenizer.json du modèle n’est pas utilisable : {reason}.",
  "error.tokenizer-unsupported":
    "Le {field} du tokenizer n’est pas pris en charge : seul le BPE au niveau des octets l’est.",
  "error.jinja2-missing": "Les conversations de ce modèle demandent un paquet qui manque : jinja2.",
  "error.template-missing": "Le dossier du modèle n’a pas de modèle de conversation.",
  "error.template-invalid": "Le modèle de conversation marque {found} images sur {images}.",
  "error.chat-template-not-text": "Le modèle de conversation n’est pas un texte.",
  "error.chat-template-invalid": "Le modèle de conversation n’est pas utilisable : {reason}.",
  "error.chat-template-endless":
    "Le modèle de conversation n’est pas utilisable : il est trop long, ou ne se termine pas.",
  "error.weights-invalid":
    "Le fichier de poids n’a pas d’en-tête valide ; il est endommagé ou n’est pas un fichier {format}.",
  "error.weights-truncated":
    "Le fichier de poids s’arrête dans son en-tête ; il est endommagé ou n’est pas un fichier {format}.",
  "error.weights-header-too-long":
    "Le fichier de poids a un en-tête de plus de {limit} octets ; il est endommagé ou n’est pas un fichier {format}.",
  "error.weights-name-twice":
    "Le fichier de poids contient {name} deux fois ; il est endommagé ou n’est pas un fichier {format}.",
  "error.weights-bytes-left":
    "Le fichier de poids a {bytes} octets qui ne sont à aucun tenseur ; il est endommagé ou n’est pas un fichier safetensors.",
  "error.tensor-invalid":
    "Le fichier de poids décrit mal le tenseur {tensor} ; il est endommagé ou n’est pas un fichier {format}.",
  "error.tensor-in-two-files": "Deux fichiers de poids du modèle contiennent un tenseur {tensor}.",
  "error.index-invalid": "Le model.safetensors.index.json du modèle n’est pas un index valide de fichiers safetensors.",
  "error.index-wrong": "L’index du modèle et son fichier de poids {file} se contredisent au sujet du tenseur {tensor}.",
  "error.gguf-version-unsupported":
    "La version {version} de GGUF n’est pas prise en charge ; le sont 2 et 3, little-endian.",
  "error.gguf-split": "Le modèle GGUF est réparti en plusieurs fichiers, et tous ne sont pas ici.",
  "error.gguf-files-wrong":
    "Un modèle GGUF est un modèle de texte et, pour les images, un fichier mmproj du même modèle.",
  "error.gguf-widths-differ": "Les deux fichiers GGUF ne sont pas d’un même modèle : leurs largeurs diffèrent.",
  "error.gguf-not-for-images": "Le modèle de texte GGUF n’a pas de token <image> : il n’est pas fait pour les images.",
  "error.gguf-architecture-unknown":
    "Les fichiers GGUF de type {architecture} ne sont pas pris en charge ; le sont : {supported}.",
  "error.gguf-metadata-invalid": "Dans le fichier GGUF, {key} manque ou n’est pas utilisable.",
  "error.gguf-metadata-unsupported": "Les fichiers GGUF dont {key} est {value} ne sont pas pris en charge.",
  "error.gguf-tokenizer-unsupported":
    "Le tokenizer de ce fichier GGUF ({model}, {pre}) n’est pas pris en charge : seul le BPE au niveau des octets, comme dans SmolLM2, l’est.",
  "error.gguf-tensor-unknown":
    "Le tenseur {tensor} n’est d’aucune architecture prise en charge dans les fichiers GGUF.",
  "error.weights-missing": "Il manque aux poids du modèle le tenseur {tensor}.",
  "error.weights-unsupported":
    "Le tenseur {tensor} est en {dtype}, qui n’est pas pris en charge ; le sont : {supported}.",
  "error.weights-misfit": "Les poids du modèle ne vont pas avec sa configuration : {op} de {shapes}.",
  "error.logits-wrong": "Les poids du modèle donnent {found} logits, et non {expected}.",
  "error.weights-not-finite": "Les poids contiennent des valeurs qui ne sont pas des nombres finis.",
  "error.tensor-not-finite": "Le tenseur {tensor} contient des valeurs qui ne sont pas des nombres finis.",
  "error.tensor-shape-wrong": "Le tenseur {tensor} a la forme {shape}, qui ne va pas avec la configuration du modèle.",
  "error.tensor-size-wrong": "Le tenseur {tensor} contient {found} nombres ; il devrait en contenir {expected}.",
  "error.tensor-planes-wrong": "Le tenseur {tensor} n’est pas fait de deux plans de même taille.",
  "error.tensor-groups-wrong": "Le tenseur {tensor} n’est ni q4 ni q2 : les tailles ne vont pas.",
  "error.quantized-otherwise":
    "Le modèle a été quantifié avec {method}, qui n’est pas pris en charge : utilisez l’original, ou un fichier GGUF.",
  "error.quantization-missing": "Ce dossier de modèle ne contient pas de poids {quantization}.",
  "error.model-not-found":
    "Il n’y a pas de modèle {source} : donnez un dépôt Hugging Face (propriétaire/nom), une URL ou des fichiers.",
  "error.model-incomplete": "Le modèle {model} n’a pas de fichier {file}.",
  "error.weights-file-missing": "Le modèle n’a ni model.safetensors, ni fichier GGUF.",
  "error.vision-tower-alone": "{file} est la tour de vision d’un modèle : nommez le fichier du modèle lui-même.",
  "error.lfs-pointer":
    "Le fichier {file} ne contient qu’un pointeur Git LFS : lancez git lfs pull là où il se trouve, puis réessayez.",
  "error.file-too-large": "{file} dépasse les {limit} octets permis.",
  "error.not-loaded": "Le modèle n’est pas encore chargé.",
  "error.reader-unavailable":
    "Le lecteur de texte n’a pas pu être chargé. Vérifiez la connexion, fermez d’autres onglets et redemandez.",
  "error.url-invalid": "{url} n’est pas une URL valide.",
  "error.rate-limited": "{host} demande de ralentir. Réessayez dans quelques minutes.",
  "error.download-failed": "{url} n’a pas pu être téléchargé : le serveur a répondu {status}.",
  "error.download-cut-off":
    "Le téléchargement de {url} s’est interrompu. Vérifiez la connexion, et réessayez pour reprendre de là.",
  "error.download-range-wrong": "{url} est arrivé d’une autre position que celle demandée. Réessayez plus tard.",
  "error.checksum-mismatch": "{file} est arrivé endommagé, ou a changé sur son serveur. Chargez à nouveau le modèle.",
  "error.repository-not-found":
    "Il n’y a pas de dépôt {repository} : vérifiez le nom. S’il est privé, donnez un jeton.",
  "error.repository-gated":
    "{repository} est un dépôt à accès restreint : demandez l’accès sur sa page, puis donnez un jeton de votre compte.",
  "error.token-without-access":
    "Le jeton n’a pas accès à {repository} : demandez-le sur la page du dépôt, avec le compte du jeton.",
  "error.token-invalid": "Le jeton n’est pas valide. Créez-en un nouveau sur https://huggingface.co/settings/tokens.",
  "error.revision-not-found": "{repository} n’a ni branche, ni étiquette, ni commit {revision}.",
  "error.hub-answer-invalid": "{hub} a répondu autre chose qu’une liste des fichiers de {repository}.",
  "error.out-of-memory":
    "Cet appareil n’a pas donné {megabytes} Mo de mémoire de plus. Fermez d’autres onglets ou programmes, ou utilisez un modèle plus petit.",
  "error.model-too-large":
    "{model} demande {megabytes} Mo ; {limit} Mo au plus conviennent. Utilisez un modèle plus petit.",
  "error.quantization-too-large":
    "{model} demande {megabytes} Mo en {quantization} ; {limit} Mo au plus conviennent. Chargez-le en {smaller} : il demande alors {smaller_megabytes} Mo.",
  "error.resample-unsupported": "Le filtre de rééchantillonnage {filter} n’est pas pris en charge.",
  "error.bad-address": "Un tampon des kernels est hors de leur mémoire.",
  "error.cancelled": "La réponse a été arrêtée.",
  "error.image-canvas-altered":
    "Ce navigateur altère les images avant qu’une page ne puisse les lire. Permettez à cette page de lire les canevas, ou utilisez un autre navigateur.",
  "error.image-changed":
    "Le fichier de l’image a changé sur le disque, ou a été déplacé, depuis qu’il a été choisi. Choisissez-le à nouveau.",
  "error.history-picture-gone": "Cette image n’avait pas encore été conservée. Choisissez de nouveau son fichier.",
  "error.image-not-blob": "L’image doit être un Blob ou un File.",
  "error.host-unreachable": "{host} est injoignable, ou ne laisse pas cette page le lire. Vérifiez la connexion.",
  "error.size-unknown": "{host} n’indique pas la taille de {file} : il ne peut donc pas être chargé.",
  "error.model-download-failed": "Le modèle n’a pas pu être téléchargé. Vérifiez la connexion et rechargez la page.",
  "error.model-file-short": "Un fichier du modèle est plus court que ne le dit son en-tête.",
  "error.dropped-file-missing": "Il manque {file} : déposez ensemble tous les fichiers du modèle.",
  "error.dropped-file-unreadable":
    "{file} a changé sur le disque, ou a été déplacé, depuis qu’il a été choisi. Choisissez-le à nouveau.",
  "error.load-cancelled": "Le chargement du modèle a été arrêté.",
  "error.model-in-use":
    "Une partie du modèle est en cours d’utilisation : attendez qu’il soit chargé, ou fermez l’onglet qui le charge.",
  "error.page-download-failed":
    "Le fichier {file} de la page n’a pas pu être téléchargé. Vérifiez la connexion et rechargez la page.",
  "error.page-part-missing": "Cette partie de la page n’a pas pu être chargée. Vérifiez la connexion et réessayez.",
  "error.page-file-wrong":
    "Le serveur a envoyé {type} à la place du fichier {file} de la page. Mettez en ligne tous les fichiers de la page, ou indiquez baseURL, où ils se trouvent.",
  "error.python-failed": "Python n’a pas pu démarrer dans ce navigateur. Rechargez la page.",
  "error.simd-missing":
    "Ce navigateur ne peut pas exécuter WebAssembly SIMD. Utilisez une version actuelle de Chrome, Edge, Firefox ou Safari.",
  "error.memory-refused": "Il reste trop peu de mémoire sur cet appareil. Fermez d’autres onglets et rechargez.",
  "error.engine-header-missing":
    "{file} est arrivé sans l’en-tête {header} : le moteur ne peut pas démarrer. Rechargez la page ; sinon, son serveur doit l’envoyer.",
  "error.engine-elsewhere":
    "Les navigateurs ne démarrent le moteur que depuis le serveur de cette page, pas depuis {origin}. Mettez-y les fichiers de tinyvlm.js.",
  "error.policy-too-strict":
    "La Content-Security-Policy de cette page ne laisse pas démarrer le moteur. Elle doit dire {directive}.",
  "error.worker-refused": "Le navigateur ne démarre pas le moteur : {reason}.",
  "error.message-lost": "Un message au moteur s’est perdu. Réessayez, ou rechargez la page.",
  "error.request-unsendable":
    "Cette question, son image ou ses options ne peuvent pas être envoyées au moteur. Donnez des données simples.",
  "error.engine-stopped": "Le moteur s’est arrêté avant d’avoir répondu. Reposez la question.",
  "error.engine-restarted": "Le moteur a été relancé. Reposez la question.",
  "error.engine-failing":
    "Le moteur s’arrête sans cesse sur cet appareil. Fermez d’autres onglets et rechargez la page.",
  "error.disposed": "Ce TinyVLM a été fermé.",
  "error.internal": "Un problème est survenu dans le moteur. Réessayez, ou rechargez la page.",
  "error.history-unavailable":
    "Ce navigateur ne conserve pas d’historique pour cette page (une fenêtre privée ?) : les conversations restent jusqu’à la fermeture de la page.",
  "error.history-blocked":
    "Une version plus ancienne de cette page, dans un autre onglet, occupe l’historique. Fermez-la et rechargez celle-ci pour conserver les conversations.",
  "error.history-newer":
    "Une version plus récente de cette page a repris l’historique. Rechargez celle-ci pour conserver les conversations.",
  "error.history-full":
    "Il n’y a pas assez de place pour conserver d’autres conversations. Supprimez-en ; en attendant, elles restent jusqu’à la fermeture de la page.",
  "error.archive-foreign": "{name} n’est pas un historique exporté depuis cette page.",
  "error.archive-damaged": "{name} est endommagé : rien n’en a été importé. Exportez-le de nouveau.",
  "error.archive-newer":
    "{name} a été exporté par une version plus récente de cette page. Rechargez celle-ci et réessayez.",
  "error.archive-too-large": "{name} contient {megabytes} Mo d’un seul tenant ; {limit} Mo au plus fonctionnent.",
  "error.choice-unwritable": "Ce modèle ne peut pas écrire la réponse possible {choice}.",
  "error.choices-too-long":
    "Les réponses possibles sont trop longues : les textes de ce modèle ont au plus {limit} tokens.",
  "error.constraint-impossible": "Ce modèle n’a aucun token avec lequel la réponse pourrait continuer.",
  "error.storage-full":
    "Il y a trop peu d’espace pour garder le modèle : il est chargé, mais sera téléchargé de nouveau la prochaine fois.",
  "error.storage-missing":
    "Ce navigateur ne garde pas de fichiers pour cette page (navigation privée ?) : le modèle sera téléchargé de nouveau la prochaine fois.",
  "error.not-kept":
    "Le serveur ne distingue pas les versions de ce modèle : il sera téléchargé de nouveau la prochaine fois.",
  "error.few-bits": "Quatre bits par poids coûtent cher à un modèle aussi petit. Chargez-le en 8 bits (q8) s’il tient.",
  "error.connection-lost": "La connexion est perdue. Le téléchargement reprendra dès son retour.",
};
