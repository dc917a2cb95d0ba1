"""The floor of `parse`: a regular expression per category, the way scrapers do it today.

It knows the spelling of the benchmark's documents and nothing else.
"""

import re
from datetime import datetime
from html import unescape

from tests.reference import Printed
from tests.render import Form
from tests.wording import ENGLISH, UKRAINIAN

_TAG = re.compile(r"<[^>]+>")
_NUMBER = r"([\d,]+)"
_DELTA = r"(?: \(\+([\d,]+)\)|\t\+([\d,]+))?"
_DATES: dict[Form, tuple[str, str]] = {
    "summary": (r"date (\d{4}-\d\d-\d\d)", "%Y-%m-%d"),
    "official": (r"по (\d\d\.\d\d\.\d\d)", "%d.%m.%y"),
    "list": (r"to (\d\d\.\d\d\.\d\d)", "%d.%m.%y"),
    "prose": (r"morning of (\d+ \w+ \d{4})", "%d %B %Y"),
    "table": (r"as of (\d+ \w+ \d{4})", "%d %B %Y"),
    "wide_table": (r"as of (\d+ \w+ \d{4})", "%d %B %Y"),
}
_PEOPLE = re.compile(rf"amount to about {_NUMBER} people")
_CASUALTIES = re.compile(rf"Russia lost {_NUMBER} soldiers")


def _pattern(form: Form, category: str) -> re.Pattern[str]:
    label = re.escape((UKRAINIAN if form == "official" else ENGLISH)[category][0])
    about = "(?:about |близько )?"
    if form == "prose":
        return re.compile(rf"{about}{_NUMBER} {label}{_DELTA}")
    between = r"\t" if form in ("table", "wide_table") else " \u2012 "
    return re.compile(rf"^{label}{between}{about}{_NUMBER}{_DELTA}", re.MULTILINE | re.IGNORECASE)


_ENDED = {"military_vehicles", "fuel_tanks", "mobile_srbm"}
_PATTERNS: dict[Form, dict[str, re.Pattern[str]]] = {
    form: {category: _pattern(form, category) for category in ENGLISH if category not in _ENDED}
    for form in _DATES
}


def scrape(form: Form, page: str) -> tuple[datetime, dict[str, Printed]]:
    """Return the date and the figures of a page of that form. Raises ValueError without a date."""
    text = unescape(_TAG.sub("\n", page.replace("</td><td>", "\t")))
    pattern, layout = _DATES[form]
    found = re.search(pattern, text)
    if not found:
        raise ValueError("no date")
    figures = {
        category: Printed(_int(match[1]), _int_or_none(match[2] or match[3]))
        for category, pattern in _PATTERNS[form].items()
        if (match := pattern.search(text))
    }
    if form == "summary" and (people := _PEOPLE.search(text)):
        casualties = _CASUALTIES.search(text)
        figures["personnel"] = Printed(_int(people[1]), _int_or_none(casualties and casualties[1]))
    return datetime.strptime(found[1], layout), figures  # noqa: DTZ007 - only the date is used


def _int_or_none(digits: str | None) -> int | None:
    return None if digits is None else _int(digits)


def _int(digits: str) -> int:
    return int(digits.replace(",", ""))
