"""Every example document is read as its reviewed expectation says."""

from pathlib import Path

import pytest

from tests import examples


@pytest.mark.parametrize("path", examples.paths(), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_the_example_is_read_as_reviewed(path: Path, request: pytest.FixtureRequest) -> None:
    example = examples.load(path)
    assert example.expected.get("reviewed", True), f"review {path.with_suffix('.json')}"
    if "known_failure" in example.expected:
        request.applymarker(pytest.mark.xfail(reason=example.expected["known_failure"]))
    bulletin = example.read()
    expected = example.expected
    assert bulletin.status == expected["status"], bulletin.reason
    if example.is_bulletin:
        got = examples.outcome(bulletin)
        assert got["figures"] == expected["figures"]
        assert len(bulletin.figures) == len(expected["figures"])
        assert got["approximate"] == sorted(expected.get("approximate", got["approximate"]))
        assert got["report_date"] == expected["report_date"]
        assert got["language"] == expected["language"]
        assert got["unrecognized"] == expected.get("unrecognized", [])
    else:
        assert bulletin.figures == ()
        assert bulletin.reason_code == expected.get("reason_code", bulletin.reason_code)
        assert expected.get("reason", "") in (bulletin.reason or "")
