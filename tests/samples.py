"""What each document of the sample archive prints; `python -m tests.samples` writes it to JSON.

The numbers come from the reference series; this table only says what a document leaves out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypedDict

from schemas.records import war_day
from tests import reference

ROOT = Path(__file__).resolve().parents[1]
BULLETINS = ROOT / "data" / "bulletins"
EXPECTED = Path(__file__).with_name("expected_samples.json")


class ExpectedFigure(TypedDict):
    """One printed figure: its numbers, `delta` null where none is printed."""

    total: int
    delta: int | None
    approximate: bool


class Expectation(TypedDict):
    """What one document prints; `headlines` only where it has a summary of headlines."""

    report_date: str
    war_day: int
    language: str
    complete: bool
    headlines: list[str] | None
    figures: dict[str, ExpectedFigure]


@dataclass(frozen=True, slots=True)
class Sample:
    """A document's report date and form, and what it leaves out of the day's figures."""

    report_date: date
    form: str
    language: str = "en"
    omitted: frozenset[str] = frozenset()
    prints_zero: bool = True
    headlines: tuple[str, ...] | None = None


_OTHERS = frozenset({"uavs", "vehicles_fuel_tanks", "special_equipment"})

SAMPLES: Mapping[str, Sample] = {
    "2023-09-27-zvedennia-henshtabu.html": Sample(date(2023, 9, 27), "official", "uk"),
    "2023-09-28-morning-summary.html": Sample(date(2023, 9, 28), "prose"),
    "losses-on-day-583.txt": Sample(date(2023, 9, 29), "list"),
    "2023-09-30-day-584.txt": Sample(
        date(2023, 9, 30),
        "summary",
        omitted=_OTHERS,
        prints_zero=False,
        headlines=(
            "Kyiv speaks of 470 Russian casualties within a day",
            "Parliament in Bratislava goes to the polls, aid for Ukraine is a campaign issue",
            "Romania moves air defence units closer to the Danube ports",
        ),
    ),
    "zvedennia-585-doba.txt": Sample(date(2023, 10, 1), "official", "uk"),
    "2023-10-02-losses-table.html": Sample(date(2023, 10, 2), "table"),
    "2023-10-03-general-staff-update.html": Sample(date(2023, 10, 3), "list"),
    "2023-10-04-overnight.txt": Sample(date(2023, 10, 4), "prose", prints_zero=False),
    "2023-10-05-vtraty-589.html": Sample(date(2023, 10, 5), "official", "uk"),
    "friday-figures.html": Sample(date(2023, 10, 6), "table"),
    "2023-10-07-weekend-edition.html": Sample(date(2023, 10, 7), "prose"),
    "2023-10-08-enemy-losses.html": Sample(date(2023, 10, 8), "list"),
    "2023-10-09-day-593.html": Sample(
        date(2023, 10, 9),
        "summary",
        omitted=_OTHERS,
        prints_zero=False,
        headlines=(
            "Ukraine puts Russian casualties of the day at 350",
            "Grain ships leave Chornomorsk by the new corridor",
            "Energy operator asks households to save power in the evening",
        ),
    ),
    "2023-10-10-update.txt": Sample(date(2023, 10, 10), "list"),
}


def expectation(sample: Sample, figures: reference.Figures) -> Expectation:
    """Return what a document prints, given the day's figures in the reference."""
    printed: dict[str, ExpectedFigure] = {
        category: {
            "total": figure.total,
            "delta": figure.delta if figure.delta or sample.prints_zero else None,
            "approximate": category == "personnel",
        }
        for category, figure in figures.items()
        if category not in sample.omitted
    }
    return {
        "report_date": sample.report_date.isoformat(),
        "war_day": war_day(sample.report_date),
        "language": sample.language,
        "complete": not sample.omitted,
        "headlines": None if sample.headlines is None else list(sample.headlines),
        "figures": dict(sorted(printed.items())),
    }


def from_reference(
    series: Mapping[date, reference.Figures], official: Mapping[date, reference.Figures]
) -> dict[str, Expectation]:
    """Return the expectation of every sample, by file name.

    What the official bulletin printed decides; where it printed no delta, the series says one.
    """
    found = {}
    for name, sample in SAMPLES.items():
        day = sample.report_date
        figures = dict(series[day])
        for category, figure in official.get(day, {}).items():
            delta = figures[category].delta if figure.delta is None else figure.delta
            figures[category] = reference.Printed(figure.total, delta)
        found[name] = expectation(sample, figures)
    return found


def main() -> None:
    """Write `expected_samples.json` from the reference series and the official bulletins."""
    text = json.dumps(
        from_reference(reference.load(), reference.official()), indent=1, ensure_ascii=False
    )
    EXPECTED.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
