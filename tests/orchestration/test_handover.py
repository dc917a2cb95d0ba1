"""What a command and the flow that it starts share in one process: nothing is read twice."""

import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.lake.lake import open_lake
from flows.orchestration.handover import handed_over, handing_over
from flows.report.run_summary import Summary
from flows.settings import load_settings
from tests.conftest import SAMPLES, Command

NOW = datetime(2023, 10, 10, 9, 30, tzinfo=UTC)


def test_the_settings_are_read_and_the_lake_is_opened_once_a_run(
    tmp_path: Path, prefect_api: str, in_process: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[str] = Counter()
    for function in (load_settings, open_lake):
        count_everywhere(function, calls, monkeypatch)
    arguments = ("run", "--date", "2023-10-10", "--archive", SAMPLES, "--lake", "lake")
    assert in_process(*arguments, PREFECT_API_URL=prefect_api).returncode == 0
    assert calls == {"load_settings": 1, "open_lake": 1}


def count_everywhere(
    function: Callable[..., Any], calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count the calls of a function, whichever of our modules it is called by."""

    def counting(*args: Any, **kwargs: Any) -> Any:
        calls[function.__name__] += 1
        return function(*args, **kwargs)

    for name, module in list(sys.modules.items()):
        if name.startswith("flows") and getattr(module, function.__name__, None) is function:
            monkeypatch.setattr(module, function.__name__, counting)


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
