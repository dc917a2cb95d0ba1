"""The languages that bulletins are read in: `languages/*.toml` as typed, checked records."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

Patterns = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Language:
    """How one language prints a bulletin; the keys are explained in `languages/README.md`.

    `labels`, `exclusions`, `singles` and `duals` map a category id to patterns, `pages` a kind of
    page that is sent in place of an article (`flows/fetch/blocked_page.py`), `anchor_endings` an
    anchor to how the words go on that are meant.
    """

    code: str
    words: frozenset[str]
    anchors: tuple[str, ...]
    anchor_endings: Patterns
    spaceless: bool
    glued: tuple[str, ...]
    abbreviations: tuple[str, ...]
    months: tuple[tuple[str, ...], ...]
    numbers: tuple[tuple[str, int], ...]
    thousand: tuple[str, ...]
    million: tuple[str, ...]
    ten_thousand: tuple[str, ...]
    ordinal: tuple[str, ...]
    day_joint: tuple[str, ...]
    clock: tuple[str, ...]
    about: tuple[str, ...]
    fillers: tuple[str, ...]
    units: tuple[str, ...]
    since: tuple[str, ...]
    daily: tuple[str, ...]
    weekdays: tuple[str, ...]
    none: tuple[str, ...]
    including: tuple[str, ...]
    raised_to: tuple[str, ...]
    more: tuple[str, ...]
    enemy: tuple[str, ...]
    ukraine: tuple[str, ...]
    not_the_bulletin: tuple[str, ...]
    other_speaker: tuple[str, ...]
    bulletin_speaker: tuple[str, ...]
    as_of: tuple[str, ...]
    as_of_after: tuple[str, ...]
    day_before: tuple[str, ...]
    war_day: tuple[str, ...]
    labels: Patterns
    exclusions: Patterns
    singles: Patterns
    duals: Patterns
    pages: Patterns


_LISTS = {f.name for f in fields(Language) if f.type == tuple[str, ...]} - {"code"}
_TABLES = {"labels", "exclusions", "singles", "duals", "pages", "anchor_endings"}
_OPTIONAL: dict[str, Any] = {
    "anchor_endings": {},
    "abbreviations": [],
    "day_joint": [],
    "clock": [],
    "ten_thousand": [],
    "as_of_after": [],
    "weekdays": [],
    "none": [],
    "exclusions": {},
    "singles": {},
    "duals": {},
    "pages": {},
}
_KEYS = _LISTS | _TABLES | {"words", "spaceless", "months", "numbers"}


def parse_language(code: str, text: str) -> Language:
    """Build a language from the text of its file.

    Raises ValueError, naming the file, for a missing or unknown key or a year without 12 months.
    """
    table: dict[str, Any] = _OPTIONAL | tomllib.loads(text)
    if set(table) != _KEYS:
        wrong = ", ".join(sorted(set(table) ^ _KEYS))
        raise ValueError(f"languages/{code}.toml: missing or unknown keys: {wrong}")
    if len(table["months"]) != 12:
        raise ValueError(f"languages/{code}.toml: months: twelve lists are needed")
    tables: dict[str, Any] = {name: _patterns(table[name]) for name in _TABLES}
    lists: dict[str, Any] = {name: tuple(table[name]) for name in _LISTS}
    return Language(
        code=code,
        words=frozenset(table["words"]),
        spaceless=bool(table["spaceless"]),
        months=tuple(tuple(month) for month in table["months"]),
        numbers=tuple((word, value) for word, value in table["numbers"]),
        **tables,
        **lists,
    )


def _patterns(table: dict[str, list[str]]) -> Patterns:
    return MappingProxyType({key: tuple(patterns) for key, patterns in table.items()})


@cache
def load_languages() -> Mapping[str, Language]:
    """Return the languages that come with Tallybook, by ISO 639-1 code."""
    folder = files("schemas").joinpath("languages")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    codes = [name.removesuffix(".toml") for name in names]
    texts = {code: folder.joinpath(f"{code}.toml").read_text("utf-8") for code in codes}
    return MappingProxyType({code: parse_language(code, text) for code, text in texts.items()})
