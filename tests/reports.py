"""Reports as the JSON that is printed of them, each held against its schema in docs/reference."""

import json
from typing import Any

import jsonschema

from flows.files import json_text
from flows.report import json_schemas

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
