"""The gate: decides for each document whether it may be published, and says why not.

`schemas/suites.py` holds the rules, `schemas/gate.md` is the truth table of the outcomes. All
documents of a run are checked together: Great Expectations costs the same for one as for a hundred.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flows.report import unrecognized_labels
from schemas.records import Bulletin, Figure, Finding, Reading, Verdict, war_day
from schemas.registry import Registry
from schemas.rules import CRITICAL, Rule, Suite
from schemas.suites import documents_suite, figures_suite, ledger_suite
from schemas.tables import LOSSES, LossRow

Row = dict[str, Any]
"""One row to check: the suite's columns, `document` (its place in the batch) and `shown`.

`shown` is what a finding says of the row: JSON values only, figures exactly as they were read.
"""

MOST_DETAILS = 5
"""How many failing rows a sentence names; the finding's rows hold them all."""

_INT64_MAX = 2**63 - 1
_NOT_SHOWN = {"war_day", "approximate", "diagnosis", "suggested_total", "document_sha256"}


def validate(readings: Sequence[Reading], *, registry: Registry, today: date) -> list[Verdict]:
    """Return the gate's verdict on each document, in the same order; `today` is the day in Kyiv.

    A document that the parser refused is blocked with the parser's reason. Raises RuntimeError if
    a rule could not be evaluated: then there is no verdict on any.
    """
    findings: dict[int, list[Finding]] = defaultdict(list)
    documents: list[Row] = []
    figures: list[Row] = []
    for place, reading in enumerate(readings):
        bulletin = reading.bulletin
        if bulletin.accepted:
            documents.append(_document_row(place, bulletin, registry))
            figures.extend(_figure_row(place, bulletin, f, registry) for f in bulletin.figures)
        else:
            findings[place].append(_refusal(bulletin))
    for suite, rows in ((documents_suite(today), documents), (figures_suite(registry), figures)):
        for place, finding in _findings(suite, rows):
            findings[place].append(finding)
    return [Verdict(reading, tuple(findings[place])) for place, reading in enumerate(readings)]


def check_rows(rows: Sequence[LossRow], *, registry: Registry) -> list[Finding]:
    """Return one finding for each rule of the ledger that rows of `losses` break.

    A warning flags what the bulletins print; a critical finding means that a row is malformed.
    Raises RuntimeError if a rule could not be evaluated.
    """
    checked = [_ledger_row(row) for row in rows]
    return [finding for _, finding in _findings(ledger_suite(registry), checked)]


def _refusal(bulletin: Bulletin) -> Finding:
    return Finding("readable", CRITICAL, bulletin.reason or "the parser gave no reason")


def _findings(suite: Suite, rows: Sequence[Row]) -> Iterator[tuple[int, Finding]]:
    """Yield (document, finding) for each rule that a document's rows break."""
    if not rows:
        return
    from schemas.expectations import broken_rules

    for broken in broken_rules(suite, rows):
        by_document: dict[int, list[Row]] = defaultdict(list)
        for position in broken.rows:
            by_document[rows[position]["document"]].append(rows[position]["shown"])
        for document, shown in by_document.items():
            yield document, _finding(broken.rule, shown)


def _finding(rule: Rule, shown: list[Row]) -> Finding:
    """Return the finding, its sentence naming the first rows that break the rule."""
    details = list(dict.fromkeys(rule.detail.format(**_said(row)) for row in shown if rule.detail))
    named = "; ".join(details[:MOST_DETAILS])
    more = f"; and {len(details) - MOST_DETAILS} more" if len(details) > MOST_DETAILS else ""
    sentence = f"{rule.sentence}: {named}{more}" if named else rule.sentence
    return Finding(rule.name, rule.severity, sentence, tuple(shown))


def _said(row: Row) -> Row:
    return {name: "not printed" if value is None else value for name, value in row.items()}


def _document_row(place: int, bulletin: Bulletin, registry: Registry) -> Row:
    day = bulletin.report_date
    expected = war_day(day) if day else None
    printed = bulletin.war_day if bulletin.war_day is not None else expected
    off = abs(printed - expected) if printed is not None and expected is not None else 0
    missing = registry.required(day) - {f.category for f in bulletin.figures} if day else set()
    return {
        "document": place,
        "report_date": day,
        "war_day_off": min(off, _INT64_MAX),
        "figures": len(bulletin.figures),
        "missing": len(missing),
        "unrecognized": len(bulletin.unrecognized),
        "shown": {
            "report_date": day and day.isoformat(),
            "war_day": printed,
            "expected_war_day": expected,
            "figures": len(bulletin.figures),
            "missing": ", ".join(sorted(missing, key=registry.order)),
            "unrecognized": unrecognized_labels.told(bulletin.unrecognized),
        },
    }


def _figure_row(place: int, bulletin: Bulletin, figure: Figure, registry: Registry) -> Row:
    category = registry.categories.get(figure.category)
    day = bulletin.report_date
    highest = category.highest_total(day) if category and day else None
    delta = _whole(figure.delta)
    return {
        "document": place,
        "category": figure.category,
        "total": _whole(figure.total),
        "total_kind": type(figure.total).__name__,
        "delta_kind": type(figure.delta).__name__,
        "numbers": (figure.total is not None) + (figure.delta is not None),
        "delta_size": None if delta is None else abs(delta),
        "delta_in_total": delta if (_whole(figure.total) or -1) > 0 else None,
        "highest_total": highest,
        "in_force": category.in_force(day) if category and day else None,
        "shown": {
            "category": figure.category,
            "total": figure.total,
            "delta": figure.delta,
            "label": figure.label,
            "start": figure.start,
            "end": figure.end,
            "highest_total": highest,
        },
    }


def _whole(value: object) -> int | None:
    """Return a whole number, cut to what a 64-bit column holds; None for anything else."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return max(-_INT64_MAX, min(value, _INT64_MAX))


def _ledger_row(row: LossRow) -> Row:
    """Return a row of losses to check; the whole ledger counts as one document."""
    columns = {name: getattr(row, name) for name in LOSSES.columns}
    shown = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in columns.items()
        if name not in _NOT_SHOWN
    }
    return columns | {"document": 0, "shown": shown}
