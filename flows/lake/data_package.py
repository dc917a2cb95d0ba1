"""`datapackage.json`: the published tables as a Frictionless Data Package, for other tools.

It follows from the declarations of the tables and from `latest.json`: nothing in it is new.
"""

from collections.abc import Mapping
from typing import Any

from flows.lake.published import Latest
from schemas.codes import BulletinWarningCode
from schemas.fields import Field, Table
from schemas.registry import load_registry
from schemas.tables import FIGURES, TABLES

NAME = "datapackage.json"

_TYPES: Mapping[str, str] = {
    "date32": "date",
    "timestamp": "datetime",
    "int32": "integer",
    "int64": "integer",
    "bool": "boolean",
    "string": "string",
    "strings": "array",
    "warnings": "array",
    "unrecognized": "array",
}
"""The types of columns as the specification calls them."""

_CATEGORY = "category"
"""The column whose codes are the ids of the registry."""

_DESCRIPTION = (
    "Reported Russian losses by category and day, as the General Staff of Ukraine publishes them "
    "in a daily bulletin, with a check of each printed delta against the change in the totals. The "
    "figures are one belligerent's claims; they cannot be verified independently, and are not "
    "verified here."
)

LICENSE_NOTE = (
    "No licence is claimed for the figures: they are facts that the General Staff of Ukraine "
    "published. Titles, headlines and labels are short quotations of the outlets that printed "
    "them, and stay theirs; whoever passes those on minds their terms."
)

_ORIGIN = {"title": "General Staff of the Armed Forces of Ukraine, daily bulletin of losses"}


def data_package(latest: Latest) -> dict[str, Any]:
    """Return the package of a lake: every table with its files, columns, units and codes."""
    return {
        "profile": "data-package",
        "name": "tallybook-lake",
        "title": "Reported Russian losses, day by day",
        "description": _DESCRIPTION,
        "version": str(latest.generation),
        "created": latest.updated_at,
        "schema_version": latest.schema_version,
        "newest_report_date": latest.newest_report_date,
        "license_note": LICENSE_NOTE,
        "sources": [_ORIGIN, *({"title": f"source {name}"} for name in _sources(latest))],
        "resources": [_resource(table, latest) for table in TABLES],
    }


def _sources(latest: Latest) -> list[str]:
    """Return the sources that printed a figure: they stand in the paths."""
    files = latest.tables[FIGURES.name].files
    named = {file.path.split("/")[1].partition("=")[2] for file in files if file.rows}
    return sorted(named)


def _resource(table: Table, latest: Latest) -> dict[str, Any]:
    found = latest.tables[table.name]
    return {
        "profile": "data-resource",
        "name": table.name,
        "title": table.name,
        "description": table.description,
        "path": [file.path for file in found.files],
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "rows": found.rows,
        "partitions": list(table.partitions),
        "sort_key": list(table.sort_key),
        "schema": {"fields": [_field(field) for field in table.fields], "missingValues": [""]},
    }


def _field(field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": field.name,
        "type": _TYPES[field.type],
        "description": field.description,
    }
    if field.unit:
        described["unit"] = field.unit
    constraints: dict[str, Any] = {} if field.nullable else {"required": True}
    if codes := _codes(field):
        if field.type == "string":
            constraints["enum"] = list(codes)
        described["codes"] = codes
    return described | ({"constraints": constraints} if constraints else {})


def _codes(field: Field) -> dict[str, str]:
    """Return the values that a column may have with their meanings; none where any may stand."""
    if field.name == _CATEGORY:
        return {c.id: f"{c.title} ({c.unit})" for c in load_registry().categories.values()}
    if field.type == "warnings":
        return {code.value: code.meaning for code in BulletinWarningCode}
    return {code.value: code.meaning for code in field.values}
