"""The two public copies of the reference, and the official bulletins, as sources of their own."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.report.compare_file import read_outside
from schemas.records import Candidate, Cell
from tests import reference, render
from tests.memory import said

ORDER = ("official", "community", "index")


@cache
def community() -> Mapping[Cell, int]:
    """Return the totals of the community data set."""
    return {
        (day, category): figure.total
        for day, figures in reference.load().items()
        for category, figure in figures.items()
    }


@cache
def index() -> Mapping[Cell, int]:
    """Return the totals of the copy from a finance portal's index."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "index_totals.csv")
        path.write_bytes(reference.published(path.name))
        return read_outside(path).totals


@cache
def official() -> tuple[Candidate, ...]:
    """Return what the official bulletins print."""
    return tuple(
        said((day, category), figure.total, figure.delta, "official")
        for day, figures in reference.official().items()
        for category, figure in figures.items()
    )


def write_sources(folder: Path) -> dict[str, Path]:
    """Write what each source published, in documents, and return their folders by source.

    The copies are one document each, of all days, in the shape of the community data set; an
    official bulletin is a document of our own around its figures.
    """
    folders = {name: folder / name for name in ORDER}
    for path in folders.values():
        path.mkdir(parents=True)
    for name, totals in (("community", community()), ("index", index())):
        (folders[name] / "totals.json").write_text(json.dumps(_records(totals)), "utf-8")
    for day, figures in reference.official().items():
        text = render.render("list", day, figures, render.Style())
        (folders["official"] / f"{day}.txt").write_text(text, "utf-8")
    return folders


def _records(totals: Mapping[Cell, int]) -> list[dict[str, object]]:
    names = {category: name for name, category in reference.CATEGORY_OF_FIELD.items()}
    records: dict[str, dict[str, object]] = {}
    for (day, category), total in sorted(totals.items()):
        record = records.setdefault(day.isoformat(), {"date": day.isoformat()})
        record[names[category]] = total
    return list(records.values())
