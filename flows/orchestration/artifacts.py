"""What a run leaves in Prefect for people to look at; the lake holds the same for programs."""

from pathlib import Path

import msgspec
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from flows.report.run_markdown import markdown
from flows.report.run_summary import Summary
from schemas.codes import DeltaStatus

MOST_ROWS = 200
"""A table holds the last so many rows: Prefect keeps an artifact in one field of its database."""

_COLUMNS = (
    "report_date",
    "category",
    "total",
    "delta",
    "change",
    "discrepancy",
    "diagnosis",
    "suggested_total",
    "source",
)


def leave(summary: Summary) -> None:
    """Leave the report as Markdown, the rows that do not add up as a table, a link to the lake."""
    key, lake = f"tallybook-{summary.kind}", summary.lake
    create_markdown_artifact(markdown(summary), key=key, description="The report of the run")
    odd = [row for row in summary.rows.telling if row.delta_status == DeltaStatus.MISMATCH]
    create_table_artifact(
        [
            {name: msgspec.to_builtins(getattr(row, name)) for name in _COLUMNS}
            for row in odd[-MOST_ROWS:]
        ],
        key=f"{key}-mismatches",
        description=f"What does not add up ({len(odd):,}; at most the last {MOST_ROWS} are shown)",
    )
    create_link_artifact(
        lake if "://" in lake else Path(lake).as_uri(),
        link_text=lake,
        key=f"{key}-lake",
        description="The lake of the run",
    )
