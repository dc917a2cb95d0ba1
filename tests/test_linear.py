"""Time grows with the length of what comes from outside, and no faster: twice the text, twice the
time. A quadratic expression takes four times as long; the sizes are such that it shows.
"""

import gc
import time
from collections.abc import Callable
from datetime import date

import pytest
from fastwarc.warc import WarcRecord, WarcRecordType

from flows import redact
from flows.errors import SourceError
from flows.extract.json_text import decoded_json
from flows.extract.limits import check_markup
from flows.extract.prefilter import may_hold_bulletin
from flows.extract.refusal import NotABulletin
from flows.extract.text import contents
from flows.fetch import robots, urls
from flows.fetch.blocked_page import what_instead
from flows.parse.bulletin import read_all
from flows.sources.feed_xml import read_items
from flows.sources.folder import date_in_name
from flows.sources.warc import _page
from schemas.codes import Reason
from schemas.records import Document

LIST = "Day 594, October 10, 2023: tanks 4,829 (+6), aircraft 315 (+0), artillery 6,713 (+7)"


def blocked(text: str) -> None:
    what_instead(text.encode(), "text/html", may_hold_bulletin)


def json_text(text: str) -> None:
    try:
        decoded_json(text)
    except NotABulletin:
        return


def feed(text: str) -> None:
    try:
        read_items(text.encode(), "https://outlet.example/feed")
    except SourceError:
        return


def rules(text: str) -> None:
    robots.rules(text.encode()).allow("https://outlet.example/" + "a" * 500)


def page(text: str) -> None:
    read_all(Document("outlet", "u", (text + LIST).encode(), "text/html"))


def plain_text(text: str) -> None:
    read_all(Document("outlet", "u", (LIST + "\n" + text).encode(), "text/plain"))


def turkish_text(text: str) -> None:
    said = "Ukrayna Genelkurmayına göre 9 Ekim 2023 itibarıyla Rusya kayıpları: tank 4.823 (+2)\n"
    read_all(Document("outlet", "u", (said + text).encode(), "text/plain"))


def redirected(text: str) -> None:
    try:
        urls.redirected("https://outlet.example/", text)
    except SourceError:
        return


def warc_record(text: str) -> None:
    record = WarcRecord()
    record.init_headers(WarcRecordType.response)
    record.set_bytes_content(text.encode())
    _page(record)


CASES: list[tuple[Callable[[str], object], str, int]] = [
    *(
        (redact.shown, unit, 40_000)
        for unit in ("?", "?a", "://", "@", "?a=b", "&", "#token", "a ")
    ),
    *((redact.redacted, unit, 40_000) for unit in ("?", "://a", "?x;", "/@")),
    *((redact.visible, unit, 40_000) for unit in ("\x1b", "\u202e")),
    *(
        (blocked, unit, 20_000)
        for unit in ("<input ", "<input type", "<", "<!--", "<script", "&#9")
    ),
    *((blocked, unit, 20_000) for unit in ("</script  ", "<svg>", "<input type = ", "1 ", "\xa0")),
    *((json_text, unit, 20_000) for unit in ('"', '"\\', "[", "{", '{"a":', "[1,", '"a",', "\\")),
    *((feed, f"<rss>{unit}", 9_000) for unit in ("<item>", "<a/>", "&lt;", "<!-- ", "<a b='1'")),
    *(
        (rules, unit, 4_000)
        for unit in ("Disallow: /*a*b*c\n", "User-agent: *\n", "*", "Allow: /a$\n")
    ),
    *((redirected, unit, 3_000) for unit in ("/..", "?", "//", "a.", "%", "\u00fc", "http://")),
    *((date_in_name, unit, 20_000) for unit in ("2023-", "1", "2023-10-0", "-")),
    *((warc_record, unit, 20_000) for unit in ("http/1.1 200\n", "\ncontent-type:", "\r\n ", "a")),
    *(
        (page, unit, 4_000)
        for unit in ("<p>", "</p>", "<b>", "<a><p>", "<nav>", "<button>", "<li>")
    ),
    *((page, unit, 4_000) for unit in ("<table>x", "<i><table></i>", "<h1>x", "<time datetime=x>")),
    *(
        (page, unit, 4_000)
        for unit in ("<aside>tanks</aside>", "&amp;", "&#1090;", "<!--", "<![CDATA[")
    ),
    *((plain_text, unit, 4_000) for unit in ("October ", "tanks 5 (", "(+5) ", "about 5 ", "5.5.")),
    *(
        (plain_text, unit, 4_000)
        for unit in ("5 million ", "one million ", "to 5 ", "since 24.02 ")
    ),
    *((plain_text, unit, 4_000) for unit in ("Day 594 ", "as of October 10, 2023 ", "9.10.23 ")),
    *((plain_text, unit, 4_000) for unit in ("09.10.2023\n", "09.10.2023\nA — 5\nB — 6\nC — 7\n")),
    *((plain_text, unit, 1_500) for unit in ("5\nTanks\n", "5 (+5)\nTanks\n", "5\n(+5)\nTanks\n")),
    *((turkish_text, unit, 4_000) for unit in ("5 ", "5'ten ", "tank 5 ")),
    *((plain_text, unit, 4_000) for unit in ("300,000 troops deployed ", "from 5 ", "5 → ")),
    *((plain_text, unit, 4_000) for unit in ("\t", "|", "tanks|5|", "27 drones downed a day, ")),
    *((plain_text, unit, 1_500) for unit in ("Tanks\n", "Tanks\n5\n5\n", "+5\nTanks 5\n", "+5\n")),
    *(
        (plain_text, unit, 1_500)
        for unit in ("four thousand eight ", "five thousand, ", "mille un ")
    ),
    *((plain_text, unit, 4_000) for unit in ("танків 4823, ", "坦克4823辆", "دبابة 4823، ", "1")),
    *((plain_text, unit, 4_000) for unit in ("x\u0316\u0301", "\u0316\u0301", "……", " \t", " \n")),
]


LEFT_OPEN = [
    "".join(f"<p><font c={n}>x" for n in range(7_000)),
    "".join(f"<b a={n}><div>" for n in range(4_000)) + "</b>" * 4_000,
    "".join(f"<b a={n}><div>" for n in range(90)) + "<div>" * 7_000 + "</b>" * 7_000,
    "".join(f"<tt a='{n}'/><p>x" for n in range(7_000)),
    "".join(f'<EM a=">{n}"><p>x' for n in range(5_000)),
    "".join(f"<nobr a={n}><div>" for n in range(7_000)),
    "<a href=1>" + "<div>" * 7_000 + "<a>" * 7_000,
    "".join(f"<html a{n}=1 b{n}=2>" for n in range(9_000)),
]
"""Elements that stay open, and second roots: a page of 100 kB took minutes."""


def seconds(function: Callable[[str], object], text: str) -> float:
    # What garbage collection costs depends on all else that the process holds.
    gc.disable()
    try:
        started = time.process_time()
        function(text)
        return time.process_time() - started
    finally:
        gc.enable()


@pytest.mark.slow
@pytest.mark.parametrize(("function", "unit", "times"), CASES)
def test_twice_the_text_takes_about_twice_the_time(
    function: Callable[[str], object], unit: str, times: int
) -> None:
    function(unit)
    once = seconds(function, unit * times)
    for _ in range(3):  # one of them on a machine that does nothing else at that moment
        twice = seconds(function, unit * times * 2)
        if twice < 0.4 or twice < 3 * once:
            return
    pytest.fail(f"{once:.2f} s, and {twice:.2f} s for twice as much")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ("x" + "\u0316\u0301" * 190_000 + LIST, "text/plain"),
        ("\u0316\u0301" * 380_000, "text/html"),
        ("<p " + " ".join(f"a{n}" for n in range(100_000)) + f">{LIST}", "text/html"),
        (f"<div class=tgme_widget_message_wrap>{'<p data-post=c/1>' * 2_000}{LIST}", "text/html"),
        ("as of October 10, 2023 " * 3_000 + LIST, "text/plain"),
        ("tanks " + "7" * 20_000 + " " + LIST, "text/plain"),
        ("5 million " * 30_000 + LIST, "text/plain"),
        ('[{"date": "2023-10-10", "tank": ' + "[" * 984 + "]" * 984 + "}]", "application/json"),
        ("<p>x</p>" * 100_000 + LIST, "text/html"),
        *((markup + LIST, "text/html") for markup in LEFT_OPEN),
        (" " * 3_000_000 + LIST, "text/plain"),
    ],
)
def test_the_limits_come_before_the_work(content: str, media_type: str) -> None:
    document = Document("outlet", "u", content.encode(), media_type, date(2023, 10, 10))
    read_all(Document("outlet", "u", LIST.encode()))
    started = time.process_time()
    read_all(document)
    assert time.process_time() - started < 3


@pytest.mark.parametrize("root", ["html", "BODY"])
def test_many_roots_are_too_complex(root: str) -> None:
    markup = LIST + "".join(f"<{root} a{n}=1>" for n in range(30))
    (bulletin,) = read_all(Document("outlet", "u", markup.encode(), "text/html"))
    assert bulletin.reason_code is Reason.TOO_COMPLEX
    check_markup(LIST + "<html><body>" * 9)


@pytest.mark.parametrize("name", ["b", "font", "STRONG", "nobr"])
def test_formatting_changes_no_text(name: str) -> None:
    markup = f"<p><{name} a='1'>Day 594</{name}>, <{name}>October</{name}\n> 10, 2023: tanks "
    markup += f"4,8<{name}>29</{name}/> (+6), <{name}><p>aircraft 315</{name}> (+0), MLRS 808 (+1)"
    without = markup.replace(f"<{name}", "<span").replace(f"</{name}", "</span")
    pages = [contents(Document("o", "u", m.encode(), "text/html")).page for m in (markup, without)]
    assert pages[0] == pages[1]
    assert "tanks 4,829 (+6)" in pages[0].text
