// The few words that the element says by itself, in the language of the text around it.

/**
 * @typedef {object} Words
 * @property {string} image  stands for the image where the page has not described it
 * @property {string} choose
 * @property {string} question
 * @property {string} ask
 * @property {string} stop
 * @property {string} loading
 * @property {string} answering
 * @property {string} stopped
 * @property {string} draft
 */

/** @type {Readonly<Record<string, Words>>} */
export const WORDS = Object.freeze({
  en: {
    image: "The image that is asked about",
    choose: "Choose an image",
    question: "Question about the image",
    ask: "Ask",
    stop: "Stop",
    loading: "Loading the model…",
    answering: "Answering…",
    stopped: "Stopped.",
    draft: "A draft: the model is not here as a whole yet. Ask again for its exact answer.",
  },
  es: {
    image: "La imagen sobre la que se pregunta",
    choose: "Elegir una imagen",
    question: "Pregunta sobre la imagen",
    ask: "Preguntar",
    stop: "Detener",
    loading: "Cargando el modelo…",
    answering: "Respondiendo…",
    stopped: "Detenido.",
    draft: "Un borrador: el modelo aún no ha llegado entero. Pregunta otra vez para la respuesta exacta.",
  },
  fr: {
    image: "L’image sur laquelle porte la question",
    choose: "Choisir une image",
    question: "Question sur l’image",
    ask: "Demander",
    stop: "Arrêter",
    loading: "Chargement du modèle…",
    answering: "Réponse en cours…",
    stopped: "Arrêté.",
    draft: "Un brouillon : le modèle n’est pas encore là en entier. Redemandez pour la réponse exacte.",
  },
  de: {
    image: "Das Bild, nach dem gefragt wird",
    choose: "Bild auswählen",
    question: "Frage zum Bild",
    ask: "Fragen",
    stop: "Anhalten",
    loading: "Das Modell wird geladen…",
    answering: "Die Antwort kommt…",
    stopped: "Angehalten.",
    draft: "Ein Entwurf: Das Modell ist noch nicht ganz da. Für die genaue Antwort noch einmal fragen.",
  },
  ja: {
    image: "質問の対象となる画像",
    choose: "画像を選ぶ",
    question: "画像についての質問",
    ask: "質問する",
    stop: "停止",
    loading: "モデルを読み込んでいます…",
    answering: "回答しています…",
    stopped: "停止しました。",
    draft: "下書きの回答です。モデルの読み込みがまだ終わっていません。正確な回答は、もう一度質問してください。",
  },
  zh: {
    image: "所询问的图片",
    choose: "选择图片",
    question: "关于图片的问题",
    ask: "提问",
    stop: "停止",
    loading: "正在加载模型…",
    answering: "正在回答…",
    stopped: "已停止。",
    draft: "这是草稿：模型尚未完全加载。请再问一次以获得准确的回答。",
  },
});

/**
 * @param {Element} element
 * @returns {{locale: string, words: Words}}  of the nearest `lang` around it, else of the browser; English where that
 *   is not among them
 */
export function wordsFor(element) {
  const around = element.closest("[lang]")?.getAttribute("lang");
  const locale = around || navigator.language;
  const words = WORDS[locale.split("-")[0].toLowerCase()];
  return words ? { locale, words } : { locale: "en", words: WORDS.en };
}
