"""Reading an answer's body: decompressed, and never more of it than the cap."""

import zlib
from collections.abc import AsyncIterator

import httpx

from flows.errors import NotThePage, TooLarge, Unreachable

ENCODING = "gzip"
"""All that is asked for: its inflation can be stopped at the cap, whatever a server sends."""

_DRAINED = 64 * 2**10
"""A body that nobody needs is read up to here, so that the connection can be used again."""


async def read(response: httpx.Response, name: str, cap: int) -> bytes:
    """Return the body, at most `cap` bytes of it; `name` is that of the page in messages.

    Raises TooLarge, NotThePage for an encoding that was not asked for, Unreachable for a damaged
    body.
    """
    chunks: list[bytes] = []
    left = cap
    async for chunk in _inflated(response, name, cap):
        left -= len(chunk)
        if left < 0:
            raise TooLarge(f"{name}: larger than {cap / 2**20:g} MB; nothing of it was kept")
        chunks.append(chunk)
    return b"".join(chunks)


async def drain(response: httpx.Response) -> None:
    """Read a short body to its end; leave a long one."""
    left = _DRAINED
    async for chunk in response.aiter_raw():
        left -= len(chunk)
        if left < 0:
            return


async def _inflated(response: httpx.Response, name: str, cap: int) -> AsyncIterator[bytes]:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        async for chunk in response.aiter_raw():
            yield chunk
        return
    if encoding not in ("gzip", "x-gzip"):
        raise NotThePage(f"{name}: encoded as {encoding}, which was not asked for")
    inflate = zlib.decompressobj(wbits=31)  # gzip's own head and check sum, and nothing else
    try:
        async for chunk in response.aiter_raw():
            yield inflate.decompress(chunk, cap + 1)
    except zlib.error as error:
        raise Unreachable(f"{name}: the compressed page is damaged") from error
    if not inflate.eof or inflate.unused_data:
        raise Unreachable(f"{name}: the compressed page ends too early, or more follows it")
