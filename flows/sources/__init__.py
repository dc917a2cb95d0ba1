"""Where documents are: one small file a kind of source, all with the functions of `base.Kind`.

In goes a source as configured and a range of report dates, out come documents, or the error that
says why one could not be had. How to fetch a page and how to read its dates is handed in: no module
here imports a later stage, opens a connection of its own, keeps anything or judges a bulletin.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from flows.errors import UsageError
from flows.settings import SourceConfig
from flows.sources import (
    article,
    community,
    feed,
    folder,
    minfin,
    telegram,
    warc,
    warship_api,
)
from flows.sources.base import Kind

KINDS: Mapping[str, Kind] = {
    "feed": feed,
    "minfin": minfin,
    "warship_api": warship_api,
    "telegram": telegram,
    "community": community,
    "folder": folder,
    "article": article,
    "warc": warc,
}


def kind_of(config: SourceConfig) -> Kind:
    """Return the module that finds a source's documents. Raises UsageError if there is none."""
    if config.kind not in KINDS:
        known = ", ".join(KINDS)
        raise UsageError(f"the source {config.name!r} has the kind {config.kind!r}; known: {known}")
    return KINDS[config.kind]


def choose(
    configured: Mapping[str, SourceConfig],
    names: Sequence[str] | None,
    *,
    archive: str | None = None,
    url: str | None = None,
) -> tuple[SourceConfig, ...]:
    """Return the sources of a run: an archive folder, a page, the named ones of the configured.

    Without any of these it is all configured sources that say where to look, but for those that
    are to be named. `archive` and `url` are read as the sources `folder` and `article`. Raises
    UsageError for an unknown name or kind.
    """
    pointed_at = {}
    if archive:
        pointed_at["folder"] = replace(_base(configured, "folder"), path=archive)
    if url:
        pointed_at["article"] = replace(_base(configured, "article"), url=url)
    if unknown := [name for name in names or () if name not in configured]:
        known = ", ".join(configured)
        raise UsageError(f"no source is called {unknown[0]!r}; configured are: {known}")
    if not pointed_at and not names:
        names = [name for name, config in configured.items() if _asked_by_default(config)]
    named = {name: config for name, config in configured.items() if name in (names or ())}
    chosen = named | pointed_at
    for config in chosen.values():
        kind_of(config)
    return tuple(chosen.values())


def _asked_by_default(config: SourceConfig) -> bool:
    return bool(config.path or config.url) and not config.only_named


def _base(configured: Mapping[str, SourceConfig], kind: str) -> SourceConfig:
    """Return the entry named like a kind, with its limits, or one that has but defaults."""
    return replace(configured.get(kind, SourceConfig(kind, kind)), kind=kind)
