"""What a command and the flow that it starts share in one process: nothing is read twice."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from flows.lake.lake import open_lake
from flows.orchestration.handover import handed_over, handing_over
from flows.report.run_summary import Summary
from flows.settings import load_settings
from tests.conftest import SAMPLES

NOW = datetime(2023, 10, 10, 9, 30, tzinfo=UTC)

COUNTING = """
import json, sys
from collections import Counter
from flows import settings
from flows.lake import lake
calls = Counter()
def counted(module, name):
    function = getattr(module, name)
    def call(*args, **kwargs):
        calls[name] += 1
        return function(*args, **kwargs)
    setattr(module, name, call)
counted(settings, "load_settings")
counted(lake, "open_lake")
from flows.cli.main import call
status = call(sys.argv[1:])
print(json.dumps([status, calls]), file=sys.stderr)
"""


def test_the_settings_are_read_and_the_lake_is_opened_once_a_run(
    tmp_path: Path, prefect_api: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNTING, "run", "--date", "2023-10-10", "--archive", str(SAMPLES)],
        env=os.environ | {"PREFECT_API_URL": prefect_api, "TALLYBOOK_LAKE": str(tmp_path / "lake")},
        capture_output=True,
        check=True,
    )
    status, calls = json.loads(done.stderr.decode().splitlines()[-1])
    assert status == 0
    assert (calls["load_settings"], calls["open_lake"]) == (1, 1)


def test_the_flow_finds_what_was_handed_over_and_leaves_its_summary(tmp_path: Path) -> None:
    lake, settings = open_lake(tmp_path, create=True), load_settings()
    assert handed_over() is None
    with handing_over(lake, settings) as handover:
        flow = handed_over()
        assert flow
        assert (flow.lake, flow.settings) == (lake, settings)
        flow.summary = Summary("daily", "test", NOW, NOW, str(lake.root))
    assert handover.summary is flow.summary
    assert handed_over() is None
