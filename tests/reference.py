"""The public figures of the whole war; `facts/README.md` says whose they are.

`load` is the community's series, as what each day's bulletin printed, `official` what the official
bulletins print.
"""

import csv
import io
import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TypeAlias

FACTS = Path(__file__).parent / "facts"

CATEGORY_OF_FIELD = {
    "personnel": "personnel",
    "tank": "tanks",
    "APC": "armored_vehicles",
    "field artillery": "artillery",
    "MRL": "mlrs",
    "anti-aircraft warfare": "air_defense",
    "aircraft": "aircraft",
    "helicopter": "helicopters",
    "drone": "uavs",
    "cruise missiles": "cruise_missiles",
    "naval ship": "ships_boats",
    "submarines": "submarines",
    "vehicles and fuel tanks": "vehicles_fuel_tanks",
    "special equipment": "special_equipment",
    "ground robotic systems": "ground_robots",
    "military auto": "military_vehicles",
    "fuel tank": "fuel_tanks",
    "mobile SRBM system": "mobile_srbm",
    "POW": "prisoners",
}
MERGED_ON = date(2022, 5, 1)
MISDATED_CORRECTIONS = {date(2023, 5, 27): date(2023, 5, 28)}


@dataclass(frozen=True, slots=True)
class Printed:
    """One category's numbers as a bulletin printed them; `delta` None where it is not known."""

    total: int
    delta: int | None


Figures: TypeAlias = Mapping[str, Printed]
"""Category id to numbers, for one report date."""


def published(name: str) -> bytes:
    """Return one file of the facts in its published shape, such as "official.csv"."""
    return lzma.decompress((FACTS / f"{name}.xz").read_bytes())


@cache
def load() -> Mapping[date, Figures]:
    """Return, by report date, what each bulletin printed."""
    totals = _by_date("losses_equipment.json")
    for day, found in _by_date("losses_personnel.json").items():
        totals.setdefault(day, {}).update(found)
    corrections = {
        MISDATED_CORRECTIONS.get(day, day): found
        for day, found in _by_date("losses_equipment_correction.json").items()
    }
    return {
        day: {
            category: Printed(
                totals[day][category], _delta(totals, corrections.get(day, {}), day, category)
            )
            for category in CATEGORY_OF_FIELD.values()
            if category in totals[day]
        }
        for day in sorted(totals)
    }


@cache
def official() -> Mapping[date, Figures]:
    """Return what the official bulletins print, where they are known: there, that decides.

    651 days up to 2024-03-23; the community's totals differ from it in 13 places.
    """
    found: dict[date, dict[str, Printed]] = {}
    for row in csv.DictReader(io.StringIO(published("official.csv").decode())):
        delta = int(row["delta"]) if row["delta"] else None
        day = found.setdefault(date.fromisoformat(row["report_date"]), {})
        day[row["category"]] = Printed(int(row["total"]), delta)
    return found


@cache
def corrected() -> Mapping[tuple[date, str], int]:
    """Return the corrections of past totals that are on record, by date and category."""
    return {
        (MISDATED_CORRECTIONS.get(day, day), category): correction
        for day, found in _by_date("losses_equipment_correction.json").items()
        for category, correction in found.items()
        if correction
    }


def _by_date(name: str) -> dict[date, dict[str, int]]:
    """Read one file by its `date`: the `day` beside it is wrong in two correction records."""
    records = json.loads(published(name))
    return {
        date.fromisoformat(record["date"]): {
            CATEGORY_OF_FIELD[key]: value
            for key, value in record.items()
            if key in CATEGORY_OF_FIELD and value is not None
        }
        for record in records
    }


def _delta(
    totals: Mapping[date, Mapping[str, int]],
    corrections: Mapping[str, int],
    day: date,
    category: str,
) -> int | None:
    """Change minus correction; None on a first day, and where it would have to be negative.

    No negative delta was ever printed: there, a correction is missing from the reference.
    """
    before = dict(totals.get(day - timedelta(days=1), {}))
    if day == MERGED_ON:
        before["vehicles_fuel_tanks"] = before["military_vehicles"] + before["fuel_tanks"]
    if category not in before:
        return None
    delta = totals[day][category] - before[category] - corrections.get(category, 0)
    return delta if delta >= 0 else None


def print_totals() -> None:
    """Print the totals of the series as a CSV file: what `python -m schemas.envelope` reads."""
    print("report_date,category,total")
    for day, figures in load().items():
        for category, figure in figures.items():
            print(f"{day},{category},{figure.total}")


if __name__ == "__main__":
    print_totals()
