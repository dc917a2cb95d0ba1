"""The report date: where a passage stands decides what it says."""

from datetime import date

import pytest

from flows.parse.bulletin import read
from schemas.codes import BulletinWarningCode, Reason
from schemas.records import Bulletin, Document

LIST = """\
personnel - about 282630 (+350) persons;
tanks - 4823 (+2);
armored combat vehicles - 9126 (+3);
artillery systems - 6706 (+1).
"""
OPENING = "Total combat losses of the enemy from 24.02.22 to 09.10.23, approximately:\n"
DAY = date(2023, 10, 9)


def parsed(text: str, published: date | None = None) -> Bulletin:
    return read(Document("folder", "page", text.encode(), "text/plain", published))


@pytest.mark.parametrize(
    "elsewhere",
    [
        "Total losses of the enemy from 24.02.2022 to 09.01.2024.",
        "As of 8 October 2023 the road was closed. As of 7 October 2023 it was open.",
    ],
)
@pytest.mark.parametrize("behind", [True, False])
def test_what_opens_the_list_outweighs_all_that_stands_elsewhere(
    elsewhere: str, behind: bool
) -> None:
    filler = "The weather was fine, and the roads were dry.\n" * 4
    parts = [OPENING + LIST, filler + elsewhere + "\n" + filler]
    bulletin = parsed("News\n\n" + "".join(parts if behind else parts[::-1]))
    assert bulletin.report_date == DAY
    assert {w.code for w in bulletin.warnings} == {BulletinWarningCode.DATE_CONTRADICTED}


def test_a_title_and_an_opening_that_contradict_each_other_are_refused() -> None:
    bulletin = parsed("Losses as of 12 October 2023\n" + "Text.\n" * 4 + OPENING + LIST)
    assert bulletin.reason_code is Reason.DATE_CONFLICT


def test_a_dateline_is_the_day_of_publication_not_of_the_report() -> None:
    text = "Losses grow\nKyiv, 11 October 2023, 10:40\nUpdated as of October 9:\n" + LIST
    bulletin = parsed(text)
    assert bulletin.report_date == DAY
    assert parsed("Losses grow\nKyiv, 9 October 2023\nLosses so far:\n" + LIST).report_date == DAY


@pytest.mark.parametrize("published", [DAY, None])
def test_the_day_of_the_losses_on_a_page_of_the_next_day(published: date | None) -> None:
    text = (
        "2023-10-09\nOn October 8, the Russian army lost another 350 soldiers, the General Staff "
        "of Ukraine said.\nIt destroyed 2 tanks, 3 armored combat vehicles and 1 artillery system."
    )
    bulletin = parsed(text, published)
    assert bulletin.report_date == DAY
    assert {f.category: f.delta for f in bulletin.figures}["tanks"] == 2


SLASHED = "Enemy losses as of 10/05/2023\n"
OCTOBER, MAY = date(2023, 10, 5), date(2023, 5, 10)


@pytest.mark.parametrize("published", [OCTOBER, MAY])
def test_of_two_readings_of_a_date_the_one_near_the_publication_is_meant(published: date) -> None:
    assert parsed(SLASHED + LIST, published).report_date == published


@pytest.mark.parametrize(("war_day", "day"), [(589, OCTOBER), (441, MAY)])
def test_of_two_readings_of_a_date_the_one_of_the_war_day_is_meant(war_day: int, day: date) -> None:
    assert parsed(f"Day {war_day} of the war\n{SLASHED}{LIST}").report_date == day


@pytest.mark.parametrize("published", [None, date(2024, 3, 1)])
def test_where_nothing_tells_two_readings_apart_the_text_is_refused(published: date | None) -> None:
    bulletin = parsed(SLASHED + LIST, published)
    assert (bulletin.reason_code, bulletin.report_date) == (Reason.DATE_AMBIGUOUS, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Enemy losses as of 10/25/2023\n" + LIST, date(2023, 10, 25)),
        ("Enemy losses as of 25/10/2023\n" + LIST, date(2023, 10, 25)),
        ("Enemy losses as of 10.05.2023\n" + LIST, MAY),
        (
            "Pertes de l'ennemi au 10/05/2023\nchars : 3773 (+2)\navions : 308\nhélicoptères : 294",
            MAY,
        ),
    ],
)
def test_what_can_be_read_one_way_is(text: str, day: date) -> None:
    assert parsed(text).report_date == day


def test_a_text_that_names_the_day_of_the_losses_alone_is_of_the_day_it_was_published() -> None:
    text = (
        "Russian losses\nOn October 8 Russia lost 350 soldiers, the General Staff of Ukraine said."
        "\nAlso destroyed were 2 Russian tanks, 3 armored combat vehicles and 1 artillery system.\n"
    )
    assert parsed(text, DAY).report_date == DAY


SINCE = "since February 2022 Russia has lost 282,630 soldiers and 4823 tanks."


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (f"The General Staff said on Sunday that {SINCE}", date(2023, 10, 8)),
        (f"According to the General Staff, on Sunday some 1,120 soldiers fell; {SINCE}", DAY),
    ],
)
def test_a_weekday_behind_a_comma_is_when_they_fell(text: str, day: date) -> None:
    """Of a text of Monday that names no other day."""
    assert parsed(text, published=DAY).report_date == day
