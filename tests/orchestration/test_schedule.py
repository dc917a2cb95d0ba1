"""The daily schedule across the changes of the clock, as a real Prefect server has it.

It is deployed as `serve` does; `prefect.yaml` declares the same (`test_flows.py`).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.serve import DEPLOYED, deployments
from flows.settings import KYIV, kyiv_date
from tests.conftest import SAMPLES

HOURS = [*range(6, 13), 15, 18, 21]
CHANGES = [date(2027, 3, 28), date(2027, 10, 31)]
"""The Sundays on which clocks in Kyiv go forward, and back."""


@pytest.fixture(scope="module")
def daily(prefect_api: str) -> Iterator[dict[str, Any]]:
    """Deploy the daily flow with its schedule, and take it away again; the deployment."""
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        (made,) = (one for one in deployments((), "lake") if one.flow_name == "daily")
        made.apply()
    found = httpx.get(f"{prefect_api}/deployments/name/daily/tallybook").json()
    yield found
    httpx.delete(f"{prefect_api}/deployments/{found['id']}")


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_every_day_has_its_runs_at_the_hours_of_kyiv(
    prefect_api: str, daily: dict[str, Any], change: date
) -> None:
    first, last = change - timedelta(days=2), change + timedelta(days=2)
    begin = datetime.combine(first, datetime.min.time(), KYIV).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), KYIV).astimezone(UTC)
    asked = {"start_time": begin.isoformat(), "end_time": end.isoformat(), "max_runs": 100}
    asked |= {"min_runs": 100}
    path = f"{prefect_api}/deployments/{daily['id']}"
    assert httpx.post(f"{path}/schedule", json=asked, timeout=60.0).is_success
    wanted = {
        "deployments": {"id": {"any_": [daily["id"]]}},
        "flow_runs": {
            "expected_start_time": {"after_": begin.isoformat(), "before_": end.isoformat()}
        },
    }
    found = httpx.post(f"{prefect_api}/flow_runs/filter", json=wanted, timeout=60.0).json()
    starts = sorted(datetime.fromisoformat(one["expected_start_time"]) for one in found)
    of_day: dict[date, list[int]] = {}
    for start in starts:
        of_day.setdefault(kyiv_date(start), []).append(start.astimezone(KYIV).hour)
    assert of_day == {first + timedelta(days=n): HOURS for n in range(5)}


def test_the_hours_are_those_of_the_declaration() -> None:
    (cron,) = [one.cron for one in DEPLOYED if one.flow.name == "daily"]
    assert cron == "0 6-12,15,18,21 * * *"
    assert Path(SAMPLES.parent.parent, "prefect.yaml").read_text("utf-8").count(cron) == 1
