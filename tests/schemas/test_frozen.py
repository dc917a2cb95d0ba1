"""What is published keeps its names, types and meanings within a schema version."""

import json

from tests import frozen


def test_the_columns_are_those_that_were_promised() -> None:
    kept = json.loads(frozen.PATH.read_text("utf-8"))
    now = json.loads(frozen.text())
    assert now == kept, (
        "a column's name, type, unit, codes or meaning has changed: count SCHEMA_VERSION up and "
        "teach flows/lake/upgrade.py, then python -m tests.frozen"
    )
