"""Documents parsed a second on one core, by form, against a regex scraper that fits it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median

from flows.parse.bulletin import read
from schemas.records import Document
from tests import reference, render
from tests.benchmarks.scraper import scrape
from tests.benchmarks.timing import interleaved
from tests.reference import Printed
from tests.render import Form, Style

DOCUMENTS = 100
STYLE = Style(group=",", markup="br")


def compare(_: Path, repeats: int) -> Iterator[str]:
    """Yield a line for each printed form."""
    series = reference.load()
    days = [day for day in series if day >= date(2023, 9, 15)][:DOCUMENTS]
    for form in render.FORMS:
        yield _compare_form(form, {day: series[day] for day in days}, repeats)


def _compare_form(form: Form, series: dict[date, reference.Figures], repeats: int) -> str:
    pages = [render.render(form, day, figures, STYLE) for day, figures in series.items()]
    documents = [Document("folder", "page", page.encode(), "text/html") for page in pages]
    for (day, figures), page in zip(series.items(), pages, strict=True):
        _check_scraper(form, day, figures, page)

    def parse() -> None:
        for document in documents:
            read(document)

    def scrape_all() -> None:
        for document in documents:
            scrape(form, document.content.decode())

    seconds = interleaved({"parse": parse, "scrape": scrape_all}, repeats)
    rates = {name: len(documents) / median(found) for name, found in seconds.items()}
    return (
        f"parsing: {form:<10} {rates['parse']:7.0f} documents/s, regex scraper for this one form "
        f"{rates['scrape']:7.0f} documents/s: {rates['scrape'] / rates['parse']:.1f} times as many"
    )


def _check_scraper(form: Form, day: date, figures: reference.Figures, page: str) -> None:
    """Raise RuntimeError unless the scraper reads it all: else it is no comparison."""
    expected = {
        category: Printed(total, delta)
        for category, (total, delta, _) in render.printed(form, figures, STYLE).items()
    }
    found_day, found = scrape(form, page)
    if found_day.date() != day or found != expected:
        raise RuntimeError(f"the scraper does not read {form} of {day}")
