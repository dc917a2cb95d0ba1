"""Fetch pages over HTTP: politely, limited in time and size, a named error for what goes wrong."""

import logging
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from types import TracebackType

import msgspec
from tenacity import RetryCallState, Retrying, retry_if_exception

from flows.errors import BudgetSpent, Mistake, NotThePage, SourceError, TallybookError, UsageError
from flows.fetch import responses, urls
from flows.fetch.blocked_page import what_instead
from flows.fetch.body import ENCODING
from flows.fetch.client import Client, Request
from flows.fetch.http_cache import CachedPage, HttpCache
from flows.fetch.responses import Answer
from flows.fetch.throttle import Patience, Throttle
from flows.redact import redacted, shown
from flows.settings import SIZE_CAP, SourceConfig, secret, user_agent
from schemas.records import Document, Exchange

log = logging.getLogger(__name__)

MAX_REDIRECTS = 5
"""Real pages need one or two, from http to https and to a canonical address; more is a loop."""

MOST_REQUESTS = 5_000
"""Requests of a source in a run; a backfill of the whole war, a page a day, needs some 1,700."""

PAGES_IN_VAIN = 10
"""A source that gave no page in so many deadlines of one, in a row, is asked nothing more in a run:
else a backfill from a host that is down would wait a day or more for all of its pages."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: its decoded body, the server's media type with the charset, the moment (UTC).

    `url` is where it lay; `redirects` the addresses that led there, the asked one first; `headers`
    those of the answer that matter, by lower-case name. `unchanged` says that the cache holds
    these bytes as the last of this address (`status` is 304 where the server said so), `final`
    that the source knows the page not to change any more.
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
    final: bool = False

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
            final=self.final,
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
    """Fetches pages for one run: a client a source, and one throttle for all hosts.

    Use it in a `with` block, from ordinary code and not from a coroutine. Several threads may
    fetch at once: sources do not wait for each other.
    """

    def __init__(
        self,
        cache: HttpCache | None = None,
        *,
        may_hold_bulletin: Callable[[str], bool],
        contact: str = "",
        cap: int = SIZE_CAP,
        secret: Callable[[str], str] = secret,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`cache` holds the pages of earlier runs, None for none; `cap` is a page's most bytes.

        `may_hold_bulletin` says of a text whether a bulletin may stand in it: such a page is never
        taken for a challenge or the like (`flows.extract.prefilter` has the function for it).
        `contact` tells those who are asked how to reach the user.
        `secret` returns the token that a source's `token` names; `sleep` waits so many seconds,
        `clock` counts them.
        """
        self._cache = cache
        self._may_hold_bulletin = may_hold_bulletin
        self._user_agent = user_agent(contact)
        self._cap = cap
        self._secret = secret
        self._sleep = sleep
        self._clock = clock
        self._throttle = Throttle(sleep, clock)
        self._clients: dict[str, Client] = {}
        self._requests: Counter[str] = Counter()
        self._in_vain: defaultdict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    def __enter__(self) -> "Fetcher":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            clients = list(self._clients.values())
        for client in clients:
            client.close()

    def __call__(
        self, config: SourceConfig, url: str, *, dated: bool = False, final: bool = False
    ) -> Fetched:
        """Return what lies at `url`, after as many attempts as the source allows.

        `dated` says that the address holds one date's page: not found then means not published
        yet. `final` says that the page does not change any more: a copy in the cache that was
        fetched when it was final is returned without a request.
        Raises UsageError for what is no http(s) address, NotPublishedYet, NotThePage, Refused,
        RateLimited, TooLarge or Unreachable; BudgetSpent where the source has asked too often; and
        Mistake, with the traceback in the log, for what is a mistake of ours.
        """
        urls.check_address(url)
        copy = self._cache.copy_of(config.name, redacted(url)) if self._cache else None
        if final and copy and copy.final:
            return _kept(copy, url)
        self._check_not_in_vain(config)
        patience = Patience(config.deadline, self._clock)

        def pause(seconds: float) -> None:
            with patience.spent_on():
                self._sleep(seconds)

        attempts = Retrying(
            retry=retry_if_exception(_may_pass),
            # A pause that is longer than the patience lasts is not begun.
            stop=lambda state: (
                state.attempt_number > len(config.retry_delays)
                or state.upcoming_sleep >= patience.left
            ),
            wait=lambda state: _wait(state, config.retry_delays),
            before_sleep=partial(_say_again, config.name),
            sleep=pause,
            reraise=True,
        )
        in_vain = False
        try:
            page: Fetched = attempts(self._visit, config, url, dated, copy, patience)
        except (TallybookError, OSError) as error:
            in_vain = _may_pass(error)
            raise
        except Exception as error:
            log.exception("%s: %s: unexpected error, please report it", config.name, shown(url))
            raise Mistake(f"{shown(url)}: {type(error).__name__}: {shown(str(error))}") from error
        finally:
            with self._lock:
                spent = config.deadline - patience.left
                self._in_vain[config.name] = (self._in_vain[config.name] + spent) * in_vain
        return replace(page, final=final)

    def _visit(
        self,
        config: SourceConfig,
        url: str,
        dated: bool,
        copy: CachedPage | None,
        patience: Patience,
    ) -> Fetched:
        """Follow the redirects from an address to its page: one attempt."""
        with self._lock:
            if config.name not in self._clients:
                self._clients[config.name] = Client()
            client = self._clients[config.name]
        headers = self._headers(config) | (dict(copy.validators) if copy else {})
        way = [url]
        while len(way) <= MAX_REDIRECTS + 1:
            self._count(config)
            request = self._request(config, way, headers, patience.left)
            answer = self._throttle.send(client, config, request, patience)
            log.debug("%s: %s: %d", config.name, shown(way[-1]), answer.status)
            if answer.location is None:
                return self._page(answer, way, request.headers, dated, copy)
            way.append(urls.redirected(way[-1], answer.location))
        raise NotThePage(f"{shown(url)}: redirected more than {MAX_REDIRECTS} times")

    def _count(self, config: SourceConfig) -> None:
        """Count a request of a source. Raises BudgetSpent where it has had all of a run."""
        with self._lock:
            self._requests[config.name] += 1
            if self._requests[config.name] > MOST_REQUESTS:
                raise BudgetSpent(
                    f"{config.name} has had its {MOST_REQUESTS:,} requests of this run; what it "
                    "gave so far is taken, and the next run goes on"
                )

    def _check_not_in_vain(self, config: SourceConfig) -> None:
        """Raise BudgetSpent for a source that gave no page for too long."""
        with self._lock:
            seconds = self._in_vain[config.name]
        if seconds > PAGES_IN_VAIN * config.deadline:
            raise BudgetSpent(
                f"{config.name} has not answered for {seconds:,.0f} s and is asked nothing more in "
                "this run; what it gave so far is taken, and the next run goes on"
            )

    def _headers(self, config: SourceConfig) -> dict[str, str]:
        headers = {"user-agent": self._user_agent, "accept": "*/*", "accept-encoding": ENCODING}
        if config.token:
            headers["authorization"] = f"Bearer {_header_value(self._secret(config.token))}"
        return headers

    def _request(
        self, config: SourceConfig, way: list[str], headers: Mapping[str, str], left: float
    ) -> Request:
        """Return the next request on the way; a token goes to nobody but the host it is for."""
        url = way[-1]
        if urls.host_and_port(url) != urls.host_and_port(way[0]):
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

    def _page(
        self,
        answer: Answer,
        way: list[str],
        request_headers: Mapping[str, str],
        dated: bool,
        copy: CachedPage | None,
    ) -> Fetched:
        """Return the page of the last answer on the way. Raises its error where it holds none."""
        url, now = way[-1], datetime.now(UTC)
        if copy and copy.validators and answer.status == 304:
            answer = replace(answer, content=copy.content, headers=copy.renewed(answer.headers))
        elif answer.status != 200:
            raise responses.failure(answer, shown(url), now, dated=dated)
        media_type = answer.headers.get("content-type", "text/html")
        instead = what_instead(answer.content, media_type, self._may_hold_bulletin)
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
            request_headers=responses.kept(request_headers, responses.KEPT_REQUEST),
            unchanged=copy is not None and copy.content == answer.content,
        )


def fetch(
    config: SourceConfig,
    url: str,
    *,
    may_hold_bulletin: Callable[[str], bool],
    contact: str = "",
    dated: bool = False,
    final: bool = False,
) -> Fetched:
    """Return what lies at `url` at the first attempt, without a cache; see `Fetcher`."""
    once = msgspec.structs.replace(config, retry_delays=())
    with Fetcher(may_hold_bulletin=may_hold_bulletin, contact=contact) as fetcher:
        return fetcher(once, url, dated=dated, final=final)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, SourceError) and error.worth_retrying


def _say_again(source: str, state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.info("%s: again in %.0f s: %s", source, state.upcoming_sleep, error)


def _wait(state: RetryCallState, delays: tuple[float, ...]) -> float:
    """Return the configured delay with some jitter, or what the server asks for if that is more.

    Without the jitter everybody who was turned away would be back at the same moment.
    """
    delay = (*delays, 0.0)[state.attempt_number - 1] * random.uniform(1.0, 1.5)
    error = state.outcome.exception() if state.outcome else None
    asked_for = error.retry_after if isinstance(error, SourceError) else None
    return max(delay, asked_for or 0.0)


def _kept(copy: CachedPage, url: str) -> Fetched:
    """Return a page that is final as the cache holds it."""
    return Fetched(
        content=copy.content,
        media_type=copy.media_type,
        fetched_at=copy.fetched_at,
        url=url,
        headers=copy.headers,
        unchanged=True,
        final=True,
    )


def _header_value(token: str) -> str:
    if not all("!" <= character <= "~" for character in token):
        raise UsageError("a source's token holds a blank or a character that no header can have")
    return token
