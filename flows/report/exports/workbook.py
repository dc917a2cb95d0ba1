"""Tables as an Excel workbook: the rows on one sheet, what the columns mean on another."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.errors import UsageError
from flows.files import json_text
from flows.redact import visible
from flows.report.exports.extra import needing, unwritable
from flows.report.exports.text_files import rows
from schemas.fields import Field

MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
"""What a sheet and a cell of Excel can hold at most."""

_CREATED = datetime(2022, 2, 24)  # noqa: DTZ001 - Excel knows no zones
"""The same in every workbook, so that the same rows give the same bytes."""

_WIDTHS = {"date32": 12, "timestamp": 18, "string": 20, "int32": 10, "int64": 12, "bool": 10}


def write_xlsx(title: str, fields: Sequence[Field], data: Iterable[pa.Table], path: Path) -> int:
    """Write a workbook; return the rows of its first sheet. No text in it can act as a formula.

    Times are in UTC, which Excel's do not say; lists are JSON. What could turn the order of letters
    is spelled out. Raises UsageError for more rows or longer texts than a sheet holds, and where
    XlsxWriter is missing; OSError.
    """
    xlsxwriter = needing("xlsxwriter")
    parts = path.with_name(f"{path.name}.parts")  # beside it, where whoever comes next sweeps
    parts.mkdir()
    settings = {
        "tmpdir": str(parts),
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    # Packed in memory, where it is small: a ZipFile on a full disk could not be closed.
    packed = BytesIO()
    refused = xlsxwriter.exceptions.FileCreateError
    with unwritable(refused), xlsxwriter.Workbook(packed, settings) as workbook:
        workbook.set_properties({"title": title, "created": _CREATED})
        written = _write_rows(workbook, title, fields, data)
        _write_meanings(workbook, fields)
    path.write_bytes(packed.getvalue())
    return written


def _write_rows(
    workbook: Any, title: str, fields: Sequence[Field], data: Iterable[pa.Table]
) -> int:
    bold = workbook.add_format({"bold": True})
    days = workbook.add_format({"num_format": "yyyy-mm-dd"})
    times = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = workbook.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    for column, field in enumerate(fields):
        sheet.set_column(column, column, _WIDTHS.get(field.type, 30))
        sheet.write_string(0, column, field.name, bold)
    written = 0
    for written, row in enumerate(rows(data), start=1):
        if written >= MOST_ROWS:
            raise UsageError(
                f"an Excel sheet holds {MOST_ROWS:,} rows, and {title} has more: narrow it with "
                "--since and --until, or take parquet, csv or sqlite"
            )
        for column, value in enumerate(row):
            _write(sheet, written, column, value, days, times)
    sheet.autofilter(0, 0, written, len(fields) - 1)
    return written


def _write_meanings(workbook: Any, fields: Sequence[Field]) -> None:
    sheet = workbook.add_worksheet("columns")
    bold = workbook.add_format({"bold": True})
    header = ("column", "type", "unit", "meaning")
    described = [(f.name, f.type, f.unit, f.description) for f in fields]
    for number, line in enumerate([header, *described]):
        for column, text in enumerate(line):
            sheet.write_string(number, column, text, bold if number == 0 else None)


def _write(sheet: Any, row: int, column: int, value: Any, days: Any, times: Any) -> None:
    """Write a value into a cell of an XlsxWriter sheet, with the formats of days and times."""
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case int():
            sheet.write_number(row, column, value)
        case datetime():
            sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None), times)
        case date():
            sheet.write_datetime(row, column, value, days)
        case _:
            text = visible(value if isinstance(value, str) else json_text(value))
            if len(text) > MOST_CHARACTERS:
                raise UsageError(
                    f"an Excel cell holds {MOST_CHARACTERS:,} characters, and a text of row {row} "
                    "is longer: take parquet, csv or sqlite"
                )
            sheet.write_string(row, column, text)
