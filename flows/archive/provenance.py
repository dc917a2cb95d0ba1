"""The provenance record of an archived document: where it came from, when, and what was said."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from flows.errors import UnreadableDocument
from flows.redact import plain, redacted
from flows.settings import tool_version
from schemas.records import Archived, Document, Exchange

T = TypeVar("T")


_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
"""Headers that let somebody in; they are never kept, whatever their value."""


SOURCE_NAME = re.compile(r"[a-z0-9_-]{1,64}")
"""Part of file names and a value of a partition: no dot, no separator, no letter of two cases."""


_DAMAGED = (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError)
"""What a record that is damaged, or made by somebody else, raises."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A page that had changed shows this document again; times are aware, in UTC."""

    url: str
    fetched_at: datetime | None
    archived_at: datetime


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a document came from and when it was archived; times are aware, in UTC.

    `published_on`, `fetched_at` and `exchange` are None where they are not known (see `Document`).
    `observations` are the later ones, oldest first. Nothing in a record is secret.
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
    observations: tuple[Observation, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """(source, sha256): which document it is the record of."""
        return self.source, self.sha256

    @property
    def last_seen_at(self) -> datetime:
        """When it was last archived or observed again as the newest document of its address."""
        return max([self.archived_at, *(again.archived_at for again in self.observations)])

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


def first_record(document: Document, now: datetime) -> Provenance:
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
    is_address = document.fetched_at or "://" in document.url
    return redacted(document.url) if is_address else document.url


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
        # The name that older versions gave to the observations, and read them by.
        "sightings": [
            {
                "url": again.url,
                "fetched_at": _iso(again.fetched_at),
                "archived_at": _iso(again.archived_at),
            }
            for again in record.observations
        ],
    }
    return json.dumps(content, indent=1).encode() + b"\n"


def load(content: bytes, where: object) -> Provenance:
    """Return a record from its JSON; `where` is for messages. Raises UnreadableDocument if damaged.

    Records of versions that kept less load as well.
    """
    try:
        values = json.loads(content)
        return Provenance(
            source=_text(values["source"]),
            url=_text(values["url"]),
            media_type=_text(values["media_type"]),
            published_on=_parsed(date.fromisoformat, values["published_on"]),
            fetched_at=_parsed(_moment, values["fetched_at"]),
            archived_at=_moment(values["archived_at"]),
            sha256=_text(values["sha256"]),
            size=_count(values["size"]),
            tool_version=_text(values["tool_version"]),
            exchange=_exchange(values),
            observations=_observations(values.get("sightings", [])),
        )
    except _DAMAGED as error:
        problem = plain(str(error)) or type(error).__name__
        raise UnreadableDocument(
            f"The provenance record {where} cannot be read: {problem}."
        ) from error


def _exchange(values: dict[str, Any]) -> Exchange | None:
    if values.get("status") is None:
        return None
    return Exchange(
        status=_count(values["status"]),
        redirects=tuple(map(_text, values["redirects"])),
        request_headers=_named(values["request_headers"]),
        response_headers=_named(values["response_headers"]),
    )


def _named(headers: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _text(value)) for name, value in headers.items())


def _observations(values: Sequence[dict[str, Any]]) -> tuple[Observation, ...]:
    return tuple(
        Observation(
            url=_text(again["url"]),
            fetched_at=_parsed(_moment, again["fetched_at"]),
            archived_at=_moment(again["archived_at"]),
        )
        for again in values
    )


def _without_secrets(exchange: Exchange) -> Exchange:
    return Exchange(
        status=exchange.status,
        redirects=tuple(map(redacted, exchange.redirects)),
        request_headers=_headers(exchange.request_headers),
        response_headers=_headers(exchange.response_headers),
        final=exchange.final,
    )


def _headers(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the headers that may be kept, without secrets; of one name the last, as in JSON."""
    kept = {name: redacted(value) for name, value in headers if name.lower() not in _SECRET_HEADERS}
    return tuple(kept.items())


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {type(value).__name__}")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a number of bytes, or a status, is none")
    return value


def _moment(text: object) -> datetime:
    moment = datetime.fromisoformat(_text(text))
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return moment.astimezone(UTC)


def _parsed(parse: Callable[[str], T], text: Any) -> T | None:
    return None if text is None else parse(text)
