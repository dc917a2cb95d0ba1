"""Numbers that the pages say of the data, counted from the data."""

import csv
from pathlib import Path

import pytest

from schemas.languages import load_languages
from tests import reference

ROOT = Path(__file__).parents[2]

CLAIMS = (
    (
        "docs/explanation/decisions.md",
        "{corrections} known correction dates in {days:,} days",
        "in {languages} languages",
    ),
    ("docs/explanation/revisions.md", "{corrections} known dates of this kind in {days:,} days"),
    (
        "data/FINDINGS.md",
        "disagree in {places} places",
        "what {bulletins} official bulletins print",
    ),
)
"""A page, and what it says."""


@pytest.fixture(scope="module")
def counted() -> dict[str, int]:
    """The numbers, from the facts of the tree."""
    series = reference.load()
    with (ROOT / "tests" / "disagreements.csv").open(newline="") as file:
        places = len(list(csv.DictReader(file)))
    return {
        "corrections": len({day for day, _ in reference.corrected()}),
        "days": len(series),
        "places": places,
        "languages": len(load_languages()),
        "bulletins": len(reference.official()),
    }


@pytest.mark.parametrize(
    ("page", "claim"), [(page, claim) for page, *claims in CLAIMS for claim in claims]
)
def test_a_number_of_a_page_is_what_is_counted(
    page: str, claim: str, counted: dict[str, int]
) -> None:
    said = " ".join((ROOT / page).read_text("utf-8").split())
    assert claim.format(**counted) in said
