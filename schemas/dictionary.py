"""The data dictionary `data/README.md`, generated: `python -m schemas.dictionary` writes it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from schemas.fields import TABLES, Field, Table
from schemas.registry import Category, Registry, load_registry

PATH = Path(__file__).parents[1] / "data" / "README.md"
"""Where the dictionary lies in the project's tree."""

_DIAGNOSES = {
    "revision": "The discrepancy stands: the following day agrees with the new total. The General "
    "Staff corrected the past, up or down.",
    "misprinted_total": "The next days come back to what the printed deltas lead to: this total "
    "was misprinted, and `suggested_total` is what the days around it agree on.",
    "previous_misprinted": "The row itself is in order; the total of the day before is misprinted.",
    "misprinted_delta": "The totals are confirmed by other sources or by the next day, and another "
    "source prints the delta that fits, or the printed one is a slip of the one that fits.",
    "undecided": "The next day is not known yet, or the evidence conflicts.",
}

MEANINGS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("losses", "delta_status"): {
        "ok": "A delta is printed and equals the change since the day before.",
        "ok_unprinted": "No delta is printed and the total has not changed.",
        "not_printed": "No delta is printed, but the total has changed.",
        "mismatch": "A delta is printed and differs from the change: see `discrepancy`.",
        "gap": "The day before is not on record for this category; `days_missing` says how many "
        "days are not. A delta over a gap is never called ok.",
        "first": "No earlier total is on record for the category or its predecessors.",
    },
    ("losses", "diagnosis"): _DIAGNOSES,
    ("losses", "hint"): {
        "digits_swapped": "Two digits stand in each other's place.",
        "digit_lost": "A digit is missing.",
        "digit_doubled": "There is a digit too many.",
        "digit_mistyped": "One digit is another.",
        "separator_misread": "A thousands separator was taken for something else: only one side of "
        "the number is there, or three zeros too many.",
        "total_repeated": "It is the total of the day before.",
        "row_repeated": "Total and delta are those of the day before.",
        "exchanged": "Two categories have each other's figures.",
        "row_copied": "It is another category's total of the same day.",
    },
    ("bulletins", "status"): {
        "accepted": "It is the bulletin; its figures are in `figures` and count for `losses`.",
        "refused": "The parser could not read it as the bulletin of one date: see `reason`.",
        "quarantined": "It was read, but broke a rule that blocks: see `reason`.",
    },
    ("revisions", "field"): {
        "total": "The total of the row in `losses`.",
        "delta": "The printed delta of the row in `losses`.",
        "diagnosis": "What was said of the row: see `old_text` and `new_text`.",
        "suggested_total": "What the total should have been.",
    },
    ("revisions", "old_text"): _DIAGNOSES,
    ("revisions", "new_text"): _DIAGNOSES,
    ("revisions", "cause"): {
        "newer_document": "The same source published another document for that report date.",
        "other_source": "Another source takes precedence.",
        "parser": "The documents are the same; Tallybook reads them differently now.",
        "days_beside": "A day beside it came in or changed, and with it the evidence.",
    },
}
"""What each value of a coded column means, by (table, column)."""

_INTRODUCTION = """\
# Data dictionary

Generated from `schemas/fields.py` and `schemas/categories.toml` by `python -m schemas.dictionary`;
change those, not this file.

**What these figures are.** Every total and delta here is a claim that the General Staff of Ukraine
published about Russian losses and that the named source printed. The figures are one belligerent's
claims. They cannot be verified independently, and Tallybook does not verify them: it checks whether
the printed figures agree with each other. `ok` means that a bulletin adds up, not that it is true.

- A **report date** is the Kyiv date that a bulletin is as of: the morning it came out.
- A published total is a total that some bulletin printed. Nothing is repaired: what does not add up
  is published and flagged, and a suggested value stands beside it, never instead of it.
- Counts are integers, in the unit of their category (see the end). A null is never a zero and never
  a float: it means what its column says.
- Times are in UTC. Types are those of Arrow; `timestamp` has microseconds.
- What a folder name says (`year=2023`, `source=folder`) is a column to readers that ask for it; the
  report date itself is in the files.
- In each Parquet file every column carries its description and unit as metadata of its field.
"""

_FOLDERS = (
    (
        "`archive/ab/`",
        "Each document's untouched bytes, `<sha256>.gz`, and for each source that gave it a "
        "provenance record `<sha256>.<source>.json`: source, url, media type, publication date if "
        "known, when it was fetched and archived, size, version of Tallybook. Written once, never "
        "changed.",
    ),
    (
        "`quarantine/<sha256>.<source>/`",
        "A document that is not published, and `reason.json`: the status, the reason, the broken "
        "rules with the rows that broke them, the provenance. It leaves when the document is "
        "accepted later.",
    ),
    ("`runs/`", "A JSON summary of every run, failed runs too."),
    ("`lake.json`", "The version of the lake's schema."),
)


def data_dictionary() -> str:
    """Return the data dictionary as Markdown: tables, columns, coded values, categories."""
    parts = [
        _INTRODUCTION,
        *(_table(table) for table in TABLES),
        "## Other parts of a lake\n\n" + _grid(("where", "what it holds"), _FOLDERS),
        _categories(load_registry()),
    ]
    return "\n".join(parts)


def _table(table: Table) -> str:
    folder = "/".join([table.name, *(f"{name}=..." for name in table.partitions)])
    rows = [
        (f"`{f.name}`", f.type, f.unit, "yes" if f.nullable else "no", _meaning(f))
        for f in table.fields
    ]
    key = ", ".join(f"`{name}`" for name in table.sort_key)
    coded = [f for f in table.fields if f.values]
    return "\n".join(
        [
            f"## `{table.name}`\n",
            f"{table.description}\n",
            f"One file per folder `{folder}`, sorted by {key}.\n",
            _grid(("column", "type", "unit", "null", "meaning"), rows),
            *(_values(table, field) for field in coded),
        ]
    )


def _meaning(field: Field) -> str:
    return f"{field.description} One of the values below." if field.values else field.description


def _values(table: Table, field: Field) -> str:
    meanings = MEANINGS[table.name, field.name]
    rows = [(f"`{value}`", meanings[value]) for value in field.values]
    return _grid((f"`{field.name}`", "meaning"), rows)


def _categories(registry: Registry) -> str:
    header = ("category", "title", "unit", "first report date", "last report date", "remarks")
    rows = [_category(category) for category in registry.categories.values()]
    return "## Categories\n\n" + _grid(header, rows)


def _category(category: Category) -> tuple[str, ...]:
    continues = " and ".join(f"`{name}`" for name in category.predecessors)
    remarks = [
        f"continues {continues}" if continues else "",
        "a bulletin is complete without it" if category.optional else "",
    ]
    return (
        f"`{category.id}`",
        category.title,
        category.unit,
        category.valid_from.isoformat(),
        category.valid_until.isoformat() if category.valid_until else "",
        "; ".join(filter(None, remarks)),
    )


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PATH.write_text(data_dictionary(), encoding="utf-8")
