"""Extract: from the bytes of a document to its text, lines and table cells kept apart."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import detect_encoding
from resiliparse.parse.html import HTMLTree

from flows.extract.json_text import decoded_json
from flows.extract.limits import MAX_BESIDE, check_markup, composed, unformatted
from flows.extract.multi_day import Contents, channel, day_blocks, is_channel, of_json
from flows.extract.passages import marked, unmarked
from flows.extract.prefilter import may_hold_bulletin
from flows.extract.refusal import NotABulletin
from flows.fetch.blocked_page import what_instead
from flows.moments import in_utc, iso_moment
from schemas.codes import Reason
from schemas.languages import load_other_languages
from schemas.records import Document, Page

MAX_BYTES = 10 * 1024 * 1024
"""The largest document that is read: news pages have some 50 kB."""

LONGEST_TITLE = 1_000
"""Characters of a title that are kept; the longest headlines have some 200."""

MAX_CHARACTERS = 400_000
MAX_DIGITS = 20_000
"""The longest text that is read; a month of bulletins has some 4,000 digits."""

MAX_RAW_CHARACTERS = 2_000_000
"""A longer text is not cleaned: what is left out of it, such as blanks, is no more than a part."""

_SHORT = 4_000
"""A document up to here is read without a first look: that would save nothing."""

_WALLS = (b"aptcha", b"challenge", b"ookie", b"robot")
_LONGEST_WALL = 60_000
"""What walls name, cheap to find, and how long their pages are: that of a captcha is 19 kB."""

_BESIDE = ["nav", "aside", "footer", "form", "button"]
"""What a page has around its article; never part of a bulletin."""

_BESIDE_TAG = re.compile(rf"<(?:{'|'.join(_BESIDE)})", re.IGNORECASE)

_INVISIBLE = re.compile(
    "[\u0640\u064b-\u065f\u0670\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""Tatweel and Arabic vowel signs, soft hyphens, zero-width and bidirectional marks."""

_ASCII = bytes(range(128))
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))

_CHARSET = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
"""`charset=windows-1251` in a header or `content`, `<meta charset="utf-8">`."""

_NO_CHARSETS = re.compile(r"undefined|idna|punycode|utf.?7|(raw.)?unicode.escape", re.IGNORECASE)
"""What Python decodes, and no page is written in: some of it decodes nothing, or slowly."""

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|p|div|br|ul|li|table|article)\b", re.IGNORECASE)
"""A tag that HTML begins with or is full of: servers and files call HTML plain text."""

_JSON = re.compile(r"\s*(?:\[\s*)?\{\s*\"")
"""How JSON begins that a server calls plain text."""

_BLANKS = re.compile(r"[^\S\n]{40,}")
"""No label and its number are this far apart; such runs make patterns slow."""

_LONG_RUNS = tuple((blank, blank * 8) for blank in " \t\u00a0\u3000")
"""Cheap to look for: a run of 40 blanks has nearly always eight of a kind side by side."""

_CONTROLS = bytes((*range(9), 11, *range(14, 32)))
"""What stands in no text: control characters; and U+FFFD, for what could not be decoded."""

_NOISE = 20
"""One strange character in so many is a damaged text; more are binary data."""

_BEGINNING = 4096
"""In so many characters or bytes a page names its charset and shows what it is."""

_TIMES = (
    (("article:modified_time",), "meta[property='article:modified_time']", "content"),
    (("article:published_time",), "meta[property='article:published_time']", "content"),
    (("datePublished",), "meta[itemprop='datePublished']", "content"),
    (("<time", "<TIME"), "time[datetime]", "datetime"),
)
"""What a page has where it says its time, cheap to find; the element, and its attribute."""

_LANGUAGE = re.compile(r"<html\b[^>]*\blang\s*=\s*[\"']?([a-z]{2})\b", re.IGNORECASE)
"""The language that a page names for itself."""

_H1 = ("<h1", "<H1")
"""Pages without one of these have no heading to look for."""


def extract(document: Document, *, whole: bool = False) -> Page:
    """Return the readable text of a document, its title and its time of publication.

    Letters are composed (NFC); zero-width and bidirectional marks, Arabic vowel signs and tatweels
    are left out, long runs of blanks are shortened; offsets of figures point into the result.
    Menus, sidebars and footers are left out unless the `whole` page is asked for. What was a link,
    a heading, a quote, a list, a caption or a box of other pages is kept in `passages`. Raises
    NotABulletin, with what it is instead, for an empty, binary, PDF or oversized document.
    """
    return contents(document, whole=whole).page


def contents(document: Document, *, whole: bool = False) -> Contents:
    """Return what `extract` does, with the parts of a document that holds many days.

    Raises NotABulletin as `extract` does.
    """
    text = _decoded(document)
    if "json" in document.media_type or _JSON.match(text):
        return _from_json(text, whole)
    if is_channel(text):
        return channel(text, _cleaned)
    # A few lines are read anyhow: they may leave out what a whole bulletin never does.
    if len(text) > _SHORT and not may_hold_bulletin(text):
        raise _without_list(document, text[:_BEGINNING])
    if "html" in document.media_type or _MARKUP.search(text[:_BEGINNING]):
        page = _from_html(text, whole)
    else:
        page = Page(_cleaned(text))
    return Contents(page, day_blocks(page.text))


def _without_list(document: Document, beginning: str) -> NotABulletin:
    """Return the refusal of a page without any word of a list: a wall, perhaps, and no article.

    One that says that it is in a language which is not read may be a bulletin all the same.
    """
    named = _LANGUAGE.search(beginning)
    if named and (other := load_other_languages().get(named[1].lower())):
        sentence = f"not the bulletin: its language, {other.name}, is none that Tallybook reads"
        return NotABulletin(Reason.LANGUAGE_UNSUPPORTED, sentence)
    content = document.content
    may_be_wall = len(content) <= _LONGEST_WALL and any(name in content for name in _WALLS)
    wall = may_be_wall and what_instead(content, document.media_type, may_hold_bulletin)
    if wall:
        return NotABulletin(Reason.BLOCKED_PAGE, f"not the bulletin: {wall}, no article")
    sentence = "not the bulletin: no word of a list of losses stands in the text"
    return NotABulletin(Reason.NO_LIST, sentence)


def _decoded(document: Document) -> str:
    content = document.content
    if len(content) > MAX_BYTES:
        size, most = len(content) // (1024 * 1024), MAX_BYTES // 1024 // 1024
        raise NotABulletin(Reason.TOO_LARGE, f"not a bulletin: {size} MB, more than {most} MB")
    if content.startswith(b"%PDF"):
        raise NotABulletin(
            Reason.PDF, "not a bulletin: a PDF; give its text or the web page instead"
        )
    text = _decode(content, document.media_type)
    beginning = text[:_BEGINNING]
    if _strange(beginning) * _NOISE > len(beginning):
        raise NotABulletin(Reason.BINARY, "not a bulletin: binary data, not a text")
    if not text.strip():
        raise NotABulletin(Reason.EMPTY, "not a bulletin: the document is empty")
    return text


def _strange(text: str) -> int:
    """Return how many characters of a text stand in no text."""
    encoded = text.encode("utf-8", "replace")
    return len(encoded) - len(encoded.translate(None, _CONTROLS)) + text.count("\ufffd")


def _decode(content: bytes, media_type: str) -> str:
    """Decode by byte order mark, then as UTF-8, then by header or meta, then by detection."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\x00" in content:
        raise NotABulletin(Reason.BINARY, "not a bulletin: binary data, not a text")
    for encoding in _encodings(content, media_type):
        try:
            return content.decode(encoding)
        except (LookupError, ValueError):
            continue
    return _detected(content)


def _encodings(content: bytes, media_type: str) -> Iterator[str]:
    """Yield UTF-8, which nothing else passes for, and what header and page declare."""
    yield "utf-8-sig"
    header = media_type[:_BEGINNING].encode("utf-8", "replace")
    for declared in _CHARSET.finditer(header + b" " + content[:_BEGINNING]):
        name = declared[1].decode("ascii")
        if not _NO_CHARSETS.fullmatch(name):
            yield name


def _detected(content: bytes) -> str:
    encoding = detect_encoding(content) or "windows-1252"
    if encoding == "utf-8":  # It is not, as we know by now; a second opinion, for it is slower.
        from charset_normalizer import from_bytes

        best = from_bytes(content).best()
        encoding = best.encoding if best else "windows-1252"
    try:
        return content.decode(encoding, errors="replace")
    except LookupError:  # an encoding of the web that Python does not have
        return content.decode("windows-1252", errors="replace")


def _cleaned(text: str) -> str:
    """Return the text cleaned. Raises NotABulletin where it is too long for an article."""
    if len(text) > MAX_RAW_CHARACTERS:
        raise _too_long(len(text), MAX_RAW_CHARACTERS, "characters")
    encoded = text.encode("utf-8", "ignore")
    if not text.isascii():
        text = composed(text)
        if _INVISIBLE.search(encoded.translate(None, _ASCII).decode()):  # the rest is soon seen
            text = _INVISIBLE.sub("", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("**", "")  # Markdown
    if any(blank in text and run in text for blank, run in _LONG_RUNS):
        text = _BLANKS.sub(" ", text)
    digits = len(encoded.translate(None, _NO_DIGITS))
    if len(text) > MAX_CHARACTERS:
        raise _too_long(len(text), MAX_CHARACTERS, "characters")
    if digits > MAX_DIGITS:
        raise _too_long(digits, MAX_DIGITS, "digits")
    return text


def _too_long(count: int, most: int, what: str) -> NotABulletin:
    return NotABulletin(
        Reason.TOO_LARGE, f"not a bulletin: {count:,} {what}, more than the {most:,} that are read"
    )


def _from_html(markup: str, whole: bool) -> Page:
    check_markup(markup)
    tree = HTMLTree.parse(marked(unformatted(markup)))
    printed = extract_plain_text(
        tree,
        preserve_formatting=True,
        list_bullets=False,
        alt_texts=False,
        skip_elements=[] if whole else _BESIDE,
    )
    text, passages = unmarked(_cleaned(printed))
    return Page(text, _title(tree, markup), _published(tree, markup), passages)


def may_hold_more(document: Document) -> bool:
    """Whether what stands beside the article of a page, in menus and sidebars, may be a bulletin.

    Raises NotABulletin as `extract` does.
    """
    text = _decoded(document)
    if "json" in document.media_type or _JSON.match(text):
        return True
    check_markup(text)
    if not _BESIDE_TAG.search(text):
        return False
    body = HTMLTree.parse(unformatted(text)).body
    # As a slice: to step through the list itself costs the length of the list at each step.
    beside = body.query_selector_all(", ".join(_BESIDE))[:] if body else ()
    looked_at = 0
    for element in beside:
        inner = element.text or ""
        looked_at += len(inner)
        # Elements inside each other have the same text again and again.
        if may_hold_bulletin(inner) or looked_at > MAX_BESIDE:
            return True
    return False


def _title(tree: HTMLTree, markup: str) -> str | None:
    body = tree.body if any(map(markup.__contains__, _H1)) else None
    heading = body.query_selector("h1") if body else None
    title = (heading.text if heading else "") or tree.title or ""
    return " ".join(unmarked(_cleaned(title))[0].split())[:LONGEST_TITLE] or None


def _published(tree: HTMLTree, markup: str) -> datetime | None:
    """Return when the page says it was last changed or published, in UTC."""
    for cues, selector, attribute in _TIMES:
        if not any(cue in markup for cue in cues) or not tree.document:
            continue
        element = tree.document.query_selector(selector)
        moment = in_utc(iso_moment(element.getattr(attribute, ""))) if element else None
        if moment:
            return moment
    return None


def _well_formed(value: object) -> str:
    """Return a text without halves of surrogate pairs, which JSON can hold and no parser takes."""
    return str(value).encode("utf-8", "replace").decode()


def _from_json(text: str, whole: bool) -> Contents:
    """Read many days, or {"text" or "html", "title", "published"}: the shape of `--jsonl`."""
    record: Any = decoded_json(text)
    if days := of_json(record):
        return days
    if not isinstance(record, dict) or not (record.get("html") or record.get("text")):
        raise NotABulletin(
            Reason.JSON_WITHOUT_TEXT, 'not a bulletin: JSON without a "text" or "html" key'
        )
    html = record.get("html")
    page = _from_html(_well_formed(html), whole) if html else Page(_cleaned(str(record["text"])))
    named = record.get("title")
    title = named[:LONGEST_TITLE] if isinstance(named, str) and named.strip() else page.title
    published_at = in_utc(iso_moment(record.get("published"))) or page.published_at
    page = replace(page, title=title, published_at=published_at)
    return Contents(page, day_blocks(page.text))
