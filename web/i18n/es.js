// The page in Spanish: what en.js says, by the same keys, and behind it what went wrong, by the codes of
// engine/shared/error_table.js. {words} in braces are filled in, and stay as they are. What depends on a number has a
// sentence for each form that the language has.

export default {
  title: "Tiny-VLM",
  "page.title": "Tiny-VLM: pregunte sobre una imagen",
  tagline: "Pregunte sobre una imagen. Nunca sale de esta página.",

  "image.region": "Imagen",
  "image.choose": "Elegir una imagen",
  "image.or-drop": "o suéltela en cualquier lugar, o péguela",
  "image.add": "Añadir imágenes",
  "image.drop-here": "Suelte la imagen",
  "image.preview-alt": "La imagen sobre la que pregunta: {name}",
  "image.pasted-name": "Imagen pegada",
  "image.size": "{width} × {height}",
  "image.opening": "Abriendo la imagen…",
  "image.several": {
    one: "Se ha añadido {count} imagen. Pregunta sobre {name}.",
    many: "Se han añadido {count} imágenes. Pregunta sobre {name}.",
    other: "Se han añadido {count} imágenes. Pregunta sobre {name}.",
  },
  "image.some-of-many": {
    one: "De {total} archivos se ha añadido {count}; los demás no se pueden leer o son demasiados. Pregunta sobre {name}.",
    many: "De {total} archivos se han añadido {count}; los demás no se pueden leer o son demasiados. Pregunta sobre {name}.",
    other:
      "De {total} archivos se han añadido {count}; los demás no se pueden leer o son demasiados. Pregunta sobre {name}.",
  },
  "image.tray": "Imágenes de esta conversación",
  "image.none-found": "Entre estos archivos no hay ninguna imagen que se pueda leer.",
  "image.none-found-kept":
    "Entre estos archivos no hay ninguna imagen que se pueda leer. Sigue preguntando sobre {kept}.",
  "image.refused": "{name}: {reason}",
  "image.refused-kept": "{name}: {reason} Sigue preguntando sobre {kept}.",
  "image.not-a-file": "Eso era texto o un enlace. Suelte un archivo de imagen o pegue una imagen copiada.",
  "image.waiting": "Se mirará en cuanto llegue la parte de visión",
  "image.looking": "Mirando la imagen…",
  "image.seen": "La imagen está lista; la parte de lenguaje aún se está cargando",
  "camera.open": "Hacer una foto",
  "view.open": "Ver en grande",
  "reading.idle": "Leer el texto",
  "reading.copy": "Copiar texto",
  "reading.tools": "Texto de la imagen",
  "reading.region": "Texto de la imagen",
  "reading.summary": "Solo el texto",
  "samples.heading": "O pruebe con una de estas",
  "samples.red-circle": "Un círculo rojo",
  "samples.blue-triangle": "Un triángulo azul",
  "samples.text-card": "Una tarjeta que dice «Fresh bread»",
  "samples.bar-chart": "Un gráfico con cuatro barras",
  "samples.landscape": "Una casa entre colinas",
  "samples.failed": "No se han podido cargar los ejemplos. Sus propias imágenes siguen funcionando.",

  "model.choose": "Modelo",
  "models.good-own":
    "Preguntas sencillas sobre dibujos, formas, gráficos y textos cortos, con respuesta inmediata. Con fotos se equivoca a menudo.",
  "models.good-photos": "Fotos, documentos y gráficos, con frases completas. Recuerda lo dicho antes.",
  "models.good-photos-more": "Lo mismo con mejores respuestas, y casi el doble de memoria.",
  "models.good-video": "Fotos, como SmolVLM-256M; se entrenó también con vídeos. Aquí ve imágenes sueltas.",
  "models.good-text": "Conversaciones sin imágenes.",
  "models.apache": "licencia Apache 2.0",
  "models.pause": "Pausar",
  "models.cancel": "Cancelar la descarga",
  "models.back": "Volver a {name}",
  "models.better": "Mejores respuestas sobre fotos…",

  "history.open": "Conversaciones",

  "table.open": "Muchas imágenes…",
  "table.offer": {
    one: "{count} imagen: ¿hacer una pregunta sobre ella en una tabla?",
    many: "{count} imágenes: ¿hacer una sola pregunta sobre todas, en una tabla?",
    other: "{count} imágenes: ¿hacer una sola pregunta sobre todas, en una tabla?",
  },
  "table.show": "Abrir la tabla",

  "storage.open": "Modelos guardados",

  "chat.region": "Preguntas y respuestas",
  "chat.log": "Conversación",
  "chat.empty-title": "¿Qué le gustaría saber?",
  "chat.empty-text":
    "Elija una imagen y pregunte sobre ella con palabras sencillas. El modelo funciona en este dispositivo.",
  "chat.empty-text-only": "Este modelo solo lee texto. Pregunte con palabras sencillas; funciona en este dispositivo.",
  "chat.question": "Usted:",
  "chat.answer": "Respuesta:",
  "chat.again": "Preguntar otra vez",
  "chat.copied": "Copiada",
  "chat.copy": "Copiar",
  "chat.selected": "Seleccionada: cópiela a mano",
  "chat.edit": "Editar",
  "chat.explain": "Dónde ha mirado",
  "answer.waiting-for-model": "Esperando a que se cargue el modelo; después se responderá su pregunta.",
  "answer.decoding": "Leyendo la imagen…",
  "answer.encoding": "Mirando la imagen…",
  "answer.answering": "Pensando…",
  "answer.waiting-for-reader": "Cargando el lector de texto…",
  "answer.reading": "Leyendo el texto…",
  "answer.stopped": "Detenida",
  "answer.stopped-early": "Detenida antes de que empezara la respuesta.",
  "answer.empty": "El modelo no tenía nada que decir. Pruebe con otra pregunta.",
  "answer.error": "Sin respuesta",
  "answer.interrupted": "Interrumpida: la página se cerró antes de que estuviera completa",
  "answer.interrupted-early": "Interrumpida antes de que empezara la respuesta.",
  "answer.unfinished": "En curso",
  "looked.waiting": "Mirando otra vez…",
  "draft.mark": "Borrador",
  "draft.explanation": "respondido antes de tener el modelo completo, y por eso menos exacto",
  "draft.again": "Preguntar de nuevo con toda la calidad",
  "meta.first-token": "{time} hasta el primer token",
  "meta.total": "{time} en total",
  "meta.tokens": { one: "{count} token", many: "{count} de tokens", other: "{count} tokens" },
  "meta.reused": "imagen reutilizada",
  "meta.read": "leído en la imagen",
  "meta.told": "con el texto de la imagen",
  "meta.length": "cortado en el límite de longitud",
  "meta.dropped": "la parte más antigua de la conversación ya no cabe y se ha omitido",

  "question.label": "Su pregunta",
  "question.placeholder": "Su pregunta…",
  "question.empty": "Escriba primero una pregunta.",
  "question.placeholder-text": "Cualquier pregunta…",
  "question.no-image": "Elija primero una imagen: suéltela, péguela o tome un ejemplo.",
  "question.busy": "Una respuesta cada vez: pulse Esc para detener esta.",
  "question.image-gone": "Esa imagen ya no está. Elíjala de nuevo.",
  "with-text.sees": "Darle también el texto de la imagen",
  "with-text.reads": "Darle el texto de una imagen",
  send: "Enviar",
  stop: "Detener",
  "suggestions.label": "Preguntas sugeridas",
  "composer.english-only": "Este modelo solo entiende inglés: pregunte en inglés, por favor.",

  // What the suggested questions mean: they are asked in English, and explained in the language of the page.
  "ask.Describe the image.": "Describa la imagen.",
  "ask.How many bars are there?": "¿Cuántas barras hay?",
  "ask.Is there a blue shape?": "¿Hay una forma azul?",
  "ask.Is there a boat in the picture?": "¿Hay un barco en la imagen?",
  "ask.Is there a house in the picture?": "¿Hay una casa en la imagen?",
  "ask.What color is it?": "¿De qué color es?",
  "ask.What color is the C bar?": "¿De qué color es la barra C?",
  "ask.What color is the shape?": "¿De qué color es la forma?",
  "ask.What does the text say?": "¿Qué dice el texto?",
  "ask.What is in the picture?": "¿Qué hay en la imagen?",
  "ask.What is the capital of France?": "¿Cuál es la capital de Francia?",
  "ask.What shape is in the image?": "¿Qué forma hay en la imagen?",
  "ask.Which bar is the tallest?": "¿Qué barra es la más alta?",
  "ask.Write a haiku about rain.": "Escriba un haiku sobre la lluvia.",

  "progress.heading": "Preparando",
  "progress.text": "Ya puede elegir una imagen y preguntar; la respuesta vendrá después.",
  "progress.image-waiting": "Su imagen se mirará en cuanto llegue la parte de visión.",
  "progress.vision": "El modelo ya puede ver: elija una imagen y la mirará mientras llega el resto.",
  "progress.looking": "Mirando su imagen mientras llega el resto.",
  "progress.seen": "Su imagen está lista; la parte de lenguaje aún se está cargando.",
  "progress.refining": "Afinando",
  "progress.draft": "Por ahora las respuestas son borradores.",
  "progress.failed-heading": "No se ha podido cargar el modelo",
  "progress.failed-refining": "El resto del modelo no ha llegado, así que las respuestas siguen siendo borradores",
  "progress.load-in": "Cargarlo en {quantization}",
  "progress.retry": "Reintentar",
  "progress.python": "Python",
  "progress.kernels": "Kernels",
  "progress.package": "Paquete",
  "progress.model": "Modelo",
  "progress.waiting": "en espera",
  "progress.bytes": "{loaded} de {total}",
  "progress.kept": "{size} de este dispositivo",
  "progress.all-kept": "de este dispositivo",
  "progress.done": "listo",

  "time.moments": "faltan unos segundos",
  "time.left": "faltan unos {time}",

  "engine.restarted": "El motor se detuvo y se ha reiniciado; su conversación se conserva.",
  "notice.close": "Cerrar",
  "page.new-version": "Hay una versión nueva de esta página. Recárguela con sus otras pestañas cerradas.",
  "page.reload": "Recargar",

  "language.label": "Idioma",
  "language.failed": "No se ha podido cargar {language}. Compruebe la conexión y elija de nuevo el idioma.",

  "settings.open": "Ajustes",

  "speed.open": "Velocidad",

  "shortcuts.open": "Teclado",

  "status.loading": "Cargando…",
  "status.failed": "El modelo no está cargado.",
  "status.draft": "calidad de borrador",
  "status.full": "calidad completa",
  "status.threads": { one: "{count} hilo", many: "{count} de hilos", other: "{count} hilos" },
  "status.threads-because": "{threads} ({reason})",
  "status.relaxed": "SIMD relajado",
  "status.simd128": "SIMD128",
  "status.isolated": "aislada de otros orígenes",
  "status.not-isolated": "sin aislar de otros orígenes",
  "status.memory": "{size} de memoria",
  "status.reader-loading": "cargando el lector de texto",
  "status.reader-ready": "lee texto",
  "stats.none": "Las cifras aparecerán aquí cuando el modelo se haya cargado.",
  "threads.not-isolated": "el servidor no envía las cabeceras que necesitan los hilos (COOP, COEP)",
  "threads.as-asked": "como se ha pedido",
  "threads.one-a-core": "uno por núcleo",
  "threads.not-started": "no se han podido iniciar los hilos auxiliares",

  // What went wrong
  "error.bad-argument": "{name} debe ser uno de {expected}; es {value}.",
  "error.image-tokens-wrong": "Estas imágenes se escriben con {count} veces el token {token}, ni más ni menos.",
  "error.weight-name-invalid": "{name} no es el nombre de un archivo .gguf ni .safetensors.",
  "error.revision-invalid": "{revision} no es el nombre de una rama, una etiqueta o un commit.",
  "error.address-not-a-model": "{url} no es la dirección de un modelo: debería ser {hub}/PROPIETARIO/NOMBRE.",
  "error.bad-question": "La pregunta debe ser texto.",
  "error.question-empty": "Escriba una pregunta, por favor.",
  "error.question-too-long":
    "La pregunta es demasiado larga: este modelo lee como máximo {limit} tokens, unas {words} palabras.",
  "error.chat-refused": "El modelo no acepta esta conversación: {reason}.",
  "error.chat-text-only": "Este modelo solo responde preguntas sobre texto, no sobre imágenes.",
  "error.image-missing": "Elija primero una imagen, por favor.",
  "error.image-unsupported": "{model} solo lee texto; pregunte sin imagen.",
  "error.tower-misfit": "{model} solo lee texto: la torre de visión (mmproj) que la acompaña es de otro modelo.",
  "error.tower-missing":
    "{model} solo ve imágenes con su torre de visión: un archivo mmproj junto a él, o indicado por su nombre.",
  "error.image-file-too-large":
    "El archivo de imagen tiene {megabytes} MB; como máximo valen {limit} MB. Elija uno más pequeño.",
  "error.image-empty": "El archivo de imagen está vacío. Elija otro.",
  "error.image-unknown-type":
    "Este archivo no es una imagen que se pueda leer. Use un archivo PNG, JPEG, WebP, GIF, BMP o AVIF.",
  "error.image-lfs-pointer":
    "El archivo de imagen solo contiene un puntero de Git LFS: ejecute git lfs pull donde está y vuelva a intentarlo.",
  "error.image-unreadable": "La imagen está dañada y no se puede leer. Elija otra.",
  "error.image-too-large": "La imagen tiene {megapixels} megapíxeles; como máximo valen {limit}. Redúzcala primero.",
  "error.image-far-too-large": "La imagen tiene muchos más de los {limit} megapíxeles posibles. Redúzcala primero.",
  "error.image-side-too-long":
    "La imagen tiene {width} × {height} píxeles; como máximo valen {limit} píxeles por lado. Redúzcala primero.",
  "error.image-svg": "Los dibujos SVG no tienen píxeles que mirar. Use un archivo PNG, JPEG, WebP, GIF, BMP o AVIF.",
  "error.image-without-pixels": "La imagen no tiene píxeles.",
  "error.json-invalid": "El {file} del modelo no es un objeto JSON.",
  "error.part-list-invalid": "La lista de partes {url} no es válida.",
  "error.architecture-unknown": "Los modelos de tipo {model_type} no son compatibles; sí lo son: {supported}.",
  "error.config-invalid": "La configuración del modelo no se puede usar: {reason}.",
  "error.unsure-invalid":
    "El campo unsure de generation_config.json necesita below, un número de 0 a 2, y answer, un texto.",
  "error.naming-invalid":
    "El campo naming de generation_config.json necesita below, sure, likely y guessed, de 0 a 1, y class_names.json un nombre para cada clase.",
  "error.requests-invalid":
    "El campo requests de generation_config.json necesita made_for, que puede ser la palabra pictures.",
  "error.tokenizer-invalid": "El tokenizer.json del modelo no se puede usar: {reason}.",
  "error.tokenizer-unsupported": "El {field} del tokenizador no es compatible: solo lo es BPE a nivel de bytes.",
  "error.jinja2-missing": "Las conversaciones de este modelo necesitan un paquete que falta: jinja2.",
  "error.template-missing": "La carpeta del modelo no tiene plantilla de chat.",
  "error.template-invalid": "La plantilla de chat marca {found} de {images} imágenes.",
  "error.chat-template-not-text": "La plantilla de chat del modelo no es un texto.",
  "error.chat-template-invalid": "La plantilla de chat del modelo no se puede usar: {reason}.",
  "error.chat-template-endless": "La plantilla de chat del modelo no se puede usar: es demasiado larga o no termina.",
  "error.weights-invalid": "El archivo de pesos no tiene una cabecera válida; está dañado o no es un archivo {format}.",
  "error.weights-truncated":
    "El archivo de pesos acaba dentro de su cabecera; está dañado o no es un archivo {format}.",
  "error.weights-header-too-long":
    "El archivo de pesos tiene una cabecera de más de {limit} bytes; está dañado o no es un archivo {format}.",
  "error.weights-name-twice": "El archivo de pesos contiene {name} dos veces; está dañado o no es un archivo {format}.",
  "error.weights-bytes-left":
    "El archivo de pesos tiene {bytes} bytes que no son de ningún tensor; está dañado o no es un archivo safetensors.",
  "error.tensor-invalid":
    "El archivo de pesos describe mal el tensor {tensor}; está dañado o no es un archivo {format}.",
  "error.tensor-in-two-files": "Dos de los archivos de pesos del modelo contienen un tensor {tensor}.",
  "error.index-invalid": "El model.safetensors.index.json del modelo no es un índice válido de archivos safetensors.",
  "error.index-wrong": "El índice del modelo y su archivo de pesos {file} no coinciden en el tensor {tensor}.",
  "error.gguf-version-unsupported": "La versión {version} de GGUF no es compatible; lo son la 2 y la 3, little-endian.",
  "error.gguf-split": "El modelo GGUF está dividido en varios archivos y no están todos aquí.",
  "error.gguf-files-wrong":
    "Un modelo GGUF es un modelo de texto y, para imágenes, un archivo mmproj del mismo modelo.",
  "error.gguf-widths-differ": "Los dos archivos GGUF no son partes de un mismo modelo: sus anchuras difieren.",
  "error.gguf-not-for-images": "El modelo de texto GGUF no tiene token <image>: no es para imágenes.",
  "error.gguf-architecture-unknown":
    "Los archivos GGUF de tipo {architecture} no son compatibles; sí lo son: {supported}.",
  "error.gguf-metadata-invalid": "En el archivo GGUF falta {key}, o no se puede usar.",
  "error.gguf-metadata-unsupported": "Los archivos GGUF cuyo {key} es {value} no son compatibles.",
  "error.gguf-tokenizer-unsupported":
    "El tokenizador de este archivo GGUF ({model}, {pre}) no es compatible: solo BPE a nivel de bytes, como en SmolLM2.",
  "error.gguf-tensor-unknown": "El tensor {tensor} no es de ninguna arquitectura compatible en archivos GGUF.",
  "error.weights-missing": "A los pesos del modelo les falta el tensor {tensor}.",
  "error.weights-unsupported":
    "El tensor {tensor} está guardado como {dtype}, que no es compatible; sí lo son: {supported}.",
  "error.weights-misfit": "Los pesos del modelo no encajan con su configuración: {op} de {shapes}.",
  "error.logits-wrong": "Los pesos del modelo dan {found} logits, no {expected}.",
  "error.weights-not-finite": "Los pesos contienen valores que no son números finitos.",
  "error.tensor-not-finite": "El tensor {tensor} contiene valores que no son números finitos.",
  "error.tensor-shape-wrong":
    "El tensor {tensor} tiene la forma {shape}, que no encaja con la configuración del modelo.",
  "error.tensor-size-wrong": "El tensor {tensor} contiene {found} números; deberían ser {expected}.",
  "error.tensor-planes-wrong": "El tensor {tensor} no consta de dos planos del mismo tamaño.",
  "error.tensor-groups-wrong": "El tensor {tensor} no es ni q4 ni q2: los tamaños no encajan.",
  "error.quantized-otherwise":
    "El modelo se cuantizó con {method}, que no es compatible: use el original o un archivo GGUF.",
  "error.quantization-missing": "Esta carpeta de modelo no contiene pesos {quantization}.",
  "error.model-not-found":
    "No hay ningún modelo {source}: indique un repositorio de Hugging Face (propietario/nombre), una URL o archivos.",
  "error.model-incomplete": "El modelo {model} no tiene el archivo {file}.",
  "error.weights-file-missing": "El modelo no tiene model.safetensors ni ningún archivo GGUF.",
  "error.vision-tower-alone": "{file} es la torre de visión de un modelo: indique el archivo del propio modelo.",
  "error.lfs-pointer":
    "El archivo {file} solo contiene un puntero de Git LFS: ejecute git lfs pull donde está y vuelva a intentarlo.",
  "error.file-too-large": "{file} supera los {limit} bytes que puede tener.",
  "error.not-loaded": "El modelo aún no está cargado.",
  "error.reader-unavailable":
    "No se ha podido cargar el lector de texto. Compruebe la conexión, cierre otras pestañas y vuelva a preguntar.",
  "error.url-invalid": "{url} no es una URL válida.",
  "error.rate-limited": "{host} pide ir más despacio. Vuelva a intentarlo dentro de unos minutos.",
  "error.download-failed": "No se ha podido descargar {url}: el servidor ha respondido {status}.",
  "error.download-cut-off":
    "La descarga de {url} se ha interrumpido. Compruebe la conexión y vuelva a intentarlo para seguir desde ahí.",
  "error.download-range-wrong": "{url} ha llegado de otra posición que la pedida. Vuelva a intentarlo más tarde.",
  "error.checksum-mismatch": "{file} ha llegado dañado, o ha cambiado en su servidor. Cargue el modelo de nuevo.",
  "error.repository-not-found":
    "No hay ningún repositorio {repository}: compruebe el nombre. Si es privado, indique un token.",
  "error.repository-gated":
    "{repository} es un repositorio de acceso restringido: pida acceso en su página e indique después un token de su cuenta.",
  "error.token-without-access":
    "El token no tiene acceso a {repository}: pídalo en la página del repositorio con la cuenta del token.",
  "error.token-invalid": "El token no es válido. Cree uno nuevo en https://huggingface.co/settings/tokens.",
  "error.revision-not-found": "{repository} no tiene ninguna rama, etiqueta ni commit {revision}.",
  "error.hub-answer-invalid": "{hub} ha respondido con algo que no es una lista de los archivos de {repository}.",
  "error.out-of-memory":
    "Este dispositivo no ha dado memoria para otros {megabytes} MB. Cierre otras pestañas o programas, o use un modelo más pequeño.",
  "error.model-too-large": "{model} necesita {megabytes} MB; como máximo valen {limit} MB. Use un modelo más pequeño.",
  "error.quantization-too-large":
    "{model} necesita {megabytes} MB en {quantization}; como máximo valen {limit} MB. Cárguelo en {smaller}: así necesita {smaller_megabytes} MB.",
  "error.resample-unsupported": "El filtro de remuestreo {filter} no es compatible.",
  "error.bad-address": "Un búfer de los kernels está fuera de su memoria.",
  "error.cancelled": "La respuesta se ha detenido.",
  "error.image-canvas-altered":
    "Este navegador altera las imágenes antes de que una página pueda leerlas. Permita a esta página leer el canvas, o use otro navegador.",
  "error.image-changed":
    "El archivo de la imagen ha cambiado en el disco, o se ha movido, desde que se eligió. Elíjalo de nuevo.",
  "error.history-picture-gone": "Esta imagen aún no se había guardado. Elija de nuevo su archivo.",
  "error.image-not-blob": "La imagen debe ser un Blob o un File.",
  "error.host-unreachable":
    "No se ha podido contactar con {host}, o no deja que esta página lo lea. Compruebe la conexión.",
  "error.size-unknown": "{host} no dice qué tamaño tiene {file}, así que no se puede cargar.",
  "error.model-download-failed": "No se ha podido descargar el modelo. Compruebe la conexión y recargue la página.",
  "error.model-file-short": "Un archivo del modelo es más corto de lo que dice su cabecera.",
  "error.dropped-file-missing": "Falta {file}: suelte juntos todos los archivos del modelo.",
  "error.dropped-file-unreadable":
    "{file} ha cambiado en el disco, o se ha movido, desde que se eligió. Elíjalo de nuevo.",
  "error.load-cancelled": "Se ha detenido la carga del modelo.",
  "error.model-in-use": "Una parte del modelo está en uso: espere a que se cargue, o cierre la pestaña que lo carga.",
  "error.page-download-failed":
    "No se ha podido descargar el archivo {file} de la página. Compruebe la conexión y recargue la página.",
  "error.page-part-missing":
    "No se ha podido cargar esta parte de la página. Compruebe la conexión e inténtelo de nuevo.",
  "error.page-file-wrong":
    "El servidor ha enviado {type} en lugar del archivo {file} de la página. Suba todos los archivos de la página, o indique en baseURL dónde están.",
  "error.python-failed": "No se ha podido iniciar Python en este navegador. Recargue la página.",
  "error.simd-missing":
    "Este navegador no puede ejecutar WebAssembly SIMD. Use una versión actual de Chrome, Edge, Firefox o Safari.",
  "error.memory-refused": "A este dispositivo le queda muy poca memoria. Cierre otras pestañas y recargue.",
  "error.engine-header-missing":
    "{file} ha llegado sin la cabecera {header}, así que el motor no puede iniciarse. Recargue la página; si no basta, su servidor debe enviarla.",
  "error.engine-elsewhere":
    "Los navegadores solo inician el motor desde el servidor de esta página, no desde {origin}. Ponga allí los archivos de tinyvlm.js.",
  "error.policy-too-strict":
    "La Content-Security-Policy de esta página no deja iniciar el motor. Debe decir {directive}.",
  "error.worker-refused": "El navegador no inicia el motor: {reason}.",
  "error.message-lost": "Se ha perdido un mensaje al motor. Vuelva a intentarlo o recargue la página.",
  "error.request-unsendable":
    "Esta pregunta, su imagen o sus opciones no se pueden enviar al motor. Use datos simples.",
  "error.engine-stopped": "El motor se detuvo antes de responder. Pregunte de nuevo.",
  "error.engine-restarted": "El motor se ha iniciado de nuevo. Pregunte otra vez.",
  "error.engine-failing":
    "El motor se detiene una y otra vez en este dispositivo. Cierre otras pestañas y recargue la página.",
  "error.disposed": "Este TinyVLM ya se ha cerrado.",
  "error.internal": "Algo ha fallado dentro del motor. Vuelva a intentarlo o recargue la página.",
  "error.history-unavailable":
    "Este navegador no guarda el historial de esta página (¿una ventana privada?): las conversaciones duran hasta que se cierre la página.",
  "error.history-blocked":
    "Una versión anterior de esta página en otra pestaña ocupa el historial. Ciérrela y recargue esta para guardar conversaciones.",
  "error.history-newer":
    "Una versión más nueva de esta página se ha hecho cargo del historial. Recargue esta para guardar conversaciones.",
  "error.history-full":
    "No hay espacio para guardar más conversaciones. Elimine algunas; hasta entonces duran hasta que se cierre la página.",
  "error.archive-foreign": "{name} no es un historial exportado desde esta página.",
  "error.archive-damaged": "{name} está dañado y no se ha importado nada. Expórtelo de nuevo.",
  "error.archive-newer":
    "{name} se exportó con una versión más nueva de esta página. Recargue esta e inténtelo de nuevo.",
  "error.archive-too-large": "{name} tiene {megabytes} MB en una pieza; funcionan como mucho {limit} MB.",
  "error.choice-unwritable": "El modelo no puede escribir la respuesta posible {choice}.",
  "error.choices-too-long":
    "Las respuestas posibles son demasiado largas: los textos de este modelo tienen como mucho {limit} tokens.",
  "error.constraint-impossible": "Este modelo no tiene ningún token con el que la respuesta pueda continuar.",
  "error.storage-full":
    "No hay bastante espacio para guardar el modelo: está cargado, pero se descargará de nuevo la próxima vez.",
  "error.storage-missing":
    "Este navegador no guarda archivos para esta página (¿una ventana privada?): el modelo se descargará de nuevo la próxima vez.",
  "error.not-kept":
    "El servidor no distingue las versiones de este modelo, así que se descargará de nuevo la próxima vez.",
  "error.few-bits": "Cuatro bits por peso perjudican mucho a un modelo tan pequeño. Cárguelo en 8 bits (q8) si cabe.",
  "error.connection-lost": "Se ha perdido la conexión. La descarga seguirá en cuanto vuelva.",
};
