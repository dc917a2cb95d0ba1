"""Days in plain words: what adds up in the published rows, what does not, and why."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flows.report.diagnosis_phrases import DIAGNOSIS_WORDS, odd_words, signed, step
from schemas.registry import Registry
from schemas.tables import LossRow, RevisionRow

CHECKED = frozenset({"ok", "ok_unprinted", "mismatch"})
"""The statuses of rows whose delta could be held against the change in the totals."""

STATUS_WORDS = {
    "ok": "adds up",
    "ok_unprinted": "unchanged, no daily change printed",
    "not_printed": "no daily change printed",
    "mismatch": "does not add up",
    "gap": "no check: not on record the day before",
    "first": "first on record",
}

_CAUSES = {
    "newer_document": "a newer document",
    "other_source": "another source",
    "parser": "a newer parser",
    "days_beside": "the days beside it",
}

UNPRINTED = "no daily change printed for"
NOTHING_ON_RECORD = "no check: nothing on record for"
"""How two notes begin that a long report counts and does not list."""

_AGAIN = "decided again, as a day beside it came in or changed"


@dataclass(frozen=True, slots=True)
class Day:
    """One report date: how many figures, how many could be checked and add up, what to say.

    `alarms` tell what does not add up or was changed, `notes` what could not be checked or is not
    there. `partial`: these are some of the day's rows, decided again as a day beside it changed.
    """

    report_date: date
    figures: int
    checked: int
    adding_up: int
    alarms: tuple[str, ...]
    notes: tuple[str, ...]
    partial: bool = False


def days(
    rows: Iterable[LossRow], registry: Registry, *, partial: frozenset[date] = frozenset()
) -> list[Day]:
    """Return the days of the rows, oldest first; `partial` names those with some rows only.

    A category that the registry does not know comes last in its day.
    """
    by_date: dict[date, list[LossRow]] = defaultdict(list)
    for row in rows:
        by_date[row.report_date].append(row)
    return [
        _day(
            day,
            in_order(by_date[day], registry),
            registry,
            partial=day in partial,
        )
        for day in sorted(by_date)
    ]


def in_order(rows: Iterable[LossRow], registry: Registry) -> list[LossRow]:
    """Return the rows of a day in the registry's order, unknown categories last."""
    places = {category: place for place, category in enumerate(registry.categories)}
    return sorted(rows, key=lambda row: (places.get(row.category, len(places)), row.category))


def title(category: str, registry: Registry) -> str:
    """Return a category's title; its id where the registry does not know it."""
    known = registry.categories.get(category)
    return known.title if known else category


def is_odd(row: LossRow) -> bool:
    """Whether a row does not add up, or is misprinted though it prints no daily change."""
    return row.delta_status == "mismatch" or row.diagnosis is not None


def fell(row: LossRow) -> bool:
    """Whether a total is lower than the one before."""
    return row.previous_total is not None and row.total < row.previous_total


def span(first: date, last: date) -> str:
    """Return one date or two as text."""
    return str(first) if first == last else f"{first} to {last}"


def revision_words(revision: RevisionRow, registry: Registry) -> str:
    """Say in words which published value changed, and on whose word."""
    name, cause = title(revision.category, registry), _CAUSES.get(revision.cause, revision.cause)
    if revision.field == "diagnosis":
        was = _diagnosis(revision.old_text)
        return f"{name}: so far {was}; {cause} changed that to: {_diagnosis(revision.new_text)}"
    field = revision.field.replace("_", " ")
    old, new = _number(revision.old_value), _number(revision.new_value)
    return f"{name}: the {field} was {old}, {cause} says {new}"


def _day(day: date, rows: Sequence[LossRow], registry: Registry, *, partial: bool) -> Day:
    checked = [row for row in rows if row.delta_status in CHECKED]
    others = [_AGAIN] if partial else _missing(day, rows, registry)
    return Day(
        report_date=day,
        figures=len(rows),
        checked=len(checked),
        adding_up=sum(row.delta_status != "mismatch" for row in checked),
        alarms=tuple(_alarms(rows, registry)),
        notes=(*_unchecked(rows, registry), *others),
        partial=partial,
    )


def _alarms(rows: Iterable[LossRow], registry: Registry) -> Iterator[str]:
    for row in rows:
        name = title(row.category, registry)
        if is_odd(row):
            yield f"{name}: {odd_words(row)}"
        elif fell(row):
            yield f"{name}: the total fell since {row.previous_date}, {step(row)}"
        if row.sources_agreeing < row.sources_total:
            agreeing = f"{row.sources_agreeing} of {row.sources_total} sources"
            yield f"{name}: {agreeing} print {row.total:,}"


def _unchecked(rows: Sequence[LossRow], registry: Registry) -> Iterator[str]:
    first = [row for row in rows if row.delta_status == "first"]
    if first and len(first) == len(rows):
        yield "the first day on record: nothing to compare with yet"
    elif first:
        yield f"first on record: {_titles(first, registry)}"
    yield from _gaps(rows, registry)
    # A total that fell is among the alarms already.
    unprinted = [row for row in rows if row.delta_status == "not_printed" and (row.change or 0) > 0]
    if unprinted:
        steps = [f"{title(row.category, registry)} ({signed(row.change)})" for row in unprinted]
        yield f"{UNPRINTED} {', '.join(steps)}"


def _gaps(rows: Sequence[LossRow], registry: Registry) -> Iterator[str]:
    """Tell a day that is not on record at all from a category that a bulletin left out."""
    by_date: dict[date, list[LossRow]] = defaultdict(list)
    for row in rows:
        if row.delta_status == "gap" and row.previous_date:
            by_date[row.previous_date].append(row)
    whole = not any(row.days_missing == 0 for row in rows)
    for place, (last, group) in enumerate(sorted(by_date.items(), reverse=True)):
        day = group[0].report_date
        if whole and place == 0:
            missing = span(last + timedelta(days=1), day - timedelta(days=1))
            yield f"{NOTHING_ON_RECORD} {missing}"
        elif (day - last).days == 2:
            yield f"no check for {_titles(group, registry)}: not printed the day before"
        else:
            yield f"no check for {_titles(group, registry)}: last printed on {last}"


def _missing(day: date, rows: Iterable[LossRow], registry: Registry) -> list[str]:
    absent = registry.required(day) - {row.category for row in rows}
    names = [title(name, registry) for name in sorted(absent, key=registry.order)]
    return [f"not printed: {', '.join(names)}"] if names else []


def _titles(rows: Iterable[LossRow], registry: Registry) -> str:
    return ", ".join(title(row.category, registry) for row in rows)


def _diagnosis(name: str | None) -> str:
    return "in order" if name is None else DIAGNOSIS_WORDS.get(name, name)


def _number(number: int | None) -> str:
    return "not printed" if number is None else f"{number:,}"
