"""What `tallybook config` says: the settings in force, and where each of them came from."""

from collections.abc import Iterator

import msgspec

from flows.redact import redacted
from flows.settings import Settings, SourceConfig


class Setting(msgspec.Struct, frozen=True):
    """A setting: its value, null where there is none, and where that came from.

    `origin` is "default", "given" (a flag), "found" (a file that lies in the working directory),
    the name of a file, or "$NAME" of an environment variable; "-" where there is no value.
    """

    name: str
    value: str | None
    origin: str


class ConfiguredSource(msgspec.Struct, frozen=True):
    """A source with all that is set for it, its address without secrets, and the file it is from.

    A token is never shown: `token` says where it is kept.
    """

    origin: str
    config: SourceConfig


class SettingsReport(msgspec.Struct, frozen=True):
    """All settings, and all sources, the preferred one first."""

    settings: tuple[Setting, ...]
    sources: tuple[ConfiguredSource, ...]


def settings_report(settings: Settings) -> SettingsReport:
    """Return what is in force; passwords and tokens in addresses are masked."""
    values = {
        "lake": redacted(settings.lake),
        "contact": settings.contact or None,
        "stale_after_days": str(settings.stale_after_days),
        "publish_by": f"{settings.publish_by:%H:%M} Kyiv",
        "catch_up_days": str(settings.catch_up_days),
        "report": str(settings.report).lower(),
        "keep_runs_days": str(settings.keep_runs_days),
        "alerts.to": ", ".join(settings.alerts.to) or None,
        "alerts.silent_after_days": str(settings.alerts.silent_after_days),
        "sources_file": settings.sources_file,
    }
    return SettingsReport(
        settings=tuple(
            Setting(name, value, settings.origins[name]) for name, value in values.items()
        ),
        sources=tuple(
            ConfiguredSource(settings.origins[f"sources.{name}"], _masked(config))
            for name, config in settings.sources.items()
        ),
    )


def _masked(config: SourceConfig) -> SourceConfig:
    return msgspec.structs.replace(config, url=config.url and redacted(config.url))


def settings_text(report: SettingsReport) -> str:
    """Return a line a setting, and of each source what is not as by default."""
    return "\n".join(_lines(report))


def _lines(report: SettingsReport) -> Iterator[str]:
    for setting in report.settings:
        yield f"{setting.name:<26}{setting.value or '-'}  ({setting.origin})"
    yield ""
    yield "Sources, the preferred one first:"
    for source in report.sources:
        yield f"[{source.config.name}]  ({source.origin})"
        for field in msgspec.structs.fields(SourceConfig):
            value = getattr(source.config, field.name)
            if field.name != "name" and value != field.default:
                shown = list(value) if isinstance(value, tuple) else value
                yield f"  {field.name} = {shown}"
