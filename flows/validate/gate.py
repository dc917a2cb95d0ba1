"""The gate: decides for each document whether it may be published, and says why not.

`schemas/suites.py` holds the rules, `docs/reference/gate.md` is the truth table of the outcomes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flows.parse.guard import broken
from flows.settings import kyiv_date
from flows.validate.check import Keep, check, finding
from schemas.codes import RuleName, Severity
from schemas.envelope import load_envelope
from schemas.records import Bulletin, Figure, Finding, Reading, Unrecognized, Verdict, war_day
from schemas.registry import Registry

_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class GateDocument:
    """An accepted document as the suite `documents` reads it; `document` is its place."""

    document: int
    bulletin: Bulletin
    report_date: date | None
    war_day: int | None
    expected_war_day: int | None
    days_late: int | None
    totals: int
    outside: int
    figures: int
    missing: str | None
    unrecognized: str | None

    def shown(self) -> dict[str, Any]:
        """Return what a finding says of it: JSON values, the war day exactly as it was read."""
        printed = self.bulletin.war_day
        return {
            "report_date": self.report_date and self.report_date.isoformat(),
            "war_day": self.expected_war_day if printed is None else printed,
            "expected_war_day": self.expected_war_day,
            "days_late": self.days_late,
            "totals": self.totals,
            "outside": self.outside,
            "figures": self.figures,
            "missing": self.missing or "",
            "unrecognized": self.unrecognized or "",
        }


@dataclass(frozen=True, slots=True)
class GateFigure:
    """A figure as the suite `figures` reads it; `document` is the place of its document."""

    document: int
    figure: Figure
    category: str
    total: int | None
    delta: int | None
    total_as_read: str | None
    delta_as_read: str | None
    report_date: date | None
    highest_total: int | None
    valid_from: date | None
    valid_until: date | None

    def shown(self) -> dict[str, Any]:
        """Return what a finding says of it: JSON values, the numbers exactly as they were read."""
        return {
            "category": self.category,
            "total": self.figure.total,
            "delta": self.figure.delta,
            "label": self.figure.label,
            "start": self.figure.start,
            "end": self.figure.end,
            "highest_total": self.highest_total,
        }


def validate(
    readings: Sequence[Reading], *, registry: Registry, today: date, keep: Keep | None = None
) -> list[Verdict]:
    """Return the gate's verdict on each document, in the same order; `today` is the day in Kyiv.

    A document that the parser refused is blocked with the parser's reason, one on which a rule
    cannot be evaluated with that rule. `keep` is given the result of each Checkpoint, in short.
    """
    findings: dict[int, list[Finding]] = defaultdict(list)
    documents: list[GateDocument] = []
    figures: list[GateFigure] = []
    days = Counter(reading.key for reading in readings)
    readings = [
        _add_rows(place, reading, registry, documents, figures, is_single=days[reading.key] == 1)
        for place, reading in enumerate(readings)
    ]
    for place, reading in enumerate(readings):
        if not reading.bulletin.accepted:
            reason = reading.bulletin.reason or "the parser gave no reason"
            findings[place].append(Finding(RuleName.UNREADABLE, Severity.CRITICAL, reason))
    parameters = {"today": today, "categories": list(registry.categories)}
    rows: Sequence[GateDocument] | Sequence[GateFigure]
    for suite, rows in (("documents", documents), ("figures", figures)):
        checked = check(suite, rows, [row.document for row in rows], parameters, keep)
        for result in checked.broken:
            by_document: dict[int, list[dict[str, Any]]] = defaultdict(list)
            for position in result.rows:
                by_document[rows[position].document].append(rows[position].shown())
            for document, shown in by_document.items():
                findings[document].append(finding(result, shown, parameters))
        for document, failure in checked.failed.items():
            sentence = f"{RuleName.RULE_FAILED.clause}: {failure.rule} ({failure.problem})"
            findings[document].append(Finding(RuleName.RULE_FAILED, Severity.CRITICAL, sentence))
    return [Verdict(reading, tuple(findings[place])) for place, reading in enumerate(readings)]


def _add_rows(
    place: int,
    reading: Reading,
    registry: Registry,
    documents: list[GateDocument],
    figures: list[GateFigure],
    *,
    is_single: bool,
) -> Reading:
    """Add the rows of an accepted bulletin; one of which none can be made is returned refused.

    `is_single`: its document holds no other.
    """
    bulletin = reading.bulletin
    if not bulletin.accepted:
        return reading
    try:
        late = _days_late(reading) if is_single else None
        row = _document_row(place, bulletin, registry, late)
        own = [_figure_row(place, bulletin, figure, registry) for figure in bulletin.figures]
    except Exception as error:
        return replace(reading, bulletin=broken(error, reading.archived.document, "checking it"))
    documents.append(row)
    figures += own
    return reading


def _days_late(reading: Reading) -> int | None:
    """Return how many days after its report date a bulletin was published; None if not known."""
    bulletin, published = reading.bulletin, reading.archived.document.published_on
    if published is None and bulletin.published_at:
        published = kyiv_date(bulletin.published_at)
    if published is None or bulletin.report_date is None:
        return None
    return (published - bulletin.report_date).days


def _document_row(
    place: int, bulletin: Bulletin, registry: Registry, days_late: int | None
) -> GateDocument:
    day = bulletin.report_date
    inside = [
        band.holds(figure.total)
        for figure in bulletin.figures
        if day
        and isinstance(figure.total, int)
        and (band := load_envelope().band(figure.category, day))
    ]
    missing = registry.required(day) - {f.category for f in bulletin.figures} if day else set()
    return GateDocument(
        document=place,
        bulletin=bulletin,
        report_date=day,
        war_day=_int64(bulletin.war_day),
        expected_war_day=war_day(day) if day else None,
        days_late=days_late,
        totals=len(inside),
        outside=inside.count(False),
        figures=len(bulletin.figures),
        missing=", ".join(sorted(missing, key=registry.order)) or None,
        unrecognized=_told(bulletin.unrecognized) or None,
    )


def _figure_row(place: int, bulletin: Bulletin, figure: Figure, registry: Registry) -> GateFigure:
    category = registry.categories.get(figure.category)
    day = bulletin.report_date
    return GateFigure(
        document=place,
        figure=figure,
        category=figure.category,
        total=_int64(figure.total),
        delta=_int64(figure.delta),
        total_as_read=None if figure.total is None else repr(figure.total),
        delta_as_read=None if figure.delta is None else repr(figure.delta),
        report_date=day,
        highest_total=category.highest_total(day) if category and day else None,
        valid_from=category.valid_from if category else None,
        valid_until=category.valid_until if category else None,
    )


def _int64(value: object) -> int | None:
    """Return a whole number, cut to what a 64-bit column holds; None for anything else."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return max(-_INT64_MAX, min(value, _INT64_MAX))


def _told(items: Iterable[Unrecognized]) -> str:
    """Return items with their numbers, for a sentence: "hovercraft 7 (+1); balloons 12".

    Half a surrogate pair, as a JSON text may hold, is replaced: no data frame takes it.
    """
    told = "; ".join(
        " ".join(item.label.replace(";", ",").split())
        + ("" if item.total is None else f" {item.total}")
        + ("" if item.delta is None else f" ({item.delta:+})")
        for item in items
    )
    return told.encode("utf-8", "replace").decode()
