"""The types of the flows' parameters, which a form or an API call is held to before a run starts.

Prefect's server checks parameters by their JSON Schema and ignores `format`, so that a date takes
a pattern: without it "yesterday" is accepted and fails only when it is run.
"""

import datetime as dt
from typing import Annotated

from pydantic import Field, WithJsonSchema

from schemas.records import FIRST_REPORT

_MONTH_DAYS = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"  # of 31 days
    r"|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"  # of 30 days
    r"|02-(?:0[1-9]|1\d|2[0-8]))"
)
_LEAP_DAYS = r"20(?:[2468][048]|[3579][26])-02-29"
"""The leap years of this century: 2024, 2028, 2032 ..."""

_BEFORE = r"2022-(?:01|02-(?:[01]|2[0-4]))"
"""How the dates of 2022 before `FIRST_REPORT` begin."""

DATE_PATTERN = rf"^(?!{_BEFORE})(?:20(?:2[2-9]|[3-9]\d)-{_MONTH_DAYS}|{_LEAP_DAYS})$"
"""A report date as YYYY-MM-DD: a day that is in the calendar, from the first bulletin to 2099."""

ReportDate = Annotated[
    dt.date,
    Field(ge=FIRST_REPORT),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DATE_PATTERN}),
]
"""A report date from the first bulletin on."""

Workers = Annotated[int, Field(ge=1)]
"""How many processes read."""
