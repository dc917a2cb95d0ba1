"""Tables of an older schema version, read as the present version would have written them.

What the older version did not keep is filled in neutrally; `tallybook rebuild` writes it for real.
"""

from datetime import timedelta
from typing import Any

import pyarrow as pa

from schemas.codes import BulletinWarningCode, DailyBasis, DecidedBy, RevisionCause
from schemas.fields import Table, arrow_schema

_RENAMED_CAUSES = {"days_beside": RevisionCause.NEIGHBOUR_CHANGED}
"""The causes of version 1 that have had another name since version 2."""


def upgraded(table: Table, data: pa.Table) -> pa.Table:
    """Return the rows of a version 1 file with the present columns and codes.

    Raises KeyError where a column is missing that version 1 had.
    """
    new = _new_values(table.name, data)
    schema = arrow_schema(table)
    columns = [
        pa.array(new[field.name], field.type) if field.name in new else data[field.name]
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _new_values(table: str, data: pa.Table) -> dict[str, list[Any]]:
    """Return the values of the columns that version 2 has added or filled otherwise."""
    rows = data.num_rows
    match table:
        case "losses":
            one_day = timedelta(days=1)
            return {
                "loss_date": [day - one_day for day in data["report_date"].to_pylist()],
                "daily": [None] * rows,
                "daily_basis": [DailyBasis.NONE] * rows,
                "url": [""] * rows,
            }
        case "figures":
            return {"decided_by": [DecidedBy.WORDING] * rows}
        case "bulletins":
            code = BulletinWarningCode.UNCLASSIFIED
            remarks = data["warnings"].to_pylist()
            return {
                "reason_code": [None] * rows,
                "warnings": [[{"code": code, "text": text} for text in r] for r in remarks],
                "unrecognized": [[]] * rows,
            }
        case _:
            causes = data["cause"].to_pylist()
            return {"cause": [_RENAMED_CAUSES.get(cause, cause) for cause in causes]}
