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
