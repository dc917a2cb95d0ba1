"""What can be configured, and where from: the environment, `sources.toml`, the defaults."""

import os
import tomllib
from dataclasses import dataclass, fields
from datetime import date, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flows.errors import UsageError

KYIV = ZoneInfo("Europe/Kyiv")
SIZE_CAP = 10 * 2**20
"""The largest document that is taken, in bytes; real pages are well below 1 MB."""

NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source as configured. Times are in seconds.

    `kind` says how documents are found (`folder`, `article`). `path` or `url` says where; "{date}"
    in the url stands for the ISO date. `language` is what the outlet writes, for people to read.
    `deadline` is for one whole download, `retry_delays` the waits before each new attempt.
    """

    name: str
    kind: str
    path: str | None = None
    url: str | None = None
    language: str | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    deadline: float = 60.0
    retry_delays: tuple[float, ...] = (2.0, 10.0, 30.0)


def default_lake() -> str:
    """Return the lake to use where none is named: $TALLYBOOK_LAKE, else data/lake."""
    return os.environ.get("TALLYBOOK_LAKE") or "data/lake"


def kyiv_date(now: datetime) -> date:
    """Return the date in Kyiv at an aware moment: the report date of a bulletin of that morning."""
    return now.astimezone(KYIV).date()


def tool_version() -> str:
    """Return the installed version of Tallybook."""
    return version("tallybook")


def user_agent() -> str:
    """Return how Tallybook introduces itself; $TALLYBOOK_CONTACT says how to reach you."""
    contact = os.environ.get("TALLYBOOK_CONTACT") or "no contact configured"
    return f"Tallybook/{tool_version()} (reads one public bulletin a day; {contact})"


def load_sources() -> dict[str, SourceConfig]:
    """Return all configured sources by name, the preferred one first.

    The user's file ($TALLYBOOK_SOURCES, else ./sources.toml where it exists) comes before the
    packaged one and replaces its entries of the same name. Raises UsageError for a broken file.
    """
    user = _user_sources()
    packaged = files("flows.sources").joinpath("sources.toml").read_text("utf-8")
    defaults = parse_sources(packaged, "the packaged sources.toml")
    return user | {name: source for name, source in defaults.items() if name not in user}


def _user_sources() -> dict[str, SourceConfig]:
    named = os.environ.get("TALLYBOOK_SOURCES")
    path = Path(named or "sources.toml")
    if not named and not path.exists():
        return {}
    try:
        return parse_sources(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error


def parse_sources(text: str, path: str) -> dict[str, SourceConfig]:
    """Build the sources of one `sources.toml`; `path` is for messages.

    Raises UsageError, naming the entry, for what is not TOML, an unknown key or a wrong value.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from error
    return {name: _source(name, table, path) for name, table in tables.items()}


def _source(name: str, table: object, path: str) -> SourceConfig:
    where = f"{path}: [{name}]"
    if not name or not set(name) <= NAME_CHARACTERS:
        raise UsageError(f"{where}: a source's name is made of a-z, 0-9, '_' and '-'")
    if not isinstance(table, dict) or "kind" not in table:
        raise UsageError(f'{where}: needs a table with a kind, such as kind = "folder"')
    known = {field.name for field in fields(SourceConfig)} - {"name"}
    if unknown := sorted(set(table) - known):
        raise UsageError(
            f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}"
        )
    return SourceConfig(name=name, **{key: _value(where, key, table[key]) for key in table})


def _value(where: str, key: str, value: Any) -> Any:
    if key == "retry_delays":
        if isinstance(value, list) and all(_is_seconds(delay) for delay in value):
            return tuple(float(delay) for delay in value)
        raise UsageError(f"{where}: retry_delays must be a list of seconds, such as [2, 10, 30]")
    if key in ("connect_timeout", "read_timeout", "deadline"):
        if _is_seconds(value) and value > 0:
            return float(value)
        raise UsageError(f"{where}: {key} must be a number of seconds above zero")
    if isinstance(value, str) and value:
        return value
    raise UsageError(f"{where}: {key} must be a text in quotes")


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 86_400
