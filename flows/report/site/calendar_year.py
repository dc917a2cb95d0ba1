"""The calendar of the audit: a row a weekday, a column a week, a cell a day."""

from dataclasses import dataclass
from datetime import date, timedelta

from flows.report.site.content import SiteContent, SiteDay
from schemas.codes import DayState, DeltaStatus

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class CalendarCell:
    """A day of the calendar; `words` say what its colour says."""

    day: date
    state: DayState
    words: str


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """A year: `months` are (name, columns) as they stand above the weeks; a cell may be None."""

    year: int
    months: tuple[tuple[str, int], ...]
    weekdays: tuple[tuple[str, tuple[CalendarCell | None, ...]], ...]


def calendar_years(content: SiteContent) -> list[CalendarYear]:
    """Return the years from the first to the last day on record, the latest first."""
    if not content.days:
        return []
    cells = {day.report_date: _cell(day) for day in content.days}
    cells |= {day: CalendarCell(day, DayState.MISSING, "not on record") for day in content.missing}
    years = range(content.days[0].report_date.year, content.days[-1].report_date.year + 1)
    return [_year(year, cells) for year in reversed(years)]


def _year(year: int, cells: dict[date, CalendarCell]) -> CalendarYear:
    monday = date(year, 1, 1) - timedelta(days=date(year, 1, 1).weekday())
    weeks = [monday]
    while weeks[-1] + timedelta(days=7) <= date(year, 12, 31):
        weeks.append(weeks[-1] + timedelta(days=7))
    rows = [
        tuple(
            cells.get(day) if (day := week + timedelta(days=n)).year == year else None
            for week in weeks
        )
        for n in range(7)
    ]
    # A week stands under the month of its Sunday; the last one of December may end in January.
    months = [min(week + timedelta(days=6), date(year, 12, 31)).month for week in weeks]
    names = tuple((f"{date(year, month, 1):%b}", months.count(month)) for month in range(1, 13))
    return CalendarYear(year, names, tuple(zip(WEEKDAYS, rows, strict=True)))


def _cell(day: SiteDay) -> CalendarCell:
    odd = sum(
        one.row.delta_status is DeltaStatus.MISMATCH or one.row.diagnosis is not None
        for one in day.rows
    )
    match day.state:
        case DayState.EXPLAINED:
            words = f"{odd} of {len(day.rows)} do not add up, explained"
        case DayState.UNDECIDED:
            words = f"{odd} of {len(day.rows)} do not add up, not decided"
        case DayState.UNCHECKED:
            words = "not all could be checked"
        case _:
            words = "adds up"
    return CalendarCell(day.report_date, day.state, words)
