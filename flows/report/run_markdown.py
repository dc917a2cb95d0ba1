"""The report of a run as Markdown, for a Prefect artifact; text from the web is escaped."""

import re
from collections.abc import Iterator

from flows.redact import plain
from flows.report.day_summary import Day
from flows.report.phrases import (
    DISCLAIMER,
    LEGEND,
    adding_up,
    fresh,
    headline,
    hidden_days,
    shown_days,
    sources,
    totals,
    troubles,
)
from flows.report.run_summary import Summary

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$])")
"""What Markdown takes for markup somewhere in a line, a table's cell border and math among it."""

_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
"""What would begin a tag or an entity: a backslash does not help there."""


def escape(text: str) -> str:
    """Return text that Markdown shows as it is: no link, no tag, no table cell of its own."""
    text = "".join(_HTML.get(c, c) for c in plain(text))
    # A bare address would become a link in some renderers.
    return _SPECIAL.sub(r"\\\1", text).replace("://", ":&#47;&#47;")


def code_block(text: str) -> str:
    """Return text as Markdown that shows it as it is, line by line."""
    return "".join(f"    {plain(line)}\n" for line in text.splitlines())


def markdown(summary: Summary) -> str:
    """Return the whole report of a run."""
    return "\n".join(_lines(summary)) + "\n"


def _lines(summary: Summary) -> Iterator[str]:
    yield f"# {escape(headline(summary))}"
    yield ""
    for line in (*troubles(summary), *sources(summary), *fresh(summary)):
        yield f"- {escape(line)}"
    yield ""
    if summary.days:
        yield from _table(summary)
    yield escape(DISCLAIMER)


def _table(summary: Summary) -> Iterator[str]:
    yield escape(totals(summary.days))
    yield ""
    yield "| Report date | Figures | Add up | What does not add up or could not be checked |"
    yield "| --- | ---: | ---: | --- |"
    for day in shown_days(summary.days):
        yield _row(day)
    yield ""
    hidden = hidden_days(summary.days)
    if hidden:
        yield escape(hidden)
        yield ""
    yield escape(LEGEND)
    yield ""


def _row(day: Day) -> str:
    alarms = [f"**{escape(text)}**" for text in day.alarms]
    notes = [escape(note.text) for note in day.notes]
    cells = (str(day.report_date), str(day.figures), adding_up(day), "<br>".join(alarms + notes))
    return f"| {' | '.join(cells)} |"
