"""The two public copies of the reference, and the official bulletins, as sources of their own."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from flows.parse.bulletin import read
from flows.report.compare_file import read_outside
from schemas.records import Bulletin, Candidate, Cell, Document
from tests import reference, render
from tests.memory import said

INDEX = reference.FOLDER / "index_totals.csv"
OFFICIAL = reference.FOLDER.parent / "official" / "bulletins.jsonl"

ORDER = ("official", "community", "index")


def require() -> None:
    """Skip the calling test where the public data are absent."""
    reference.require()
    for path in (INDEX, OFFICIAL):
        if not path.is_file():
            pytest.skip(f"the public data are not here: {path} does not exist")


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
    return read_outside(INDEX).totals


@cache
def official() -> tuple[Candidate, ...]:
    """Return what the official bulletins print: where their text is here, as Tallybook reads it."""
    read_here = {bulletin.report_date: bulletin for bulletin in map(_read, _lines())}
    texts = [
        said((day, figure.category), figure.total, figure.delta, "official")
        for day, bulletin in read_here.items()
        if day
        for figure in bulletin.figures
    ]
    facts = [
        said((day, category), figure.total, figure.delta, "official")
        for day, figures in reference.official().items()
        if day not in read_here
        for category, figure in figures.items()
    ]
    return tuple(texts + facts)


def write_sources(folder: Path) -> dict[str, Path]:
    """Write what each source published, in documents, and return their folders by source.

    The copies are one document each, of all days, in the shape of the community data set. A
    bulletin whose text is not here is one of our own around its figures.
    """
    folders = {name: folder / name for name in ORDER}
    for path in folders.values():
        path.mkdir(parents=True)
    for name, totals in (("community", community()), ("index", index())):
        (folders[name] / "totals.json").write_text(json.dumps(_records(totals)), "utf-8")
    for bulletin in _lines():
        (folders["official"] / f"{bulletin['id']}.html").write_text(bulletin["html"], "utf-8")
    texts = {bulletin.report_date for bulletin in map(_read, _lines())}
    for day, figures in reference.official().items():
        if day not in texts:
            text = render.render("list", day, figures, render.Style())
            (folders["official"] / f"{day}.txt").write_text(text, "utf-8")
    return folders


def _lines() -> list[dict[str, str]]:
    return [json.loads(line) for line in OFFICIAL.read_text("utf-8").splitlines()]


def _read(line: Mapping[str, str]) -> Bulletin:
    published = date.fromisoformat(line["published"])
    return read(Document("official", line["id"], line["html"].encode(), published_on=published))


def _records(totals: Mapping[Cell, int]) -> list[dict[str, object]]:
    names = {category: name for name, category in reference.CATEGORY_OF_FIELD.items()}
    records: dict[str, dict[str, object]] = {}
    for (day, category), total in sorted(totals.items()):
        record = records.setdefault(day.isoformat(), {"date": day.isoformat()})
        record[names[category]] = total
    return list(records.values())
