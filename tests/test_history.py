"""The whole reference history, rendered in mixed forms, is read exactly."""

from datetime import date

import pytest

from flows.parse.bulletin import read
from schemas.records import Document
from tests import reference, render
from tests.history import style_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.full)])
def test_every_total_and_delta_of_the_reference_is_read(every: int) -> None:
    """Every seventh day in make test: tests/reconcile/test_oracle.py runs all of them."""
    days = list(reference.load().items())[::every]
    wrong = [day for day, figures in days if not _is_read(day, figures)]
    assert not wrong, f"{len(wrong)} days, the first {wrong[:5]}"


def _is_read(day: date, figures: reference.Figures) -> bool:
    form, style = style_of(day)
    text = render.render(form, day, figures, style)
    bulletin = read(Document("folder", "page", text.encode(), render.media_type(style)))
    found = {f.category: (f.total, f.delta, f.approximate) for f in bulletin.figures}
    return (
        bulletin.accepted
        and bulletin.report_date == day
        and bulletin.complete
        and not bulletin.unrecognized
        and found == render.printed(form, figures, style)
    )
