"""Prints the rows of a table as JSON, dates as YYYY-MM-DD: `python pandas2.py FOLDER`.

For a Python that has pandas 2 in the place of 3.
"""

import json
import sys

import pandas as pd

assert pd.__version__.startswith("2."), pd.__version__
frame = pd.read_parquet(sys.argv[1]).drop(columns="year")
for name in ("total", "delta", "war_day"):
    assert str(frame[name].dtype) in ("Int64", "Int32"), (name, frame[name].dtype)
frame["report_date"] = pd.to_datetime(frame["report_date"])
assert (frame["report_date"] == "2023-12-31").sum() == 2
frame["report_date"] = frame["report_date"].dt.date
rows = [
    {name: None if value is pd.NA else value for name, value in row.items()}
    for row in frame.to_dict("records")
]
print(json.dumps(rows, default=str))
