"""Every fault of a server that we know: each has its named outcome, within the time of a page."""

import gzip
import time
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from flows.errors import SourceError
from flows.settings import SourceConfig
from schemas.codes import Outcome
from tests.fetching import fetcher
from tests.webserver import Answer, Site, drip, hang_up, page, raw, redirect, running, silence

CONFIG = SourceConfig(
    "outlet",
    "article",
    connect_timeout=1,
    read_timeout=0.3,
    deadline=0.8,
    retry_delays=(0.0,),
    interval=0,
)
PATIENT = replace(CONFIG, connect_timeout=60, read_timeout=60, deadline=600)
"""For what a server answers at once, however busy the machine is."""

SECONDS = 120.0
"""Far more than the deadline: what takes as long hangs."""

BODY = b"<html><body><p>" + b"An article with enough words to be one. " * 10 + b"</p></body></html>"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
WHOLE = OK + b"Content-Length: %d\r\n" % len(BODY)
UNREACHABLE, NOT_THE_PAGE, REFUSED = Outcome.UNREACHABLE, Outcome.NOT_THE_PAGE, Outcome.REFUSED
FINE, TOO_LARGE = Outcome.OK, Outcome.TOO_LARGE


def packed(content: bytes, encoding: str = "gzip") -> Answer:
    return page(content, headers={"Content-Encoding": encoding})


def status(code: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return page(b"", status=code, headers=named)


HTTP: dict[str, tuple[Answer, Outcome]] = {
    "nothing": (raw(b""), UNREACHABLE),
    "noise": (raw(b"\x00\xff\x16\x03\x01" * 40), UNREACHABLE),
    "a body alone": (raw(BODY), UNREACHABLE),
    "a status of letters": (raw(b"HTTP/1.1 abc OK\r\n\r\n"), UNREACHABLE),
    "a status of two digits": (raw(b"HTTP/1.1 99 OK\r\n\r\n"), UNREACHABLE),
    "a status of four digits": (raw(b"HTTP/1.1 2000 OK\r\n\r\n"), UNREACHABLE),
    "a version of another century": (raw(b"HTTP/9.9 200 OK\r\n\r\n"), NOT_THE_PAGE),
    "a length below zero": (raw(OK + b"Content-Length: -5\r\n\r\n" + BODY), UNREACHABLE),
    "a length of letters": (raw(OK + b"Content-Length: long\r\n\r\n" + BODY), UNREACHABLE),
    "a length of 400 digits": (
        raw(OK + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n"),
        UNREACHABLE,
    ),
    "two lengths": (raw(WHOLE + b"Content-Length: 3\r\n\r\n" + BODY), UNREACHABLE),
    "a header without a colon": (raw(WHOLE + b"nothing here\r\n\r\n" + BODY), UNREACHABLE),
    "a header with a zero byte": (raw(WHOLE + b"X: a\x00b\r\n\r\n" + BODY), UNREACHABLE),
    "a header without a name": (raw(WHOLE + b": value\r\n\r\n" + BODY), UNREACHABLE),
    "a header of 300 kB": (raw(WHOLE + b"X: " + b"a" * 300_000 + b"\r\n\r\n" + BODY), UNREACHABLE),
    "20,000 headers": (raw(WHOLE + b"X-Y: z\r\n" * 20_000 + b"\r\n" + BODY), UNREACHABLE),
    "headers that never end": (drip(), UNREACHABLE),
    "a body that never ends": (drip(OK + b"\r\n"), UNREACHABLE),
    "a body that is cut off": (page(BODY, claimed_length=len(BODY) + 9), UNREACHABLE),
    "a chunk without a size": (raw(OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"), UNREACHABLE),
    "a chunk below zero": (raw(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc"), UNREACHABLE),
    "a chunk cut off": (raw(OK + b"Transfer-Encoding: chunked\r\n\r\n50\r\nabc"), UNREACHABLE),
    "a chunk of any size": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 60 + b"\r\nabc"),
        UNREACHABLE,
    ),
    "an unknown transfer encoding": (raw(OK + b"Transfer-Encoding: rot13\r\n\r\n"), UNREACHABLE),
    "chunks that never end": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", again=0.02),
        UNREACHABLE,
    ),
    "going on for ever": (raw(b"HTTP/1.1 100 Continue\r\n\r\n", again=0.02), UNREACHABLE),
    "another protocol": (
        raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        UNREACHABLE,
    ),
    "a hang-up": (hang_up, UNREACHABLE),
    "silence": (silence, UNREACHABLE),
    "gzip cut off": (packed(gzip.compress(BODY)[:-9]), UNREACHABLE),
    "gzip with more behind": (packed(gzip.compress(BODY) + b"more"), UNREACHABLE),
    "gzip that is none": (packed(BODY), UNREACHABLE),
    "gzip of any size": (packed(gzip.compress(b"a" * 40_000_000)), TOO_LARGE),
    "a page of any size": (page(b"a" * 3_000_000), TOO_LARGE),
    "brotli": (packed(BODY, "br"), NOT_THE_PAGE),
    "deflate": (packed(BODY, "deflate"), NOT_THE_PAGE),
    "gzip twice": (packed(gzip.compress(gzip.compress(BODY)), "gzip, gzip"), NOT_THE_PAGE),
    "204": (status(204), NOT_THE_PAGE),
    "206": (status(206), NOT_THE_PAGE),
    "300": (status(300), NOT_THE_PAGE),
    "304 that nobody asked for": (status(304), NOT_THE_PAGE),
    "400": (status(400), NOT_THE_PAGE),
    "401": (status(401), REFUSED),
    "402": (status(402), NOT_THE_PAGE),
    "403": (status(403), REFUSED),
    "404": (status(404), NOT_THE_PAGE),
    "410": (status(410), NOT_THE_PAGE),
    "418": (status(418), NOT_THE_PAGE),
    "429": (status(429), REFUSED),
    "429 for 400 digits of seconds": (status(429, Retry_After="9" * 400), REFUSED),
    "429 until the year 9999": (
        status(429, Retry_After="Fri, 31 Dec 9999 23:59:59 GMT"),
        REFUSED,
    ),
    "429 until no date": (status(429, Retry_After="Fri, 99 Foo 0000 99:99:99 +9999"), REFUSED),
    "451": (status(451), REFUSED),
    "500": (status(500), UNREACHABLE),
    "503": (status(503), UNREACHABLE),
    "503 until the year 1": (
        status(503, Retry_After="Mon, 01 Jan 0001 00:00:00 +0200"),
        UNREACHABLE,
    ),
    "520": (status(520), UNREACHABLE),
    "a redirect to nowhere": (status(302), NOT_THE_PAGE),
    "a redirect to itself": (redirect("/fault"), NOT_THE_PAGE),
    "an empty redirect": (redirect(""), NOT_THE_PAGE),
    "a redirect to a script": (redirect("javascript:alert(1)"), NOT_THE_PAGE),
    "a redirect to a file": (redirect("file:///etc/passwd"), NOT_THE_PAGE),
    "a redirect to ftp": (redirect("ftp://outlet.example/"), NOT_THE_PAGE),
    "a redirect with a password": (redirect("http://a:b@outlet.example/"), NOT_THE_PAGE),
    "a redirect to half an address": (redirect("http://[::1"), NOT_THE_PAGE),
    "a redirect without a host": (redirect("http://"), NOT_THE_PAGE),
    "a redirect to port 0": (redirect("http://outlet.example:0/"), NOT_THE_PAGE),
    "a redirect to port 99999": (redirect("http://outlet.example:99999/"), NOT_THE_PAGE),
    "a redirect to this machine": (redirect("http://127.0.0.2:9/"), NOT_THE_PAGE),
    "a redirect by NAT64": (redirect("http://[64:ff9b::7f00:1]:9/"), NOT_THE_PAGE),
    "a redirect by 6to4": (redirect("http://[2002:7f00:1::1]:9/"), NOT_THE_PAGE),
    "a redirect to a number": (redirect("http://2130706433:9/"), NOT_THE_PAGE),
    "40 kB of ?": (redirect("/?" + "?" * 40_000), NOT_THE_PAGE),
    "a redirect of escapes": (raw(b"HTTP/1.1 302 F\r\nLocation: /\x1b[2J\r\n\r\n"), NOT_THE_PAGE),
    "a PDF": (page(BODY, content_type="application/pdf"), NOT_THE_PAGE),
    "a video": (page(BODY, content_type="video/mp4"), NOT_THE_PAGE),
    "a type of 50 kB": (page(BODY, content_type="x/" + "y" * 50_000), NOT_THE_PAGE),
    "an empty page": (page(b""), NOT_THE_PAGE),
    "a page of blanks": (page(b" \n" * 9_000), NOT_THE_PAGE),
    "an empty shell": (page(b"<html><div id=app></div><script>x()</script>"), NOT_THE_PAGE),
    "a shell that is not closed": (page(b"<script>" + b"x" * 9_000), NOT_THE_PAGE),
    "a login": (page(b"<p>" + b"words " * 40 + b"<input type=password>"), NOT_THE_PAGE),
    "<input that never ends": (page(b"words " * 40 + b"<input " * 8_000), FINE),
    "a character of 5,000 digits": (page(BODY + b"&#" + b"9" * 5_000 + b";"), FINE),
    "a charset that is none": (page(BODY, content_type="text/html; charset=undefined"), FINE),
    "1,000 cookies": (
        raw(
            WHOLE
            + b"Set-Cookie: a=b; Expires=Fri, 31 Dec 9999 99:99:99 GMT\r\n" * 90
            + b"\r\n"
            + BODY
        ),
        FINE,
    ),
    "a cookie that is none": (page(BODY, headers={"Set-Cookie": ";;=;\x01" * 50}), FINE),
    "an ETag of 9 kB": (page(BODY, headers={"ETag": '"' * 9_000}), FINE),
    "a date that is none": (page(BODY, headers={"Last-Modified": "never"}), FINE),
}
"""Answers in place of a page."""

ROBOTS: dict[str, tuple[Answer, Outcome]] = {
    "for nobody": (page(b"User-agent: *\nDisallow: /\n"), REFUSED),
    "in trouble": (status(503), UNREACHABLE),
    "rate limited": (status(429), REFUSED),
    "silent": (silence, UNREACHABLE),
    "without an end": (drip(OK + b"\r\n"), UNREACHABLE),
    "noise": (page(b"\x00\xff\xfe" * 9_000), FINE),
    "one line of 400 kB": (page(b"Disallow: /" + b"*a" * 200_000), FINE),
    "40,000 rules": (page(b"User-agent: *\n" + b"Disallow: /*x*y*z$\n" * 20_000), FINE),
    "a delay that is no number": (page(b"User-agent: *\nCrawl-delay: nan\n"), FINE),
    "a delay without end": (page(b"User-agent: *\nCrawl-delay: inf\n"), FINE),
    "a delay below zero": (page(b"User-agent: *\nCrawl-delay: -5\n"), FINE),
    "a delay of 1e400": (page(b"User-agent: *\nCrawl-delay: 1e400\n"), FINE),
    "a loop": (redirect("/robots.txt"), FINE),
    "elsewhere": (redirect("http://127.0.0.2:9/robots.txt"), NOT_THE_PAGE),
    "too large": (page(b"# " + b"a" * 3_000_000), TOO_LARGE),
    "a hang-up": (hang_up, UNREACHABLE),
}
"""Answers in place of a robots.txt."""


@pytest.fixture(scope="module")
def server() -> Iterator[Site]:
    with running() as started:
        yield started


@pytest.fixture
def asked(server: Site) -> Callable[[Answer, Answer, Outcome], Outcome]:
    """Return what asks for a page below a robots.txt, and says how that ended."""

    def ask(answer: Answer, robots: Answer, expected: Outcome) -> Outcome:
        config = CONFIG if expected is UNREACHABLE else PATIENT
        url = server.serve("/fault", answer)
        server.serve("/robots.txt", robots)
        started = time.monotonic()
        with fetcher(cap=2**20, sleep=lambda _: None) as fetch:
            try:
                page = fetch(config, url)
            except SourceError as error:
                said, outcome = str(error), error.outcome
            else:
                said, outcome = "", Outcome.OK
                assert page.content
        assert said.isprintable()
        assert len(said) < 1_500
        assert time.monotonic() - started < SECONDS
        return outcome

    return ask


@pytest.mark.parametrize("name", HTTP)
def test_a_fault_of_a_page(asked: Callable[[Answer, Answer, Outcome], Outcome], name: str) -> None:
    answer, outcome = HTTP[name]
    assert asked(answer, status(404), outcome) is outcome


@pytest.mark.parametrize("name", ROBOTS)
def test_a_fault_of_a_robots_txt(
    asked: Callable[[Answer, Answer, Outcome], Outcome], name: str
) -> None:
    robots, outcome = ROBOTS[name]
    assert asked(page(BODY), robots, outcome) is outcome


def test_there_are_enough_of_them() -> None:
    assert len(HTTP) + len(ROBOTS) >= 100
