"""A backfill of the full reference history against a plain pandas script for its table."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median

from pyarrow.dataset import dataset

from tests import history, reference
from tests.benchmarks import plain
from tests.benchmarks.daily import floor
from tests.benchmarks.timing import interleaved, run_python, tallybook


def compare(work: Path, repeats: int) -> Iterator[str]:
    """Yield the line to print, with the floor of any run taken off."""
    archive = work / "archive"
    documents = len(history.write_archive(reference.load(), archive))
    lakes, outs = count(), count()

    def backfill() -> None:
        arguments = [
            "backfill",
            "--archive",
            str(archive),
            "--lake",
            str(work / f"lake-{next(lakes)}"),
        ]
        tallybook(arguments, work / "home-backfill")

    def script() -> None:
        arguments = [str(Path(plain.__file__)), str(archive), str(work / f"out-{next(outs)}")]
        run_python(arguments, work / "home-plain")

    jobs = {
        "backfill": backfill,
        "plain": script,
        "floor": lambda: floor(work / "home-floor"),
    }
    seconds = interleaved(jobs, repeats)
    _same_totals(work / "lake-0" / "losses", work / "out-0")
    whole, bare, least = (median(seconds[name]) for name in jobs)
    yield (
        f"backfill: {documents} documents {whole:.2f} s, plain pandas script {bare:.2f} s: "
        f"{whole - bare - least:+.2f} s on top of script and floor ({least:.2f} s) (aim: at most 3)"
    )


def _same_totals(losses: Path, out: Path) -> None:
    """Raise RuntimeError unless both wrote the same totals and deltas: else it is no comparison."""
    if _rows(losses) != _rows(out):
        raise RuntimeError("backfill and the plain script do not publish the same figures")


def _rows(folder: Path) -> list[dict[str, object]]:
    """Return the figures of a table; Arrow, as pandas would read a null as a float."""
    columns = ["report_date", "category", "total", "delta"]
    table = dataset(folder, partitioning="hive").to_table(columns=columns)
    return sorted(table.to_pylist(), key=lambda row: (row["report_date"], row["category"]))
