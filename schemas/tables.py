"""The published tables: each row is a record here, and each field of it a column, declared once.

The Arrow schemas, the codecs, the rules on columns and the data dictionary are generated from these
declarations. Plain frozen dataclasses: nothing heavy is needed to make or read one.
"""

from dataclasses import dataclass
from datetime import date, datetime

from schemas.codes import (
    DailyBasis,
    DecidedBy,
    DeltaStatus,
    Diagnosis,
    DocumentStatus,
    Hint,
    Reason,
    RevisionCause,
    RevisionField,
    RuleName,
)
from schemas.fields import Table, column
from schemas.records import BulletinWarning, Unrecognized

_REPORT_DATE = (
    "The Kyiv date that the bulletin is as of: the morning it came out. "
    "The losses of its deltas happened the day before."
)
_CATEGORY = "What is counted: an id of schemas/categories.toml."
_SOURCE = "The configured source that the document came from."
_SHA256 = "SHA-256 of the document's untouched bytes: its name in archive/."
_WAR_DAY = "Day of the full-scale war; 2022-02-24 is day 1."


@dataclass(frozen=True, slots=True)
class LossRow:
    """One row of `losses`: a category's published figure of a report date, and its check."""

    report_date: date = column(_REPORT_DATE)
    loss_date: date = column("The day before the report date: when the losses of a day happened.")
    war_day: int = column(_WAR_DAY, "days", int32=True)
    category: str = column(_CATEGORY)
    total: int = column(
        "Cumulative total since 2022-02-24, exactly as a bulletin printed it.", "count"
    )
    delta: int | None = column(
        "The change over the last 24 hours that the same bulletin printed; null where none is "
        "printed, 0 where a zero is printed.",
        "count",
    )
    approximate: bool = column('Whether the bulletin marks the figure "about" or the like.')
    daily: int | None = column(
        "The losses of loss_date as best known: plot this, never the difference of totals. Null "
        "where nothing says them.",
        "count",
    )
    daily_basis: DailyBasis = column("What `daily` is made of.")
    previous_date: date | None = column(
        "The latest earlier report date on record for this category or its predecessors."
    )
    previous_total: int | None = column(
        "The total on previous_date; across a merger, the predecessors' totals added up.", "count"
    )
    days_missing: int | None = column(
        "Report dates without a record between previous_date and report_date; 0 where the day "
        "before is on record, null where nothing is.",
        "days",
        int32=True,
    )
    change: int | None = column(
        "total - previous_total where the day before is on record; null on a gap, so that a "
        "change of several days is never taken for one day's.",
        "count",
    )
    discrepancy: int | None = column(
        "change - delta; null where either is null. 0 means that the bulletin adds up.", "count"
    )
    delta_status: DeltaStatus = column("Whether the printed delta equals the change in the totals.")
    diagnosis: Diagnosis | None = column(
        "Why the row does not add up, as far as the days beside it and other sources tell; "
        "null where it does."
    )
    suggested_total: int | None = column(
        "What the evidence says the total should have been; beside the printed one, never "
        "instead of it.",
        "count",
    )
    hint: Hint | None = column("How the misprint came about, where the figures show it.")
    source: str = column(_SOURCE)
    sources_agreeing: int = column(
        "Sources that print the published total, or a round figure that it rounds to.",
        "sources",
        int32=True,
    )
    sources_total: int = column("Sources that print a total for this row.", "sources", int32=True)
    url: str = column("The address of the document, or its path inside the archive folder.")
    document_sha256: str = column(_SHA256)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One row of `figures`: a printed figure of an accepted bulletin."""

    source: str = column(_SOURCE, partition=True)
    report_date: date = column(_REPORT_DATE)
    category: str = column(_CATEGORY)
    total: int | None = column(
        "The printed cumulative total; null where only a delta is printed.", "count"
    )
    delta: int | None = column(
        "The printed change over the last 24 hours; null where none is printed.", "count"
    )
    approximate: bool = column('Whether the figure is marked "about" or the like.')
    label: str = column("The label as printed.")
    start: int = column(
        "Where the figure's passage starts in the extracted text.", "characters", int32=True
    )
    end: int = column("Where it ends (exclusive).", "characters", int32=True)
    decided_by: DecidedBy = column("What told the total from the delta.")
    document_sha256: str = column(_SHA256)

    @property
    def key(self) -> tuple[str, str]:
        """(source, sha256): the document that prints it."""
        return self.source, self.document_sha256


@dataclass(frozen=True, slots=True)
class BulletinRow:
    """One row of `bulletins`: a bulletin in a document of a source, and what became of it."""

    report_date: date | None = column(
        "The Kyiv date that the bulletin is as of; null where none could be read."
    )
    war_day: int | None = column(
        "The war day of report_date; 2022-02-24 is day 1.", "days", int32=True
    )
    source: str = column(_SOURCE)
    url: str = column("Its address, or its path inside the archive folder.")
    title: str | None = column("Its title, as printed.")
    headlines: tuple[str, ...] = column("The summary headlines above the bulletin, as printed.")
    language: str | None = column("ISO 639-1 code of its language.")
    complete: bool = column("Whether every category in force that day is printed.")
    figures: int = column("Figures read.", "figures", int32=True)
    bulletins: int = column(
        "Bulletins in the same document: 1 for an article, a month of them for a month page.",
        "bulletins",
        int32=True,
    )
    published_at: datetime | None = column("When the page says it was published or last changed.")
    published_on: date | None = column(
        "The publication date that the caller gave (a file name, a feed)."
    )
    fetched_at: datetime | None = column(
        "When it was fetched over the network; null for a local file."
    )
    status: DocumentStatus = column("What became of it.")
    reason_code: Reason | RuleName | None = column(
        "Why it is not accepted, as a code: the parser's reason, or the first rule that it breaks; "
        "null if it is."
    )
    reason: str | None = column("Why it is not accepted, in a sentence; null if it is.")
    warnings: tuple[BulletinWarning, ...] = column(
        "What the parser and the gate remarked: a code and a sentence each."
    )
    unrecognized: tuple[Unrecognized, ...] = column(
        "Printed items whose label the registry does not know: label, total and delta."
    )
    document_sha256: str = column(_SHA256)

    @property
    def key(self) -> tuple[str, str]:
        """(source, sha256): the document that it stands in."""
        return self.source, self.document_sha256


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One row of `revisions`: a published value that changed, and why."""

    report_date: date = column(_REPORT_DATE)
    category: str = column(_CATEGORY)
    field: RevisionField = column("Which column of losses changed.")
    old_value: int | None = column("The number until then.", "count")
    new_value: int | None = column("The number since then.", "count")
    old_text: Diagnosis | None = column("The diagnosis until then.")
    new_text: Diagnosis | None = column("The diagnosis since then.")
    seen_at: datetime = column("When Tallybook took in what changed it.")
    cause: RevisionCause = column("What changed it.")
    old_document_sha256: str = column("The document that printed the old value.")
    new_document_sha256: str = column("The document that prints the new value.")


LOSSES = Table(
    "losses",
    "The product: one row per report date and category, with the check of its delta.",
    LossRow,
    ("year",),
    ("report_date", "category"),
)
FIGURES = Table(
    "figures",
    "Every printed figure of every accepted document, with its place in the text.",
    FigureRow,
    ("source", "year"),
    ("report_date", "document_sha256", "start"),
)
BULLETINS = Table(
    "bulletins",
    "One row per bulletin in a document of a source: accepted, refused or quarantined; a document "
    "that holds many days has as many rows. The partition is the year of the report date; without "
    "one, of the publication date, else of the day it was archived.",
    BulletinRow,
    ("year",),
    ("report_date", "source", "document_sha256"),
)
REVISIONS = Table(
    "revisions",
    "Append-only: every published value that changed since: a later document or source, a better "
    "parser or the days beside it changed it.",
    RevisionRow,
    ("year",),
    ("seen_at", "report_date", "category", "field"),
)

TABLES = (LOSSES, FIGURES, BULLETINS, REVISIONS)
