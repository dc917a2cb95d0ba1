"""One HTTP request at a time, over connections that are kept, every failure named."""

import asyncio
import logging
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
_BROKEN = (
    httpx.HTTPError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


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
    """Connections and cookies for the requests of one run; close it at the end."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._transports: dict[str, httpx.AsyncBaseTransport] = {}
        self._cookies = httpx.Cookies()
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.INFO)

    def get(self, request: Request) -> Answer:
        """Send one request; redirects are not followed.

        Raises Unreachable, NotThePage (a type that is no page, a private address) or TooLarge.
        """
        said = shown(request.url)
        try:
            return self._runner.run(self._get(request, said))
        except TimeoutError as error:
            raise Unreachable(f"{said}: no complete answer in {request.deadline:.3g} s") from error
        except _SLOW as error:
            raise Unreachable(f"{said}: the server took too long to answer") from error
        except _BROKEN as error:
            raise Unreachable(f"{said}: {shown(because(error))}") from error
        except PrivateAddress as error:
            raise NotThePage(
                f"{said}: leads to {error}, which is no address of the public internet; "
                "if it is meant, set allow_private = true for the source"
            ) from error

    def close(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            self._runner.run(transport.aclose())
        self._transports.clear()
        self._runner.close()

    async def _get(self, request: Request, said: str) -> Answer:
        started = asyncio.get_running_loop().time()
        async with asyncio.timeout(request.deadline):
            # Not by httpx's client: it refuses an answer whose Location it does not like.
            built = self._built(request)
            response = await self._transport(request).handle_async_request(built)
            response.request = built
            self._cookies.extract_cookies(response)
            try:
                content = await _body(response, request, said)
            finally:
                await response.aclose()
        return Answer(
            response.status_code,
            response.reason_phrase,
            {name.lower(): value for name, value in response.headers.items()},
            content,
            asyncio.get_running_loop().time() - started,
        )

    def _built(self, request: Request) -> httpx.Request:
        timeout = httpx.Timeout(request.read_timeout, connect=request.connect_timeout)
        headers = {name.title(): value for name, value in request.headers.items()}
        built = httpx.Request(
            "GET", request.url, headers=headers, extensions={"timeout": timeout.as_dict()}
        )
        self._cookies.set_cookie_header(built)
        if built.url.userinfo and "authorization" not in built.headers:
            login = httpx.BasicAuth(built.url.username, built.url.password)
            return next(login.auth_flow(built))
        return built

    def _transport(self, request: Request) -> httpx.AsyncBaseTransport:
        """Return what carries a request: direct or by a proxy, private addresses or none."""
        parts = urlsplit(request.url)
        proxy = None
        if not proxy_bypass(parts.hostname or ""):
            proxy = getproxies().get(parts.scheme)
        name = f"{parts.scheme} {proxy or request.private}"
        if name not in self._transports:
            # A proxy resolves the names: what they lead to is its business then.
            self._transports[name] = (
                httpx.AsyncHTTPTransport(proxy=proxy, http2=True)
                if proxy
                else Transport(private=request.private, tls=parts.scheme == "https")
            )
        return self._transports[name]


async def _body(response: httpx.Response, request: Request, said: str) -> bytes:
    """Return the body of a page; of any other answer nothing."""
    if response.status_code != 200:
        await body.drain(response)
        return b""
    media_type = response.headers.get("content-type", "text/html")
    if not request.any_type and not is_readable(media_type):
        raise NotThePage(f"{said}: holds {plain(media_type)}, neither a web page nor text nor JSON")
    return await body.read(response, said, request.cap)
