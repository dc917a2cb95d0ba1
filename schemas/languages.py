"""The languages that bulletins are read in: `languages/*.toml` as typed, checked records."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated

from msgspec import Meta, Struct

from schemas import typed

Patterns = Mapping[str, tuple[str, ...]]


class Language(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one language prints a bulletin; the keys are explained in `languages/README.md`.

    `labels`, `official`, `exclusions`, `singles` and `duals` map a category id to patterns, `pages`
    a kind of page that is sent in place of an article (`flows/fetch/blocked_page.py`),
    `anchor_endings` an anchor to how the words go on that are meant.
    """

    code: str
    words: frozenset[str]
    anchors: tuple[str, ...]
    anchor_endings: Patterns = {}
    spaceless: bool
    glued: tuple[str, ...]
    abbreviations: tuple[str, ...] = ()
    months: Annotated[
        tuple[tuple[str, ...], ...],
        Meta(min_length=12, max_length=12, description="twelve lists of names"),
    ]
    numbers: tuple[tuple[str, int], ...]
    hundred: tuple[str, ...] = ()
    number_and: tuple[str, ...] = ()
    joined_numbers: tuple[str, ...] | None = None
    thousand: tuple[str, ...]
    million: tuple[str, ...]
    ten_thousand: tuple[str, ...] = ()
    ordinal: tuple[str, ...]
    day_joint: tuple[str, ...] = ()
    month_first: bool = False
    clock: tuple[str, ...] = ()
    about: tuple[str, ...]
    fillers: tuple[str, ...]
    units: tuple[str, ...]
    since: tuple[str, ...]
    daily: tuple[str, ...]
    weekdays: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    including: tuple[str, ...]
    raised_to: tuple[str, ...]
    more: tuple[str, ...]
    plus: tuple[str, ...] = ()
    fewer: tuple[str, ...] = ()
    rises: tuple[str, ...] = ()
    from_to: tuple[tuple[str, str], ...] = ()
    lost: tuple[str, ...]
    not_lost: tuple[str, ...] = ()
    shot_down: tuple[str, ...] = ()
    columns: Patterns = {}
    respectively: tuple[str, ...] = ()
    risen_by: tuple[str, ...] = ()
    enemy: tuple[str, ...]
    ukraine: tuple[str, ...]
    other_wars: tuple[str, ...] = ()
    not_the_bulletin: tuple[str, ...]
    concession: tuple[str, ...] = ()
    fronts: tuple[str, ...] = ()
    general_staff: tuple[str, ...] = ()
    night: tuple[str, ...] = ()
    other_speaker: tuple[str, ...]
    bulletin_speaker: tuple[str, ...]
    as_of: tuple[str, ...]
    as_of_after: tuple[str, ...] = ()
    day_before: tuple[str, ...]
    war_day: tuple[str, ...]
    day_alone: tuple[str, ...] = ()
    labels: Patterns
    official: Patterns = {}
    exclusions: Patterns = {}
    singles: Patterns = {}
    duals: Patterns = {}
    pages: Patterns = {}


def parse_language(code: str, text: str) -> Language:
    """Build a language from the text of its file.

    Raises NotValid, naming the file, for a missing or unknown key, a wrong value or a year without
    12 months.
    """
    where = f"languages/{code}.toml"
    return typed.record({"code": code, **typed.toml(text, where)}, Language, where)


@cache
def load_languages() -> Mapping[str, Language]:
    """Return the languages that come with Tallybook, by ISO 639-1 code."""
    folder = files("schemas").joinpath("languages")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    codes = [name.removesuffix(".toml") for name in names]
    texts = {code: folder.joinpath(f"{code}.toml").read_text("utf-8") for code in codes}
    return MappingProxyType({code: parse_language(code, text) for code, text in texts.items()})


class OtherLanguage(Struct, frozen=True, forbid_unknown_fields=True):
    """A language that is not read: its name, and by which words or letters a text in it is told."""

    name: str
    words: frozenset[str] = frozenset()
    letters: tuple[str, str] | None = None


@cache
def load_other_languages() -> Mapping[str, OtherLanguage]:
    """Return the languages that are known and not read, by ISO 639-1 code."""
    where = "other_languages.toml"
    tables = typed.toml(files("schemas").joinpath(where).read_text("utf-8"), where)
    found = {code: typed.record(table, OtherLanguage, where) for code, table in tables.items()}
    return MappingProxyType(found)
