"""A day as it stood, after random histories: as by the slow way, which reads everything."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.lake.lake import Lake, open_lake
from flows.lake.window import candidates_on
from flows.reconcile.daily import with_daily
from flows.reconcile.series import ConsensusFigure, Series, checked_rows
from flows.reconcile.speakers import CHOICE_REACH, Speakers
from flows.reconcile.window import around
from flows.report.as_of import rows_as_of, series_as_of
from flows.report.source_conflicts import scored_totals
from schemas.records import Cell, Document
from schemas.registry import load_registry
from schemas.tables import LossRow
from tests.ledger import NOW, ORDER, document, rebuilt, take_in
from tests.tries import tries

REGISTRY = load_registry()
HOUR = timedelta(hours=1)

DAYS = (
    *(date(2022, 4, 29) + timedelta(days=n) for n in range(5)),
    *(date(2023, 12, 30) + timedelta(days=n) for n in range(4)),
    date(2024, 3, 1),
)
"""Across a merger of categories, a gap of a year, a change of year and a gap of two months."""

CATEGORIES = ("tanks", "military_vehicles", "fuel_tanks", "vehicles_fuel_tanks", "uavs")


def slow(
    lake: Lake, day: date | None, when: datetime, source_order: Sequence[str] = ORDER
) -> list[LossRow]:
    """Return what `rows_as_of` is to return, from all rows, revisions and records there are."""
    first = _first_archived(lake)
    early = {sha256 for sha256, (archived_at, _, _) in first.items() if archived_at <= when}
    now = {(row.report_date, row.category): row for row in lake.losses()}
    then = {cell: _values(row) for cell, row in now.items()}
    on_record = {
        (figure.report_date, figure.category)
        for figure in lake.figures()
        if figure.document_sha256 in early
    } & now.keys()
    for revision in reversed(lake.revisions()):
        cell = revision.report_date, revision.category
        if revision.seen_at > when:
            old = revision.old_text if revision.field == "diagnosis" else revision.old_value
            values = then.setdefault(cell, _values(None))
            values |= {revision.field.value: old, "document_sha256": revision.old_document_sha256}
        if revision.seen_at <= when or revision.old_document_sha256 in early:
            on_record.add(cell)
    totals: dict[str, dict[date, int]] = {}
    for (report_date, category), values in then.items():
        if (report_date, category) in on_record and values["total"] is not None:
            totals.setdefault(category, {})[report_date] = values["total"]
    latest = day or max((d for days in totals.values() for d in days), default=None)
    if latest is None:
        return []
    candidates = candidates_on(lake, around(frozenset([latest]), CHOICE_REACH))
    speakers = Speakers(
        {
            cell: [one for one in found if one.document_sha256 in early]
            for cell, found in candidates.items()
        }
    )
    chosen = []
    for category in sorted(category for category, days in totals.items() if latest in days):
        cell = latest, category
        values, day_of = then[cell], speakers[cell]
        alike = [c for c in day_of.values() if (c.total, c.delta) == _pair(values)]
        alike.sort(key=lambda candidate: candidate.document_sha256 != values["document_sha256"])
        _, source, url = first.get(values["document_sha256"], (NOW, "-", ""))
        chosen.append(
            ConsensusFigure(
                *cell,
                total=values["total"],
                delta=values["delta"],
                approximate=bool(alike) and alike[0].approximate,
                source=alike[0].source if alike else source,
                sources_agreeing=_agreeing(cell, speakers, values["total"], source_order),
                sources_total=max(len(day_of), 1),
                url=alike[0].recency.url if alike else url,
                document_sha256=(alike[0].document_sha256 if alike else values["document_sha256"]),
            )
        )
    rows = [_said(row, then, now) for row in checked_rows(chosen, Series(totals, REGISTRY))]
    if not rows:
        return []
    before = [
        replace(
            rows[0],
            report_date=day_before,
            category=category,
            suggested_total=values["suggested_total"],
        )
        for (day_before, category), values in sorted(then.items())
        if day_before in totals.get(category, {}) and day_before < latest
    ]
    return with_daily([*before, *rows])[len(before) :]


def _first_archived(lake: Lake) -> dict[str, tuple[datetime, str, str]]:
    """When each document was first archived, with the source and the address of then."""
    records = [lake.archive.provenance(key) for key in sorted(lake.archive.keys(), reverse=True)]
    records.sort(key=lambda record: record.archived_at, reverse=True)
    return {one.sha256: (one.archived_at, one.source, one.url) for one in records}


def _values(row: LossRow | None) -> dict[str, Any]:
    names = ("total", "delta", "diagnosis", "suggested_total")
    return {name: row and getattr(row, name) for name in names} | {
        "document_sha256": row.document_sha256 if row else ""
    }


def _pair(values: dict[str, Any]) -> tuple[int, int | None]:
    return values["total"], values["delta"]


def _agreeing(cell: Cell, speakers: Speakers, total: int, source_order: Sequence[str]) -> int:
    scored = scored_totals(cell, speakers[cell], speakers, source_order)
    return next((len(s.sources + s.rounding) for s in scored if s.total == total), 1)


def _said(row: LossRow, then: dict[Cell, dict[str, Any]], now: dict[Cell, LossRow]) -> LossRow:
    cell = row.report_date, row.category
    said, today = then[cell], now.get(cell)
    names = ("total", "diagnosis", "suggested_total")
    same = today is not None and all(said[name] == getattr(today, name) for name in names)
    return replace(
        row,
        diagnosis=said["diagnosis"],
        suggested_total=said["suggested_total"],
        hint=today.hint if today and same else None,
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document of a day; a newer parser may refuse it, or read another day or total in it."""
    day, source = draw(st.sampled_from(DAYS)), draw(st.sampled_from(["first", "second", "third"]))
    printed = st.tuples(st.none() | st.integers(0, 12), st.none() | st.integers(0, 3))
    figures = draw(st.dictionaries(st.sampled_from(CATEGORIES), printed, min_size=1))
    reread = draw(
        st.none()
        | st.just({"refused": "no bulletin"})
        | st.builds(lambda other: {"day": other.isoformat()}, st.sampled_from(DAYS))
        | st.builds(lambda total: {"figures": {"tanks": (total, 1)}}, st.integers(0, 12))
    )
    hour = draw(st.none() | st.integers(5, 8))
    published = None if hour is None else datetime.combine(day, time(hour), NOW.tzinfo)
    return document(day, figures, source, published, reread)


RUNS = st.lists(
    st.lists(documents(), max_size=4) | st.just("rebuild"),
    min_size=1,
    max_size=4,
)


@pytest.mark.slow
@settings(max_examples=tries(12), deadline=None)
@given(RUNS, st.data())
def test_it_is_what_the_slow_way_says(
    runs: list[list[Document] | str], data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        open_lake(root, create=True)
        for number, run in enumerate(runs):
            now = NOW + number * HOUR
            if isinstance(run, str):
                rebuilt(root, now=now, parser=2)
            else:
                take_in(root, run, now=now)
        lake = open_lake(root)
        when = NOW + data.draw(st.integers(-1, 2 * len(runs))) * HOUR / 2
        for day in (None, *DAYS):
            rows = rows_as_of(lake, day, when, REGISTRY, ORDER)
            assert sorted(rows, key=lambda row: row.category) == slow(lake, day, when)
        since, until = sorted(data.draw(st.tuples(*[st.sampled_from(DAYS)] * 2)))
        assert series_as_of(lake, since, until, when, REGISTRY, ORDER) == [
            row
            for day in DAYS
            if since <= day <= until
            for row in rows_as_of(lake, day, when, REGISTRY, ORDER)
        ]
        assert len(series_as_of(lake, None, None, when, REGISTRY, ORDER)) == sum(
            len(rows_as_of(lake, day, when, REGISTRY, ORDER)) for day in DAYS
        )
