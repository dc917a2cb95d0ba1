"""Hypothesis strategies: report dates, plausible figures in force that day, styles of typing."""

from collections.abc import Mapping
from datetime import date

from hypothesis import strategies as st

from schemas.envelope import load_envelope
from schemas.registry import load_registry
from tests import render
from tests.reference import Printed

FIRST, LAST = date(2022, 5, 1), date(2026, 10, 31)

dates = st.dates(FIRST, LAST)
styles = st.builds(
    render.Style,
    group=st.sampled_from(render.GROUPS),
    dash=st.sampled_from(render.DASHES),
    deltas=st.sampled_from(render.DELTAS),
    markup=st.sampled_from(render.MARKUPS),
    about=st.booleans(),
    units=st.booleans(),
    words=st.booleans(),
    noise=st.booleans(),
    variant=st.integers(0, 2),
)


def figures(report_date: date) -> st.SearchStrategy[Mapping[str, Printed]]:
    """All categories in force, and up to four of them left out (never the first three)."""
    names = sorted(load_registry().required(report_date), key=load_registry().order)
    omitted = st.sets(st.sampled_from(names[3:]), max_size=4)
    return omitted.flatmap(
        lambda gone: st.fixed_dictionaries(
            {name: printed(name, report_date) for name in names if name not in gone}
        )
    )


@st.composite
def printed(draw: st.DrawFn, category: str, report_date: date) -> Printed:
    """A total within the envelope, and a day's delta."""
    found = load_registry().categories[category]
    band = load_envelope().band(category, report_date)
    low, high = (band.low, band.high) if band else (1, found.highest_total(report_date))
    total = draw(st.integers(max(low, 1), high))
    highest = min(total, found.ceiling[1])
    return Printed(total, draw(st.none() | st.integers(0, highest)))
