"""Days in plain words: what adds up in the published rows, what does not, and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from flows.reconcile.speakers import Overruled
from flows.report.diagnosis_phrases import DIAGNOSIS_PHRASES, odd_words, signed, step
from schemas.codes import (
    Code,
    DayState,
    DeltaStatus,
    Diagnosis,
    NoteCode,
    RevisionCause,
    RevisionField,
)
from schemas.records import Candidate
from schemas.registry import Registry
from schemas.tables import LossRow, RevisionRow

CodeT = TypeVar("CodeT", bound=Code)

CHECKED = frozenset({DeltaStatus.OK, DeltaStatus.OK_UNPRINTED, DeltaStatus.MISMATCH})
"""The statuses of rows whose delta could be held against the change in the totals."""

STATUS_PHRASES: Mapping[DeltaStatus, str] = {
    DeltaStatus.OK: "adds up",
    DeltaStatus.OK_UNPRINTED: "unchanged, no daily change printed",
    DeltaStatus.NOT_PRINTED: "no daily change printed",
    DeltaStatus.MISMATCH: "does not add up",
    DeltaStatus.GAP: "no check: not on record the day before",
    DeltaStatus.FIRST: "first on record",
}
"""What a line of a table says of a row; what each status means is `schemas/codes.py`."""

MARKS: Mapping[DayState, str] = {
    DayState.OK: "",
    DayState.UNCHECKED: "·",
    DayState.EXPLAINED: "×",
    DayState.UNDECIDED: "!",
    DayState.MISSING: "",
}
"""The sign that stands beside a colour, which not everybody sees."""

_UNCHECKED = (DeltaStatus.GAP, DeltaStatus.FIRST, DeltaStatus.NOT_PRINTED)

_CAUSE_PHRASES: Mapping[RevisionCause, str] = {
    RevisionCause.NEWER_DOCUMENT: "a newer document",
    RevisionCause.OTHER_SOURCE: "another source",
    RevisionCause.PARSER: "a newer parser",
    RevisionCause.NEIGHBOUR_CHANGED: "the days beside it",
}
"""Who says, in a sentence, that a published value is another."""


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be checked on a day, is not printed, or was remarked on a document of it.

    `code` is a `NoteCode`, or that of the remark; `text` is what a sentence says of it.
    """

    code: Code
    text: str


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
    notes: tuple[Note, ...]
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
        _day(day, in_order(by_date[day], registry), registry, partial=day in partial)
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
    return row.delta_status == DeltaStatus.MISMATCH or row.diagnosis is not None


def state_of(row: LossRow) -> DayState:
    """Return what a row comes to, as one of the states that colour the calendar."""
    if row.diagnosis is Diagnosis.UNDECIDED:
        return DayState.UNDECIDED
    if row.delta_status is DeltaStatus.MISMATCH or row.diagnosis:
        return DayState.EXPLAINED
    return DayState.UNCHECKED if row.delta_status in _UNCHECKED else DayState.OK


def fell(row: LossRow) -> bool:
    """Whether a total is lower than the one before."""
    return row.previous_total is not None and row.total < row.previous_total


def fall_words(row: LossRow) -> str:
    """Say in words that a total is lower than the one before."""
    return f"the total fell since {row.previous_date}, {step(row)}"


def disagreement_words(row: LossRow) -> str:
    """Say in words how many sources print the published total, where not all do."""
    return f"{row.sources_agreeing} of {row.sources_total} sources print {row.total:,}"


def span(first: date, last: date) -> str:
    """Return one date or two as text."""
    return str(first) if first == last else f"{first} to {last}"


def counted(codes: Iterable[CodeT], values: Iterable[CodeT | None]) -> dict[CodeT, int]:
    """Return how often each code is among the values, 0 for those that are not."""
    counts = Counter(values)
    return {code: counts[code] for code in codes}


def revision_words(revision: RevisionRow, registry: Registry) -> str:
    """Say in words which published value changed, and on whose word."""
    name, cause = title(revision.category, registry), _CAUSE_PHRASES[revision.cause]
    if revision.field == RevisionField.DIAGNOSIS:
        before, after = _diagnosis(revision.old_text), _diagnosis(revision.new_text)
        return f"{name}: so far {before}; {cause} changed that to: {after}"
    field = revision.field.replace("_", " ")
    old, new = _number(revision.old_value), _number(revision.new_value)
    return f"{name}: the {field} was {old}, {cause} says {new}"


def overruled_words(one: Overruled, registry: Registry) -> str:
    """Say in words which figure of a source does not count, and why."""
    name, source = title(one.figure.category, registry), one.figure.source
    if one.is_newest:
        return (
            f"{name}: a newer document of {source} prints {_number(one.figure.total)}; the days on "
            "both sides confirm its older one"
        )
    return (
        f"{name}: an older document of {source} prints {_figure(one.figure)}; the newer one "
        f"counts: {_figure(one.by)}"
    )


def _day(day: date, rows: Sequence[LossRow], registry: Registry, *, partial: bool) -> Day:
    checked = [row for row in rows if row.delta_status in CHECKED]
    return Day(
        report_date=day,
        figures=len(rows),
        checked=len(checked),
        adding_up=sum(row.delta_status != DeltaStatus.MISMATCH for row in checked),
        alarms=tuple(_alarms(rows, registry)),
        notes=(
            *_unchecked(rows, registry),
            *([_DECIDED_AGAIN] if partial else _missing(day, rows, registry)),
        ),
        partial=partial,
    )


_DECIDED_AGAIN = Note(
    NoteCode.DECIDED_AGAIN, "decided again, as a day beside it came in or changed"
)


def _alarms(rows: Iterable[LossRow], registry: Registry) -> Iterator[str]:
    for row in rows:
        name = title(row.category, registry)
        if is_odd(row):
            yield f"{name}: {odd_words(row)}"
        elif fell(row):
            yield f"{name}: {fall_words(row)}"
        if row.sources_agreeing < row.sources_total:
            yield f"{name}: {disagreement_words(row)}"


def _unchecked(rows: Sequence[LossRow], registry: Registry) -> Iterator[Note]:
    first = [row for row in rows if row.delta_status == DeltaStatus.FIRST]
    if first and len(first) == len(rows):
        text = "the first day on record: nothing to compare with yet"
        yield Note(NoteCode.FIRST_DAY, text)
    elif first:
        yield Note(NoteCode.FIRST_ON_RECORD, f"first on record: {_titles(first, registry)}")
    yield from _gaps(rows, registry)
    # A total that fell is among the alarms already.
    unprinted = [
        f"{title(row.category, registry)} ({signed(row.change)})"
        for row in rows
        if row.delta_status == DeltaStatus.NOT_PRINTED and (row.change or 0) > 0
    ]
    if unprinted:
        text = f"no daily change printed for {', '.join(unprinted)}"
        yield Note(NoteCode.DELTA_NOT_PRINTED, text)


def _gaps(rows: Sequence[LossRow], registry: Registry) -> Iterator[Note]:
    """Tell a day that is not on record at all from a category that a bulletin left out."""
    by_date: dict[date, list[LossRow]] = defaultdict(list)
    for row in rows:
        if row.delta_status == DeltaStatus.GAP and row.previous_date:
            by_date[row.previous_date].append(row)
    whole = not any(row.days_missing == 0 for row in rows)
    for place, (last, group) in enumerate(sorted(by_date.items(), reverse=True)):
        day = group[0].report_date
        skipped = f"no check for {_titles(group, registry)}"
        if whole and place == 0:
            missing = span(last + timedelta(days=1), day - timedelta(days=1))
            text = f"no check: nothing on record for {missing}"
            yield Note(NoteCode.DAY_BEFORE_MISSING, text)
        elif (day - last).days == 2:
            yield Note(NoteCode.CATEGORY_SKIPPED, f"{skipped}: not printed the day before")
        else:
            yield Note(NoteCode.CATEGORY_SKIPPED, f"{skipped}: last printed on {last}")


def _missing(day: date, rows: Iterable[LossRow], registry: Registry) -> list[Note]:
    absent = registry.required(day) - {row.category for row in rows}
    names = [title(name, registry) for name in sorted(absent, key=registry.order)]
    return [Note(NoteCode.CATEGORY_NOT_PRINTED, f"not printed: {', '.join(names)}")] * bool(names)


def _titles(rows: Iterable[LossRow], registry: Registry) -> str:
    return ", ".join(title(row.category, registry) for row in rows)


def _diagnosis(diagnosis: Diagnosis | None) -> str:
    return "in order" if diagnosis is None else DIAGNOSIS_PHRASES[diagnosis]


def _figure(printed: Candidate) -> str:
    delta = "" if printed.delta is None else f" ({signed(printed.delta)})"
    return f"{_number(printed.total)}{delta}"


def _number(number: int | None) -> str:
    return "not printed" if number is None else f"{number:,}"
