"""Here Great Expectations is asked every time."""

import pytest

from flows.validate import check
from tests import asked_once


@pytest.fixture(autouse=True)
def _asked_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_search", asked_once.ask)
