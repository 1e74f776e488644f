"""Which language a question is in, by its letters and its commonest words; English wherever that is open.

A question may quote a foreign sign ("Where is 'rue' written?"), name foreign dishes, or be misspelled: none of that
makes it foreign. So words count on both sides, quotes on none, and a language is named only where it has more of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache

ENGLISH = "en"

_WORDS = {
    ENGLISH: "a about ad all also am an and any are as at ate auto bare barn be been behind being below ben bent best "
    "better between big bigger bin boa bra bun but by ca cam can cane car care cat chat cine color colors "
    "colour com come could count d dating day describe dice did die dies dig dim dish do doe does dog doing "
    "done dove era ever face fare fast find fine font for from front fur gi give go god going good got had "
    "halo ham has hat have hay he hear hello help hem her here hi him his how i identify if image in inside "
    "into is it its itself just kim know large largest las led left let lets lies like links list look looks "
    "lose loser m made main mal man many may me men menu met min mine mit mitt mon more most much my name nat "
    "near need never next no non noon not note notre number object objects of on one only or os other out over "
    "para people person photo picture pies please plus pod pot pour read red right s sale sang say says see "
    "seen shape show shown shows sign sin sit sits ski small so son sore star stem t tag tak take tale tell "
    "ten text than that the their them there these they thing things think this tho those ti to ton top total "
    "two under uno up ups us van very vet vi want war was we wear wearing well were what whats where which who "
    "whose why will with woman word words would write written yes yo you your",
    "de": "abend aber alle als alt am an auch auf aus bei beschreib beschreibe beschreiben bild bilde bin bist bitte "
    "da danke dann darauf das dass dein dem den der des dich die dies diese diesem diesen dieser dieses doch "
    "du ein eine einem einen einer erzähl erzähle es farbe farben foto für gedicht geht gehts gibt gut guten "
    "habe haben hallo hat heisst heißen heißt heute hilf hund hunde hunden ich ihr im in ist ja kann kannst "
    "katze kein keine kleid lies links machen machst macht mag magst mal man mann mein mich mir mit morgen "
    "muss möchte müssen nach nacht nicht noch nur oben oder rechts sag sage schild schreib schreibe sehen sehr "
    "sein sich sie siehst sieht sind soll sollte steht tag text trägt tschüss tun und uns unten unter viele "
    "vielen von vor wann war waren warum was weil welche welchem welchen welcher welches wem wen wenn wer "
    "werden wie wieviel wieviele will willst wir wird witz wo wohin würde würdest zeig zeige zu zum zähle über "
    "übersetze",
    "fr": "a aime allez alors as au aussi aux avec avez avoir avons bien blague bonjour bonsoir ce ceci cela ces "
    "cette chat chien chiens chose combien comment couleur dans de des dire dis dites du décrire décris "
    "décrivez elle elles en es est et faire fait faites femme font gens homme ici il ils image je la le les "
    "leur leurs lire lis lui là ma mais merci mes moi mon mot ne nom nombre non notre nous on ou oui où par "
    "pas peut peux photo plaît pour pourquoi pouvez qu quand que quel quelle quelles quels qui quoi raconte "
    "raconter sa sais salut sans savoir se sera ses si sommes son sont sous suis sur ta tableau te tes texte "
    "ton tous tout toute très tu un une va vais vas veux voir vois voit voiture votre voulez vous y à ça "
    "écrire écris écrit écrivez était êtes être",
    "es": "a adiós al algo aquí ayuda año bien buenas buenos carro casa chiste coche color colores como con cosa "
    "cuando cuenta cuál cuáles cuánta cuántas cuánto cuántos cuéntame cómo de del describe describir di dice "
    "dime días dónde el ella ellos en era eres es esa escribe escrito ese eso esta estar este esto está están "
    "estás favor foto fotografía fue gato gracias gusta haber hace hacer haciendo hay hola hombre hoy imagen "
    "la las lee letrero lleva lo los me mejor mi muestra mujer muy más nada niño no noche noches nombre o para "
    "pero perro perros persona personas poema por puedes puedo que quiero quién qué se ser somos son soy su sí "
    "también tardes te tengo texto tiene tienes todo todos tu tú un una uno veo ves y yo",
    "it": "al alla allora anche anno auto bambino barzelletta bene buonanotte buonasera buongiorno cane cani che chi "
    "chiami ci ciao colore colori come con conoscere cosa cose dammi de degli dei del della delle descrivere "
    "descrivi devo di dice dimmi donna dov dove e era fai fare fatto foto fotografia gatto giochiamo gli ha "
    "hai i il immagine in io la le leggi lo ma macchina mi mia mille mio molto mostra nel nella nome non oggi "
    "parlami per perché persona persone piacere più poesia posso puoi quale quali quando quanta quante quanti "
    "quanto questa queste questi questo racconta raccontami saluti salve scritto scrivi scrivimi se sei senti "
    "si siamo significa sono sta stai stato su sua sulla suo testo ti tra tu tuo tutto un una uno uomo vado "
    "vede vedi voglio vorrei è",
    "pt": "a ajuda ano anos ao as até bem boa bom cachorro cachorros carro com como conte cor cores cães cão da das "
    "de depois descreva descreve descrever dia diz dizer do dos e ela ele em escreva escreve escrito essa esse "
    "esta este está estão eu fale faz fazendo fazer foi foto gato homem há imagem isso isto já legenda leia lá "
    "mais mas me melhor mesmo meu minha mostra muito mulher na nada nas no noite nos nunca não o obrigada "
    "obrigado oi olá onde os ou para pelo pessoa pessoas piada pode poema por porque posso pouco quais qual "
    "quando quantas quanto quantos que quem quer quero se sem sempre ser seu sou sua são também tarde tem ter "
    "teu teus tu tua tuas tudo um uma vejo ver você vou vê",
    "nl": "aan af afbeelding alle als alsjeblieft auto avond bedankt ben bent beschrijf bij boven daar dag dan dank "
    "dat de deze die dit doe doei doen doet draagt een en er ergens foto gaan gaat gedicht geef goed goede "
    "goedemorgen graag grap haar hallo heb hebben heeft heet hem het hier hij hoe hoeveel hoi hond honden ik "
    "in is je jij jullie kan kat kleur kleuren kun kunnen kunt lees links maar maken man me meer met mij mijn "
    "moet moeten naam naar naast nacht niet nog of om onder ons onze ook op over rechts schrijf staan staat te "
    "tekst tel toon uit van vandaag vertel voor vrouw waar waarom waren was wat weet welk welke wie wij wil "
    "wilt woord worden wordt zal zeer zeg zegt zie zien ziet zijn zit zo zou",
    "pl": "albo ale bardzo być był była było chcesz chcę chłopiec ci co czego cześć czy czyj czym dla dlaczego do "
    "dobra dobry dobrze dzień dzisiaj dzięki dziękuję gdzie go i ile ilu imię jak jaka jaki jakie jakiego "
    "jakiej jest jestem jesteś już kiedy kim kobieta kolor koloru kot koty kto która które który lub ma masz "
    "mi moja moje może możesz mój mężczyzna na nad napis napisane napisz nazywa nazywasz nie noc o obok obraz "
    "obrazek obrazie obrazku opis opisz opowiedz osób pies po pod pokaż policz powiedz proszę przeczytaj "
    "przepraszam psy psów robi robisz robić samochodu samochód się są słychać tak tam tego tekst ten też to tu "
    "tutaj twoja twoje twój ty tylko tym w widać widzisz wieczór wiem wiersz witaj z za zdjęcia zdjęcie "
    "zdjęciu znajduje żart",
    "tr": "acaba adam adın adınız akşamlar ama anlat araba arabanın bana ben benim bir bu bugün bunu burada da daha "
    "de değil evet fotoğraf fotoğrafta fıkra geceler gibi görsel görselde görünen görüyorsun günaydın günler "
    "güzel hangi hangisi hava hayır ile istiyorum iyi için içinde kadın kaç kedi kim kimdir kişi köpek "
    "köpekler lütfen merhaba mi misin mu musun mü mı nasıl nasılsın ne neden nedir neler nerede nereye niçin o "
    "oku olan rengi renk resim resimde resmi say sağda selam sen senin solda söyle tarif teşekkür teşekkürler "
    "var ve yap yapıyor yaz yazan yazı yazıyor yok çevir çok şey şiir şu",
    "sv": "alla andra av bara barn berätta beskriv beskriva bil bild bilden bilder blev blir bra dem den denna deras "
    "det detta dikt din dina dom du efter eller en ett finns foto från färg för god gången gör göra ha hallå "
    "han har hej hejsan heter hon honom hund hundar hundarna hur i idag ingen inte jag kan katt katten kvinna "
    "kväll läs man mannen med mig min mina mitt mycket många mår måste namn natt ni någon något och också om "
    "oss på ser sitter ska skriv skulle skylten skämt snälla som står största säger så tack till tjena under "
    "upp ut vad var vara varför vem vet vi vilka vilken vilket vill är",
    "da": "af aften alle at bare beskriv bil bilen billede billedet blev den der det dig din du eller en er et farve "
    "for fortæl fra god godmorgen godt gør gøre han har hedder hej hun hund hunde hvad hvem hvilke hvilken "
    "hvilket hvis hvor hvordan hvorfor i ikke jeg kan kat katten kvinde læs mand manden mange med meget mig "
    "min mine mit nat navn nogen noget og også om os på se ser siger skal skiltet skriv som står tak til ud "
    "under var ved vi vil være",
    "nb": "alle av bare beskriv bil bilde bildet bilen ble deg den der det din du eller en er et farge for fortell "
    "fra gjør gjøre god godt han har hei heter hun hund hunder hva hvem hvilke hvilken hvilket hvis hvor "
    "hvordan hvorfor i ikke jeg kan katt katten kveld kvinne les mange mann mannen med meg meget min mine mitt "
    "morgen natt navn noe noen og også om oss på se ser sier skal skiltet skriv som står takk til under ut var "
    "ved vet vi vil være",
    "fi": "anteeksi auto auton ei että haluan hei huomenta hyvin hyvää hän ihmisiä iltaa ja joka jos kerro kiitos "
    "kirjoita kissa koira koiraa koiria kuinka kuka kun kuuluu kuva kuvaile kuvan kuvassa kuvasta lue lukee "
    "mies miksi mikä millainen milloin millä minkä minkälainen minä missä mistä mitä moi moni monta mutta myös "
    "nainen nimesi nimi näet näkyy olen olet oli on onko ovat paljon päivää runo sanoo se siinä sinä tehdä "
    "terve tuo tämä tässä vai vain vitsi voit voitko väri värinen värinä yötä",
    "cs": "ahoj ale auta auto barva barvu barvy byl byla bylo báseň být chceš chci co den dnes do dobrou dobrý dobře "
    "díky děkuji dělá děláš i jak jakou jaká jaké jaký je jen jmenuješ jméno jsem jsi jsou jste kde kdo kdy "
    "kolik kočka která které který mi moje muž má máš můj může na nad napiš napsáno nebo není noc o obraze "
    "obrázek obrázku pes podle popiš prosím proč psi psů přečti s se si tady také tam ten to tu tvoje tvůj už "
    "v velmi večer vidíš vidět vtip vím z za čeho řekni žena",
    "hu": "a akarok aki ami autó az azt be csak csinálsz de ebben egy ember estét ez ezen ezt fel férfi hogy hogyan "
    "hol hova hány is itt jó jól kell ki kik kutya kutyák kép képen képet kérlek köszi köszönöm le lesz leírás "
    "látható látsz látszik ma macska meg melyik mennyi mi mik mikor milyen mit miért mondd már nagyon napot "
    "neked nekem nem neved név nő olvasd rajta reggelt szia színű szöveg tud tudsz vagy vagyok van vannak vers "
    "verset vicc volt én és írd írj",
    "ro": "aceasta această acest acesta azi bine bun bună bărbat care ce cine cu culoare culoarea cum câine câini "
    "când cât câte câți că dar de descrie din doar era este eu există ești face faci femeie foarte fost "
    "fotografie glumă imagine imaginea imagini la mai mașina mașină mi mulțumesc noapte nu nume numele oameni "
    "pe pentru pisica pisică poate poezie pot poți sa salut scrie scris scuze se seara spune sunt suntem te "
    "text trebuie un unde vezi vreau vrei ziua în și știu",
    "vi": "bao bài bạn bức chiếc cho chào chó con cái có cảm của em giúp gì hãy hình hỏi không là làm màu mèo mô mấy "
    "người nhiêu nào này thơ trong tôi tả viết và về với xe xin đang đâu đây đó ơn ảnh",
    "id": "ada adalah akan aku anda anjing apa apakah atau bagaimana baik banyak belum berapa bisa boleh buat bukan "
    "cerita dalam dan dari dengan deskripsikan di dia foto gambar halo hari harus ini itu jelaskan juga kabar "
    "kami kamu kapan karena kasih ke kenapa kita kucing lagi lelucon maaf malam mana mengapa mereka mobil "
    "mobilnya nama namamu orang pada pagi puisi sangat saya sedang selamat siang siapa sore sudah terima tidak "
    "tolong tulis tuliskan untuk warna yang",
}
"""The words that questions about pictures are made of, for languages in Latin letters."""

_SCRIPTS = {
    "CYRILLIC": "ru",
    "GREEK": "el",
    "ARABIC": "ar",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "THAI": "th",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
}
"""The first word of a character's Unicode name."""

_MARKS = (
    (
        "zh-Hant",
        "zh",
        "這個圖嗎麼顏車幾寫說請誰樣張隻話錯讀們貓點裡畫詩來時國為過還會對開關學經種給後從問進長頭電見書門馬魚鳥買賣東動業氣當發讓應該聽認識語塊條紅綠藍與無歡愛機號網頁檢視邊數處實錢體黃",
    ),
    ("uk", "ru", ("і", "ї", "є", "ґ", "що ", "скільки", "кольор", "якого", "який", "яка ", "яке ", "вірш")),
    ("fa", "ar", "پچژگکی"),
)
"""(a language, the one whose script it shares, characters that tell it)"""

_FOLDED = str.maketrans({"ł": "l", "ı": "i", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|(?<!\w)['‘][^'‘’]*['’](?!\w)")
_WIDE = ("zh", "ja", "ko")
_WEIGHT = 2
"""A syllable or an ideogram is worth as much as so many letters of an alphabet."""


def language_of(question: str) -> str:
    """Return the ISO 639 code of one of the languages in sentences.py; "en" where none is found."""
    own_words = _QUOTED.sub(" ", question)
    by_script = _language_of_script(own_words)
    return _language_of_words(own_words) if by_script == ENGLISH else by_script


def _language_of_script(text: str) -> str:
    letters: Counter[str] = Counter()
    for character in text:
        if character.isalpha():
            script = ENGLISH if character.isascii() else unicodedata.name(character, "").partition(" ")[0]
            code = _SCRIPTS.get(script, ENGLISH)
            letters[code] += _WEIGHT if code in _WIDE else 1
    if letters["ja"]:
        letters["ja"] += letters.pop("zh", 0)
    code, count = max(letters.items(), key=lambda item: item[1], default=(ENGLISH, 0))
    if 2 * count <= letters.total():
        return ENGLISH
    for special, shared, marks in _MARKS:
        if code == shared and any(mark in text for mark in marks):
            return special
    return code


def _language_of_words(text: str) -> str:
    words = _folded(text)
    hits: Counter[str] = Counter()
    certain: set[str] = set()
    for word in words:
        languages = _languages_by_word().get(word, ())
        hits.update(languages)
        if len(word) > 1:
            certain.update(languages)
    best = max(_WORDS, key=lambda code: hits[code])
    if hits[best] <= hits[ENGLISH] or 3 * hits[best] < len(words) or best not in certain:
        return ENGLISH
    return best


def _folded(text: str) -> list[str]:
    """Return the words, small, without their marks."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    return re.findall(r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c)))


@cache
def _languages_by_word() -> dict[str, list[str]]:
    languages: dict[str, list[str]] = {}
    for code, words in _WORDS.items():
        for word in set(_folded(words)):
            languages.setdefault(word, []).append(code)
    return languages
