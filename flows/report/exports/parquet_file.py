"""Tables as one Parquet file, with the descriptions of the columns in it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.fields import Field, schema_of


def write_parquet(fields: Sequence[Field], data: Iterable[pa.Table], path: Path) -> int:
    """Write one Parquet file, a row group for each part of the data; return its rows."""
    return write_with_schema(schema_of(fields), data, path)


def write_with_schema(schema: pa.Schema, data: Iterable[pa.Table], path: Path) -> int:
    """Write data of this schema as one Parquet file; return its rows."""
    written = 0
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        for part in data:
            if part.num_rows:
                writer.write_table(part)
                written += part.num_rows
    return written
