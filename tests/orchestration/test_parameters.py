"""What a form or an API call may ask a flow for: it is checked before there is a run."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from prefect.utilities.schema_tools.validation import ValidationError, validate

from flows.backfill import backfill
from flows.daily import daily
from flows.orchestration.parameters import DATE_PATTERN
from flows.rebuild import rebuild
from schemas.records import FIRST_REPORT

FLOWS = (daily, backfill, rebuild)
LAST = date(2099, 12, 31)


def schema(flow: Any) -> dict[str, Any]:
    """Return the schema that a deployment of the flow has."""
    found: dict[str, Any] = flow.parameters.model_dump()
    return found


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_parameter_says_what_it_is(flow: Any) -> None:
    for name, parameter in schema(flow)["properties"].items():
        assert len(parameter["description"]) > 20, name


def test_a_date_is_a_day_of_the_calendar_from_the_first_bulletin_on() -> None:
    """Of all that looks like one, in any month with up to 39 days, from 2021 to 2101."""
    days = {FIRST_REPORT + timedelta(n) for n in range((LAST - FIRST_REPORT).days + 1)}
    candidates = (
        f"{year}-{month:02}-{day:02}"
        for year in range(2021, 2102)
        for month in range(14)
        for day in range(40)
    )
    taken = {text for text in candidates if re.search(DATE_PATTERN, text)}
    assert taken == {day.isoformat() for day in days}


@pytest.mark.parametrize(
    "wrong",
    ["yesterday", "2022-02-24", "2023-02-29", "2023-10-09T06:00", " 2023-10-09", "09.10.2023", 593],
)
@pytest.mark.parametrize(
    ("flow", "parameter"), [(daily, "date"), (backfill, "since"), (backfill, "until")]
)
def test_what_is_no_report_date_is_refused(flow: Any, parameter: str, wrong: object) -> None:
    with pytest.raises(ValidationError, match=parameter):
        validate({parameter: wrong}, schema(flow), raise_on_error=True)


@pytest.mark.parametrize(
    "parameters",
    [{}, {"date": None}, {"date": "2022-02-25"}, {"date": "2024-02-29", "sources": ["novinite"]}],
)
def test_what_can_be_done_is_taken(parameters: dict[str, Any]) -> None:
    validate(parameters, schema(daily), raise_on_error=True)
