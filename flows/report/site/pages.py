"""Renders the site's records as pages: Jinja templates that escape whatever they are given."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from flows.lake.data_package import LICENSE_NOTE
from flows.redact import one_line, shown
from flows.report.day_summary import MARKS, STATUS_PHRASES, revision_words, state_of, title
from flows.report.diagnosis_phrases import DIAGNOSIS_PHRASES, signed
from flows.report.phrases import DISCLAIMER, counted, kyiv_time
from flows.report.site.addresses import day_address, month_of
from flows.report.site.calendar_year import calendar_years
from flows.report.site.content import PublishedRow, SiteContent, SiteDay
from flows.report.site.feed import entries
from flows.report.site.overview import attention, glances
from flows.report.site.printed_words import PrintedWords
from flows.report.site.rule_results import suite_lines
from flows.report.site.series import category_series, marks_of, vintages
from schemas.codes import DailyBasis, DayState, DeltaStatus, Diagnosis
from schemas.records import WAR_START, Cell
from schemas.tables import LOSSES

Pages = dict[str, bytes]
"""Contents of files by their path in the site, with "/" as separator."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""Scripts and styles from the site's own files alone; nothing else is loaded or asked for."""

ASSETS = (
    *("site.css", "site.js", "chart.js", "icon.svg"),
    *("uplot.css", "uplot.js", "uplot.LICENSE.txt"),
)

_FIRST_MOMENT = datetime.combine(WAR_START, time(), UTC)
"""When the feed of a lake without a day was updated last."""

_NOT_READABLE = PrintedWords("–", "", "")
"""What stands where the words of a figure are not to be had any more."""

RECENT = 14
"""Days of the table that a category's page shows without scripts."""


def overview_page(content: SiteContent) -> bytes:
    """Return the first page: the latest day at a glance."""
    latest = content.days[-1] if content.days else None
    return _page(
        "index.html",
        content,
        latest=latest,
        glances=glances(content),
        attention=attention(content),
    )


def category_page(content: SiteContent, category: str) -> bytes:
    """Return the page of a category: its curves, what is marked on them, the table behind them."""
    series = category_series(content, category)
    known = content.registry.categories.get(category)
    data = series.data(known.unit if known else "", title(category, content.registry))
    return _page(
        "category.html",
        content,
        root="../",
        category=category,
        known=known,
        series=series,
        recent=series.rows[-RECENT:][::-1],
        marks=marks_of(series.rows),
        vintages=vintages(content.revisions, category),
        data=_in_script(data),
    )


def month_page(
    content: SiteContent, days: Sequence[SiteDay], words: Mapping[Cell, PrintedWords]
) -> bytes:
    """Return the page of a month's days, a section each; at an address of a day, that day alone."""
    recorded = [day.report_date for day in content.days]
    first, last = recorded.index(days[0].report_date), recorded.index(days[-1].report_date)
    around = [None if first == 0 else recorded[first - 1], *recorded[first : last + 1]]
    around.append(recorded[last + 1] if last + 1 < len(recorded) else None)
    neighbours = dict(
        zip(recorded[first : last + 1], zip(around, around[2:], strict=False), strict=True)
    )
    tables = {
        day.report_date: [_table_row(one, words, content) for one in day.rows] for day in days
    }
    return _page("month.html", content, "../", days=days, tables=tables, neighbours=neighbours)


class _TableRow(NamedTuple):
    """A row of a day's table as text: a page of a month has hundreds, so that each is short.

    `state` and `mark` are "" where the row adds up.
    """

    title: str
    total: str
    delta: str
    daily: str
    state: str
    mark: str
    check: str
    before: str
    figure: str
    after: str


def _table_row(
    one: PublishedRow, words: Mapping[Cell, PrintedWords], content: SiteContent
) -> _TableRow:
    row, state = one.row, state_of(one.row)
    check = STATUS_PHRASES[row.delta_status]
    if row.diagnosis:
        check += f": {DIAGNOSIS_PHRASES[row.diagnosis]}"
    if row.suggested_total is not None:
        check += f"; should be {row.suggested_total:,}"
    printed = words.get((row.report_date, row.category), _NOT_READABLE)
    return _TableRow(
        title=title(row.category, content.registry),
        total=f"{'~' * row.approximate}{row.total:,}",
        delta=_signed(row.delta),
        daily=number(row.daily),
        state="" if state is DayState.OK else state.value,
        mark=MARKS[state],
        check=check,
        before=printed.before,
        figure=printed.figure,
        after=printed.after,
    )


def other_pages(content: SiteContent) -> Pages:
    """Return the pages of which there is one each, but for the first."""
    months = sorted({month for source in content.sources for month in source.days_by_month})
    pages = {
        "audit.html": _page("audit.html", content, years=calendar_years(content)),
        "findings.html": _page("findings.html", content),
        "rules.html": _page(
            "rules.html", content, runs=content.rules, suites=suite_lines(content.rules)
        ),
        "sources.html": _page("sources.html", content, months=months),
        "about.html": _page(
            "about.html",
            content,
            losses=LOSSES,
            codes=(DeltaStatus, Diagnosis, DailyBasis),
            licence=LICENSE_NOTE,
        ),
    }
    if content.against:
        pages["against.html"] = _page("against.html", content)
    return pages


def assets() -> Pages:
    """Return the styles and scripts."""
    folder = files("flows.report.site").joinpath("assets")
    return {f"assets/{name}": folder.joinpath(name).read_bytes() for name in ASSETS}


def feed(content: SiteContent) -> bytes:
    """Return the Atom feed."""
    found = entries(content)
    updated = max((entry.updated for entry in found), default=_FIRST_MOMENT)
    return _page("feed.xml", content, entries=found, updated=updated.isoformat())


def source_link(url: str) -> str | None:
    """Return an address that a page may link to; None for anything but the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return "".join(c if c.isprintable() else quote(c) for c in url)


def number(value: float | None) -> str:
    """Return a number with separators; a dash where there is none."""
    return "–" if value is None else f"{value:,}"


def _page(template: str, content: SiteContent, root: str = "", **more: Any) -> bytes:
    text = _environment().get_template(template).render(content=content, root=root, **more)
    return text.encode("utf-8", "replace")


def _in_script(data: object) -> str:
    """Return JSON that may stand in a script element: nothing in it can end the element."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("flows.report.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "counted": counted,
        "kyiv": kyiv_time,
        "link": source_link,
        "number": number,
        "oneline": one_line,
        "shown": shown,
        "signed": _signed,
        "state": state_of,
    }
    environment.globals |= {
        "CSP": CONTENT_SECURITY_POLICY,
        "DISCLAIMER": DISCLAIMER,
        "DIAGNOSES": DIAGNOSIS_PHRASES,
        "MARKS": MARKS,
        "STATES": tuple(DayState),
        "STATUSES": STATUS_PHRASES,
        "day_address": day_address,
        "step": _step,
        "revision_words": revision_words,
        "title": title,
    }
    return environment


def _signed(value: int | None) -> str:
    return "–" if value is None else signed(value)


def _step(day: date, other: date) -> str:
    """Return the address of another day from the page of a day's month."""
    page = "" if month_of(day) == month_of(other) else f"{month_of(other)}.html"
    return f"{page}#{other}"
