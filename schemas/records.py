"""The typed records that travel between the stages.

Plain frozen dataclasses: no stage needs pandas, Prefect or Great Expectations to make or read one.
Counts are always `int` or `None` (not printed), never a float. Every datetime is aware, in UTC.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

from schemas.codes import (
    BulletinWarningCode,
    DecidedBy,
    DocumentStatus,
    Reason,
    RuleName,
    Severity,
    Unread,
)

EARLIEST = datetime.min.replace(tzinfo=UTC)
"""The time of what is not dated, where it counts as older than anything else."""

Key = tuple[str, str]
"""(source, sha256): one document of one source."""

ContentKey = tuple[str, str, date | None]
"""What decides how a document reads: SHA-256, media type, date of publication."""

WAR_START = date(2022, 2, 24)
"""Day 1 of the count that the bulletins print ("Day 593" is 2023-10-09)."""

FIRST_REPORT = date(2022, 2, 25)
"""The earliest report date that the gate accepts: the first bulletin covers 24 February 2022."""


def war_day(report_date: date) -> int:
    """Return the war day of a report date: whole days since 2022-02-24, plus one."""
    return (report_date - WAR_START).days + 1


def date_of_war_day(day: int) -> date:
    """Return the report date of a war day; the inverse of `war_day`.

    Raises OverflowError for a number that no calendar date has.
    """
    return WAR_START + timedelta(days=day - 1)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said when a document was fetched: the status, and the headers that matter.

    `redirects` are the addresses that the asked one led to, in order, the last one being where the
    document lay. `final` is the source's word that the page does not change any more; it is no
    part of the provenance. Nothing in here is secret.
    """

    status: int
    redirects: tuple[str, ...] = ()
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()
    final: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Document:
    """The bytes of one publication and what is known of where they came from.

    `url` is the address, or the path inside the archive folder (POSIX separators).
    `published_on` is the publication date that the caller knows (a file name, a feed), or None.
    `fetched_at` is when Tallybook fetched it over the network; None for a local file, and then
    `exchange` is None too. `left_sha256`: its bytes are left in the archive, under this hash.
    """

    source: str
    url: str
    content: bytes = field(repr=False)
    media_type: str = "text/html"
    published_on: date | None = None
    fetched_at: datetime | None = None
    exchange: Exchange | None = None
    left_sha256: str | None = field(default=None, repr=False)

    @cached_property
    def sha256(self) -> str:
        """The lower-case hex SHA-256 of the untouched bytes: the document's identity."""
        return self.left_sha256 or hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Archived:
    """A document as it lies in the archive, and when it was archived.

    `archived_at` is the last time that it was the newest of its address: a page that goes back to
    an older version was seen again then.
    """

    document: Document
    archived_at: datetime

    @property
    def key(self) -> Key:
        """(source, sha256): one document of one source."""
        return self.document.source, self.document.sha256

    def without_content(self) -> "Archived":
        """Return what is known of it; its bytes, b"" from now on, are in the archive alone."""
        left = replace(self.document, content=b"", left_sha256=self.document.sha256)
        return replace(self, document=left)


PassageKind: TypeAlias = Literal["link", "heading", "quote", "list", "caption", "box"]
"""What a passage was on its page; a box holds something else than the article (related pages)."""


class Passage(NamedTuple):
    """A part of a page's text, by its offsets, and what it was there. Passages may overlap."""

    kind: PassageKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class UnreadDocument:
    """A document of the archive that a run could not read: which, why as a code, in a sentence.

    What is on record of it stays as it is, and so does its mark as pending.
    """

    source: str
    sha256: str
    code: Unread
    problem: str


@dataclass(frozen=True, slots=True)
class Page:
    """The readable text of a document. Offsets of figures and of `passages` point into `text`."""

    text: str
    title: str | None = None
    published_at: datetime | None = None
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One category's printed numbers in one bulletin.

    `total` is cumulative since 2022-02-24, `delta` the printed change of the last 24 hours; each
    is None where it is not printed, and 0 where a zero is printed. `start` and `end` are
    the offsets in the extracted text of the passage that prints them, label included.
    `decided_by` is what told a total from a delta.
    """

    category: str
    total: int | None
    delta: int | None
    approximate: bool
    label: str
    start: int
    end: int
    decided_by: DecidedBy = DecidedBy.WORDING


@dataclass(frozen=True, slots=True)
class BulletinWarning:
    """A remark on a bulletin that is published all the same: its code and a sentence."""

    code: BulletinWarningCode
    text: str


@dataclass(frozen=True, slots=True)
class Unrecognized:
    """An item of the bulletin whose label the registry does not know, with its numbers."""

    label: str
    total: int | None
    delta: int | None


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What `parse` read in one document: either accepted, or refused with the reason.

    `reason_code` and `reason` (its sentence) are None where it is accepted. A refused bulletin may
    still carry what was read before it was refused.
    """

    status: str
    reason: str | None = None
    reason_code: Reason | None = None
    report_date: date | None = None
    date_evidence: tuple[str, ...] = ()
    war_day: int | None = None
    language: str | None = None
    complete: bool = False
    title: str | None = None
    published_at: datetime | None = None
    headlines: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    unrecognized: tuple[Unrecognized, ...] = ()
    warnings: tuple[BulletinWarning, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the text is the bulletin and its date and figures were read."""
        return self.status == "accepted"


@dataclass(frozen=True, slots=True)
class Reading:
    """An archived document and one bulletin that was read in it: what validate and publish take.

    A document that holds many days gives as many readings.
    """

    archived: Archived
    bulletin: Bulletin

    @property
    def key(self) -> Key:
        """(source, sha256): what identifies a document of a source in every table."""
        return self.archived.key

    @property
    def report_date(self) -> date:
        """The report date of an accepted bulletin. Raises ValueError where it has none."""
        if self.bulletin.report_date is None:
            raise ValueError("an accepted bulletin has a report date")
        return self.bulletin.report_date

    @property
    def filed_on(self) -> date:
        """The day whose year names the partition of `bulletins` that holds it: see that table."""
        document, bulletin = self.archived.document, self.bulletin
        known = bulletin.report_date or bulletin.published_at or document.published_on
        return known or self.archived.archived_at

    @property
    def recency(self) -> "Recency":
        """The place in time of an accepted bulletin."""
        document = self.archived.document
        return recency(
            self.report_date,
            self.bulletin.published_at,
            document.published_on,
            self.archived.archived_at,
            document.url,
            document.sha256,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule of the gate: which, how severe, the sentence, and the rows that broke it."""

    rule: RuleName
    severity: Severity
    sentence: str
    rows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's decision on one document: what it found, and whether that blocks it."""

    reading: Reading
    findings: tuple[Finding, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether a critical rule is broken, so that the document goes to quarantine."""
        return any(f.severity == Severity.CRITICAL for f in self.findings)

    @property
    def status(self) -> DocumentStatus:
        """What becomes of the bulletin: refused by the parser, quarantined by a rule, accepted."""
        if not self.reading.bulletin.accepted:
            return DocumentStatus.REFUSED
        return DocumentStatus.QUARANTINED if self.blocked else DocumentStatus.ACCEPTED

    @property
    def reason_code(self) -> Reason | RuleName | None:
        """Why it is not published: the parser's reason, else the first critical rule; or None."""
        critical = (f.rule for f in self.findings if f.severity == Severity.CRITICAL)
        return self.reading.bulletin.reason_code or next(critical, None)

    @property
    def reason(self) -> str | None:
        """The sentences of the critical findings as one line; None where nothing blocks."""
        sentences = [f.sentence for f in self.findings if f.severity == Severity.CRITICAL]
        return "; ".join(sentences) or None


class Recency(NamedTuple):
    """What orders the documents of a source: publication as far as it is known, then archiving."""

    published_at: datetime
    archived_at: datetime
    url: str
    sha256: str


def recency(
    report_date: date,
    published_at: datetime | None,
    published_on: date | None,
    archived_at: datetime,
    url: str,
    sha256: str,
) -> Recency:
    """Return a document's place in time: publication as far as it is known, then archiving."""
    day = datetime.combine(published_on or report_date, time(), UTC)
    return Recency(published_at or day, archived_at, url, sha256)


Cell = tuple[date, str]
"""(report_date, category): what a row of `losses` is about."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One document's figure for one report date and category, as `reconcile` weighs it.

    `recency` orders the documents of one source, newest last.
    """

    report_date: date
    category: str
    total: int | None
    delta: int | None
    approximate: bool
    source: str
    document_sha256: str
    recency: Recency

    @property
    def cell(self) -> Cell:
        """What it is about."""
        return self.report_date, self.category
