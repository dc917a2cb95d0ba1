"""An unknown label is told with its values, and read back from the sentence that tells it."""

from hypothesis import given
from hypothesis import strategies as st

from flows.report.unrecognized_labels import told, told_in
from flows.validate.gate import validate
from schemas.records import Unrecognized
from schemas.registry import load_registry
from schemas.suites import UNKNOWN_LABEL
from tests.builders import DAY, bulletin, reading

COUNTS = st.none() | st.integers(0, 10**6)
LABELS = st.text(st.characters(categories=["L", "P"], exclude_characters=";()"), min_size=1)
ITEMS = st.lists(st.builds(Unrecognized, LABELS, COUNTS, COUNTS), min_size=1)


@given(ITEMS)
def test_items_come_back_from_the_sentence(items: list[Unrecognized]) -> None:
    assert told_in(f"{UNKNOWN_LABEL}: {told(items)}") == items


def test_numbers_in_a_label_stay_in_it() -> None:
    items = [Unrecognized("item T 72", 7, -1), Unrecognized("S-300 (all)", None, 4)]
    assert told(items) == "item T 72 7 (-1); S-300 (all) (+4)"
    assert told_in(f"{UNKNOWN_LABEL}: {told(items)}") == items


def test_another_remark_tells_of_no_item() -> None:
    assert told_in("the printed war day is not that of the report date: day 594") == []
    assert told_in(UNKNOWN_LABEL) == []


def test_the_gate_tells_the_label_with_its_values() -> None:
    items = (Unrecognized("hovercraft", 7, 1), Unrecognized("balloons; large", 12, None))
    given_one = reading(bulletin(unrecognized=items))
    (verdict,) = validate([given_one], registry=load_registry(), today=DAY)
    (finding,) = verdict.findings
    assert finding.sentence == f"{UNKNOWN_LABEL}: hovercraft 7 (+1); balloons, large 12"
    assert [item.total for item in told_in(finding.sentence)] == [7, 12]
