"""Days whose dates are slips, and counts however they are written."""

from datetime import date, timedelta

import pytest

from flows.parse.bulletin import read_all
from schemas.codes import BulletinWarningCode as Remark
from schemas.codes import Reason
from schemas.records import Bulletin, Document
from tests.reference import Figures, Printed

DAY = date(2023, 10, 9)


def bulletins(content: bytes, media_type: str) -> tuple[Bulletin, ...]:
    return read_all(Document("days", "page", content, media_type))


def numbers(bulletin: Bulletin) -> dict[str, tuple[int | None, int | None]]:
    return {f.category: (f.total, f.delta) for f in bulletin.figures}


def month(days: list[tuple[date, Figures]]) -> tuple[Bulletin, ...]:
    """The bulletins of a text of days, each below its date, in that order."""
    lists = (
        f"{day:%d.%m.%Y}\n"
        + "".join(f"{name}: {f.total} (+{f.delta or 0})\n" for name, f in figures.items())
        for day, figures in days
    )
    return bulletins("\n".join(lists).encode(), "text/plain")


def moved_on(figures: Figures, days: int) -> Figures:
    """The figures so many days later, each day adding what the first printed."""
    return {name: Printed(f.total + days * (f.delta or 0), f.delta) for name, f in figures.items()}


LABELLED: Figures = {
    "tanks": Printed(4823, 2),
    "artillery systems": Printed(6706, 10),
    "helicopters": Printed(316, 1),
    "cruise missiles": Printed(1530, 4),
}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("slip", [1, 2, 365])
def test_of_two_lists_under_one_date_the_one_that_fits_the_days_beside_it_stands(
    turned: bool, slip: int
) -> None:
    days = [(DAY + timedelta(n), moved_on(LABELLED, n)) for n in (-1, 0, 1)]
    days.insert(2, (DAY, moved_on(LABELLED, slip)))
    found = month(days[::-1] if turned else days)
    stands = [b for b in found if b.report_date == DAY]
    assert [numbers(b)["tanks"] for b in stands] == [(4823, 2)]
    others = [b for b in found if not b.accepted]
    assert [b.reason_code for b in others] == [Reason.DATE_REPEATED]
    assert str(DAY) in (others[0].reason or "")


@pytest.mark.parametrize(
    ("written", "tanks"),
    [('"280470"', 280470), ("9026.0", 9026), ('"9026.0"', 9026), (" 4823 ", 4823)],
)
def test_a_count_is_one_however_it_is_written(written: str, tanks: int) -> None:
    record = f'[{{"date": "2023-10-09", "tank": {written}, "APC": NaN, "MRL": 808}}]'
    (bulletin,) = bulletins(record.encode(), "application/json")
    assert numbers(bulletin) == {"tanks": (tanks, None), "mlrs": (808, None)}
    assert bulletin.warnings == ()


@pytest.mark.parametrize("written", ["9026.5", '"4,823"', "true", '"many"', "1e300"])
def test_what_is_no_count_is_reported(written: str) -> None:
    record = f'[{{"date": "2023-10-09", "tank": {written}, "MRL": 808}}]'
    (bulletin,) = bulletins(record.encode(), "application/json")
    assert numbers(bulletin) == {"mlrs": (808, None)}
    assert [w.code for w in bulletin.warnings] == [Remark.NOT_A_WHOLE_NUMBER]
