"""What can be configured, and where from: the environment, `sources.toml`, the defaults."""

import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flows.errors import UsageError

KYIV = ZoneInfo("Europe/Kyiv")
SIZE_CAP = 10 * 2**20
"""The largest document that is taken, in bytes; real pages are well below 1 MB."""

_SECRET = re.compile(r"(env|block):[A-Za-z0-9_-]+")

NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One source as configured. Times are in seconds.

    `kind` says how documents are found, `path` or `url` where: which of the two, and what may stand
    in braces in the url, is told by the kind (`sources.toml` lists them). `title` is a regular
    expression for the titles of a feed. `language` is what the outlet writes, for people to read.
    `deadline` is for one whole download, `retry_delays` the waits before each new attempt.
    `interval` is the least time between two requests to one host (None: a second, and none on this
    machine), `robots` whether robots.txt is respected, `allow_private` whether addresses of private
    networks may be reached. `token` says where a bearer token is kept, never the token itself:
    "env:NAME" or "block:NAME", a Prefect Secret block. `only_named`: a run that names no source
    leaves this one out.
    """

    name: str
    kind: str
    path: str | None = None
    url: str | None = None
    title: str | None = None
    language: str | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    deadline: float = 60.0
    retry_delays: tuple[float, ...] = (2.0, 8.0, 32.0)
    interval: float | None = None
    robots: bool = True
    allow_private: bool = False
    token: str | None = None
    only_named: bool = False


def default_lake() -> str:
    """Return the lake to use where none is named: $TALLYBOOK_LAKE, else data/lake."""
    return os.environ.get("TALLYBOOK_LAKE") or "data/lake"


def kyiv_date(now: datetime) -> date:
    """Return the date in Kyiv at an aware moment: the report date of a bulletin of that morning."""
    return now.astimezone(KYIV).date()


@cache
def tool_version() -> str:
    """Return the version of Tallybook that is running, "unknown" where it is not installed."""
    try:
        return version("tallybook")
    except PackageNotFoundError:
        return "unknown"


def user_agent() -> str:
    """Return how Tallybook introduces itself; $TALLYBOOK_CONTACT says how to reach you."""
    given = os.environ.get("TALLYBOOK_CONTACT", "")
    # A header holds visible ASCII only.
    contact = "".join(c for c in given if " " <= c <= "~").strip() or "no contact configured"
    return f"Tallybook/{tool_version()} (reads one public bulletin a day; {contact})"


def secret(reference: str) -> str:
    """Return the token that a source's `token` ("env:NAME") names.

    Raises UsageError for a variable that is not set, and for a Prefect block: only a flow run
    can open one.
    """
    kind, _, name = reference.partition(":")
    if kind != "env":
        raise UsageError(f"the token {reference} is kept by Prefect; only a flow run can read it")
    value = os.environ.get(name, "").strip()
    if not value:
        raise UsageError(f"the environment variable {name} is not set; a source needs its token")
    return value


def load_sources() -> dict[str, SourceConfig]:
    """Return all configured sources by name, the preferred one first.

    The user's file ($TALLYBOOK_SOURCES, else ./sources.toml where it exists) comes before the
    packaged one and replaces its entries of the same name. Raises UsageError for a broken file.
    """
    user = _user_sources()
    packaged = files("flows.sources").joinpath("sources.toml").read_text("utf-8")
    defaults = parse_sources(packaged, "the packaged sources.toml")
    return user | {
        name: _where_it_is(source) for name, source in defaults.items() if name not in user
    }


def _where_it_is(source: SourceConfig) -> SourceConfig:
    """The packaged folder is that of the project's tree: elsewhere there is none to look into."""
    missing = source.path is not None and not Path(source.path).exists()
    return replace(source, path=None) if missing else source


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
    fits, wanted = _VALUES.get(key, (_is_text, "a text in quotes"))
    if not fits(value):
        # The value is not repeated: it may be a token.
        raise UsageError(f"{where}: {key} must be {wanted}")
    if isinstance(value, list):
        return tuple(map(float, value))
    return float(value) if _is_seconds(value) else value


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 86_400


def _is_time(value: Any) -> bool:
    return _is_seconds(value) and value > 0


def _is_delays(value: object) -> bool:
    return isinstance(value, list) and all(_is_seconds(delay) for delay in value)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and _SECRET.fullmatch(value) is not None


def _is_pattern(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(re.compile(value).pattern)
    except re.error:
        return False


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


_TIME = (_is_time, "a number of seconds above zero")
_FLAG = (_is_flag, "true or false")
_VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "retry_delays": (_is_delays, "a list of seconds, such as [2, 8, 32]"),
    "connect_timeout": _TIME,
    "read_timeout": _TIME,
    "deadline": _TIME,
    "interval": (_is_seconds, "a number of seconds"),
    "title": (_is_pattern, "a regular expression in quotes"),
    "robots": _FLAG,
    "allow_private": _FLAG,
    "only_named": _FLAG,
    "token": (_is_secret, '"env:NAME" or "block:NAME", which say where the token is kept'),
}
"""What a value must be, and how that is said; any other is a text."""
