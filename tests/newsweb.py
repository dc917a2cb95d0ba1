"""A web archive like that of a news crawl: any number of pages, some of them bulletins.

Everything follows from the numbers that are given: the same arguments give the same bytes.
"""

import random
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

from tests import render
from tests.reference import Figures

_WORDS = {
    "en": "council budget harvest river school market minister talks energy winter train harbour "
    "film team season price road hospital island storm bank vote court study library charity "
    "thanks carrier distance importance artist panel character charge carry garden weather museum",
    "de": "Haushalt Ernte Fluss Schule Markt Gespräche Energie Winter Zug Hafen Mannschaft Preis "
    "Krankenhaus Insel Sturm Gericht Bücherei Künstler Garten Wetter Straße Brücke Gemeinde Bahn",
    "fr": "budget récolte rivière école marché ministre énergie hiver train port équipe saison "
    "prix hôpital île tempête tribunal musée jardin chargé caractère charité artiste commune",
    "es": "presupuesto cosecha río escuela mercado ministro energía invierno tren puerto equipo "
    "precio hospital isla tormenta tribunal museo jardín carretera carrera artículo artista barrio",
    "pl": "budżet zbiory rzeka szkoła rynek minister energia zima pociąg port drużyna sezon cena "
    "szpital wyspa burza sąd muzeum ogród droga artysta artykuł gmina kolej biblioteka wybory",
    "uk": "бюджет врожай річка школа ринок міністр енергія зима потяг порт команда сезон ціна "
    "лікарня острів буря суд музей сад дорога художник стаття громада залізниця бібліотека вибори",
    "ru": "бюджет урожай река школа рынок министр энергия зима поезд порт команда сезон цена "
    "больница остров буря суд музей сад дорога художник статья община вокзал библиотека выборы",
    "ar": "ميزانية حصاد نهر مدرسة سوق وزير طاقة شتاء قطار ميناء فريق موسم سعر مستشفى جزيرة عاصفة",
}
_NEAR_MISSES = {
    "en": "The brigade asked for {n} more tanks and for artillery shells before the winter. A "
    "think tank counted {m} helicopters at the air show, and drones filmed old trucks.",
    "de": "Die Brigade bat um {n} Panzer und um Artillerie. Bei der Flugschau standen {m} Jets.",
    "fr": "La brigade a demandé {n} chars et des pièces d'artillerie. Au salon, {m} avions.",
    "es": "La brigada pidió {n} tanques y artillería. En la feria había {m} helicópteros.",
    "pl": "Brygada poprosiła o {n} czołgów i artylerię. Na pokazach było {m} śmigłowców.",
    "uk": "Бригада попросила ще {n} танків та артилерію. На виставці стояли {m} гелікоптери.",
    "ru": "Бригада попросила ещё {n} танков и артиллерию. На выставке стояли {m} вертолёта.",
    "ar": "طلب اللواء {n} دبابة ومدفعية. وفي المعرض {m} طائرة.",
}
_SHARES = {"en": 55, "de": 8, "fr": 7, "es": 7, "pl": 4, "uk": 7, "ru": 8, "ar": 4}
"""Pages in a hundred by language."""

_LEGACY = {"uk": "windows-1251", "ru": "windows-1251", "pl": "iso-8859-2", "de": "iso-8859-1"}
"""The old encodings of some pages."""

_SCRIPT = (
    "<script>(function(w,d){{var q=w.q{0}||[];q.push(['charCodeAt',{1}]);var s=d.createElement"
    "('script');s.async=1;s.src='https://static.outlet.example/v{0}/tag.js?k={1}';"
    "d.head.appendChild(s)}})(window,document);</script>\n"
)


@dataclass(frozen=True, slots=True)
class NewsPage:
    """A page of the crawl; `report_date` is that of the bulletin on it, None for other news."""

    url: str
    content: bytes
    content_type: str
    report_date: date | None = None


def crawl(
    count: int, series: Mapping[date, Figures] | None = None, near_misses: int = 2, seed: int = 1
) -> Iterator[NewsPage]:
    """Yield `count` pages of 5 to 50 kB, with one bulletin for each day of `series` among them.

    Of a hundred other pages so many `near_misses` speak of tanks and the like without a list.
    """
    chance = random.Random(seed)
    days = list((series or {}).items())
    places = dict(zip(sorted(chance.sample(range(count), len(days))), days, strict=True))
    for number in range(count):
        if number in places:
            yield _bulletin(number, *places[number], chance)
        else:
            yield _news(number, chance, chance.randrange(100) < near_misses)


def write_warc(path: Path, pages: Iterable[NewsPage]) -> None:
    """Write the pages as a crawler does: a request and a response each, gzipped one by one.

    A path that ends in ".warc" is written without compression.
    """
    with path.open("wb") as file:
        stream = GzipWriter(file, compression_level=6) if path.suffix == ".gz" else file
        for page in pages:
            for kind, http in _exchange(page):
                _record(kind, page.url, http).write(stream)
                if isinstance(stream, GzipWriter):
                    stream.finish()


def _exchange(page: NewsPage) -> Iterator[tuple[WarcRecordType, bytes]]:
    yield WarcRecordType.request, b"GET / HTTP/1.1\r\nUser-Agent: crawler\r\n\r\n"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {page.content_type}\r\nServer: web\r\n\r\n"
    yield WarcRecordType.response, head.encode() + page.content


def _record(kind: WarcRecordType, url: str, http: bytes) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(kind, f"urn:example:{kind}:{zlib.crc32(url.encode())}".encode())
    record.headers["WARC-Target-URI"] = url
    record.headers["WARC-Date"] = "2024-01-01T00:00:00Z"
    record.headers["Content-Type"] = f"application/http; msgtype={kind}"
    record.set_bytes_content(http)
    return record


def _news(number: int, chance: random.Random, near_miss: bool) -> NewsPage:
    language = chance.choices(list(_SHARES), list(_SHARES.values()))[0]
    paragraphs = chance.choices(_paragraphs(language), k=chance.randint(4, 24))
    if near_miss:
        numbers = {"n": chance.randint(2, 90), "m": chance.randint(2, 40)}
        paragraphs.insert(2, f"<p>{_NEAR_MISSES[language].format(**numbers)}</p>\n")
    return _page(number, language, "".join(paragraphs), chance)


def _bulletin(number: int, report_date: date, figures: Figures, chance: random.Random) -> NewsPage:
    form = chance.choice(render.FORMS)
    style = render.Style(markup=chance.choice(render.MARKUPS[1:]))
    text = render.render(form, report_date, figures, style)
    inner = text[text.index("<h1>") : text.index("</body>")]
    language = render.language(form)
    talk = "".join(chance.choices(_paragraphs(language), k=chance.randint(0, 6)))
    page = _page(number, language, inner + talk, chance)
    return replace(page, report_date=report_date)


def _page(number: int, language: str, inner: str, chance: random.Random) -> NewsPage:
    encoding = _LEGACY.get(language, "") if chance.randrange(8) == 0 else ""
    scripts = "".join(
        _SCRIPT.format(n, chance.randrange(10**6)) for n in range(chance.randint(5, 60))
    )
    markup = (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="{encoding or "utf-8"}">'
        f"<title>CellHistory {number} &#8211; The Outlet</title>{scripts}</head><body>"
        f"{_menu(chance.randint(5, 120))}<article>{inner}</article>"
        f"<footer>&copy; 2024 The Outlet &#8211; {number}</footer></body></html>"
    )
    return NewsPage(
        url=f"https://outlet-{number % 97}.example/{language}/story-{number}",
        content=markup.encode(encoding or "utf-8", "xmlcharrefreplace"),
        content_type=f"text/html; charset={encoding}" if encoding else "text/html",
    )


@cache
def _menu(items: int) -> str:
    links = (f'<li class="m"><a href="/s/{n}?ref=menu">Section {n}</a></li>' for n in range(items))
    return f"<nav><ul>{''.join(links)}</ul></nav>\n"


@cache
def _paragraphs(language: str) -> Sequence[str]:
    """Some hundred paragraphs of words that mean nothing."""
    chance, words = random.Random(language), _WORDS[language].split()
    return [
        "<p>" + " ".join(_sentence(words, chance) for _ in range(chance.randint(3, 8))) + "</p>\n"
        for _ in range(300)
    ]


def _sentence(words: Sequence[str], chance: random.Random) -> str:
    chosen = chance.choices(words, k=chance.randint(7, 18))
    if chance.randrange(4) == 0:
        chosen.insert(chance.randrange(7), str(chance.randint(2, 30_000)))
    return " ".join(chosen).capitalize() + "."
