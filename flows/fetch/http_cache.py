"""The archive's copy of an address: what a fetch can be spared by, or ask the server with."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flows.archive.fetched_pages import Seen
from flows.archive.store import Archive
from flows.errors import LakeError

_VALIDATORS = {"if-none-match": "etag", "if-modified-since": "last_modified"}
_OF_THE_BODY = ("content-type", "content-encoding", "content-length", "content-language")
"""Headers that a 304 cannot change: it brings no body."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The last document of an address, as it was archived; `headers` by lower-case name."""

    seen: Seen
    content: bytes = field(repr=False)
    media_type: str
    fetched_at: datetime
    headers: Mapping[str, str]

    @property
    def settled(self) -> bool:
        """Whether the page did not change any more when it was fetched."""
        return self.seen.settled

    @property
    def validators(self) -> dict[str, str]:
        """The request headers that ask for the page only if it has changed; maybe none."""
        found = {name: getattr(self.seen, value) for name, value in _VALIDATORS.items()}
        return {name: value for name, value in found.items() if value}

    def is_of(self, content: bytes) -> bool:
        """Whether these are the copy's bytes."""
        return hashlib.sha256(content).hexdigest() == self.seen.sha256

    def renewed(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the copy's headers, brought up to date by those of a 304 (RFC 9111, 3.2)."""
        new = {name: value for name, value in headers.items() if name not in _OF_THE_BODY}
        return {"content-type": self.media_type} | dict(self.headers) | new


def find_copy(archive: Archive | None, source: str, url: str) -> Copy | None:
    """Return the copy of an address (without secrets); None where there is none that is whole."""
    seen = archive.seen.get(source, url) if archive else None
    if archive is None or seen is None:
        return None
    try:
        archived = archive.load((source, seen.sha256))
    except LakeError:  # lost or damaged: it is simply fetched again
        return None
    document = archived.document
    state = {"etag": seen.etag, "last-modified": seen.last_modified}
    headers = dict(document.exchange.response_headers) if document.exchange else {}
    headers |= {name: value for name, value in state.items() if value}
    return Copy(
        seen=seen,
        content=document.content,
        media_type=document.media_type,
        fetched_at=document.fetched_at or archived.archived_at,
        headers=headers,
    )
