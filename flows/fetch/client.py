"""One HTTP request at a time, over connections that are kept, every failure named."""

import asyncio
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from flows.errors import NotThePage, Unreachable
from flows.fetch import body
from flows.fetch.responses import Answer, is_readable
from flows.fetch.transport import PrivateAddress, Transport, because
from flows.redact import plain, shown

_TALKATIVE = ("httpcore", "hpack")
"""Loggers that write every header, cookies and tokens too, where debugging is on."""

_SLOW = (httpx.TimeoutException, httpcore.TimeoutException)
"""What is raised by a server that takes too long: by httpx behind a proxy, else by httpcore."""

_BROKEN = (
    httpx.HTTPError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)
"""What is raised by a connection that fails or an answer that breaks the rules of HTTP."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for and within which limits: seconds, and bytes of the unpacked body.

    The names of `headers` are in lower case.
    `private` says whether an address that is not of the public internet may be reached, `any_type`
    whether a body is read that is neither a page nor text, JSON or a feed.
    """

    url: str
    headers: Mapping[str, str]
    connect_timeout: float
    read_timeout: float
    deadline: float
    cap: int
    private: bool = False
    any_type: bool = False


class Client:
    """Connections and cookies for the requests of one source in a run; close it at the end.

    It owns an event loop. Requests from several threads take turns.
    """

    def __init__(self) -> None:
        # With a factory the loop is nobody's "current" one: threads and Prefect keep theirs.
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._turn = threading.Lock()
        self._transports: dict[str, httpx.AsyncBaseTransport] = {}
        self._cookies = httpx.Cookies()
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.INFO)

    def get(self, request: Request) -> Answer:
        """Send one request; redirects are not followed.

        Raises Unreachable, NotThePage (a type that is no page, a private address) or TooLarge.
        """
        name = shown(request.url)
        try:
            with self._turn:
                return self._runner.run(self._get(request, name))
        except TimeoutError as error:
            raise Unreachable(f"{name}: no complete answer in {request.deadline:.3g} s") from error
        except _SLOW as error:
            raise Unreachable(f"{name}: the server took too long to answer") from error
        except _BROKEN as error:
            raise Unreachable(f"{name}: {shown(because(error))}") from error
        except PrivateAddress as error:
            raise NotThePage(
                f"{name}: leads to {error}, which is no address of the public internet; "
                "if it is meant, set allow_private = true for the source"
            ) from error

    def close(self) -> None:
        """Close all connections; an interrupted run does not wait for a request under way."""
        if not self._turn.acquire(blocking=False):
            return
        for transport in self._transports.values():
            self._runner.run(transport.aclose())
        self._transports.clear()
        self._runner.close()

    async def _get(self, request: Request, name: str) -> Answer:
        started = asyncio.get_running_loop().time()
        async with asyncio.timeout(request.deadline):
            # Not by httpx's client: it refuses an answer whose Location it does not like.
            http_request = self._http_request(request)
            response = await self._transport(request).handle_async_request(http_request)
            response.request = http_request
            self._cookies.extract_cookies(response)
            try:
                content = await _body(response, request, name)
            finally:
                await response.aclose()
        return Answer(
            response.status_code,
            response.reason_phrase,
            {name.lower(): value for name, value in response.headers.items()},
            content,
            asyncio.get_running_loop().time() - started,
        )

    def _http_request(self, request: Request) -> httpx.Request:
        """Return a request as httpx sends it, with cookies and the address's own user."""
        timeout = httpx.Timeout(request.read_timeout, connect=request.connect_timeout)
        headers = {name.title(): value for name, value in request.headers.items()}
        http_request = httpx.Request(
            "GET", request.url, headers=headers, extensions={"timeout": timeout.as_dict()}
        )
        self._cookies.set_cookie_header(http_request)
        if http_request.url.userinfo and "authorization" not in http_request.headers:
            login = httpx.BasicAuth(http_request.url.username, http_request.url.password)
            return next(login.auth_flow(http_request))
        return http_request

    def _transport(self, request: Request) -> httpx.AsyncBaseTransport:
        """Return what carries a request: direct or by a proxy, private addresses or none."""
        parts = urlsplit(request.url)
        proxy = None
        if not proxy_bypass(parts.hostname or ""):
            proxy = getproxies().get(parts.scheme)
        route = f"{parts.scheme} {proxy or request.private}"
        if route not in self._transports:
            # A proxy resolves the names: what they lead to is its business then.
            self._transports[route] = (
                httpx.AsyncHTTPTransport(proxy=proxy, http2=True)
                if proxy
                else Transport(private=request.private, tls=parts.scheme == "https")
            )
        return self._transports[route]


async def _body(response: httpx.Response, request: Request, name: str) -> bytes:
    """Return the body of a page; of any other answer nothing."""
    if response.status_code != 200:
        await body.drain(response)
        return b""
    media_type = response.headers.get("content-type", "text/html")
    if not request.any_type and not is_readable(media_type):
        raise NotThePage(f"{name}: holds {plain(media_type)}, neither a web page nor text nor JSON")
    return await body.read(response, name, request.cap)
