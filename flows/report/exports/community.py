"""`losses` in the shape of the community data set, so that its users switch by changing a path.

Three JSON files: the totals of equipment and of personnel, a record a day, and the corrections: on
the days on which the General Staff revised the past, what of the change in a total is no loss.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa

from flows.extract.multi_day.record import keys_of
from flows.files import json_text
from flows.report.exports.text_files import rows
from schemas.codes import Diagnosis

NAMES = {
    "equipment": "russia_losses_equipment.json",
    "personnel": "russia_losses_personnel.json",
    "corrections": "russia_losses_equipment_correction.json",
}
"""The files as the data set calls them."""

_EQUIPMENT = (
    *("aircraft", "helicopter", "tank", "APC", "field artillery", "MRL"),
    *("military auto", "fuel tank", "anti-aircraft warfare", "ground robotic systems", "drone"),
    *("cruise missiles", "naval ship", "submarines", "vehicles and fuel tanks"),
    *("special equipment", "mobile SRBM system"),
)
"""The keys of a record in the order of the newest ones there; a category that a day does not have
has no key. What the data set says beside its counts, "greatest losses direction", is in no table of
ours."""

_CORRECTED = (
    *("aircraft", "helicopter", "tank", "APC", "field artillery", "MRL", "drone", "naval ship"),
    *("submarines", "anti-aircraft warfare", "special equipment", "vehicles and fuel tanks"),
    *("cruise missiles", "personnel"),
)
"""The keys of a correction in the order there; each is in every record, 0 where nothing changed."""

_COLUMNS = ("report_date", "war_day", "category", "total", "discrepancy", "diagnosis")

Day = dict[str, tuple[int, int | None, str | None]]
"""Total, discrepancy and diagnosis by the key of the data set."""

Record = dict[str, Any]


def write_community(
    losses: Iterable[pa.Table], equipment: Path, personnel: Path, corrections: Path
) -> int:
    """Write the three files, day by day; return the days of the first."""
    chosen = (part.select(_COLUMNS) for part in losses)
    makers: list[tuple[Path, Callable[[Record, Day], Record | None]]] = [
        (equipment, _equipment),
        (personnel, _personnel),
        (corrections, _corrections),
    ]
    files = [path.open("w", encoding="utf-8", newline="") for path, _ in makers]
    try:
        counts = [0 for _ in makers]
        for head, day in _days(rows(chosen)):
            for place, (_, make) in enumerate(makers):
                if record := make(head, day):
                    _append(files[place], record, first=not counts[place])
                    counts[place] += 1
        for file, count in zip(files, counts, strict=True):
            file.write("\n]\n" if count else "[]\n")
    finally:
        for file in files:
            file.close()
    return counts[0]


def _days(found: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Record, Day]]:
    """Yield each day's date and number as a record has them, and its rows by their key."""
    key_of = {category: key for key, category in keys_of("community").categories.items()}
    for (day, war_day), of_day in groupby(found, key=itemgetter(0, 1)):
        head = {"date": day.isoformat(), "day": war_day}
        yield head, {key_of[row[2]]: row[3:] for row in of_day if row[2] in key_of}


def _equipment(head: Record, day: Day) -> Record | None:
    totals = {key: day[key][0] for key in _EQUIPMENT if key in day}
    return head | totals if totals else None


def _personnel(head: Record, day: Day) -> Record | None:
    if "personnel" not in day:
        return None
    prisoners = {"POW": day["POW"][0]} if "POW" in day else {}
    # "about" is what the bulletin says of personnel every day, and the data set in every record.
    return head | {"personnel": day["personnel"][0], "personnel*": "about"} | prisoners


def _corrections(head: Record, day: Day) -> Record | None:
    """Return what of the change in each total is a revision of the past; None where nothing is."""
    revised = {
        key: discrepancy
        for key, (_, discrepancy, diagnosis) in day.items()
        if diagnosis == Diagnosis.REVISION and discrepancy
    }
    if not revised:
        return None
    further = sorted(revised.keys() - set(_CORRECTED))  # categories that came later, or are over
    return head | {key: revised.get(key, 0) for key in (*_CORRECTED, *further)}


def _append(file: TextIO, record: Record, *, first: bool) -> None:
    file.write(("[\n" if first else ",\n") + json_text(record))
