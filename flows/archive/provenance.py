"""The provenance record of an archived document: where it came from, when, and what was said."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from flows.errors import UnreadableDocument
from flows.files import as_json, seal_holds, sealed
from flows.redact import plain, redacted
from flows.settings import tool_version
from schemas.records import Archived, Document, Exchange
from schemas.typed import Moment

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
"""Headers that let somebody in; they are never kept, whatever their value."""


SOURCE_NAME = re.compile(r"[a-z0-9_-]{1,64}")
"""Part of file names and a value of a partition: no dot, no separator, no letter of two cases."""


class Observation(msgspec.Struct, frozen=True):
    """A page that had changed shows this document again; times are aware, in UTC."""

    url: str
    fetched_at: Moment | None
    archived_at: Moment


class ProvenanceRecord(msgspec.Struct, frozen=True):
    """The provenance record of an archived document as it is kept, `<sha256>.<source>.json`.

    Times in UTC, `size` in bytes; null is what is not known. `status`, the headers and `redirects`
    (the addresses that the asked one led to, in order) are of the answer that the document came
    with; `sightings` are the later times at which a page that had changed showed it again. Records
    of older versions have fewer keys; newer ones end in a `checksum`, the SHA-256 of the rest.
    """

    source: str
    url: str
    media_type: str
    published_on: date | None
    fetched_at: Moment | None
    archived_at: Moment
    sha256: str
    size: Annotated[int, Meta(ge=0)]
    tool_version: str
    redirects: tuple[str, ...] = ()
    status: Annotated[int, Meta(ge=0)] | None = None
    request_headers: dict[str, str] = {}
    response_headers: dict[str, str] = {}
    sightings: tuple[Observation, ...] = ()


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
    kept = ProvenanceRecord(
        source=record.source,
        url=record.url,
        media_type=record.media_type,
        published_on=record.published_on,
        fetched_at=record.fetched_at,
        archived_at=record.archived_at,
        sha256=record.sha256,
        size=record.size,
        tool_version=record.tool_version,
        redirects=exchange.redirects if exchange else (),
        status=exchange.status if exchange else None,
        request_headers=dict(exchange.request_headers) if exchange else {},
        response_headers=dict(exchange.response_headers) if exchange else {},
        sightings=record.observations,
    )
    return sealed(as_json(kept))


def load(content: bytes, where: object) -> Provenance:
    """Return a record from its JSON; `where` is for messages. Raises UnreadableDocument if damaged.

    Records of versions that kept less load as well.
    """
    try:
        kept = msgspec.json.decode(content, type=ProvenanceRecord)
        if not seal_holds(content):
            raise ValueError("it was changed since it was written")
        return Provenance(
            source=kept.source,
            url=kept.url,
            media_type=kept.media_type,
            published_on=kept.published_on,
            fetched_at=kept.fetched_at and kept.fetched_at.astimezone(UTC),
            archived_at=kept.archived_at.astimezone(UTC),
            sha256=kept.sha256,
            size=kept.size,
            tool_version=kept.tool_version,
            exchange=_exchange(kept),
            observations=tuple(
                Observation(
                    again.url,
                    again.fetched_at and again.fetched_at.astimezone(UTC),
                    again.archived_at.astimezone(UTC),
                )
                for again in kept.sightings
            ),
        )
    except (OverflowError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        problem = plain(str(error)) or type(error).__name__
        raise UnreadableDocument(
            f"The provenance record {where} cannot be read: {problem}."
        ) from error


def _exchange(kept: ProvenanceRecord) -> Exchange | None:
    if kept.status is None:
        return None
    return Exchange(
        status=kept.status,
        redirects=kept.redirects,
        request_headers=tuple(kept.request_headers.items()),
        response_headers=tuple(kept.response_headers.items()),
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
