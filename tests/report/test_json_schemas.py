"""The schemas of what is printed and kept: as they are made of the types, and they can fail."""

import json
from datetime import UTC, datetime

import jsonschema
import pytest

from flows.archive.verify import Problem, Verification
from flows.files import json_text
from flows.lake.runs import LastRun
from flows.report import json_schemas
from flows.report.json_schemas import FOLDER, OUTPUTS, json_schema
from schemas.codes import RunState
from tests.reports import shown, validate


def test_the_files_are_those_that_are_made() -> None:
    kept = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.schema.json")}
    assert kept == json_schemas.texts(), "run `python -m docs.generate`"


@pytest.mark.parametrize("name", OUTPUTS)
def test_each_is_a_schema_whose_parts_are_described(name: str) -> None:
    schema = json_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert all(part["description"] for part in schema["$defs"].values())


def test_what_is_not_as_documented_is_found() -> None:
    found = Verification(1, 1, 20, (Problem("a.gz", "is damaged"),))
    printed = shown(found)
    assert printed["problems"] == [{"path": "a.gz", "problem": "is damaged"}]
    wrong: list[dict[str, object]] = [
        {"documents": "1"},
        {"bytes": None},
        {"problems": [{}]},
    ]
    for changes in wrong:
        with pytest.raises(jsonschema.ValidationError):
            validate(Verification, printed | changes)
    del printed["records"]
    with pytest.raises(jsonschema.ValidationError):
        validate(Verification, printed)


def test_moments_are_written_as_they_always_were() -> None:
    moment = datetime(2026, 11, 1, 8, 15, 2, tzinfo=UTC)
    run = LastRun("r", "daily", RunState.COMPLETED, 0, moment, None, None)

    assert json.loads(json_text(run))["started_at"] == "2026-11-01T08:15:02+00:00"
