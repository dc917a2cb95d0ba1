"""What every language says of a number: that it is fewer, that it has risen, that it is no loss."""

import pytest

from flows.parse.items.deltas import read_delta
from flows.parse.items.earlier import without_earlier
from flows.parse.items.numbers import number_words, numbers
from flows.parse.lexicon.lexicon import Lexicons
from flows.parse.lexicon.matches import LexiconMatches, find_matches, words_of
from flows.parse.losses import says_lost
from flows.parse.text.normalize import normalize
from schemas.languages import load_languages
from schemas.registry import load_registry

LEXICONS = Lexicons(load_registry())

FEWER = {
    "ar": "(أقل من أمس بـ 2)",
    "az": "(dünənki gündən 2 az)",
    "bg": "(с 2 по-малко от вчера)",
    "cs": "(o 2 méně než včera)",
    "de": "(2 weniger als am Vortag)",
    "el": "(2 λιγότερα από χθες)",
    "en": "(2 fewer than yesterday)",
    "es": "(2 menos que ayer)",
    "fa": "(2 کمتر از دیروز)",
    "fi": "(2 vähemmän kuin eilen)",
    "fr": "(2 de moins que la veille)",
    "hu": "(2-vel kevesebb, mint tegnap)",
    "id": "(2 lebih sedikit dari kemarin)",
    "it": "(2 in meno di ieri)",
    "ka": "(გუშინდელზე 2-ით ნაკლები)",
    "lt": "(2 mažiau nei vakar)",
    "mk": "(2 помалку од вчера)",
    "nl": "(2 minder dan gisteren)",
    "pl": "(o 2 mniej niż wczoraj)",
    "pt": "(2 a menos que ontem)",
    "ro": "(cu 2 mai puține decât ieri)",
    "ru": "(на 2 меньше, чем накануне)",
    "sk": "(o 2 menej ako včera)",
    "tr": "(düne göre 2 az)",
    "uk": "(на 2 менше, ніж напередодні)",
    "vi": "(ít hơn 2 so với hôm qua)",
    "zh": "(较前一日减少2)",
}

RISEN = {
    "ar": "ارتفعت الخسائر من 281270 إلى 281700",
    "az": "itkilər 281270-dən 281700-ə yüksəldi",
    "bg": "загубите нараснаха от 281270 на 281700",
    "cs": "ztráty vzrostly z 281270 na 281700",
    "de": "die Verluste stiegen von 281270 auf 281700",
    "el": "οι απώλειες αυξήθηκαν από 281270 σε 281700",
    "en": "losses rose from 281270 to 281700",
    "es": "las pérdidas subieron de 281270 a 281700",
    "fa": "تلفات از 281270 به 281700 افزایش یافت",
    "fi": "tappiot nousivat 281270:stä 281700:een",
    "fr": "les pertes sont passées de 281270 à 281700",
    "hu": "a veszteség 281270-ről 281700-ra nőtt",
    "id": "kerugian naik dari 281270 menjadi 281700",
    "it": "le perdite sono salite da 281270 a 281700",
    "ka": "დანაკარგი 281270-დან 281700-მდე გაიზარდა",
    "lt": "nuostoliai išaugo nuo 281270 iki 281700",
    "mk": "загубите пораснаа од 281270 на 281700",
    "nl": "de verliezen stegen van 281270 naar 281700",
    "pl": "straty wzrosły z 281270 do 281700",
    "pt": "as perdas subiram de 281270 para 281700",
    "ro": "pierderile au crescut de la 281270 la 281700",
    "ru": "потери выросли с 281270 до 281700",
    "sk": "straty vzrástli zo 281270 na 281700",
    "tr": "kayıplar 281270'den 281700'e yükseldi",
    "uk": "втрати зросли з 281270 до 281700",
    "vi": "tổn thất tăng từ 281270 lên 281700",
    "zh": "损失从281270增至281700",
}

THERE = {
    "ar": "نشرت روسيا 300000 جندي في أوكرانيا",
    "az": "Rusiya Ukraynada 300000 əsgər yerləşdirib",
    "bg": "Русия е разположила 300000 войници в Украйна",
    "cs": "Rusko má na Ukrajině 300000 vojáků",
    "de": "Russland hat 300000 Soldaten in der Ukraine",
    "el": "Η Ρωσία έχει 300000 στρατιώτες στην Ουκρανία",
    "en": "Russia has 300000 soldiers in Ukraine",
    "es": "Rusia tiene 300000 soldados en Ucrania",
    "fa": "روسیه 300000 سرباز در اوکراین مستقر کرده است",
    "fi": "Venäjä on lähettänyt 300000 sotilasta Ukrainaan",
    "fr": "La Russie a 300000 soldats en Ukraine",
    "hu": "Oroszország 300000 katonát mozgósított",
    "id": "Rusia memiliki 300000 tentara di Ukraina",
    "it": "La Russia ha 300000 soldati in Ucraina",
    "ka": "რუსეთს უკრაინაში 300000 ჯარისკაცი ჰყავს",
    "lt": "Rusija turi 300000 karių Ukrainoje",
    "mk": "Русија има 300000 војници во Украина",
    "nl": "Rusland heeft 300000 soldaten in Oekraïne",
    "pl": "Rosja ma 300000 żołnierzy na Ukrainie",
    "pt": "A Rússia tem 300000 soldados na Ucrânia",
    "ro": "Rusia are 300000 de soldați în Ucraina",
    "ru": "Россия имеет 300000 солдат в Украине",
    "sk": "Rusko má na Ukrajine 300000 vojakov",
    "tr": "Rusya Ukrayna'ya 300000 asker gönderdi",
    "uk": "Росія має 300000 солдатів в Україні",
    "vi": "Nga có 300000 binh sĩ ở Ukraine",
    "zh": "俄罗斯在乌克兰部署了300000名士兵",
}

LOST = {
    "ar": "خسرت روسيا 300000 جندي في أوكرانيا",
    "az": "Rusiya Ukraynada 300000 əsgər itirib",
    "bg": "Русия е загубила 300000 войници в Украйна",
    "cs": "Rusko ztratilo na Ukrajině 300000 vojáků",
    "de": "Russland hat 300000 Soldaten in der Ukraine verloren",
    "el": "Η Ρωσία έχει χάσει 300000 στρατιώτες στην Ουκρανία",
    "en": "Russia has lost 300000 soldiers in Ukraine",
    "es": "Rusia ha perdido 300000 soldados en Ucrania",
    "fa": "روسیه 300000 سرباز در اوکراین از دست داده",
    "fi": "Venäjä on menettänyt 300000 sotilasta Ukrainassa",
    "fr": "La Russie a perdu 300000 soldats en Ukraine",
    "hu": "Oroszország 300000 katonát veszített",
    "id": "Rusia telah kehilangan 300000 tentara di Ukraina",
    "it": "La Russia ha perso 300000 soldati in Ucraina",
    "ka": "რუსეთმა უკრაინაში 300000 ჯარისკაცი დაკარგა",
    "lt": "Rusija prarado 300000 karių Ukrainoje",
    "mk": "Русија има загубено 300000 војници во Украина",
    "nl": "Rusland heeft 300000 soldaten in Oekraïne verloren",
    "pl": "Rosja straciła 300000 żołnierzy na Ukrainie",
    "pt": "A Rússia perdeu 300000 soldados na Ucrânia",
    "ro": "Rusia a pierdut 300000 de soldați în Ucraina",
    "ru": "Россия потеряла 300000 солдат в Украине",
    "sk": "Rusko stratilo na Ukrajine 300000 vojakov",
    "tr": "Rusya Ukrayna'da 300000 asker kaybetti",
    "uk": "Росія втратила 300000 солдатів в Україні",
    "vi": "Nga đã mất 300000 binh sĩ ở Ukraine",
    "zh": "俄罗斯在乌克兰损失了300000名士兵",
}

SPELLED = {
    "ar": "أربعة آلاف وثمانمئة وثلاثة وعشرون",
    "az": "dörd min səkkiz yüz iyirmi üç",
    "bg": "четири хиляди осемстотин двадесет и три",
    "cs": "čtyři tisíce osm set dvacet tři",
    "de": "viertausendachthundertdreiundzwanzig",
    "el": "τέσσερις χιλιάδες οκτακόσια είκοσι τρία",
    "en": "four thousand eight hundred and twenty-three",
    "es": "cuatro mil ochocientos veintitrés",
    "fa": "چهار هزار و هشتصد و بیست و سه",
    "fi": "neljätuhatta kahdeksansataakaksikymmentäkolme",
    "fr": "quatre mille huit cent vingt-trois",
    "hu": "négyezer-nyolcszázhuszonhárom",
    "id": "empat ribu delapan ratus dua puluh tiga",
    "it": "quattromilaottocentoventitré",
    "ka": "ოთხი ათას რვაას ოცდასამი",
    "lt": "keturi tūkstančiai aštuoni šimtai dvidešimt trys",
    "mk": "четири илјади осумстотини дваесет и три",
    "nl": "vierduizendachthonderddrieëntwintig",
    "pl": "cztery tysiące osiemset dwadzieścia trzy",
    "pt": "quatro mil oitocentos e vinte e três",
    "ro": "patru mii opt sute douăzeci și trei",
    "ru": "четыре тысячи восемьсот двадцать три",
    "sk": "štyritisíc osemsto dvadsaťtri",
    "tr": "dört bin sekiz yüz yirmi üç",
    "uk": "чотири тисячі вісімсот двадцять три",
    "vi": "bốn nghìn tám trăm hai mươi ba",
    "zh": "四千八百二十三",
}


def looked_at(code: str, text: str) -> LexiconMatches:
    text = normalize(text)
    return find_matches(text, words_of(text, [(0, len(text))]), LEXICONS[code])


@pytest.mark.parametrize("table", [FEWER, RISEN, THERE, LOST, SPELLED])
def test_every_language_is_there(table: dict[str, str]) -> None:
    assert set(table) == set(load_languages())


@pytest.mark.parametrize("code", sorted(FEWER))
def test_fewer_than_yesterday_is_no_delta(code: str) -> None:
    """It compares two days' losses: what it takes from a total is not known."""
    matches = looked_at(code, f"4823 {FEWER[code]}")
    delta = read_delta(matches, 4, len(matches.text))
    assert delta is None or delta.value is None


@pytest.mark.parametrize("code", sorted(RISEN))
def test_of_two_numbers_the_newer_holds(code: str) -> None:
    matches = looked_at(code, RISEN[code])
    printed = list(numbers(matches, 0, len(matches.text)))
    assert [n.value for n in without_earlier(matches, printed, 0, len(matches.text))] == [281700]


@pytest.mark.parametrize("arrow", ["→", "->", "–>", "➔", "=>", " ➡️ "])
def test_an_arrow_leads_to_the_newer(arrow: str) -> None:
    matches = looked_at("en", f"4,821 {arrow} 4,823")
    printed = list(numbers(matches, 0, len(matches.text)))
    (number,) = without_earlier(matches, printed, 0, len(matches.text))
    assert (number.value, number.start, number.end) == (4823, 0, len(matches.text))


def test_an_arrow_that_is_a_bullet_joins_nothing() -> None:
    matches = looked_at("en", "➡️ 316 helicopters ➡️ 315 aircraft")
    printed = list(numbers(matches, 0, len(matches.text)))
    found = without_earlier(matches, printed, 0, len(matches.text))
    assert [number.value for number in found] == [316, 315]


@pytest.mark.parametrize(
    ("code", "text"),
    [("en", "from 10 to 15 tanks"), ("uk", "від 10 до 15 танків"), ("de", "von 10 bis 15 Panzer")],
)
def test_a_range_is_no_number(code: str, text: str) -> None:
    matches = looked_at(code, text)
    printed = list(numbers(matches, 0, len(matches.text)))
    assert [n.value for n in without_earlier(matches, printed, 0, len(matches.text))] == [None]


def said_of_300000(code: str, text: str) -> bool | None:
    matches = looked_at(code, text)
    start = matches.text.index("300000")
    return says_lost(matches, (0, len(matches.text)), (start, start + 6))


@pytest.mark.parametrize("code", sorted(THERE))
def test_who_is_there_is_not_lost(code: str) -> None:
    assert said_of_300000(code, THERE[code]) is False


@pytest.mark.parametrize("code", sorted(LOST))
def test_who_is_lost_is_told_so(code: str) -> None:
    assert said_of_300000(code, LOST[code]) is True


@pytest.mark.parametrize("code", sorted(SPELLED))
def test_a_number_in_words_is_read_whole_or_not_at_all(code: str) -> None:
    matches = looked_at(code, f"{SPELLED[code]} tank")
    found = [number.value for number in number_words(matches, 0, len(matches.text))]
    assert found == ([] if code == "zh" else [4823])


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        ("en", "seven thousand and five", 7005),
        ("en", "four thousand, eight hundred and twenty-three", 4823),
        ("en", "four thousand 823", 4823),
        ("en", "two hundred eighty-one thousand seven hundred", 281700),
        ("en", "one million two hundred thousand three hundred", 1200300),
        ("en", "five two", None),
        ("en", "four thousand, eighty-two", None),
        ("en", "seven thousand two thousand", None),
        ("en", "twenty a day", 20),
        ("fr", "mille quarante et un", 1041),
        ("uk", "двадцять за п'ять днів", 20),
        ("id", "seribu lima ratus tiga puluh", 1530),
        ("ro", "două sute optzeci și unu de mii șapte sute", 281700),
        ("vi", "bảy nghìn lẻ năm", 7005),
        ("tr", "bin beş yüz", 1500),
    ],
)
def test_words_that_follow_each_other_are_one_number(
    code: str, text: str, value: int | None
) -> None:
    matches = looked_at(code, f"{text} tank")
    found = next(number_words(matches, 0, len(matches.text)))
    assert found.value == value
    assert (found.problem is None) == (value is not None)


@pytest.mark.parametrize(
    ("text", "value"),
    [("4 thousand eight hundred twenty-three", 4823), ("5·152", 5152), ("5⋅152", 5152),
     ("5•152", None), ("5*152", None), ("4.8 thousand", 4800)],
)  # fmt: skip
def test_digits_and_words_are_one_number(text: str, value: int | None) -> None:
    matches = looked_at("en", f"{text} tanks")
    assert next(iter(numbers(matches, 0, len(matches.text)))).value == value
