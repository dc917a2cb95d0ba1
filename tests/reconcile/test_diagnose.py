"""Why rows do not add up: docs/reference/diagnosis.md, row by row, and what always holds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from flows.reconcile.diagnose import REACH, Explained, diagnose
from flows.reconcile.digit_errors import slip, telling_slip
from schemas.codes import Diagnosis, Hint
from schemas.records import Cell
from schemas.tables import LossRow
from tests.series import rows

TABLE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "diagnosis.md"
START = date(2023, 10, 9)
_FIGURE = re.compile(r"(\[)?(\d+)(?: \(([+-]\d+)(?: \\\| ([+-]\d+))?\))?\]?(?: x(\d))?")

Printed = tuple[int, int | None]


@dataclass
class Example:
    """What a row of the table prints: the rows of losses, other sources' deltas, the row meant."""

    rows: dict[Cell, LossRow]
    other_deltas: dict[Cell, set[int]]
    about: Cell


def truth_table() -> list[dict[str, str]]:
    """Return the rows of the first table by column name; the one that follows is measured."""
    rules = TABLE.read_text("utf-8").partition("\n## ")[0]
    lines = [line for line in rules.splitlines() if line.startswith("|")]
    cells = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines]
    names = [cell.strip() for cell in cells[0]]
    return [dict(zip(names, (cell.strip() for cell in row), strict=True)) for row in cells[2:]]


def read(text: str) -> Example:
    """Return the figures of a row of the table; a category without a name is that of tanks."""
    printed: dict[Cell, Printed] = {}
    agreeing: dict[Cell, int] = {}
    other_deltas: dict[Cell, set[int]] = {}
    about: Cell | None = None
    for series in text.split(";"):
        category, _, figures = series.rpartition(":")
        for number, figure in enumerate(figures.split(",")):
            cell = START + timedelta(days=number), category.strip() or "tanks"
            if figure.strip() == "-":
                continue
            found = _FIGURE.fullmatch(figure.strip())
            assert found, figure
            marked, total, delta, other, sources = found.groups()
            printed[cell] = int(total), int(delta) if delta else None
            agreeing[cell] = int(sources or 1)
            if other:
                other_deltas[cell] = {int(other)}
            about = cell if marked else about
    assert about
    decided = {
        cell: replace(
            row,
            sources_agreeing=agreeing[cell],
            sources_total=agreeing[cell],
            document_sha256=str(row.report_date),
        )
        for cell, row in rows(printed).items()
    }
    return Example(decided, other_deltas, about)


@pytest.mark.parametrize("row", truth_table(), ids=lambda row: row["what is seen"])
def test_the_diagnosis_is_the_one_in_the_table(row: Mapping[str, str]) -> None:
    given_one = read(row["figures, day by day"])
    found = diagnose(given_one.rows.values(), given_one.other_deltas)
    suggested = row["suggested total"]
    expected = Explained(
        Diagnosis(row["diagnosis"]),
        int(suggested) if suggested else None,
        Hint(row["hint"]) if row["hint"] else None,
    )
    assert found.get(given_one.about) == expected


def test_every_diagnosis_and_hint_is_in_the_table() -> None:
    table = truth_table()
    assert {row["diagnosis"] for row in table} == set(Diagnosis)
    assert {row["hint"] for row in table} - {""} == set(Hint)


def test_what_adds_up_is_not_diagnosed() -> None:
    sound = read("4819 (+2), 4821 (+2), [4821], 4821 (+0), 4830, -, 4840 (+2), 4842 (+2)")
    assert diagnose(sound.rows.values(), {}) == {}


def test_every_mismatch_is_diagnosed() -> None:
    jumpy = read("10 (+2), [50 (+2)], 20 (+2), 90 (+2), 91 (+1), -, 40 (+1), 44 (+1)")
    found = diagnose(jumpy.rows.values(), {})
    mismatches = {cell for cell, row in jumpy.rows.items() if row.delta_status == "mismatch"}
    assert mismatches <= found.keys()


DELTAS = st.lists(st.integers(0, 60), min_size=6, max_size=12)


@st.composite
def series(draw: st.DrawFn) -> list[Printed]:
    """Days of one category that add up."""
    total = draw(st.integers(100, 500_000))
    found: list[Printed] = [(total, None)]
    for delta in draw(DELTAS):
        total += delta
        found.append((total, delta))
    return found


def misprints(total: int) -> list[int]:
    """Return what a total may be misprinted as."""
    digits = str(total)
    places = range(len(digits))
    found = [digits[:n] + digits[n + 1 :] for n in places]
    found += [digits[:n] + digits[n] + digits[n:] for n in places]
    found += [digits[:n] + digits[n + 1] + digits[n] + digits[n + 2 :] for n in places[:-1]]
    found += [digits[:n] + str((int(digits[n]) + 3) % 10) + digits[n + 1 :] for n in places]
    found += [digits[:-3], digits[-3:]]
    return sorted({int(text) for text in found if text} - {total})


def diagnosed(printed: Sequence[Printed]) -> dict[int, Explained]:
    """Return what is said of one category's days, by their number."""
    cells = {(START + timedelta(days=n), "tanks"): figure for n, figure in enumerate(printed)}
    found = diagnose(rows(cells).values(), {})
    return {(day - START).days: said for (day, _), said in found.items()}


@given(series(), st.data())
def test_a_single_misprint_between_other_days_is_found_and_mended(
    printed: list[Printed], data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(printed) - 2))
    right, delta = printed[place]
    wrong = data.draw(st.sampled_from(misprints(right)) | st.integers(0, 10**6))
    assume(wrong != right)
    printed[place] = wrong, delta
    found = diagnosed(printed)
    assert found.pop(place + 1) == Explained(Diagnosis.PREVIOUS_MISPRINTED)
    said = found.pop(place)
    assert (said.diagnosis, said.suggested_total) == ("misprinted_total", right)
    assert not found
    if wrong != printed[place - 1][0]:
        assert said.hint == slip(wrong, right)


@given(series(), st.data())
def test_the_total_of_the_day_before_again_is_called_so(
    printed: list[Printed], data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(printed) - 2))
    right, delta = printed[place]
    assume(delta)
    printed[place] = printed[place - 1][0], delta
    said = diagnosed(printed)[place]
    assert said == Explained(Diagnosis.MISPRINTED_TOTAL, right, Hint.TOTAL_REPEATED)


@given(series(), st.integers(-90, 90), st.data())
def test_a_revision_is_never_called_a_misprint(
    printed: list[Printed], by: int, data: st.DataObject
) -> None:
    place = data.draw(st.integers(2, len(printed) - 2))
    delta = printed[place][1] or 0
    assume(by and not telling_slip(delta, delta + by))
    assume((delta + by, delta) != (0, printed[place - 1][1]))
    revised = [*printed[:place], *((total + by, delta) for total, delta in printed[place:])]
    assert diagnosed(revised) == {place: Explained(Diagnosis.REVISION)}


@given(series(), st.data())
def test_a_misprint_on_the_last_day_is_not_guessed(
    printed: list[Printed], data: st.DataObject
) -> None:
    total, delta = printed[-1]
    printed[-1] = data.draw(st.sampled_from(misprints(total))), delta
    assert diagnosed(printed) == {len(printed) - 1: Explained(Diagnosis.UNDECIDED)}


@given(series(), st.data())
@example([(4819, None), (4831, 12), (4833, 2), (4835, 2)], None)
def test_a_misprint_on_the_first_day_is_not_guessed(
    printed: list[Printed], data: st.DataObject | None
) -> None:
    wrong = data.draw(st.sampled_from(misprints(printed[0][0]))) if data else 4810
    printed[0] = wrong, None
    assert diagnosed(printed) == {1: Explained(Diagnosis.UNDECIDED)}


@pytest.mark.slow
@given(series(), st.data())
def test_only_the_days_within_reach_count(printed: list[Printed], data: st.DataObject) -> None:
    """What is said of a day is the same whatever stands further away."""
    noisy = [
        (data.draw(st.just(total) | st.sampled_from(misprints(total))), delta)
        for total, delta in printed * 4
    ]
    place = data.draw(st.integers(0, len(noisy) - 1))
    first = max(place - REACH, 0)
    near = {
        (START + timedelta(days=n), "tanks"): noisy[n]
        for n in range(max(first - 1, 0), min(place + REACH + 1, len(noisy)))
    }
    cells = {(START + timedelta(days=n), "tanks"): figure for n, figure in enumerate(noisy)}
    cell = START + timedelta(days=place), "tanks"
    every = rows(cells)
    some = [row for day, row in every.items() if day in near]
    assert diagnose(some, {}).get(cell) == diagnose(every.values(), {}).get(cell)
