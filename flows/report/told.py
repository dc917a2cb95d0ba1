"""What the summary of a run keeps of its documents and rows: counts, days, what there is to say.

Of the rest there may be any number: of a rebuild all that is archived.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from flows.report.day_summary import Day, days, fell, is_odd
from schemas.codes import DeltaStatus, DocumentStatus
from schemas.records import Verdict
from schemas.registry import load_registry
from schemas.tables import LossRow


@dataclass(frozen=True, slots=True)
class ToldDocuments:
    """What became of a run's bulletins.

    `counts` has how many there are of each status, `published` the report dates of those that are
    not blocked. `telling` are the verdicts with a finding or a warning, without their figures.
    """

    counts: Mapping[DocumentStatus, int]
    published: frozenset[date]
    telling: tuple[Verdict, ...]

    @property
    def read(self) -> int:
        """How many bulletins were read."""
        return sum(self.counts.values())

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> "ToldDocuments":
        """Return what is told of verdicts, in their order."""
        counts: Counter[DocumentStatus] = Counter()
        published = set()
        telling = []
        for verdict in verdicts:
            bulletin = verdict.reading.bulletin
            counts[verdict.status] += 1
            if bulletin.report_date and not verdict.blocked:
                published.add(bulletin.report_date)
            if verdict.findings or bulletin.warnings:
                told = replace(bulletin, figures=(), unrecognized=(), headlines=())
                telling.append(replace(verdict, reading=replace(verdict.reading, bulletin=told)))
        return cls(counts, frozenset(published), tuple(telling))


@dataclass(frozen=True, slots=True)
class ToldRows:
    """What became of the rows of `losses` that a run published or decided again.

    `counts` has how many there are of each delta_status; `days` are their days in plain words,
    oldest first; `telling` the rows that do not add up, are misprinted, fell, or are not printed
    alike by all sources, sorted by report date.
    """

    counts: Mapping[DeltaStatus, int]
    days: tuple[Day, ...]
    telling: tuple[LossRow, ...]

    @property
    def number(self) -> int:
        """How many rows there are."""
        return sum(self.counts.values())

    @classmethod
    def of(cls, parts: Iterable[Iterable[LossRow]], published: frozenset[date]) -> "ToldRows":
        """Return what is told of rows that come in parts, none with a day of another.

        `published` are the dates of the run's own bulletins: other days are there in part.
        """
        registry = load_registry()
        counts: Counter[DeltaStatus] = Counter()
        told: list[Day] = []
        telling: list[LossRow] = []
        for part in parts:
            rows = list(part)
            counts.update(row.delta_status for row in rows)
            others = frozenset(row.report_date for row in rows) - published
            told += days(rows, registry, partial=others)
            telling += filter(_tells, rows)
        return cls(counts, tuple(told), tuple(telling))


NO_DOCUMENTS = ToldDocuments.of(())
NO_ROWS = ToldRows.of((), frozenset())


def _tells(row: LossRow) -> bool:
    return is_odd(row) or fell(row) or row.sources_agreeing < row.sources_total
