"""The JSON Schemas of all outputs, made of the types that they are written from.

`python -m docs.generate` writes them into docs/reference; a test compares.
"""

import json
from collections.abc import Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from flows.archive.provenance import ProvenanceRecord
from flows.archive.verify import Verification
from flows.lake.alerts import KeptAlert
from flows.lake.published import Latest
from flows.lake.quarantine import Held
from flows.lake.runs import LastRuns
from flows.report.check import CheckReport
from flows.report.compare import Comparison
from flows.report.exports.export import Export
from flows.report.rebuild_preview import RebuildPreview
from flows.report.rules import RulesReport
from flows.report.run_summary import RunRecord
from flows.report.settings_list import SettingsReport
from flows.report.show import DayReport
from flows.report.source_list import SourcesReport
from flows.report.source_probe import Trial
from flows.report.status import StatusReport
from flows.report.verification.prove import Proof
from schemas.parsed import ParsedBulletin
from schemas.tables import TABLES

OUTPUTS: Mapping[str, tuple[type, str]] = {
    "parse": (ParsedBulletin, "What `tallybook parse` prints, one of them for each day."),
    "show": (DayReport, "What `tallybook show --json` prints."),
    "status": (StatusReport, "What `tallybook status --json` prints."),
    "check": (CheckReport, "What `tallybook check --json` prints."),
    "check-against": (Comparison, "What `tallybook check --against FILE --json` prints."),
    "sources": (SourcesReport, "What `tallybook sources --json` prints."),
    "sources-test": (Trial, "What `tallybook sources --test NAME --json` prints."),
    "verify": (Proof, "What `tallybook verify --json` prints."),
    "verify-rules": (RulesReport, "What `tallybook verify --rules --json` prints."),
    "rebuild-preview": (RebuildPreview, "What `tallybook rebuild --dry-run --json` prints."),
    "export": (Export, "What `tallybook export --json` prints."),
    "archive-verify": (Verification, "What `tallybook archive verify --json` prints."),
    "config": (SettingsReport, "What `tallybook config --json` prints."),
    "run": (RunRecord, "A file of the folder `runs/` of a lake."),
    "latest": (Latest, "`latest.json` of a lake."),
    "last-runs": (LastRuns, "`last_runs.json` of a lake."),
    "alert": (KeptAlert, "A file of the folder `alerts/` of a lake."),
    "provenance": (ProvenanceRecord, "A provenance record in the folder `archive/` of a lake."),
    "reason": (Held, "`reason.json` of a document in quarantine."),
}
"""The outputs by the name of their schema: the type, and where it is met."""

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
"""Where they lie."""


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of an output; its columns are described, too."""
    kind, title = OUTPUTS[name]
    (reference,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    for component in components.values():
        component["description"] = cleandoc(component.get("description", ""))
    for table in TABLES:
        properties = components.get(table.record.__name__, {}).get("properties", {})
        for field in table.fields:
            if field.name in properties:
                properties[field.name]["description"] = field.description
    schema = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": schema, "title": title, **reference, "$defs": components}


def texts() -> dict[str, str]:
    """Return the content of each file of `FOLDER`, by its name."""
    return {
        f"{name}.schema.json": json.dumps(json_schema(name), indent=1, ensure_ascii=False) + "\n"
        for name in OUTPUTS
    }
