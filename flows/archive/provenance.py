"""The provenance record of an archived document: where it came from, when, and what was said."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

from flows.errors import LakeError
from flows.redact import redacted
from schemas.records import Archived, Document, Exchange

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A page that had changed shows this document again; times are aware, in UTC."""

    url: str
    fetched_at: datetime | None
    archived_at: datetime


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a document came from and when it was archived; times are aware, in UTC.

    `published_on`, `fetched_at` and `exchange` are None where they are not known (see `Document`).
    `sightings` are the later ones, oldest first. Nothing in a record is secret.
    """

    source: str
    url: str
    media_type: str
    published_on: date | None
    fetched_at: datetime | None
    archived_at: datetime
    sha256: str
    size: int
    tool_version: str
    exchange: Exchange | None = None
    sightings: tuple[Sighting, ...] = ()

    @property
    def last_seen_at(self) -> datetime:
        """When it was last archived or seen again as the newest document of its address."""
        return max([self.archived_at, *(sighting.archived_at for sighting in self.sightings)])

    def archived(self, content: bytes) -> Archived:
        """Return the document that this is the record of."""
        document = Document(
            source=self.source,
            url=self.url,
            content=content,
            media_type=self.media_type,
            published_on=self.published_on,
            fetched_at=self.fetched_at,
            exchange=self.exchange,
        )
        return Archived(document, self.last_seen_at)

    def fits(self, content: bytes) -> bool:
        """Whether these are the document's bytes."""
        return len(content) == self.size and hashlib.sha256(content).hexdigest() == self.sha256


def of(document: Document, now: datetime) -> Provenance:
    """Return the first record of a document, archived `now`; passwords and tokens are left out."""
    exchange = document.exchange
    return Provenance(
        source=document.source,
        url=address(document),
        media_type=document.media_type,
        published_on=document.published_on,
        fetched_at=document.fetched_at,
        archived_at=now,
        sha256=document.sha256,
        size=len(document.content),
        tool_version=tool_version(),
        exchange=exchange and _without_secrets(exchange),
    )


def address(document: Document) -> str:
    """Return a document's address as it may be kept: of a local file its path as it is."""
    return redacted(document.url) if document.fetched_at else document.url


def dump(record: Provenance) -> bytes:
    """Return a record as JSON; what is not known is null."""
    exchange = record.exchange
    content = {
        "source": record.source,
        "url": record.url,
        "redirects": list(exchange.redirects) if exchange else [],
        "media_type": record.media_type,
        "published_on": _iso(record.published_on),
        "fetched_at": _iso(record.fetched_at),
        "archived_at": _iso(record.archived_at),
        "sha256": record.sha256,
        "size": record.size,
        "status": exchange and exchange.status,
        "request_headers": dict(exchange.request_headers) if exchange else {},
        "response_headers": dict(exchange.response_headers) if exchange else {},
        "tool_version": record.tool_version,
        "sightings": [
            {"url": s.url, "fetched_at": _iso(s.fetched_at), "archived_at": _iso(s.archived_at)}
            for s in record.sightings
        ],
    }
    return json.dumps(content, indent=1).encode() + b"\n"


def load(content: bytes, where: object) -> Provenance:
    """Return a record from its JSON; `where` is for messages. Raises LakeError if damaged.

    Records of versions that kept less load as well.
    """
    try:
        found = json.loads(content)
        return Provenance(
            source=str(found["source"]),
            url=str(found["url"]),
            media_type=str(found["media_type"]),
            published_on=_parsed(date.fromisoformat, found["published_on"]),
            fetched_at=_parsed(datetime.fromisoformat, found["fetched_at"]),
            archived_at=datetime.fromisoformat(found["archived_at"]),
            sha256=str(found["sha256"]),
            size=int(found["size"]),
            tool_version=str(found["tool_version"]),
            exchange=_exchange(found),
            sightings=_sightings(found.get("sightings", [])),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LakeError(f"The provenance record {where} cannot be read: {error}.") from error


def _exchange(found: dict[str, Any]) -> Exchange | None:
    if found.get("status") is None:
        return None
    return Exchange(
        status=int(found["status"]),
        redirects=tuple(map(str, found["redirects"])),
        request_headers=tuple(found["request_headers"].items()),
        response_headers=tuple(found["response_headers"].items()),
    )


def _sightings(found: Sequence[dict[str, Any]]) -> tuple[Sighting, ...]:
    return tuple(
        Sighting(
            url=str(one["url"]),
            fetched_at=_parsed(datetime.fromisoformat, one["fetched_at"]),
            archived_at=datetime.fromisoformat(one["archived_at"]),
        )
        for one in found
    )


def _without_secrets(exchange: Exchange) -> Exchange:
    return Exchange(
        status=exchange.status,
        redirects=tuple(map(redacted, exchange.redirects)),
        request_headers=_shown(exchange.request_headers),
        response_headers=_shown(exchange.response_headers),
        settled=exchange.settled,
    )


def _shown(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    secret = ("authorization", "proxy-authorization", "cookie", "set-cookie")
    return tuple((name, redacted(value)) for name, value in headers if name.lower() not in secret)


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _parsed(parse: Callable[[str], T], text: str | None) -> T | None:
    return None if text is None else parse(text)


@cache
def tool_version() -> str:
    """Return the version of Tallybook that writes records, "unknown" where it is not installed."""
    try:
        return version("tallybook")
    except PackageNotFoundError:
        return "unknown"
