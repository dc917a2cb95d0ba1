"""The published columns as they are promised: names, types, meanings, within a schema version.

`python -m tests.frozen` writes them anew: after `SCHEMA_VERSION` counted up, or where a meaning is
only said better.
"""

import json
from pathlib import Path
from typing import Any

from schemas.fields import SCHEMA_VERSION
from schemas.tables import TABLES

PATH = Path(__file__).parent / "schemas" / "frozen_columns.json"


def columns() -> dict[str, Any]:
    """Return the columns of all tables as they are declared now."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tables": {
            table.name: {
                field.name: {
                    "type": field.type,
                    "nullable": field.nullable,
                    "unit": field.unit,
                    "meaning": field.description,
                    "codes": [code.value for code in field.values],
                }
                for field in table.every_field
            }
            for table in TABLES
        },
    }


def text() -> str:
    """Return the content of the file."""
    return json.dumps(columns(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), "utf-8")
