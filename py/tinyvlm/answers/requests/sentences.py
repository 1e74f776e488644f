"""What is said in place of an answer that a model made for pictures cannot give: one sentence a language."""

from __future__ import annotations

ABILITIES = (
    "I only answer short questions about the picture, in English: what is in it, how many, which colour, where, "
    "what it says; or I describe it."
)
GREETING = (
    "Hello, you can ask me short questions about the picture, in English: what is in it, how many, which colour, "
    "where, what it says; or I describe it."
)
THANKS = (
    "You are welcome, and can ask me more about the picture: what is in it, how many, which colour, where, what it "
    "says; or I describe it."
)

ENGLISH_ONLY = {
    "de": "Ich verstehe nur Englisch: Bitte fragen Sie auf Englisch nach dem Bild, zum Beispiel, was darauf ist, wie "
    "viele es sind, welche Farbe etwas hat, wo es ist oder was dort steht.",
    "fr": "Je ne comprends que l'anglais : posez-moi en anglais une question sur l'image, par exemple ce qu'on y voit, "
    "combien il y en a, de quelle couleur, où, ou ce qui y est écrit.",
    "es": "Solo entiendo inglés: pregúnteme en inglés por la imagen, por ejemplo qué hay en ella, cuántos, de qué "
    "color, dónde o qué dice.",
    "it": "Capisco solo l'inglese: mi faccia in inglese una domanda sull'immagine, per esempio che cosa c'è, quanti "
    "sono, di che colore, dove o che cosa c'è scritto.",
    "pt": "Só entendo inglês: pergunte-me em inglês sobre a imagem, por exemplo o que há nela, quantos, de que cor, "
    "onde ou o que está escrito.",
    "nl": "Ik begrijp alleen Engels: stel me in het Engels een vraag over de afbeelding, bijvoorbeeld wat erop staat, "
    "hoeveel, welke kleur, waar of wat er geschreven staat.",
    "pl": "Rozumiem tylko po angielsku: proszę zapytać po angielsku o obraz, na przykład co na nim jest, ile, jakiego "
    "koloru, gdzie albo co jest napisane.",
    "tr": "Yalnızca İngilizce anlıyorum: resim hakkında İngilizce sorun, örneğin içinde ne var, kaç tane, hangi renk, "
    "nerede ya da ne yazıyor.",
    "sv": "Jag förstår bara engelska: fråga mig på engelska om bilden, till exempel vad som finns på den, hur många, "
    "vilken färg, var eller vad det står.",
    "da": "Jeg forstår kun engelsk: spørg mig på engelsk om billedet, for eksempel hvad der er på det, hvor mange, "
    "hvilken farve, hvor eller hvad der står.",
    "nb": "Jeg forstår bare engelsk: spør meg på engelsk om bildet, for eksempel hva som er på det, hvor mange, "
    "hvilken farge, hvor eller hva det står.",
    "fi": "Ymmärrän vain englantia: kysy kuvasta englanniksi, esimerkiksi mitä siinä on, kuinka monta, minkä "
    "värinen, missä tai mitä siinä lukee.",
    "cs": "Rozumím jen anglicky: zeptejte se anglicky na obrázek, například co na něm je, kolik, jaké barvy, kde nebo "
    "co je tam napsáno.",
    "hu": "Csak angolul értek: kérdezzen angolul a képről, például mi van rajta, hány, milyen színű, hol, vagy mi van "
    "ráírva.",
    "ro": "Înțeleg doar engleza: întrebați-mă în engleză despre imagine, de exemplu ce este în ea, câte, ce culoare, "
    "unde sau ce scrie.",
    "vi": "Tôi chỉ hiểu tiếng Anh: hãy hỏi tôi bằng tiếng Anh về bức ảnh, ví dụ có gì, bao nhiêu, màu gì, ở đâu hoặc "
    "viết gì.",
    "id": "Saya hanya mengerti bahasa Inggris: tanyakan dalam bahasa Inggris tentang gambar, misalnya apa isinya, "
    "berapa, warna apa, di mana, atau apa tulisannya.",
    "ru": "Я понимаю только по-английски: спросите по-английски о картинке, например, что на ней, сколько, какого "
    "цвета, где или что написано.",
    "uk": "Я розумію лише англійську: запитайте англійською про зображення, наприклад, що на ньому, скільки, якого "
    "кольору, де або що написано.",
    "el": "Καταλαβαίνω μόνο αγγλικά: ρωτήστε με στα αγγλικά για την εικόνα, για παράδειγμα τι υπάρχει, πόσα, τι "
    "χρώμα, πού ή τι γράφει.",
    "ar": "أفهم الإنجليزية فقط: اسألني بالإنجليزية عن الصورة، مثلًا "
    "ماذا فيها، وكم العدد، وما اللون، وأين، وماذا كُتب فيها.",
    "fa": "من فقط انگلیسی می‌فهمم: لطفاً به انگلیسی درباره‌ی تصویر بپرسید، "
    "مثلاً چه چیزی در آن است، چند تا، چه رنگی، کجا یا چه نوشته شده است.",
    "he": "אני מבין רק אנגלית: אפשר לשאול אותי באנגלית על התמונה, למשל מה יש בה, כמה, באיזה צבע, איפה או מה כתוב.",
    "hi": "मैं केवल अंग्रेज़ी समझता हूँ: कृपया तस्वीर के बारे में अंग्रेज़ी में पूछें, जैसे उसमें क्या है, कितने हैं, कौन सा रंग है, कहाँ है या क्या लिखा है।",
    "th": "ฉันเข้าใจเฉพาะภาษาอังกฤษ โปรดถามเป็นภาษาอังกฤษเกี่ยวกับภาพ เช่น มีอะไร มีกี่อย่าง สีอะไร อยู่ที่ไหน หรือเขียนว่าอะไร",
    "zh": "我只懂英语：请用英语问有关图片的问题，例如有什么、有几个、什么颜色、在哪里、写着什么。",
    "zh-Hant": "我只懂英語：請用英語問有關圖片的問題，例如有什麼、有幾個、什麼顏色、在哪裡、寫著什麼。",
    "ja": "英語しかわからないので、画像に何があるか、いくつあるか、何色か、"
    "どこにあるか、何と書いてあるかなどを英語で聞いてください。",
    "ko": "저는 영어만 이해하니, 그림에 무엇이 있는지, 몇 개인지, 무슨 "
    "색인지, 어디에 있는지, 뭐라고 쓰여 있는지 영어로 물어보세요.",
}
"""By ISO 639 code: that English alone is understood, and what can be asked."""
