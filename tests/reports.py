"""Reports as the JSON that is printed of them, each held against its schema in docs/reference."""

import json
from datetime import date
from typing import Any

import jsonschema

from flows.files import json_text
from flows.lake.lake import Lake
from flows.report import json_schemas
from flows.report.status import StatusReport, status_report

_SCHEMAS = {
    kind: json.loads((json_schemas.FOLDER / f"{name}.schema.json").read_text("utf-8"))
    for name, (kind, _) in json_schemas.OUTPUTS.items()
}


def shown(report: object) -> dict[str, Any]:
    """Return a report's JSON. Raises jsonschema.ValidationError if it is not as documented."""
    printed: dict[str, Any] = json.loads(json_text(report))
    validate(type(report), printed)
    return printed


def validate(kind: type, printed: object) -> None:
    """Raise jsonschema.ValidationError if what was printed is not as this type is documented."""
    jsonschema.validate(
        printed, _SCHEMAS[kind], format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def status_of(lake: Lake, today: date = date(2023, 10, 10)) -> StatusReport:
    """Return the status of a lake as on a day of its past."""
    return status_report(lake, today, 2)
