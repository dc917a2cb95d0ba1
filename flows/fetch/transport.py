"""Connections: HTTP/2 where a server speaks it, and never to an address that is not meant."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpcore
import httpx

from flows.fetch.urls import is_public

_KEEP_OPEN = 60.0
"""Seconds that an idle connection is kept for the next request."""


class PrivateAddress(Exception):
    """A name leads to an address of a private network or of this machine."""


class Transport(httpx.AsyncBaseTransport):
    """Carries httpx's requests over a pool whose connections are checked as they are made."""

    def __init__(self, *, private: bool, tls: bool) -> None:
        """`private` says whether addresses that are not of the public internet may be reached.

        `tls` says whether it carries https: reading the trusted certificates takes time.
        """
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context() if tls else None,
            http2=True,
            keepalive_expiry=_KEEP_OPEN,
            network_backend=_Network(private=private),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raises the errors of httpcore, and PrivateAddress."""
        url = request.url
        response = await self._pool.handle_async_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Stream(response),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Stream(httpx.AsyncByteStream):
    """The body of httpcore's response, as httpx wants it."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()


class _Network(httpcore.AnyIOBackend):
    """Resolves names itself, so that the address which was checked is the one connected to.

    Asking twice, once to check and once to connect, would let a server change its answer between.
    """

    def __init__(self, *, private: bool) -> None:
        self._private = private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError("no address to connect to")
        for number in await self._ip_addresses(host, port, timeout):
            try:
                return await super().connect_tcp(
                    number, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _ip_addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        """Return the addresses to try. Raises PrivateAddress, ConnectError, ConnectTimeout."""
        try:
            async with asyncio.timeout(timeout):
                loop = asyncio.get_running_loop()
                resolved = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no answer to the question where {host} is") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} leads nowhere ({error})") from error
        numbers = list(dict.fromkeys(str(address[0]) for *_, address in resolved))
        allowed = [number for number in numbers if self._private or is_public(number)]
        if numbers and not allowed:
            raise PrivateAddress(numbers[0])
        # An IPv6 address that leads nowhere costs a whole timeout; an IPv4 one fails at once.
        return sorted(allowed, key=lambda number: ":" in number)


def because(error: BaseException) -> str:
    """Say in a few words why a connection failed: the innermost reason of the system says it."""
    words = str(error) or type(error).__name__
    reason: BaseException | None = error
    while reason:
        if isinstance(reason, OSError) and reason.strerror:
            words = reason.strerror
        reason = reason.__cause__ or reason.__context__
    return words
