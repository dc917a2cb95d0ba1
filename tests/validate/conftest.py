"""Here Great Expectations is asked every time, but in the whole runs of `test_gate.py`."""

import pytest

from flows.validate import check
from tests import asked_once


@pytest.fixture(autouse=True)
def _asked_every_time(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.path.name != "test_gate.py":
        monkeypatch.setattr(check, "_search", asked_once.ask)
