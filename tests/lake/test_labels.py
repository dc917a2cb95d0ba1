"""Labels that nobody knows come back from the lake as they went in, with their numbers."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.lake.lake import open_lake
from schemas.records import Unrecognized
from tests.ledger import document, take_in
from tests.tries import tries

DAY = date(2024, 1, 1)
COUNTS = st.none() | st.integers(0, 10**12)
ITEMS = st.lists(st.builds(Unrecognized, st.text(), COUNTS, COUNTS), max_size=4)


@settings(max_examples=tries(10), deadline=None)
@given(ITEMS)
def test_they_come_back_whatever_they_look_like(items: list[Unrecognized]) -> None:
    """One that ends in a number keeps it: it is no total."""
    items = [Unrecognized("T-72 5", None, None), *items]
    unrecognized = [[item.label, item.total, item.delta] for item in items]
    with TemporaryDirectory() as folder:
        root = Path(folder)
        take_in(root, [document(DAY, {"tanks": (1, 0)}, unrecognized=unrecognized)])
        (row,) = open_lake(root).bulletins()
        assert row.unrecognized == tuple(items)
