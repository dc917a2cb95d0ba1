"""The settings and the keys of a source, from the structs that they are read into."""

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any, get_args, get_type_hints

import msgspec

from docs.generate.markdown import GENERATED, escaped, grid
from flows.settings import DEFAULTS, VARIABLES, AlertSettings, SourceConfig
from flows.sources import KINDS
from schemas.settings import SettingsFile

_INTRODUCTION = """\
# Settings

The settings stand in `tallybook.toml` in the working directory, or in the file that
`TALLYBOOK_CONFIG` names. Each can be set by a variable of the environment, too, and the lake by
the flag `--lake`. A flag outdoes a variable, a variable the file, the file the default.

`tallybook config` prints what is in force and where each value came from. A wrong key or value is
an error that names the file, the key and what was meant. Prefect's own settings, `PREFECT_*`,
apply as ever.
"""

_SOURCES = """\
## The keys of a source

A source is a table `[sources.NAME]` in `tallybook.toml`, or `[NAME]` in a file of its own (see
`sources_file`). Its name is made of a-z, 0-9, `_` and `-`; it is the column `source` of the
tables. Your own come before the packaged ones and replace those of the same name. Times are in
seconds. [The packaged file](../../flows/sources/sources.toml) has an entry for each kind, and [Add
a source](../how-to/add-a-source.md) leads through one.
"""

_KINDS = """\
## The kinds of sources

Each is a file in `flows/sources/`.
"""


def settings_page() -> str:
    """Return the page of all settings and of the keys of a source."""
    rows = [
        (f"`{name}`", f"`{VARIABLES[name]}`", _shown(DEFAULTS.get(name, "")), what)
        for name, what, _, _ in _keys(SettingsFile)
    ]
    rows += [
        (f"`alerts.{name}`", f"`TALLYBOOK_ALERTS_{name.upper()}`", _shown(default), what)
        for name, what, _, default in _keys(AlertSettings)
    ]
    keys = [
        (f"`{name}`", value, _shown(default), what)
        for name, what, value, default in _keys(SourceConfig)
    ]
    return "\n".join(
        [
            GENERATED + _INTRODUCTION,
            grid(("key", "variable", "default", "what it is"), rows),
            _SOURCES,
            grid(("key", "value", "default", "what it is"), keys),
            _KINDS,
            grid(("kind", "what it is"), [(f"`{kind}`", _told(kind)) for kind in KINDS]),
        ]
    )


def _keys(kind: type[msgspec.Struct]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield of each key that is described: name, what it is, what its value is, its default."""
    hints = get_type_hints(kind, include_extras=True)
    for field in msgspec.structs.fields(kind):
        metas = list(_metas(hints[field.name]))
        titles = [meta.title for meta in metas if meta.title]
        values = [meta.description for meta in metas if meta.description]
        if titles:
            yield field.name, titles[-1], values[-1], field.default


def _metas(hint: Any) -> Iterator[msgspec.Meta]:
    """Yield what is said of a type, the outermost last."""
    for part in get_args(hint):
        yield from (part,) if isinstance(part, msgspec.Meta) else _metas(part)


def _told(kind: str) -> str:
    """Return what the module of a kind says of it, without its name; see the first line of each."""
    lines = cleandoc(KINDS[kind].__doc__ or "").replace("\n\n", " ").replace("\n", " ")
    said = lines.partition(" source: ")[2]
    return escaped(said[0].upper() + said[1:])


def _shown(default: Any) -> str:
    if default in ("", None, (), msgspec.NODEFAULT):
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return f"`[{', '.join(map(_number, default))}]`"
    return f"`{_number(default) if isinstance(default, float) else default}`"


def _number(value: float) -> str:
    return f"{value:g}"
