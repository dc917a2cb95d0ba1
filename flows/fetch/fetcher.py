"""Fetch pages over HTTP: politely, limited in time and size, a named error for what goes wrong."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import TracebackType

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from flows.archive.store import Archive
from flows.errors import NotThePage, SourceError, UsageError
from flows.fetch import responses, urls
from flows.fetch.blocked_page import what_instead
from flows.fetch.body import ENCODING
from flows.fetch.client import Client, Request
from flows.fetch.http_cache import Copy, find_copy
from flows.fetch.responses import Answer
from flows.fetch.throttle import Manners
from flows.redact import redacted, shown
from flows.settings import SIZE_CAP, SourceConfig, secret, user_agent
from schemas.records import Document, Exchange

MAX_REDIRECTS = 5
LONGEST_WAIT = 120.0
"""Seconds that a server may ask us to wait before we try again; what asks for more, fails."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: its decoded body, the server's media type with the charset, the moment (UTC).

    `url` is where it lay; `redirects` the addresses that led there, the asked one first; `headers`
    those of the answer that matter, by lower-case name. `unchanged` says that the archive holds
    these bytes as the last of this address (`status` is 304 where the server said so).
    """

    content: bytes = field(repr=False)
    media_type: str
    fetched_at: datetime
    url: str
    redirects: tuple[str, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    request_headers: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False
    settled: bool = False

    def document(self, source: str, published_on: date | None = None) -> Document:
        """Return the page as a document of a source, with its provenance and without secrets.

        Its `url` is the address that was asked for.
        """
        way = [redacted(url) for url in (*self.redirects, self.url)]
        exchange = Exchange(
            status=self.status,
            redirects=tuple(way[1:]),
            request_headers=tuple(self.request_headers.items()),
            response_headers=tuple(self.headers.items()),
            settled=self.settled,
        )
        return Document(
            source=source,
            url=way[0],
            content=self.content,
            media_type=self.media_type,
            published_on=published_on,
            fetched_at=self.fetched_at,
            exchange=exchange,
        )


class Fetcher:
    """Fetches pages for one run: keeps connections, and the manners towards each host.

    Use it in a `with` block, from ordinary code and not from a coroutine.
    """

    def __init__(
        self,
        archive: Archive | None = None,
        *,
        cap: int = SIZE_CAP,
        secret: Callable[[str], str] = secret,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`archive` holds the copies of earlier runs, None for none; `cap` is a page's most bytes.

        `secret` returns the token that a source's `token` names; `sleep` waits so many seconds.
        """
        self._archive = archive
        self._cap = cap
        self._secret = secret
        self._sleep = sleep
        self._client = Client()
        self._manners = Manners(self._client, sleep)

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def __call__(
        self, config: SourceConfig, url: str, *, dated: bool = False, settled: bool = False
    ) -> Fetched:
        """Return what lies at `url`, after as many attempts as the source allows.

        `dated` says that the address holds one date's page: not found then means not published
        yet. `settled` says that the page does not change any more: a copy in the archive that was
        fetched when it was settled is returned without a request.
        Raises UsageError for what is no http(s) address, NotPublishedYet, NotThePage, Refused,
        RateLimited, TooLarge or Unreachable.
        """
        urls.check_address(url)
        copy = find_copy(self._archive, config.name, redacted(url))
        if settled and copy and copy.settled:
            return _kept(copy, url)
        attempts = Retrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(len(config.retry_delays) + 1),
            wait=lambda state: _wait(state, config.retry_delays),
            sleep=self._sleep,
            reraise=True,
        )
        page: Fetched = attempts(self._visit, config, url, dated, copy)
        return replace(page, settled=settled)

    def _visit(self, config: SourceConfig, url: str, dated: bool, copy: Copy | None) -> Fetched:
        """Follow the redirects from an address to its page: one attempt."""
        headers = self._headers(config) | (copy.validators if copy else {})
        way, left = [url], config.deadline
        while len(way) <= MAX_REDIRECTS + 1:
            request = self._request(config, way, headers, left)
            answer = self._manners.ask(config, request)
            left = max(0.001, left - answer.seconds)
            if answer.location is None:
                return _page(answer, way, request.headers, dated, copy)
            way.append(urls.redirected(way[-1], answer.location))
        raise NotThePage(f"{shown(url)}: redirected more than {MAX_REDIRECTS} times")

    def _headers(self, config: SourceConfig) -> dict[str, str]:
        headers = {"user-agent": user_agent(), "accept": "*/*", "accept-encoding": ENCODING}
        if config.token:
            headers["authorization"] = f"Bearer {_header_value(self._secret(config.token))}"
        return headers

    def _request(
        self, config: SourceConfig, way: list[str], headers: Mapping[str, str], left: float
    ) -> Request:
        """Return the next request on the way; a token goes to nobody but the host it is for."""
        url = way[-1]
        if urls.place(url) != urls.place(way[0]):
            headers = {name: value for name, value in headers.items() if name != "authorization"}
        return Request(
            url=url,
            headers=headers,
            connect_timeout=config.connect_timeout,
            read_timeout=config.read_timeout,
            deadline=left,
            cap=self._cap,
            private=urls.may_be_private(config, way[0], url),
        )


def fetch(config: SourceConfig, url: str, *, dated: bool = False, settled: bool = False) -> Fetched:
    """Return what lies at `url` at the first attempt, without an archive; see `Fetcher`."""
    with Fetcher() as fetcher:
        return fetcher(replace(config, retry_delays=()), url, dated=dated, settled=settled)


def _may_pass(error: BaseException) -> bool:
    if not isinstance(error, SourceError) or not error.worth_retrying:
        return False
    return (error.retry_after or 0.0) <= LONGEST_WAIT


def _wait(state: RetryCallState, delays: tuple[float, ...]) -> float:
    """Return the configured delay with some jitter, or what the server asks for if that is more."""
    delay = (*delays, 0.0)[state.attempt_number - 1] * random.uniform(1.0, 1.5)
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, SourceError) else None
    return max(delay, asked or 0.0)


def _page(
    answer: Answer, way: list[str], asked: Mapping[str, str], dated: bool, copy: Copy | None
) -> Fetched:
    """Return the page of the last answer on the way. Raises its error where it holds none."""
    url, now = way[-1], datetime.now(UTC)
    if copy and copy.validators and answer.status == 304:
        answer = replace(answer, content=copy.content, headers=copy.renewed(answer.headers))
    elif answer.status != 200:
        raise responses.failure(answer, shown(url), now, dated=dated)
    media_type = answer.headers.get("content-type", "text/html")
    instead = what_instead(answer.content, media_type)
    if instead:
        raise NotThePage(f"{shown(url)}: {instead}, no article")
    return Fetched(
        content=answer.content,
        media_type=media_type,
        fetched_at=now,
        url=url,
        redirects=tuple(way[:-1]),
        status=answer.status,
        headers=responses.kept(answer.headers, responses.KEPT_RESPONSE),
        request_headers=responses.kept(asked, responses.KEPT_REQUEST),
        unchanged=copy is not None and copy.is_of(answer.content),
    )


def _kept(copy: Copy, url: str) -> Fetched:
    """Return a settled page as the archive holds it."""
    return Fetched(
        content=copy.content,
        media_type=copy.media_type,
        fetched_at=copy.fetched_at,
        url=url,
        headers=copy.headers,
        unchanged=True,
        settled=True,
    )


def _header_value(token: str) -> str:
    if not all("!" <= character <= "~" for character in token):
        raise UsageError("a source's token holds a blank or a character that no header can have")
    return token
