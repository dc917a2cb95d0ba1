"""Whatever stands where a document says when it was published, what it is called and how it is
written: it is read, or refused with a code, through to the rows of the tables.
"""

import json
from datetime import UTC, date, datetime
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.archive import provenance
from flows.errors import LakeError, NotThePage
from flows.fetch.responses import retry_after
from flows.files import json_value
from flows.moments import YEARS
from flows.parse.bulletin import read_all
from flows.publish.publish import _made
from flows.sources.feed_xml import read_items
from flows.sources.folder import date_in_name
from flows.validate.gate import validate
from schemas.parsed import parsed
from schemas.records import Archived, Document, Reading
from schemas.registry import load_registry
from tests.tries import tries

NOW = datetime(2023, 10, 10, 9, 30, tzinfo=UTC)
LIST = "tanks 4,829 (+6), aircraft 315 (+0), helicopters 316 (+0), artillery systems 6,713 (+7)"
TEXT = f"Day 594, October 10, 2023: {LIST}"

TIMES = st.one_of(
    st.sampled_from(
        (
            *("0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-12:00", "0001-01-01", "9999-12-31"),
            *(
                "-0001-01-01T00:00:00Z",
                "10000-01-01",
                "2023-10-10T24:00:00",
                "20231010",
                "2023-W41",
            ),
            *("Fri, 31 Dec 9999 23:59:59 -1200", "Mon, 01 Jan 0001 00:00:00 +0200", "0", "1e400"),
            *("2023-10-10T09:00:00+99:99", "2023-10-10T09:00:00+23:59", "٢٠٢٣-١٠-١٠", "NaN", " "),
            *(
                "Tue, 10 Oct 2023 09:00:00 +9999",
                "9" * 5000,
                "Day " * 2000,
                "2023-10-10T09:00\ud800",
            ),
        )
    ),
    st.datetimes().map(datetime.isoformat),
    st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
    st.text(max_size=40),
)
NUMBERS = st.one_of(
    st.integers(),
    st.integers(10**18, 10**22),
    st.sampled_from((2**63, -(2**63) - 1, 10**4000, 593, 594)),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TIMES),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


def through(content: str, media_type: str = "text/html", on: date | None = None) -> None:
    """Read a document and make its rows, with no guard around: nothing may raise."""
    document = Document("any", "u", content.encode("utf-8", "surrogatepass"), media_type, on)
    bulletins = read_all(document)
    assert bulletins
    for bulletin in bulletins:
        assert bulletin.accepted == (bulletin.reason_code is None)
        assert bulletin.title is None or isinstance(bulletin.title, str)
        assert bulletin.published_at is None or bulletin.published_at.year in YEARS
        json.dumps(json_value(parsed(bulletin)), allow_nan=False, default=str)
    READINGS.extend(Reading(Archived(document, NOW), bulletin) for bulletin in bulletins)


READINGS: list[Reading] = []
"""What the tests of this file have read; the last of them makes the gate and the tables of it."""


@pytest.mark.slow
@settings(max_examples=tries(50))
@given(time=TIMES, title=TIMES, place=st.sampled_from(("modified", "published", "item", "time")))
def test_any_attribute_of_a_page(time: str, title: str, place: str) -> None:
    value = escape(time)
    element = {
        "modified": f'<meta property="article:modified_time" content="{value}">',
        "published": f'<meta property="article:published_time" content="{value}">',
        "item": f'<meta itemprop="datePublished" content="{value}">',
        "time": f'<time datetime="{value}">then</time>',
    }[place]
    name = escape(title)
    through(f"<html><head>{element}<title>{name}</title></head><h1>{name}</h1><p>{TEXT}</p></html>")
    through(f"<html><head>{element}</head><p>{LIST}</p></html>")


@settings(max_examples=tries(25))
@given(
    charset=st.sampled_from(
        (
            *(
                "undefined",
                "idna",
                "punycode",
                "unicode_escape",
                "utf-7",
                "hex",
                "rot13",
                "x-nothing",
            ),
            *("mbcs", "utf-16", "utf-32", "aliases", "..", "x-mac-cyrillic", "windows-1251"),
        )
    )
    | st.text("abcdefghijklmnopqrstuvwxyz-_.0123456789", min_size=1, max_size=60),
    header=st.text(max_size=20),
)
def test_any_charset(charset: str, header: str) -> None:
    page = f'<meta charset="{charset}"><p>\udcff {TEXT}'
    content = page.encode("utf-8", "surrogateescape")
    for media_type in ("text/html", f"text/html; charset={charset}", f"text/html; {header}"):
        assert read_all(Document("any", "u", content, media_type))


@pytest.mark.slow
@settings(max_examples=tries(50))
@given(title=VALUES, published=VALUES, key=st.sampled_from(("text", "html")), body=VALUES)
def test_any_value_of_a_json_text(title: object, published: object, key: str, body: object) -> None:
    for text in (TEXT, LIST, body):
        record = {key: text, "title": title, "published": published}
        through(json.dumps(record), "application/json")


@pytest.mark.slow
@settings(max_examples=tries(60))
@given(
    day=TIMES | st.just("2023-10-10") | VALUES,
    number=VALUES | st.just(594),
    tank=VALUES,
    more=st.dictionaries(st.text(max_size=300), VALUES, max_size=3),
)
def test_any_value_of_a_record(day: object, number: object, tank: object, more: object) -> None:
    extra = more if isinstance(more, dict) else {}
    record = {"date": day, "day": number, "tank": tank, "APC": 100, **extra}
    through(json.dumps([record, {"date": "2023-10-09", "tank": 1}]), "application/json")
    answer = {"date": day, "war_day": number, "stats": {"tanks": tank, **extra}, "increase": extra}
    through(json.dumps({"data": {"records": [answer, record, tank]}}), "application/json")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 20, "9" * 5000])
def test_numbers_that_json_does_not_have(value: str) -> None:
    for key in ("tank", "day", "date", "other"):
        through(f'[{{"date": "2023-10-10", "tank": 7, "{key}x": {value}}}]', "application/json")
        through(f'[{{"date": "2023-10-10", "{key}": {value}, "APC": 7}}]', "application/json")


@pytest.mark.parametrize("depth", [10, 59, 61, 984, 5000, 100_000])
def test_any_depth(depth: int) -> None:
    nested = "[" * depth + "]" * depth
    through(f'[{{"date": "2023-10-10", "tank": {nested}}}]', "application/json")
    through(f'{{"text": "{TEXT}", "title": {nested}}}', "application/json")
    through(nested, "application/json")
    through('{"a":' * depth + "1" + "}" * depth, "application/json")


def test_a_key_that_stands_twice_is_no_other_figure() -> None:
    for twice, refused in (('"tank": 5', True), ('"tank": 4', False)):
        content = f'[{{"date": "2023-10-10", "tank": 4, "APC": 9, {twice}}}]'.encode()
        (bulletin,) = read_all(Document("any", "u", content, "application/json"))
        assert (bulletin.reason_code == "broken_json") is refused


@settings(max_examples=tries(40))
@given(time=TIMES, name=TIMES, text=st.sampled_from((TEXT, LIST, "")))
def test_any_time_of_a_post(time: str, name: str, text: str) -> None:
    post = (
        f'<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" '
        f'data-post="{escape(name)}"><div class="tgme_widget_message_text">{text}</div>'
        f'<a class="tgme_widget_message_date"><time datetime="{escape(time)}"></time></a>'
        "</div></div>"
    )
    through(f"<html><body>{post * 2}</body></html>")


@settings(max_examples=tries(50))
@given(time=TIMES, link=TIMES)
def test_any_time_of_a_feed_costs_its_item_alone(time: str, link: str) -> None:
    first = "https://outlet.example/1"
    good = f"<item><link>{first}</link><pubDate>Tue, 10 Oct 2023 09:00:00 GMT</pubDate></item>"
    odd = f"<item><link>{escape(link)}</link><pubDate>{escape(time)}</pubDate></item>"
    feed = f"<rss><channel>{good}{odd}{good}</channel></rss>".encode("utf-8", "replace")
    try:
        items = read_items(feed, "https://outlet.example/feed")
    except NotThePage as error:
        said = str(error)
        assert "not well-formed" in said or "invalid" in said
    else:
        assert [item.link for item in items].count(first) >= 2
        assert all(i.published_at is None or i.published_at.year in YEARS for i in items)


@settings(max_examples=tries(40))
@given(time=TIMES)
def test_any_time_of_a_header_or_a_name(time: str) -> None:
    seconds = retry_after(time, NOW)
    assert seconds is None or seconds >= 0
    day = date_in_name(f"losses-{time}.txt")
    assert day is None or day.year in YEARS


@pytest.mark.parametrize("day", [date.min, date.max, date(2022, 2, 24)])
def test_any_date_of_publication(day: date) -> None:
    for text in (TEXT, LIST, "Losses as of 9 May: " + LIST, "over the past day, 31.12: " + LIST):
        through(text, "text/plain", day)


@pytest.mark.parametrize(
    "text",
    [
        *(f"As of October 10, 2023 {n} {LIST}" for n in ("5 million " * 300, "5 thousand " * 900)),
        "As of 9999-12-31 " + LIST,
        "On 31 December 9999, over the past day: " + LIST,
        "As of 0001-01-01 " + LIST,
        "Day " + "9" * 300 + ", " + LIST,
        "million " * 3000 + LIST,
        "one million two " * 2000 + LIST,
        TEXT + " \ud800 " + "\ud800" * 500,
    ],
)
def test_words_that_repeat_and_dates_at_the_ends_of_the_calendar(text: str) -> None:
    through(text, "text/plain")


RECORD: dict[str, object] = {
    "source": "outlet",
    "url": "https://outlet.example/1",
    "redirects": [],
    "media_type": "text/html",
    "published_on": None,
    "fetched_at": "2023-10-10T06:00:00+00:00",
    "archived_at": "2023-10-10T06:00:00+00:00",
    "sha256": "0" * 64,
    "size": 7,
    "status": 200,
    "request_headers": {},
    "response_headers": {},
    "tool_version": "1",
    "sightings": [],
}


@pytest.mark.slow
@settings(max_examples=tries(100))
@given(key=st.sampled_from(sorted(RECORD)), value=VALUES)
def test_any_value_of_a_provenance_record_is_taken_as_it_should_be_or_damage(
    key: str, value: object
) -> None:
    try:
        record = provenance.load(json.dumps(RECORD | {key: value}).encode(), "here")
    except LakeError as error:
        assert "here" in str(error)  # noqa: PT017  most values are none, some are
    else:
        assert provenance.load(provenance.dump(record), "again") == record


@pytest.mark.parametrize(
    "changes",
    [
        *({"source": name} for name in (None, 7, True, 1.5)),
        *({"sha256": name} for name in (None, 7, True, 1.5)),
        *({"archived_at": time} for time in ("2023-10-10T06:00:00", "0001-01-01T00:00:00+02:00")),
        *({"size": size} for size in (-1, True, "7", 1.5, None)),
    ],
)
def test_odd_provenance_is_damage(changes: dict[str, object]) -> None:
    with pytest.raises(LakeError):
        provenance.load(json.dumps(RECORD | changes).encode(), "here")


@pytest.mark.parametrize("content", [b"[" * 100_000, b"{}", b"null", b"\xff", b"", b'{"a":' * 9000])
def test_what_is_no_provenance_is_damage(content: bytes) -> None:
    with pytest.raises(LakeError):
        provenance.load(content, "here")


@pytest.mark.slow
def test_the_gate_and_the_tables_take_all_that_was_read() -> None:
    """Of everything that the tests above have read, in one go as a run does."""
    verdicts = validate(READINGS, registry=load_registry(), today=date(2023, 10, 10))
    assert not [v for v in verdicts if v.reason_code == "reader_error"]
    _made(verdicts)
