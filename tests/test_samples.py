"""The sample archive: each document is read exactly, and prints what the reference says."""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.parse.bulletin import read
from schemas.codes import DecidedBy
from schemas.records import Bulletin, Document
from tests import reference, samples

FIRST, LAST = date(2023, 9, 27), date(2023, 10, 10)
EXPECTED: dict[str, samples.Expectation] = json.loads(samples.EXPECTED.read_text("utf-8"))


def _read(path: Path) -> Bulletin:
    media_type = "text/html" if path.suffix == ".html" else "text/plain"
    return read(Document("folder", path.name, path.read_bytes(), media_type))


def test_one_document_a_day_and_an_expectation_for_each() -> None:
    files = {path.name for path in samples.BULLETINS.iterdir()}
    assert files == set(EXPECTED) == set(samples.SAMPLES)
    days = sorted(date.fromisoformat(found["report_date"]) for found in EXPECTED.values())
    assert days == [FIRST + timedelta(days=n) for n in range(14)]
    assert days[-1] == LAST


def test_every_form_appears_at_least_twice_in_html_or_text() -> None:
    forms = Counter(sample.form for sample in samples.SAMPLES.values())
    assert set(forms) == {"official", "prose", "list", "summary", "table"}
    assert min(forms.values()) >= 2


@pytest.mark.parametrize("name", EXPECTED)
def test_a_document_is_read_exactly(name: str) -> None:
    bulletin = _read(samples.BULLETINS / name)
    expected = EXPECTED[name]
    assert bulletin.accepted, bulletin.reason
    assert bulletin.report_date == date.fromisoformat(expected["report_date"])
    assert bulletin.war_day == expected["war_day"]
    assert bulletin.language == expected["language"]
    assert bulletin.complete == expected["complete"]
    assert (bulletin.unrecognized, bulletin.warnings, bulletin.reason_code) == ((), (), None)
    assert {f.decided_by for f in bulletin.figures} == {DecidedBy.WORDING}
    assert {
        f.category: {"total": f.total, "delta": f.delta, "approximate": f.approximate}
        for f in bulletin.figures
    } == expected["figures"]
    assert len(bulletin.figures) == len(expected["figures"])


@pytest.mark.parametrize("name", [n for n, found in EXPECTED.items() if found["headlines"]])
def test_the_headlines_of_a_summary_are_read(name: str) -> None:
    assert list(_read(samples.BULLETINS / name).headlines) == EXPECTED[name]["headlines"]


@pytest.mark.parametrize("name", EXPECTED)
def test_every_document_says_that_the_figures_are_claims(name: str) -> None:
    text = (samples.BULLETINS / name).read_text("utf-8")
    assert "General Staff" in text or "Генеральн" in text
    assert any(word in text for word in ("claim", "unverified", "verif", "checked", "confirm",
                                         "езалежн"))  # fmt: skip


def test_the_expectations_are_those_of_the_reference() -> None:
    assert samples.from_reference(reference.load(), reference.official()) == EXPECTED


def test_the_revision_of_3_october_is_in_the_archive() -> None:
    """Beyond the printed deltas: aircraft -1, uavs -1, and nothing else."""
    before, after = (
        EXPECTED[name]["figures"]
        for name in ("2023-10-02-losses-table.html", "2023-10-03-general-staff-update.html")
    )
    discrepancies = {
        category: figure["total"] - before[category]["total"] - (figure["delta"] or 0)
        for category, figure in after.items()
    }
    assert {c: n for c, n in discrepancies.items() if n} == {"aircraft": -1, "uavs": -1}
