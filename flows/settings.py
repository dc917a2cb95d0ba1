"""What can be set: the defaults, `tallybook.toml`, the environment, a command's flags.

Each of these outdoes the ones before it. The settings are read once, when a command or a flow run
begins, and passed on.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from flows.errors import UsageError, why
from schemas import typed
from schemas.settings import Flag, SettingsFile, Text

KYIV = ZoneInfo("Europe/Kyiv")
SIZE_CAP = 10 * 2**20
"""The largest document that is taken, in bytes; real pages are well below 1 MB."""

FILE = "tallybook.toml"
SOURCES_FILE = "sources.toml"
PACKAGED = "the packaged sources.toml"

NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")

_Time = Annotated[float, Meta(gt=0, lt=86_400, description="a number of seconds above zero")]
_Wait = Annotated[float, Meta(ge=0, lt=86_400)]


class SourceConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """One source as configured: each key's title says what it is, times are in seconds.

    What `url` and `path` hold, and what may stand in braces in the url, is told by the kind:
    `sources.toml` lists them.
    """

    name: str
    kind: Annotated[Text, Meta(title="How documents are found: see the kinds.")]
    path: Annotated[Text, Meta(title="Where documents are on disk.")] | None = None
    url: Annotated[Text, Meta(title="Where documents are in the web.")] | None = None
    title: (
        Annotated[
            str,
            Meta(
                title="What the titles of the bulletins match; of a sitemap without titles, their "
                "addresses.",
                description="a regular expression in quotes",
            ),
        ]
        | None
    ) = None
    language: (
        Annotated[Text, Meta(title="What the outlet writes in, for people to read.")] | None
    ) = None
    connect_timeout: Annotated[_Time, Meta(title="The longest wait for a connection.")] = 10.0
    read_timeout: Annotated[_Time, Meta(title="The longest wait for more of an answer.")] = 20.0
    deadline: Annotated[
        _Time,
        Meta(
            title="The longest that a page may take in all: its host's robots.txt, redirects, "
            "further attempts and our own pauses together."
        ),
    ] = 120.0
    retry_delays: Annotated[
        tuple[_Wait, ...],
        Meta(
            title="The waits before each new attempt.",
            description="a list of seconds, such as [2, 8, 32]",
        ),
    ] = (2.0, 8.0, 32.0)
    interval: (
        Annotated[
            _Wait,
            Meta(
                title="The least time between two requests to one host: without it a second, and "
                "none on this machine.",
                description="a number of seconds",
            ),
        ]
        | None
    ) = None
    robots: Annotated[Flag, Meta(title="Whether robots.txt is asked for and respected.")] = True
    allow_private: Annotated[
        Flag, Meta(title="Whether addresses of private networks may be reached.")
    ] = False
    token: (
        Annotated[
            str,
            Meta(
                title="Where a bearer token is kept, never the token itself; a block is a Prefect "
                "Secret block.",
                pattern=r"^(env|block):[A-Za-z0-9_-]+$",
                description='"env:NAME" or "block:NAME", which say where the token is kept',
            ),
        ]
        | None
    ) = None
    only_named: Annotated[
        Flag, Meta(title="Whether a run that names no source leaves this one out.")
    ] = False


class AlertSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom runs tell what went wrong; nobody by default."""

    to: Annotated[
        tuple[
            Annotated[str, Meta(pattern=r"^(env:[A-Za-z0-9_]+|block:[a-z0-9-]+/[a-z0-9-]+)$")], ...
        ],
        Meta(
            title="Who is told what went wrong: where the addresses are kept, never the addresses "
            "themselves. A variable holds apprise URLs, a block is a notification block of Prefect "
            "or a Secret block with apprise URLs.",
            description='a list of "env:NAME" and "block:TYPE/NAME": where addresses are kept',
        ),
    ] = ()
    silent_after_days: Annotated[
        int,
        Meta(
            title="A source that has given nothing on so many days on which another has is silent.",
            ge=1,
            le=365,
            description="a number of days from 1 to 365",
        ),
    ] = 3


DEFAULTS: Mapping[str, str | int] = {
    "lake": "data/lake",
    "contact": "",
    "stale_after_days": 2,
    "publish_by": "18:00",
    "catch_up_days": 14,
    "report": True,
    "keep_runs_days": 400,
}

VARIABLES = {name: f"TALLYBOOK_{name.upper()}" for name in DEFAULTS} | {
    "sources_file": "TALLYBOOK_SOURCES"
}
"""The environment variable of each setting; TALLYBOOK_CONFIG names another file of settings."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force, and in `origins` where each value came from.

    `lake` is a folder or an address; `contact` goes into the user agent, "" for nothing.
    A lake whose newest day is more than `stale_after_days` old is stale; a day that is not
    published by `publish_by`, a time in Kyiv, is late; a daily run takes up days that are missing,
    up to `catch_up_days` back. The audit flow removes the summaries of runs that are older than
    `keep_runs_days`, 0 for none.
    `report`: a run brings the pages in the lake's `report/` up to date.
    `sources_file` is the user's own file of sources, None where there is none; `sources` are all
    configured sources by name, the preferred one first. `origins` has the names of the settings,
    "alerts.KEY" for those of the alerts, and "sources.NAME" for each source.
    """

    lake: str
    contact: str
    stale_after_days: int
    publish_by: time
    catch_up_days: int
    report: bool
    keep_runs_days: int
    alerts: AlertSettings
    sources_file: str | None
    sources: Mapping[str, SourceConfig]
    origins: Mapping[str, str]


def load_settings(*, lake: str | None = None) -> Settings:
    """Return the settings in force; `lake` is that of a flag or parameter, None for none given.

    Relative paths are below the working directory. Raises UsageError, naming file and key, for a
    file that cannot be read and for a wrong key or value.
    """
    named = os.environ.get("TALLYBOOK_CONFIG")
    path = Path(named or FILE)
    own = _own_file(path) if named or path.exists() else SettingsFile()
    sources_file = SOURCES_FILE if Path(SOURCES_FILE).exists() else None
    values: dict[str, Any] = {**DEFAULTS, "sources_file": sources_file}
    origins = {**dict.fromkeys(values, "default"), "sources_file": "found" if sources_file else "-"}
    for name in values:
        for value, origin in (
            (getattr(own, name), str(path)),
            (_of_environment(name), f"${VARIABLES[name]}"),
            (lake if name == "lake" else None, "given"),
        ):
            if value not in (None, ""):
                values[name], origins[name] = value, origin
    _check_lake(values["lake"], origins["lake"])
    alerts, places_of_alerts = _alerts(own, str(path))
    sources, files_of_sources = _all_sources(own, str(path), values["sources_file"])
    return Settings(
        lake=values["lake"],
        contact=values["contact"],
        stale_after_days=values["stale_after_days"],
        publish_by=time.fromisoformat(values["publish_by"]),
        catch_up_days=values["catch_up_days"],
        report=values["report"],
        keep_runs_days=values["keep_runs_days"],
        alerts=alerts,
        sources_file=values["sources_file"],
        sources=sources,
        origins=origins | places_of_alerts | files_of_sources,
    )


def _check_lake(lake: str, origin: str) -> None:
    """Raise UsageError for what cannot be a lake, naming the file or variable that it is from."""
    from flows.storage.address import check_address  # most of `parse` has no use for it

    try:
        check_address(lake)
    except UsageError as error:
        where = "" if origin == "given" else f"{origin}: lake: "
        raise UsageError(f"{where}{error}") from error


def _own_file(path: Path) -> SettingsFile:
    try:
        return typed.record(typed.toml(_read(path), str(path)), SettingsFile, str(path))
    except typed.NotValid as error:
        raise UsageError(str(error)) from error


def _of_environment(name: str) -> object:
    """Return what the environment sets a setting to; None for nothing."""
    variable = VARIABLES[name]
    text = os.environ.get(variable)
    if not text:
        return None
    try:
        return getattr(typed.record({name: text}, SettingsFile, f"${variable}", strict=False), name)
    except typed.NotValid as error:
        raise UsageError(str(error)) from error


def _alerts(own: SettingsFile, path: str) -> tuple[AlertSettings, dict[str, str]]:
    """Return the settings of the alerts, and by "alerts.KEY" where each came from.

    The variables are $TALLYBOOK_ALERTS_TO, with commas, and $TALLYBOOK_ALERTS_SILENT_AFTER_DAYS.
    """
    values: dict[str, object] = dict(own.alerts)
    origins = {f"alerts.{name}": "default" for name in AlertSettings.__struct_fields__}
    origins |= {f"alerts.{name}": path for name in values}
    try:
        typed.record(own.alerts, AlertSettings, f"{path}: [alerts]")
        for name in AlertSettings.__struct_fields__:
            variable = f"TALLYBOOK_ALERTS_{name.upper()}"
            if text := os.environ.get(variable):
                given = [part.strip() for part in text.split(",")] if name == "to" else text
                one = typed.record({name: given}, AlertSettings, f"${variable}", strict=False)
                values[name], origins[f"alerts.{name}"] = getattr(one, name), f"${variable}"
        return typed.record(values, AlertSettings, path), origins
    except typed.NotValid as error:
        raise UsageError(str(error)) from error


def _all_sources(
    own: SettingsFile, path: str, sources_file: str | None
) -> tuple[dict[str, SourceConfig], dict[str, str]]:
    """Return all sources and where each came from: the user's come before the packaged ones."""
    texts = {PACKAGED: files("flows.sources").joinpath("sources.toml").read_text("utf-8")}
    if sources_file:
        texts = {sources_file: _read(Path(sources_file))} | texts
    by_file = {path: {name: _source(name, own.sources[name], path) for name in own.sources}}
    by_file |= {place: parse_sources(text, place) for place, text in texts.items()}
    twice = by_file[path].keys() & by_file.get(sources_file or "", {}).keys()
    if twice:
        raise UsageError(
            f"{path} and {sources_file} both have a source {min(twice)!r}; remove one of the two"
        )
    sources: dict[str, SourceConfig] = {}
    origins: dict[str, str] = {}
    for place, found in by_file.items():
        for name, config in found.items():
            sources.setdefault(name, config)
            origins.setdefault(f"sources.{name}", place)
    return sources, origins


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")  # editors on Windows put a mark before the text
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {why(error)}") from error


def parse_sources(text: str, path: str) -> dict[str, SourceConfig]:
    """Build the sources of one `sources.toml`; `path` is for messages.

    Raises UsageError, naming the entry, for what is not TOML, an unknown key or a wrong value.
    """
    try:
        tables = typed.toml(text, path)
    except typed.NotValid as error:
        raise UsageError(str(error)) from error
    return {name: _source(name, table, path) for name, table in tables.items()}


def _source(name: str, table: object, path: str) -> SourceConfig:
    where = f"{path}: [{name}]"
    if not name or not set(name) <= NAME_CHARACTERS:
        raise UsageError(f"{where}: a source's name is made of a-z, 0-9, '_' and '-'")
    if not isinstance(table, dict) or "kind" not in table:
        raise UsageError(f'{where}: needs a table with a kind, such as kind = "folder"')
    if "name" in table:
        raise UsageError(f"{where}: its name is that of the table; remove the key 'name'")
    try:
        config = typed.record(table | {"name": name}, SourceConfig, where)
        re.compile(config.title or "")
    except typed.NotValid as error:
        raise UsageError(str(error)) from error
    except re.error as error:
        raise UsageError(f"{where}: title must be a regular expression in quotes") from error
    return config


def kyiv_date(now: datetime) -> date:
    """Return the date in Kyiv at an aware moment: the report date of a bulletin of that morning."""
    return now.astimezone(KYIV).date()


@cache
def tool_version() -> str:
    """Return the version of Tallybook that is running, "unknown" where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # takes 30 ms; few commands ask

    try:
        return version("tallybook")
    except PackageNotFoundError:
        return "unknown"


def user_agent(contact: str) -> str:
    """Return how Tallybook introduces itself; `contact` says how to reach you, "" for nothing."""
    # A header holds visible ASCII only.
    visible = "".join(c for c in contact if " " <= c <= "~").strip() or "no contact configured"
    return f"Tallybook/{tool_version()} (reads one public bulletin a day; {visible})"


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
