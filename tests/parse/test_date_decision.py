"""What the passages together say of the report date: a table, one row a rule."""

from datetime import date, timedelta

import pytest

from flows.parse.dates.decision import decide_date
from flows.parse.dates.evidence import MOST_DATES, Evidence, Place
from schemas.codes import BulletinWarningCode, Reason
from schemas.records import war_day

DAY = date(2023, 10, 9)
CONTRADICTED, OFF = BulletinWarningCode.DATE_CONTRADICTED, BulletinWarningCode.WAR_DAY_OFF
LATE = BulletinWarningCode.PUBLISHED_LATE


def on(offset: int) -> date:
    """Return the day so many days after the report date."""
    return DAY + timedelta(days=offset)


def says(offset: int, place: Place = "text", text: str = "", other: int | None = None) -> Evidence:
    """Return a passage that names the report date, or a day so many days after it."""
    day = on(offset)
    return Evidence(
        text or f"{place} {day}", day, place, other=None if other is None else on(other)
    )


def counts(offset: int, place: Place = "text") -> Evidence:
    """Return a passage with the war day of that day."""
    day = on(offset)
    return Evidence(f"day {war_day(day)} in the {place}", day, place, war_day(day))


DECIDED: list[tuple[str, list[Evidence], int | None, list[BulletinWarningCode]]] = [
    ("one passage is enough", [says(0)], None, []),
    ("the title decides", [says(0, "title"), says(-3)], None, [CONTRADICTED]),
    ("what opens the list decides", [says(0, "list"), says(-3), says(5)], None, [CONTRADICTED] * 2),
    ("war day off by one, below", [says(0, "title"), counts(-1, "title")], None, [OFF]),
    ("war day off by one, above", [says(0), counts(1)], None, [OFF]),
    ("a printed date outweighs a war day", [counts(1), says(0)], None, [OFF]),
    ("three outweigh one", [says(0, text=t) for t in "abc"] + [says(-2)], None, [CONTRADICTED]),
    ("two and the publication, too", [says(0, text=t) for t in "ab"] + [says(-2)], 0,
     [CONTRADICTED]),
    ("an older day is no misprint", [says(0), says(-8)], 0, [CONTRADICTED]),
    ("the dateline is the publication's", [says(0, "title"), says(2, "dateline")], None, []),
    ("the dateline decides alone", [says(0, "dateline")], None, []),
    ("the day of the losses is that before", [says(-1, "lead"), says(0)], None, []),
    ("published four days later", [says(0)], 4, [LATE]),
    ("published three days later", [says(0)], 3, []),
    ("published the day before, by another clock", [says(0)], -1, [LATE]),
    ("the opening decides beside a title that contradicts it",
     [says(0, "list"), says(-4, "title")], 0, []),
    ("nothing but the day of the losses", [says(-1, "lead")], 0, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "published", "warnings"),
    [row[1:] for row in DECIDED],
    ids=[row[0] for row in DECIDED],
)
def test_the_date_is_decided(
    evidence: list[Evidence], published: int | None, warnings: list[BulletinWarningCode]
) -> None:
    dated = decide_date(evidence, None if published is None else on(published))
    assert (dated.report_date, dated.reason_code, dated.reason) == (DAY, None, None)
    assert [warning.code for warning in dated.warnings] == warnings
    assert dated.evidence


REFUSED: list[tuple[str, list[Evidence] | None, int | None, Reason]] = [
    ("nothing names a date", [], None, Reason.DATE_MISSING),
    ("the day of the losses alone", [says(-1, "lead"), says(0, "dateline")][:0], None,
     Reason.DATE_MISSING),
    ("more dates than any bulletin has", None, 0, Reason.TOO_COMPLEX),
    ("the same, counted here", [says(0)] * (MOST_DATES + 1), 0, Reason.TOO_COMPLEX),
    ("one against one", [says(0), says(-2)], None, Reason.DATE_CONFLICT),
    ("two against one, published another day",
     [says(0, text="a"), says(0, text="b"), says(-2)], 2, Reason.DATE_CONFLICT),
    ("three against two",
     [says(0, text=t) for t in "abc"] + [says(-2), says(-3)], None, Reason.DATE_CONFLICT),
    ("a week before is no older day", [says(0), says(-7)], 0, Reason.DATE_CONFLICT),
    ("a war day two days off", [says(0), counts(2)], None, Reason.DATE_CONFLICT),
    ("a war day of another year", [says(0, "title"), counts(-365, "title")], None,
     Reason.DATE_CONFLICT),
    ("published two days before", [says(0)], -2, Reason.PUBLISHED_BEFORE_DATE),
    ("it can be read two ways", [says(0, "title", other=120)], None, Reason.DATE_AMBIGUOUS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "published", "reason"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_no_date_is_decided(
    evidence: list[Evidence] | None, published: int | None, reason: Reason
) -> None:
    dated = decide_date(evidence, None if published is None else on(published))
    assert (dated.report_date, dated.reason_code) == (None, reason)
    assert dated.reason


@pytest.mark.parametrize(("published", "when"), [(-1, "the day before"), (5, "5 days after")])
def test_a_warning_says_when_it_was_published(published: int, when: str) -> None:
    (warning,) = decide_date([says(0)], on(published)).warnings
    assert warning.text == f"published {on(published)}, {when} the report date {DAY}"


def test_as_many_dates_as_a_chronicle_has_are_weighed() -> None:
    assert decide_date([says(0)] * MOST_DATES, None).report_date == DAY


def test_an_ambiguous_date_elsewhere_is_not_asked() -> None:
    assert decide_date([says(0, "title"), says(0, other=120)], None).report_date == DAY


def test_the_war_day_is_told_beside_the_date() -> None:
    dated = decide_date([says(0, "title"), counts(0, "title")], DAY)
    assert dated.war_day == war_day(DAY)
    assert dated.evidence == ("title 2023-10-09", "day 593 in the title", "published 2023-10-09")


def test_the_order_of_the_passages_changes_nothing() -> None:
    for _, evidence, published, _ in DECIDED:
        known = None if published is None else on(published)
        ways = (decide_date(evidence, known), decide_date(evidence[::-1], known))
        assert {(way.report_date, frozenset(way.warnings)) for way in ways} == {
            (DAY, frozenset(ways[0].warnings))
        }
