"""What a codec costs and saves: the whole war's tables in each, their size, writing and reading."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq

from tests import history, reference
from tests.benchmarks.timing import in_turn
from tests.plain_runs import folder, run_job

CODECS = ("zstd", "snappy", "gzip")


def compare(work: Path, repeats: int) -> Iterator[str]:
    """Yield a line a codec: bytes of all tables, and CPU time to write and read, against Zstandard.

    Read is `losses`, whole, by each of the readers. Each number is the smallest of the repeats.
    """
    series = dict(reference.load())
    archive, lake = work / "archive", work / "lake"
    history.write_archive(series, archive)
    last = max(series)
    noon = datetime(last.year, last.month, last.day, 12, tzinfo=UTC)
    run_job("backfill", lake, folder(archive), now=noon)
    tables = [path for path in sorted(lake.rglob("part-0.parquet")) if "/report/" not in str(path)]
    write = {codec: _writer(tables, lake, work / codec, codec) for codec in CODECS}
    written = in_turn({codec: _cpu(job) for codec, job in write.items()}, repeats)
    size = {codec: sum(p.stat().st_size for p in (work / codec).rglob("*")) for codec in CODECS}
    read = {
        f"{reader} {codec}": _cpu(partial(job, work / codec / "losses"))
        for codec in CODECS
        for reader, job in READERS.items()
    }
    readings = in_turn(read, repeats)
    for codec in CODECS:
        ratios = ", ".join(
            f"{reader} {min(readings[f'{reader} {codec}']) / min(readings[f'{reader} zstd']):.2f}"
            for reader in READERS
        )
        yield (
            f"formats: {codec}: {size[codec] / 1e6:.2f} MB ({size[codec] / size['zstd']:.2f} of "
            f"Zstandard), write {min(written[codec]) / min(written['zstd']):.2f}, read {ratios}"
        )


def _writer(tables: list[Path], lake: Path, out: Path, codec: str) -> Callable[[], object]:
    contents = {path: pq.ParquetFile(path).read() for path in tables}

    def write() -> None:
        for path, table in contents.items():
            target = out / path.relative_to(lake)
            target.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table, target, compression=codec, write_page_checksum=True)

    return write


def _cpu(job: Callable[[], object]) -> Callable[[], float]:
    def seconds() -> float:
        start = time.process_time()
        job()
        return time.process_time() - start

    return seconds


def _duckdb(place: Path) -> object:
    import duckdb

    return duckdb.connect().execute(f"SELECT * FROM '{place}/**/*.parquet'").fetchall()


def _polars(place: Path) -> object:
    import polars as pl

    return pl.read_parquet(f"{place}/**/*.parquet")


def _fastparquet(place: Path) -> object:
    import fastparquet

    return [
        fastparquet.ParquetFile(str(path)).to_pandas() for path in sorted(place.rglob("*.parquet"))
    ]


READERS: dict[str, Callable[[Path], object]] = {
    "pyarrow": lambda place: ds.dataset(place, partitioning="hive").to_table(),
    "duckdb": _duckdb,
    "polars": _polars,
    "fastparquet": _fastparquet,
}
