"""A label that nobody knows is reported where its place says that it counts something."""

from datetime import date

import pytest

from flows.parse.bulletin import read
from schemas.codes import BulletinWarningCode
from schemas.records import Bulletin, Document

HEAD = "Losses of the enemy as of 9 October 2023\n"
LIST = "tanks - 4823 (+2)\nMLRS - 808\naircraft - 315\n"


def parsed(text: str) -> Bulletin:
    bulletin = read(Document("folder", "page", (HEAD + text).encode(), "text/plain"))
    assert bulletin.report_date == date(2023, 10, 9)
    return bulletin


@pytest.mark.parametrize(
    ("text", "delta"),
    [
        ("Russia lost 4823 tanks, 17 hoverbikes, 808 MLRS and 315 aircraft.", None),
        ("Russia lost 4823 tanks, 808 MLRS, 17 hoverbikes and 315 aircraft.", None),
        ("Russia lost 4823 tanks, 808 MLRS, 315 aircraft and 17 hoverbikes.", None),
        ("Russia lost 4823 tanks (+2), 808 MLRS (+3), 17 hoverbikes (+1), 315 aircraft.", 1),
        (LIST + "hoverbikes - 17", None),
        (LIST + "hoverbikes - 17 (+1)", 1),
        (LIST + "hoverbikes - 17 units (+1).", 1),
        (LIST + "hoverbikes - 17, including 1", None),
        (LIST + "17 hoverbikes (+1)", 1),
        ("hoverbikes – 17 (+1)\n" + LIST, 1),
    ],
)
def test_it_is_reported_with_its_numbers(text: str, delta: int | None) -> None:
    bulletin = parsed(text)
    (found,) = bulletin.unrecognized
    assert (found.label, found.total) == ("hoverbikes", 17)
    assert found.delta == delta or "including" in text
    assert {figure.category for figure in bulletin.figures} == {"tanks", "mlrs", "aircraft"}


@pytest.mark.parametrize(
    "text",
    [
        LIST + "\nShared: 48",
        LIST
        + "The page was seen by readers in 17 countries of the world and in none of them twice.",
        LIST + "The fire of that day injured 17 people.",
        "tanks - 4823 (+2), 7 wrecks seen\nMLRS - 808\naircraft - 315",
        LIST + "hoverbikes: none",
    ],
)
def test_what_counts_nothing_of_the_bulletin_is_none(text: str) -> None:
    bulletin = parsed(text)
    assert bulletin.unrecognized == ()
    assert {figure.category for figure in bulletin.figures} == {"tanks", "mlrs", "aircraft"}


def test_a_number_behind_a_figure_of_a_list_is_told() -> None:
    """It may have been its delta."""
    warnings = parsed("tanks - 4823 (+2)\nMLRS - 808, 7 seen\naircraft - 315").warnings
    assert [one.code for one in warnings] == [BulletinWarningCode.NUMBER_LEFT_OVER]
