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
