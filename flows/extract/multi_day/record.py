"""One day's record of a JSON document: as text, and as the bulletin that it is."""

import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files

from flows.extract.multi_day.base import Part
from flows.moments import iso_date
from schemas.codes import BulletinWarningCode, Reason
from schemas.records import Bulletin, BulletinWarning, Figure, Unrecognized, war_day
from schemas.registry import load_registry

_SHOWN = 200
"""So many characters of a value that is none, or of a key, are quoted."""

_LARGEST = 10**15
"""No count is larger; tables hold numbers of 64 bits."""

_LARGEST_DAY = 10**6
"""A number above it is no day of anything, and none that a table could hold."""


_WHOLE = re.compile(r"\s*(-?\d{1,18})(?:\.0{1,9})?\s*", re.ASCII)
"""A whole number as text: "280470", "9026.0"."""

_EXACT = 2**53
"""Up to here a number with a point is exact."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What the keys of a shape count, and which of them count nothing.

    `zero_is_absent`: the publisher writes a total of 0 where the bulletin prints none.
    """

    categories: Mapping[str, str]
    other: frozenset[str]
    zero_is_absent: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a record with its numbers as they came: anything that JSON can hold."""

    key: str
    total: object
    delta: object = None
    approximate: bool = False

    @property
    def line(self) -> str:
        """The entry as a line of text: "tanks: 4823 (+2)"."""
        total, change = read_count(self.total), read_count(self.delta)
        delta = "" if change is None else f" ({change:+})"
        printed = _quoted(self.total) if total is None else str(total)
        return f"{self.key[:_SHOWN]}: {'about ' if self.approximate else ''}{printed}{delta}"


@cache
def keys_of(shape: str) -> Keys:
    """Return the keys of a shape of `keys.toml`."""
    table = tomllib.loads(
        files("flows.extract.multi_day").joinpath("keys.toml").read_text("utf-8")
    )[shape]
    other = frozenset(table.get("other", ()))
    return Keys(table["categories"], other, table.get("zero_is_absent", False))


def read_count(value: object) -> int | None:
    """Return a whole number, also where it is written as text or as 9026.0; None for anything else.

    The one reader of counts in data, wherever it is read.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        whole = _WHOLE.fullmatch(value)
        return int(whole[1]) if whole else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _EXACT else None
    return value if isinstance(value, int) else None


def is_absent(value: object) -> bool:
    """Whether a value says that there is none: null, NaN, an empty text."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def piece(record: object, entries: Iterable[Entry], keys: Keys) -> tuple[str, Part]:
    """Return a record's text, its date and then a line an entry, and its part.

    What is no object, has no date or holds no figure gives a refused bulletin with the reason.
    """
    if not isinstance(record, dict):
        text = _quoted(record) + "\n"
        refused = Bulletin("refused", "a record is no JSON object", Reason.RECORD_MALFORMED)
        return text + "\n", Part(0, len(text), refused)
    reader = _RecordReader(record, keys)
    text = reader.heading + "\n"
    for entry in entries:
        reader.take(entry, len(text))
        text += entry.line + "\n"
    return text + "\n", Part(0, len(text), reader.bulletin())


@dataclass
class _RecordReader:
    """Gathers the figures of one record."""

    record: Mapping[str, object]
    keys: Keys
    figures: list[Figure] = field(default_factory=list)
    unrecognized: list[Unrecognized] = field(default_factory=list)
    warnings: list[BulletinWarning] = field(default_factory=list)

    @property
    def day(self) -> date | None:
        return iso_date(self.record.get("date"))

    @property
    def war_day(self) -> int | None:
        printed = read_count(self.record.get("day"))
        return printed if printed is not None and abs(printed) <= _LARGEST_DAY else None

    @property
    def heading(self) -> str:
        printed = "" if self.war_day is None else f" (day {self.war_day})"
        return str(self.record.get("date"))[:_SHOWN] + printed

    def take(self, entry: Entry, start: int) -> None:
        """Take one entry whose line starts at an offset: as a figure, or reported, or as nothing.

        Nothing is a null, a 0 where that says absent, and an unchanged value that the publisher
        goes on writing for a category which the bulletin has no more.
        """
        total, delta = read_count(entry.total), read_count(entry.delta)
        category = self.keys.categories.get(entry.key)
        if category is None:
            self._report(entry)
        elif total is None and not is_absent(entry.total):
            remark = f"{_quoted(entry.total)} is not a whole number"
            self._leave(entry, BulletinWarningCode.NOT_A_WHOLE_NUMBER, remark)
        elif total is None or (total == 0 and self.keys.zero_is_absent and not delta):
            return
        elif not self._in_force(category):
            if total and delta != 0:
                remark = f"not a category of {self.day}"
                self._leave(entry, BulletinWarningCode.CATEGORY_NOT_IN_FORCE, remark)
        else:
            end = start + len(entry.line)
            self.figures.append(
                Figure(category, total, delta, entry.approximate, entry.key, start, end)
            )

    def _leave(self, entry: Entry, code: BulletinWarningCode, remark: str) -> None:
        self._report(entry)
        self.warnings.append(BulletinWarning(code, f"{entry.key[:_SHOWN]}: {remark}"))

    def _report(self, entry: Entry) -> None:
        """Report an entry that is no figure; a number that no table could hold is left out."""
        total, delta = read_count(entry.total), read_count(entry.delta)
        if max(abs(total or 0), abs(delta or 0)) > _LARGEST:
            remark = f"{entry.key[:_SHOWN]}: its number is too long"
            self.warnings.append(BulletinWarning(BulletinWarningCode.NUMBER_DAMAGED, remark))
            total = delta = None
        self.unrecognized.append(Unrecognized(entry.key[:_SHOWN], total, delta))

    def _in_force(self, category: str) -> bool:
        return self.day is None or load_registry().categories[category].in_force(self.day)

    def bulletin(self) -> Bulletin:
        """Return what was read: accepted if it has a date and a figure."""
        if self.war_day is None and read_count(self.record.get("day")) is not None:
            return self._refused(Reason.RECORD_MALFORMED, "a record whose day is no day's number")
        if self.day is None:
            return self._refused(Reason.RECORD_UNDATED, "a record without a date as in 2023-10-09")
        if not self.figures:
            return self._refused(Reason.RECORD_WITHOUT_FIGURE, "a record without a figure")
        missing = load_registry().required(self.day) - {f.category for f in self.figures}
        return Bulletin(
            status="accepted",
            report_date=self.day,
            date_evidence=(self.heading,),
            war_day=war_day(self.day) if self.war_day is None else self.war_day,
            complete=not missing,
            figures=tuple(self.figures),
            unrecognized=tuple(self.unrecognized),
            warnings=tuple(self.warnings),
        )

    def _refused(self, reason_code: Reason, sentence: str) -> Bulletin:
        return Bulletin(
            status="refused",
            reason=f"{sentence}: {self.heading}",
            reason_code=reason_code,
            report_date=self.day,
            unrecognized=tuple(self.unrecognized),
            warnings=tuple(self.warnings),
        )


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:_SHOWN]
