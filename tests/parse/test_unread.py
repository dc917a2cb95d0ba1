"""Numbers beside the figures that no rule reads are told, and nothing is guessed from them."""

from datetime import date

import pytest

from flows.parse.bulletin import read
from schemas.codes import BulletinWarningCode
from schemas.records import Bulletin, Document

_TEXT = (
    "Since the start of the war Russia has lost 7,450 tanks, 14,370 armored vehicles and "
    "12,423 artillery systems, the General Staff of Ukraine says, and {}."
)


def _read(text: str) -> Bulletin:
    return read(Document("folder", "page", text.encode(), "text/plain", date(2024, 5, 12)))


def _unread(bulletin: Bulletin) -> list[str]:
    return [w.text for w in bulletin.warnings if w.code == BulletinWarningCode.NUMBER_UNREAD]


@pytest.mark.parametrize(
    "what", ["16,666 things on wheels", "349 winged ones", "1,052 of the rest"]
)
def test_a_number_that_may_be_a_missing_total_is_told(what: str) -> None:
    bulletin = _read(_TEXT.format(what))
    assert len(bulletin.figures) == 3
    assert any(what.split()[0].replace(",", "") in text for text in _unread(bulletin))


def test_a_number_that_no_missing_total_can_be_is_not_told() -> None:
    assert not _unread(_read(_TEXT.format("3 towns were hit")))


def test_a_total_apart_from_its_label_is_read_by_the_envelope() -> None:
    bulletin = _read(_TEXT.format("of planes the invaders have by now lost 349"))
    figures = {f.category: (f.total, f.decided_by) for f in bulletin.figures}
    assert figures["aircraft"] == (349, "envelope")
    assert not _unread(bulletin)


def test_the_other_sides_count_of_a_missing_category_is_not_taken() -> None:
    text = _TEXT.format("no more") + " Russia's defence ministry says it shot down 349 planes."
    assert "aircraft" not in {f.category for f in _read(text).figures}


_LIST = (
    "Losses of the enemy as of May 12, 2024, the General Staff of Ukraine reports:\n"
    "tanks - 7450 (+12)\narmored vehicles - 14370 (+20)\nartillery systems - 12423 (+31)\n"
)


@pytest.mark.parametrize(
    "line",
    [
        *("Some 17 people came to the square.", "17 men sang on the bridge"),
        *("17 people gathered.", "300 people came", "45 persons protested today."),
    ],
)
def test_people_in_a_sentence_of_their_own_are_no_losses(line: str) -> None:
    bulletin = _read(_LIST + line)
    assert "personnel" not in {figure.category for figure in bulletin.figures}
    assert BulletinWarningCode.TOTAL_OR_DELTA in {w.code for w in bulletin.warnings}


def test_soldiers_of_the_day_behind_a_list_are_read() -> None:
    for line in (
        *("1,080 soldiers were liquidated", "personnel - 1080", "soldiers: 1,080"),
        *("1,080 people", "1,080 people were liquidated", "1,080 persons."),
    ):
        figures = {f.category: f.delta for f in _read(_LIST + line).figures}
        assert figures["personnel"] == 1080, line
