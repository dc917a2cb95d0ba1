"""The languages that bulletins are read in: `languages.toml` as typed, checked records."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Language:
    """How one language prints a bulletin; the keys are explained in `languages.toml`."""

    code: str
    words: frozenset[str]
    months: tuple[tuple[str, ...], ...]
    numbers: tuple[tuple[str, int], ...]
    thousand: tuple[str, ...]
    million: tuple[str, ...]
    ordinal: tuple[str, ...]
    about: tuple[str, ...]
    fillers: tuple[str, ...]
    units: tuple[str, ...]
    since: tuple[str, ...]
    daily: tuple[str, ...]
    including: tuple[str, ...]
    raised_to: tuple[str, ...]
    more: tuple[str, ...]
    enemy: tuple[str, ...]
    other: tuple[str, ...]
    as_of: tuple[str, ...]
    day_before: tuple[str, ...]
    war_day: tuple[str, ...]


def parse_languages(text: str) -> Mapping[str, Language]:
    """Build the languages from the text of a `languages.toml`, by ISO 639-1 code.

    Raises ValueError, naming the entry, for a missing or unknown key or a year without 12 months.
    """
    tables = tomllib.loads(text)
    return MappingProxyType({code: _language(code, table) for code, table in tables.items()})


def _language(code: str, table: dict[str, Any]) -> Language:
    names = {f.name for f in fields(Language)} - {"code"}
    if set(table) != names:
        wrong = sorted(set(table) ^ names)
        raise ValueError(f"languages.toml: [{code}]: missing or unknown keys: {', '.join(wrong)}")
    if len(table["months"]) != 12:
        raise ValueError(f"languages.toml: [{code}]: months: twelve lists are needed")
    values = {name: tuple(table[name]) for name in names - {"words", "months", "numbers"}}
    return Language(
        code=code,
        words=frozenset(table["words"]),
        months=tuple(tuple(month) for month in table["months"]),
        numbers=tuple((word, value) for word, value in table["numbers"]),
        **values,
    )


@cache
def load_languages() -> Mapping[str, Language]:
    """Return the languages that come with Tallybook."""
    return parse_languages(files("schemas").joinpath("languages.toml").read_text("utf-8"))
