"""Writes the facts anew from the published files: `python -m tests.facts FOLDER`."""

import csv
import io
import json
import lzma
import sys
from pathlib import Path

from tests.reference import CATEGORY_OF_FIELD, FACTS

KEPT = frozenset({"date", "day", "personnel*", *CATEGORY_OF_FIELD})
"""What is kept of a record of the community's files: its date and its counts."""


def records(text: str) -> str:
    """Return the records of one of the community's files, one a line, without other columns."""
    kept = (
        {key: value for key, value in record.items() if key in KEPT} for record in json.loads(text)
    )
    lines = ",\n".join(json.dumps(record) for record in kept)
    return f"[\n{lines}\n]\n"


def table(text: str) -> str:
    """Return a table of dates, categories and counts as it is; nothing else may stand in it."""
    for row in list(csv.reader(io.StringIO(text)))[1:]:
        for cell in row:
            assert not cell or cell.replace("-", "").isdigit() or cell.replace("_", "").isalpha()
    return text


SHAPES = {".json": records, ".csv": table}


def main(folder: Path) -> None:
    """Compress what is kept of each file; the same bytes for the same files."""
    for path in sorted(FACTS.glob("*.xz")):
        name = path.stem
        kept = SHAPES[Path(name).suffix]((folder / name).read_text("utf-8"))
        path.write_bytes(lzma.compress(kept.encode(), preset=lzma.PRESET_EXTREME | 9))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
