"""A fuzz of everything that comes from outside: `python -m tests.fuzz SECONDS`, or `make fuzz`.

Whatever is done to the bytes of a document, a feed, a web archive or a file of sources, what reads
them gives an answer or an error with a name: no traceback, no JSON that is none, no mistake that
the guard of a document had to catch. A failure names the kind and the seed, which bring it back.
"""

import json
import logging
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from flows.archive import provenance, warc_file
from flows.archive.store import Archive
from flows.cli.parse import results
from flows.errors import LakeError, SourceError, UsageError
from flows.extract.prefilter import may_hold_bulletin
from flows.fetch.blocked_page import what_instead
from flows.files import json_text
from flows.parse.explain import explain
from flows.parse.reader import DocumentReader
from flows.redact import visible
from flows.settings import parse_sources
from flows.sources import kind_of, warc
from flows.sources.feed_xml import read_items
from schemas.codes import Reason
from schemas.parsed import parsed
from schemas.records import Document
from tests import examples, newsweb, outlets
from tests.reference import Figures, Printed
from tests.test_any_metadata import RECORD

ROOT = Path(__file__).parents[1]
DAY = date(2023, 10, 9)
FIGURES: Figures = {"tanks": Printed(4823, 2), "mlrs": Printed(808, 1), "uavs": Printed(5243, 4)}
PIECES = (
    *(b"0001-01-01T00:00:00+02:00", b"9999-12-31T23:59:59-12:00", b"NaN", b"1e400", b"9" * 30),
    *(b"<", b">", b"&#", b"&#99999999999;", b'"', b"'", b"\\", b"\\ud800", b"\\u0000", b"{", b"}"),
    *(b"[" * 70, b"]", b"null", b"-1", b"\x00", b"\xff", b"\xf0\x9f", b"\r\n", b"\n\n", b"\x1b[2J"),
    *(
        "\u202e".encode(),
        "\u0316\u0301".encode() * 40,
        b"5 million ",
        b"tanks 5 ",
        b"<time datetime=",
    ),
    *(
        b"<meta charset=undefined>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
        b"&b;",
        b"<![CDATA[",
        b"<!--",
    ),
    *(
        b"Content-Length: 5\r\n",
        b"WARC/1.1\r\n",
        b"../../",
        b"= true",
        b"[a]\n",
        b"://a:b@",
        b"?token=x",
    ),
)
"""What is put in: the words of the kinds of attacks that are known."""


_COMMANDS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that may stand in no JSON that is printed."""


class Broken(AssertionError):
    """What was read ended in what it must never end in."""


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Return bytes with a few places cut, doubled, turned round or changed, or pieces put in."""
    for _ in range(rng.randint(1, 6)):
        a = rng.randrange(len(content) + 1)
        b = min(len(content), a + rng.choice((1, 2, 7, 60, 900)))
        change = rng.randrange(6)
        if change == 0:
            content = content[:a] + content[b:]
        elif change == 1:
            content = content[:b] + content[a:b] * rng.choice((1, 1, 1, 30)) + content[b:]
        elif change == 2:
            content = content[:a] + content[a:b][::-1] + content[b:]
        elif change == 3 and a < len(content):
            content = content[:a] + bytes([content[a] ^ 1 << rng.randrange(8)]) + content[a + 1 :]
        elif change == 4:
            content = content[:a]
        else:
            content = content[:a] + rng.choice(PIECES) * rng.choice((1, 1, 3)) + content[a:]
    return content


def strict(text: str) -> None:
    """Raise Broken for what a strict reader takes for no JSON, or what could command a terminal."""

    def refuse(constant: str) -> None:
        raise Broken(f"{constant} in JSON")

    json.loads(text, parse_constant=refuse)
    if _COMMANDS.search(text):
        raise Broken("a control character is printed")


def read(document: Document) -> None:
    """Read a document as a run and as `tallybook parse` do."""
    bulletins = DocumentReader().read_all(document)
    if any(bulletin.reason_code is Reason.READER_ERROR for bulletin in bulletins):
        raise Broken(str(bulletins[0].reason))
    for bulletin in bulletins:
        strict(visible(json_text(parsed(bulletin))))
    explain(document)


@cache
def _examples() -> Sequence[tuple[bytes, str]]:
    return [(path.read_bytes(), examples.MEDIA_TYPES[path.suffix]) for path in examples.paths()]


@cache
def _data() -> Sequence[bytes]:
    days = [DAY + timedelta(n) for n in range(3)]
    community = [{"date": str(day), "day": 593, "tank": 4823, "APC": 9, "drone": 7} for day in days]
    text = {"id": 1, "text": "Day 593: tanks 4823, aircraft 315, MLRS 808", "title": "t"}
    return [
        json.dumps(community).encode(),
        outlets.api_answer([outlets.api_record(day, FIGURES) for day in days]),
        json.dumps(text | {"published": "2023-10-09T09:00:00+03:00"}).encode(),
        json.dumps({"html": "<p>Day 593: tanks 4823, aircraft 315, MLRS 808</p>"}).encode(),
    ]


@cache
def _pages() -> Sequence[bytes]:
    moment = datetime.fromisoformat("2023-10-09T04:30:00+00:00")
    posts = [(n, moment + timedelta(days=n), outlets.post_text(DAY, FIGURES)) for n in range(3)]
    meta = (
        '<html><head><meta property="article:modified_time" content="2023-10-09T09:00:00+03:00">'
        '<meta charset="utf-8"><title>Losses</title></head><body><time datetime="2023-10-09">'
        "</time><h1>Day 593</h1><p>tanks 4823 (+2), aircraft 315 (+0), MLRS 808 (+1)</p></html>"
    )
    month = outlets.month_page({DAY + timedelta(n): FIGURES for n in range(3)})
    return [month, outlets.channel_page("channel", posts), meta.encode()]


FEEDS = (
    b'<?xml version="1.0" encoding="utf-8"?><rss><channel><item><title>a</title>'
    b"<link>https://outlet.example/1</link><pubDate>Mon, 09 Oct 2023 09:00:00 +0300</pubDate>"
    b"</item></channel></rss>",
    b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>b</title>'
    b'<link rel="alternate" href="/2"/><updated>2023-10-09T09:00:00Z</updated></entry></feed>',
    b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>'
    b"<loc>https://outlet.example/s.xml</loc><lastmod>2023-10-09</lastmod></sitemap></sitemapindex>",
)


@cache
def _crawl() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.warc"
        pages = [
            newsweb.NewsPage(f"https://o.example/{n}?token=x", p, "text/html")
            for n, p in enumerate(_pages())
        ]
        newsweb.write_warc(path, pages)
        return path.read_bytes()


@cache
def _export() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        archive, path = Archive(Path(folder)), Path(folder) / "a.warc"
        now = datetime.fromisoformat("2023-10-09T04:30:00+00:00")
        archive.store(
            [Document("outlet", f"{n}.html", page) for n, page in enumerate(_pages())], now
        )
        warc_file.export(archive, path)
        return path.read_bytes()


def fuzz_documents(rng: random.Random) -> None:
    """Articles of every language, as text and as HTML."""
    content, media_type = rng.choice(_examples())
    read(Document("fuzz", "u", mutated(content, rng), media_type, rng.choice((None, DAY))))


def fuzz_metadata(rng: random.Random) -> None:
    """Pages with times and titles, months and channels; and the look at what is no article."""
    content = mutated(rng.choice(_pages()), rng)
    read(Document("fuzz", "u", content, rng.choice(("text/html", "text/html; charset=utf-7"))))
    what_instead(content, "text/html", may_hold_bulletin)


def fuzz_json(rng: random.Random) -> None:
    """Data sets, answers of an API, and the lines of `parse --jsonl`."""
    content = mutated(rng.choice(_data()), rng)
    read(Document("fuzz", "u", content, "application/json"))
    lines = [*content.split(b"\n"), b'{"id": "last", "text": "a"}']
    answers = [*results(lines, None)]
    if len(answers) != sum(bool(line.strip()) for line in lines):
        raise Broken("a line has no answer")
    for answer in answers:
        strict(visible(answer))


def fuzz_feeds(rng: random.Random) -> None:
    """RSS, Atom and sitemaps."""
    try:
        read_items(mutated(rng.choice(FEEDS), rng), "https://outlet.example/feed")
    except SourceError as error:
        if not str(error).isprintable():
            raise Broken("a control character is said") from error


def fuzz_warc(rng: random.Random) -> None:
    """Web archives of a crawl, and those that Tallybook wrote."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.warc"
        path.write_bytes(mutated(_crawl(), rng))
        for found in warc.documents(path, "warc", None, None, DocumentReader()):
            if isinstance(found, Document):
                read(found)
        path.write_bytes(mutated(_export(), rng))
        try:
            warc_file.import_file(Archive(Path(folder) / "lake"), path)
        except (UsageError, LakeError) as error:
            if not str(error).isprintable():
                raise Broken("a control character is said") from error


def fuzz_provenance(rng: random.Random) -> None:
    """The records beside the documents of an archive."""
    try:
        provenance.load(mutated(json.dumps(RECORD).encode(), rng), "here")
    except LakeError as error:
        if not str(error).isprintable():
            raise Broken("a control character is said") from error


def fuzz_sources(rng: random.Random) -> None:
    """Files of sources."""
    packaged = (ROOT / "flows" / "sources" / "sources.toml").read_bytes()
    try:
        text = mutated(packaged, rng).decode("utf-8", "replace")
        for config in parse_sources(text, "sources.toml").values():
            kind_of(config).state(config)
    except UsageError:
        return


KINDS: Mapping[str, Callable[[random.Random], None]] = {
    "documents": fuzz_documents,
    "metadata": fuzz_metadata,
    "json": fuzz_json,
    "feeds": fuzz_feeds,
    "warc": fuzz_warc,
    "provenance": fuzz_provenance,
    "sources": fuzz_sources,
}


def main(seconds: float) -> None:
    """Try each kind in turn for a while, from another seed each time; print how many of each."""
    logging.getLogger("flows").addHandler(logging.NullHandler())
    first = seed = random.randrange(2**32)
    tried: Counter[str] = Counter()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for name, fuzz in KINDS.items():
            try:
                fuzz(random.Random(seed))
            except Exception:
                print(f"{name}, seed {seed}:", file=sys.stderr)
                raise
            tried[name] += 1
        seed += 1
    counts = ", ".join(f"{number:,} {name}" for name, number in tried.items())
    print(f"{counts}: no traceback, no invalid JSON, no unnamed error (from seed {first})")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
