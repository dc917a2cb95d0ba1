"""Where documents are found: one small file a source kind, all with the same functions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
    given = {}
    if archive:
        given["folder"] = replace(_base(configured, "folder"), path=archive)
    if url:
        given["article"] = replace(_base(configured, "article"), url=url)
    if unknown := [name for name in names or () if name not in configured]:
        known = ", ".join(configured)
        raise UsageError(f"no source is called {unknown[0]!r}; configured are: {known}")
    if not given and not names:
        names = [name for name, config in configured.items() if _asked_by_default(config)]
    chosen = {name: config for name, config in configured.items() if name in (names or ())} | given
    for config in chosen.values():
        kind_of(config)
    return tuple(chosen.values())


def _asked_by_default(config: SourceConfig) -> bool:
    return bool(config.path or config.url) and not config.only_named


def _base(configured: Mapping[str, SourceConfig], kind: str) -> SourceConfig:
    return replace(configured.get(kind, SourceConfig(kind, kind)), kind=kind)
