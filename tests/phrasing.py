"""Phrases: how a language words a bulletin, one small file a language in `tests/phrases/`.

`{date}`, `{items}`, `{total}`, `{delta}`, `{label}` and `{listed}` stand for what is filled in. All
wording is our own. A key that a language leaves out is a form that it does not print here.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "phrases"


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's wording.

    `labels` gives for a category the label that starts a line, then those that follow a number.
    `joint` is the word for "and" with its blanks; `thousand` and `million` print a number with
    scale words, `myriad` one in ten thousands; `other` is the other side's list; `distractors` are
    sentences with numbers that are no losses.
    """

    code: str
    months: tuple[str, ...]
    day: str
    title: str
    lead: str
    prose: str
    personnel: str
    daily: str
    inverted_lead: str
    inverted: str
    header: tuple[str, ...]
    about: str
    one_submarine: str
    other: str
    distractors: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]
    joint: str
    item: str = "{number} {label}"
    comma: str = ", "
    past_day: str = ""
    including: str = ""
    raised: str = ""
    thousand: str = ""
    million: str = ""
    myriad: str = ""
    digits: str = ""

    def listed(self, category: str) -> str:
        """Return the label that starts a line or a row."""
        return self.labels[category][0]

    def counted(self, category: str, variant: int) -> str:
        """Return one of the labels that follow a number."""
        after = self.labels[category][1:]
        return after[variant % len(after)]

    def print_date(self, day: date) -> str:
        """Return a date as the language prints it."""
        month = self.months[day.month - 1]
        return self.day.format(day=day.day, month=month, year=day.year)

    def scaled(self, value: int) -> str | None:
        """Return a number with scale words; None where that would round it or nobody does it."""
        if self.myriad:
            return self.myriad.format(*divmod(value, 10_000)) if value % 10_000 > 999 else None
        thousands, rest = divmod(value, 1000)
        if not self.thousand or not thousands or not rest:
            return None
        millions, thousands = divmod(thousands, 1000)
        if not millions:
            return self.thousand.format(thousands, rest)
        return self.million.format(millions, thousands, rest) if self.million else None


def load(code: str) -> Phrases:
    """Return the wording of the language with that ISO 639-1 code."""
    return languages()[code]


@cache
def languages() -> Mapping[str, Phrases]:
    """Return all wording by the language's code."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.toml"))}


def _read(path: Path) -> Phrases:
    table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    labels = {category: tuple(found) for category, found in table.pop("labels").items()}
    lists: dict[str, Any] = {k: tuple(table.pop(k)) for k in ("months", "header", "distractors")}
    table |= {"joint": table.pop("and"), "day": table.pop("date")}
    return Phrases(code=path.stem, labels=labels, **lists, **table)
