"""Whole tables as Arrow data, a partition at a time: what exports and checks of a lake read."""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from flows.lake import parquet
from flows.lake.lake import Lake
from schemas.fields import Table, schema_of


def partitions_of(
    lake: Lake, table: Table, since: date | None = None, until: date | None = None
) -> Iterator[pa.Table]:
    """Yield the rows of a table with all columns, those of the folders' names too, by partition.

    Both dates are inclusive; where one is given, rows without a report date are left out. Raises
    LakeError for a damaged file.
    """
    schema = schema_of(table.every_field)
    years = range((since or date.min).year, (until or date.max).year + 1)
    for partition in parquet.partitions(lake.storage, table, years):
        data = parquet.read(lake.storage, table, partition)
        named = dict(zip(table.partitions, partition, strict=True))
        columns = [
            data[field.name]
            if field.name in table.columns
            else pa.repeat(pa.scalar(named[field.name], field.type), data.num_rows)
            for field in schema
        ]
        whole = pa.Table.from_arrays(columns, schema=schema)
        yield _between(whole, since, until) if since or until else whole


def _between(data: pa.Table, since: date | None, until: date | None) -> pa.Table:
    days = data["report_date"]
    first = pa.scalar(since or date.min, pa.date32())
    last = pa.scalar(until or date.max, pa.date32())
    return data.filter(pc.and_(pc.greater_equal(days, first), pc.less_equal(days, last)))
