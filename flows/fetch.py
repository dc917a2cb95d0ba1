"""Fetch one page over HTTP: limits on time and size, a named error for what goes wrong."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

import httpx

from flows.challenge import is_article
from flows.errors import (
    NotPublishedYet,
    NotThePage,
    RateLimited,
    Refused,
    TooLarge,
    Unreachable,
    UsageError,
)
from flows.settings import SIZE_CAP, SourceConfig, user_agent

MAX_REDIRECTS = 5
READABLE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/json")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: its decoded body, the server's media type with the charset, the moment (UTC)."""

    content: bytes
    media_type: str
    fetched_at: datetime


def fetch(config: SourceConfig, url: str, *, dated: bool = False, cap: int = SIZE_CAP) -> Fetched:
    """Return what lies at `url`, at most `cap` bytes, within the time limits of `config`.

    `dated` says that the address holds one date's page: not found then means not published yet.
    Raises UsageError for what is no http(s) address, NotPublishedYet, NotThePage, Refused,
    RateLimited, TooLarge or Unreachable. Call it from ordinary code, not from a coroutine.
    """
    _check_address(url)
    try:
        return asyncio.run(_fetch(config, url, dated, cap))
    except TimeoutError as error:
        raise Unreachable(f"{url}: no complete answer in {config.deadline:g} seconds") from error
    except httpx.TimeoutException as error:
        raise Unreachable(f"{url}: the server took too long to answer") from error
    except httpx.HTTPError as error:
        raise Unreachable(f"{url}: {error or type(error).__name__}") from error


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise UsageError(f"{url}: not an address that can be fetched (http:// or https://)")


async def _fetch(config: SourceConfig, url: str, dated: bool, cap: int) -> Fetched:
    timeout = httpx.Timeout(config.read_timeout, connect=config.connect_timeout)
    # Gzip alone: its inflation can be stopped at the size cap, whatever a server sends.
    headers = {"User-Agent": user_agent(), "Accept-Encoding": "gzip"}
    async with (
        asyncio.timeout(config.deadline),
        httpx.AsyncClient(timeout=timeout, headers=headers) as client,
    ):
        for _ in range(MAX_REDIRECTS + 1):
            async with client.stream("GET", url) as response:
                if response.has_redirect_location:
                    url = _redirect(url, response.headers["location"])
                    continue
                _check_status(response, url, dated)
                return await _page(response, url, cap)
    raise NotThePage(f"{url}: redirected more than {MAX_REDIRECTS} times")


def _redirect(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        _check_address(target)
    except (ValueError, UsageError) as error:
        raise NotThePage(f"{url}: redirects to {location!r}, which is no web address") from error
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        raise NotThePage(f"{url}: redirects to an address that is not https: {target}")
    return target


def _check_status(response: httpx.Response, url: str, dated: bool) -> None:
    code = response.status_code
    said = f"{url}: the server answered {code} {response.reason_phrase}".rstrip()
    if code == 200:
        return
    if code in (404, 410):
        raise NotPublishedYet(said) if dated else NotThePage(said)
    if code == 429:
        raise RateLimited(said)
    if code in (401, 403, 407, 451):
        raise Refused(said)
    raise Unreachable(said) if code >= 500 else NotThePage(said)


async def _page(response: httpx.Response, url: str, cap: int) -> Fetched:
    media_type = response.headers.get("content-type", "text/html")
    if media_type.partition(";")[0].strip().lower() not in READABLE_TYPES:
        raise NotThePage(f"{url}: holds {media_type}, neither a web page nor text nor JSON")
    content = b"".join([chunk async for chunk in _body(response, url, cap)])
    if not is_article(content):
        raise NotThePage(f"{url}: an empty page or a challenge, no article")
    return Fetched(content, media_type, datetime.now(UTC))


async def _body(response: httpx.Response, url: str, cap: int) -> AsyncIterator[bytes]:
    left = cap
    async for chunk in _inflated(response, url, cap):
        left -= len(chunk)
        if left < 0:
            raise TooLarge(f"{url}: larger than {cap / 2**20:g} MB; nothing of it was kept")
        yield chunk


async def _inflated(response: httpx.Response, url: str, cap: int) -> AsyncIterator[bytes]:
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        async for chunk in response.aiter_raw():
            yield chunk
        return
    if encoding not in ("gzip", "x-gzip"):
        raise NotThePage(f"{url}: encoded as {encoding}, which was not asked for")
    inflate = zlib.decompressobj(wbits=31)
    try:
        async for chunk in response.aiter_raw():
            yield inflate.decompress(chunk, cap + 1)
    except zlib.error as error:
        raise Unreachable(f"{url}: the compressed page is damaged") from error
    if not inflate.eof or inflate.unused_data:
        raise Unreachable(f"{url}: the compressed page ends too early, or more follows it")
