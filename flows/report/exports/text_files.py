"""Tables as text: CSV for spreadsheets, JSON lines for programs."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.files import json_text
from flows.lake.rows import python_values
from flows.redact import visible
from schemas.fields import Field

_COMMANDS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a text begins that spreadsheets take for a formula, wide forms in some languages too."""

Row = tuple[Any, ...]


def rows(data: Iterable[pa.Table]) -> Iterator[Row]:
    """Yield the rows of Arrow data as Python values, one batch of it in memory."""
    for part in data:
        yield from zip(*map(python_values, part.columns), strict=True)


def write_csv(fields: Sequence[Field], data: Iterable[pa.Table], path: Path) -> int:
    """Write a CSV file (UTF-8, a header, "\\n"); return its rows.

    Null is an empty cell, a list its JSON, a date or time ISO 8601, true and false as in JSON. A
    text from outside that a spreadsheet would run as a formula has a "'" before it, and what could
    command a terminal or turn the order of letters is spelled out: "\\u202e".
    """
    from_outside = [not field.codes and field.type == "string" for field in fields]
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields])
        for row in rows(data):
            writer.writerow(
                _harmless(value) if outside else _cell(value)
                for value, outside in zip(row, from_outside, strict=True)
            )
            written += 1
    return written


def write_jsonl(fields: Sequence[Field], data: Iterable[pa.Table], path: Path) -> int:
    """Write one JSON object a line (UTF-8) with every column; return their number."""
    names = [field.name for field in fields]
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for row in rows(data):
            values = {name: _json_value(value) for name, value in zip(names, row, strict=True)}
            # What could command a terminal is escaped, which JSON takes for the same.
            file.write(visible(json.dumps(values, ensure_ascii=False)) + "\n")
            written += 1
    return written


def _json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _harmless(text: str | None) -> str:
    """Return a text such that no spreadsheet takes it for a formula, and no terminal obeys it."""
    if text is None:
        return ""
    is_formula = text.startswith(_COMMANDS) or text.lstrip().startswith(_COMMANDS)
    return visible(f"'{text}" if is_formula else text)


def _cell(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return visible(json_text(value))
        case datetime() | date():
            return value.isoformat()
        case _:
            return value
