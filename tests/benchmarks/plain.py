"""The floor of a backfill: a plain pandas script for the same table, without flow and checks.

Run as a script: ARCHIVE OUT. Parses every document, diffs the totals, writes `losses` by year.
"""

import sys
from pathlib import Path

import pandas as pd

from flows.parse.bulletin import read
from schemas.records import Document

MEDIA_TYPES = {".txt": "text/plain", ".html": "text/html"}


def parse(archive: Path) -> pd.DataFrame:
    """Return one row per printed figure."""
    rows = []
    for path in sorted(archive.iterdir()):
        bulletin = read(Document("folder", path.name, path.read_bytes(), MEDIA_TYPES[path.suffix]))
        rows += [(bulletin.report_date, f.category, f.total, f.delta) for f in bulletin.figures]
    frame = pd.DataFrame(rows, columns=["report_date", "category", "total", "delta"])
    return frame.dropna(subset="total").astype({"total": "Int64", "delta": "Int64"})


def diff(figures: pd.DataFrame) -> pd.DataFrame:
    """Return the figures with each category's change, discrepancy and status."""
    frame = figures.sort_values(["category", "report_date"])
    frame["previous_total"] = frame.groupby("category")["total"].shift()
    frame["change"] = frame["total"] - frame["previous_total"]
    frame["discrepancy"] = frame["change"] - frame["delta"]
    frame["delta_status"] = "ok"
    frame.loc[frame["discrepancy"] != 0, "delta_status"] = "mismatch"
    frame.loc[frame["delta"].isna(), "delta_status"] = "not_printed"
    frame.loc[frame["delta"].isna() & (frame["change"] == 0), "delta_status"] = "ok_unprinted"
    frame.loc[frame["previous_total"].isna(), "delta_status"] = "first"
    return frame.sort_values(["report_date", "category"])


def write(losses: pd.DataFrame, out: Path) -> None:
    """Write one Parquet file a year."""
    years = pd.to_datetime(losses["report_date"]).dt.year
    for year, part in losses.groupby(years):
        folder = out / f"year={year}"
        folder.mkdir(parents=True)
        part.to_parquet(folder / "part-0.parquet", index=False, compression="zstd")


if __name__ == "__main__":
    write(diff(parse(Path(sys.argv[1]))), Path(sys.argv[2]))
