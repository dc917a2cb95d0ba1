"""The whole reference history, rendered in mixed forms, is read exactly."""

from datetime import date

import pytest

from flows.parse.bulletin import read
from schemas.records import Document
from tests import reference, render
from tests.history import style_of

pytestmark = pytest.mark.slow


def test_every_total_and_delta_of_the_reference_is_read() -> None:
    wrong = [day for day, figures in reference.load().items() if not _is_read(day, figures)]
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
