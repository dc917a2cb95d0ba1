"""The field table: every published column, declared once.

Arrow schemas, pandas dtypes and the data dictionary `data/README.md` are generated from here.
"""

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 1
"""Version of the published tables; a lake written by a newer one is refused."""

PANDAS_DTYPES = MappingProxyType(
    {
        "date32": "date32[day][pyarrow]",
        "timestamp": "timestamp[us, tz=UTC][pyarrow]",
        "int32": "Int32",
        "int64": "Int64",
        "bool": "boolean",
        "string": "string[pyarrow]",
    }
)


_PANDAS_TYPES = MappingProxyType(
    {
        "date32": "date",
        "timestamp": "datetimetz",
        "int32": "int32",
        "int64": "int64",
        "bool": "bool",
        "string": "unicode",
    }
)
"""What pandas metadata calls the types; the dtype that is made of them is `PANDAS_DTYPES`'."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column: name, type, unit, whether it may be null, and what it means.

    `type` is one of date32, timestamp (microseconds, UTC), int32, int64, bool, string, strings (a
    list of strings). `values` lists the allowed values of a coded column.
    """

    name: str
    type: str
    description: str
    unit: str = ""
    nullable: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One published table: its folder in the lake, one row's meaning, its sort key, its columns."""

    name: str
    description: str
    partitions: tuple[str, ...]
    sort_key: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The column names, in file order."""
        return tuple(f.name for f in self.fields)


DELTA_STATUSES = ("ok", "ok_unprinted", "not_printed", "mismatch", "gap", "first")
DIAGNOSES = (
    "revision",
    "misprinted_total",
    "previous_misprinted",
    "misprinted_delta",
    "undecided",
)
HINTS = (
    "digits_swapped",
    "digit_lost",
    "digit_doubled",
    "digit_mistyped",
    "separator_misread",
    "total_repeated",
    "row_repeated",
    "exchanged",
    "row_copied",
)
DOCUMENT_STATUSES = ("accepted", "refused", "quarantined")
REVISION_FIELDS = ("total", "delta", "diagnosis", "suggested_total")
REVISION_CAUSES = ("newer_document", "other_source", "parser", "days_beside")

_REPORT_DATE = Field(
    "report_date",
    "date32",
    "The Kyiv date that the bulletin is as of: the morning it came out. "
    "The losses of its deltas happened the day before.",
)
_CATEGORY = Field("category", "string", "What is counted: an id of schemas/categories.toml.")
_SOURCE = Field("source", "string", "The configured source that the document came from.")
_SHA256 = Field(
    "document_sha256",
    "string",
    "SHA-256 of the document's untouched bytes: its name in archive/.",
)

LOSSES = Table(
    "losses",
    "The product: one row per report date and category, with the check of its delta.",
    ("year",),
    ("report_date", "category"),
    (
        _REPORT_DATE,
        Field("war_day", "int32", "Day of the full-scale war; 2022-02-24 is day 1.", "days"),
        _CATEGORY,
        Field(
            "total",
            "int64",
            "Cumulative total since 2022-02-24, exactly as a bulletin printed it.",
            "count",
        ),
        Field(
            "delta",
            "int64",
            "The change over the last 24 hours that the same bulletin printed; null where none is "
            "printed, 0 where a zero is printed.",
            "count",
            nullable=True,
        ),
        Field("approximate", "bool", 'Whether the bulletin marks the figure "about" or the like.'),
        Field(
            "previous_date",
            "date32",
            "The latest earlier report date on record for this category or its predecessors.",
            nullable=True,
        ),
        Field(
            "previous_total",
            "int64",
            "The total on previous_date; across a merger, the predecessors' totals added up.",
            "count",
            nullable=True,
        ),
        Field(
            "days_missing",
            "int32",
            "Report dates without a record between previous_date and report_date; 0 where the day "
            "before is on record, null where nothing is.",
            "days",
            nullable=True,
        ),
        Field(
            "change",
            "int64",
            "total - previous_total where the day before is on record; null on a gap, so that a "
            "change of several days is never taken for one day's.",
            "count",
            nullable=True,
        ),
        Field(
            "discrepancy",
            "int64",
            "change - delta; null where either is null. 0 means that the bulletin adds up.",
            "count",
            nullable=True,
        ),
        Field(
            "delta_status",
            "string",
            "Whether the printed delta equals the change in the totals.",
            values=DELTA_STATUSES,
        ),
        Field(
            "diagnosis",
            "string",
            "Why the row does not add up, as far as the days beside it and other sources tell; "
            "null where it does.",
            nullable=True,
            values=DIAGNOSES,
        ),
        Field(
            "suggested_total",
            "int64",
            "What the evidence says the total should have been; beside the printed one, never "
            "instead of it.",
            "count",
            nullable=True,
        ),
        Field(
            "hint",
            "string",
            "How the misprint came about, where the figures show it.",
            nullable=True,
            values=HINTS,
        ),
        _SOURCE,
        Field(
            "sources_agreeing",
            "int32",
            "Sources that print the published total, or a round figure that it rounds to.",
            "sources",
        ),
        Field("sources_total", "int32", "Sources that print a total for this row.", "sources"),
        _SHA256,
    ),
)

FIGURES = Table(
    "figures",
    "Every printed figure of every accepted document, with its place in the text.",
    ("source", "year"),
    ("report_date", "document_sha256", "start"),
    (
        _REPORT_DATE,
        _CATEGORY,
        Field(
            "total",
            "int64",
            "The printed cumulative total; null where only a delta is printed.",
            "count",
            nullable=True,
        ),
        Field(
            "delta",
            "int64",
            "The printed change over the last 24 hours; null where none is printed.",
            "count",
            nullable=True,
        ),
        Field("approximate", "bool", 'Whether the figure is marked "about" or the like.'),
        Field("label", "string", "The label as printed."),
        Field(
            "start",
            "int32",
            "Where the figure's passage starts in the extracted text.",
            "characters",
        ),
        Field("end", "int32", "Where it ends (exclusive).", "characters"),
        _SHA256,
    ),
)

BULLETINS = Table(
    "bulletins",
    "One row per bulletin in a document of a source: accepted, refused or quarantined; a document "
    "that holds many days has as many rows. The partition is the year of the report date; without "
    "one, of the publication date, else of the day it was archived.",
    ("year",),
    ("report_date", "source", "document_sha256"),
    (
        Field(
            "report_date",
            "date32",
            "The Kyiv date that the bulletin is as of; null where none could be read.",
            nullable=True,
        ),
        Field(
            "war_day",
            "int32",
            "The war day of report_date; 2022-02-24 is day 1.",
            "days",
            nullable=True,
        ),
        _SOURCE,
        Field("url", "string", "Its address, or its path inside the archive folder."),
        Field("title", "string", "Its title, as printed.", nullable=True),
        Field("headlines", "strings", "The summary headlines above the bulletin, as printed."),
        Field("language", "string", "ISO 639-1 code of its language.", nullable=True),
        Field("complete", "bool", "Whether every category in force that day is printed."),
        Field("figures", "int32", "Figures read.", "figures"),
        Field(
            "bulletins",
            "int32",
            "Bulletins in the same document: 1 for an article, a month of them for a month page.",
            "bulletins",
        ),
        Field(
            "published_at",
            "timestamp",
            "When the page says it was published or last changed.",
            nullable=True,
        ),
        Field(
            "published_on",
            "date32",
            "The publication date that the caller gave (a file name, a feed).",
            nullable=True,
        ),
        Field(
            "fetched_at",
            "timestamp",
            "When it was fetched over the network; null for a local file.",
            nullable=True,
        ),
        Field("status", "string", "What became of it.", values=DOCUMENT_STATUSES),
        Field("reason", "string", "Why it is not accepted; null if it is.", nullable=True),
        Field("warnings", "strings", "What the parser and the gate remarked."),
        _SHA256,
    ),
)

REVISIONS = Table(
    "revisions",
    "Append-only: every published value that changed since: a later document or source, a better "
    "parser or the days beside it changed it.",
    ("year",),
    ("seen_at", "report_date", "category", "field"),
    (
        _REPORT_DATE,
        _CATEGORY,
        Field("field", "string", "Which column of losses changed.", values=REVISION_FIELDS),
        Field("old_value", "int64", "The number until then.", "count", nullable=True),
        Field("new_value", "int64", "The number since then.", "count", nullable=True),
        Field("old_text", "string", "The diagnosis until then.", nullable=True, values=DIAGNOSES),
        Field("new_text", "string", "The diagnosis since then.", nullable=True, values=DIAGNOSES),
        Field("seen_at", "timestamp", "When Tallybook took in what changed it."),
        Field("cause", "string", "What changed it.", values=REVISION_CAUSES),
        Field("old_document_sha256", "string", "The document that printed the old value."),
        Field("new_document_sha256", "string", "The document that prints the new value."),
    ),
)

TABLES = (LOSSES, FIGURES, BULLETINS, REVISIONS)


def arrow_schema(table: Table) -> "pa.Schema":
    """Return the frozen Arrow schema of a table, description and unit in each field's metadata."""
    import pyarrow as pa

    types = {
        "date32": pa.date32(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "bool": pa.bool_(),
        "string": pa.string(),
        "strings": pa.list_(pa.field("element", pa.string(), nullable=False)),
    }
    fields = [
        pa.field(
            f.name,
            types[f.type],
            nullable=f.nullable,
            metadata={"description": f.description} | ({"unit": f.unit} if f.unit else {}),
        )
        for f in table.fields
    ]
    return pa.schema(
        fields,
        metadata={
            "tallybook.schema_version": str(SCHEMA_VERSION),
            "pandas": json.dumps(_pandas_metadata(table)),
        },
    )


def _pandas_metadata(table: Table) -> dict[str, Any]:
    """What pandas needs to give each column its dtype by itself: a missing count is no float."""
    dtypes = pandas_dtypes(table)
    return {
        "index_columns": [],
        "column_indexes": [],
        "columns": [
            {
                "name": f.name,
                "field_name": f.name,
                "pandas_type": _PANDAS_TYPES[f.type],
                "numpy_type": dtypes[f.name],
                "metadata": {"timezone": "UTC"} if f.type == "timestamp" else None,
            }
            for f in table.fields
            if f.name in dtypes
        ],
        "pandas_version": "3",
    }


def pandas_dtypes(table: Table) -> dict[str, str]:
    """Return the pandas dtype of each scalar column; all of them hold a null that is no float.

    List columns have no entry: pandas keeps them as objects.
    """
    return {f.name: PANDAS_DTYPES[f.type] for f in table.fields if f.type in PANDAS_DTYPES}
