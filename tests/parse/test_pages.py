"""A bulletin in a whole page reads as it does alone, whatever stands around it."""

from datetime import date

import pytest

from flows.parse.bulletin import read, read_all
from schemas.records import Bulletin, Document
from tests import examples, pages

BULLETINS = [e for path in examples.paths() if (e := examples.load(path)).is_bulletin]
A_LANGUAGE_EACH = {e.path.parent.name: e for e in BULLETINS}


def outcome(bulletin: Bulletin) -> object:
    """What a reader takes from a bulletin."""
    figures = {figure.category: (figure.total, figure.delta) for figure in bulletin.figures}
    return bulletin.status, bulletin.report_date, figures


def page_of(example: examples.Example, furniture: pages.Furniture | None) -> Document:
    """An example as a whole page of its day."""
    published = example.expected.get("published")
    document = Document(
        "pages",
        example.name,
        example.path.read_bytes(),
        examples.MEDIA_TYPES[example.path.suffix],
        date.fromisoformat(published) if published else None,
    )
    return pages.wrapped(document, date.fromisoformat(example.expected["report_date"]), furniture)


@pytest.mark.parametrize("example", BULLETINS, ids=lambda example: example.name)
def test_a_page_full_of_other_days_reads_as_its_article(example: examples.Example) -> None:
    (bulletin,) = read_all(page_of(example, pages.all_at_once))
    assert outcome(bulletin) == outcome(read(page_of(example, None)))


@pytest.mark.slow
@pytest.mark.parametrize("name", pages.FURNITURE)
@pytest.mark.parametrize("language", A_LANGUAGE_EACH)
def test_what_stands_around_an_article_counts_nothing(language: str, name: str) -> None:
    example = A_LANGUAGE_EACH[language]
    (bulletin,) = read_all(page_of(example, pages.FURNITURE[name]))
    assert outcome(bulletin) == outcome(read(page_of(example, None)))


@pytest.mark.parametrize("name", ["related box", "list of links", "cards", "comments", "caption"])
def test_what_stands_around_another_article_is_no_bulletin(name: str) -> None:
    """The same furniture, read as the article's own, would be a bulletin: the check can fail."""
    example = A_LANGUAGE_EACH["en"]
    text = example.path.read_text("utf-8")
    day = date.fromisoformat(example.expected["report_date"])
    before, behind = pages.FURNITURE[name](text, day)
    article = "<h1>Trains</h1><p>On Monday 12 trains with 48 tank wagons left the port.</p>" * 9
    markup = f"<html><body>{before}<main>{article}</main>{behind}</body></html>"
    document = Document("pages", "page", markup.encode(), "text/html", day)
    assert read(document).status == "refused"


def quoting(own: str, day: date, tanks: int) -> Bulletin:
    """A page of 9 October with a text of its own, which quotes a whole list of a day."""
    quoted = (
        f"Total losses of the enemy from 24.02.22 to {day:%d.%m.%y}:<br>tanks - {tanks} (+2)<br>"
        "artillery systems - 6706 (+1)<br>MLRS - 808"
    )
    page = f"<html><body><h1>Losses</h1>{own}<blockquote>{quoted}</blockquote></body></html>"
    return read(Document("pages", "page", page.encode(), "text/html", OCTOBER_9))


OCTOBER_9, OCTOBER_8 = date(2023, 10, 9), date(2023, 10, 8)
SAID = "<p>The General Staff of Ukraine said this morning:</p>"
NOTE = (
    "<p>As of October 9 Russia has lost about 282,630 soldiers since 24 February 2022, including "
    "350 over the past day, the General Staff of Ukraine said.</p>"
)
LIST = "<p>Losses as of October 9, 2023:<br>tanks - 4823 (+2)<br>MLRS - 808<br>aircraft - 315</p>"


def test_a_quote_is_read_where_it_is_the_bulletin_that_the_page_is_about() -> None:
    for own in (SAID, NOTE):
        bulletin = quoting(own, OCTOBER_9, 4823)
        assert bulletin.report_date == OCTOBER_9
        assert {f.category: f.total for f in bulletin.figures}["tanks"] == 4823


def test_a_quoted_bulletin_of_the_day_before_is_not_the_page_s_own() -> None:
    for own, figures in ((NOTE, {"personnel": 282630}), (LIST, {"tanks": 4823})):
        bulletin = quoting(own, OCTOBER_8, 4821)
        assert bulletin.report_date == OCTOBER_9
        found = {f.category: f.total for f in bulletin.figures}
        assert found.items() >= figures.items()
        assert 4821 not in found.values()
