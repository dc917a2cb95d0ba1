"""Everything that is generated: which file has which text."""

from collections.abc import Mapping
from pathlib import Path

from docs.generate.accuracy import accuracy_page
from docs.generate.codes_page import codes_page
from docs.generate.commands import commands_page
from docs.generate.outputs import outputs_page
from docs.generate.settings import settings_page
from docs.generate.tables import data_dictionary, with_code_tables
from flows.report import json_schemas

ROOT = Path(__file__).parents[2]
"""The project's tree."""

REFERENCE = ROOT / "docs" / "reference"


def generated() -> Mapping[Path, str]:
    """Return the text of each generated file, and of each page with a table of codes in it."""
    whole = {
        ROOT / "data" / "README.md": data_dictionary(),
        REFERENCE / "accuracy.md": accuracy_page(),
        REFERENCE / "codes.md": codes_page(),
        REFERENCE / "command-line.md": commands_page(),
        REFERENCE / "json.md": outputs_page(),
        REFERENCE / "settings.md": settings_page(),
        **{REFERENCE / name: text for name, text in json_schemas.texts().items()},
    }
    pages = sorted(path for path in (ROOT / "docs").rglob("*.md") if path not in whole)
    texts = {path: path.read_text("utf-8") for path in pages}
    return whole | {
        path: with_code_tables(text) for path, text in texts.items() if "<!-- codes: " in text
    }
