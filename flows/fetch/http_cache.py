"""What earlier runs kept of an address: a fetch is spared by it, or asks the server with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

_OF_THE_BODY = ("content-type", "content-encoding", "content-length", "content-language")
"""Headers that a 304 cannot change: it brings no body."""


@dataclass(frozen=True, slots=True)
class CachedPage:
    """The last page of an address, as it was kept.

    `headers` are those of its answer that matter, by lower-case name; `validators` the request
    headers that ask for the page only if it has changed, maybe none; `final` whether the page did
    not change any more when it was fetched.
    """

    content: bytes = field(repr=False)
    media_type: str
    fetched_at: datetime
    headers: Mapping[str, str]
    validators: Mapping[str, str]
    final: bool

    def renewed(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the page's headers, brought up to date by those of a 304 (RFC 9111, 3.2)."""
        new = {name: value for name, value in headers.items() if name not in _OF_THE_BODY}
        return {"content-type": self.media_type} | dict(self.headers) | new


class HttpCache(Protocol):
    """The store of pages that were fetched before: `flows.archive.store.Archive`."""

    def copy_of(self, source: str, url: str) -> CachedPage | None:
        """Return the last page of an address (without secrets) of a source; None for none whole."""
        ...
