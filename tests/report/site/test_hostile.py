"""Whatever came from the web stands in the pages as text: no markup, script, address or control."""

import html
import unicodedata
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.lake.lake import open_lake
from flows.report.site import pages
from flows.report.site.content import SiteContent, SiteDay, read_content
from flows.report.site.printed_words import MOST, PrintedWords, passage
from flows.settings import SourceConfig
from schemas.codes import DecidedBy
from schemas.tables import FigureRow
from tests.report.site.built import FIRST, Parsed, days_of, lake_of, site_of

pytestmark = pytest.mark.slow  # The pipeline publishes what is shown.

NASTY = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg/onload=alert(3)>"
    "{{ 7 * 7 }}{% raw %}]]></script><!-- [click](javascript:alert(4)) =HYPERLINK(0) \x1b[31m"
    "\u202eevil\u2066 \x07\x00\u2028end"
)

ALLOWED_SCRIPTS = {"assets/site.js", "assets/chart.js", "assets/uplot.js"}


def check_page(page: bytes, name: str) -> Parsed:
    """Fail where a page holds an element, an address or a character that is not ours."""
    text = page.decode()
    parsed = Parsed(text)
    for tag, attributes in parsed.elements:
        assert not [key for key in attributes if key.startswith("on")], (
            f"{name}: {tag} {attributes}"
        )
        for key in ("href", "src"):
            assert "script:" not in (attributes.get(key) or ""), f"{name}: {attributes}"
        if tag == "script":
            source = (attributes.get("src") or "").removeprefix("../")
            assert source in ALLOWED_SCRIPTS or attributes.get("type") == "application/json", name
        assert tag != "img", name
    # A reference such as "&#x202e;" would be one, too.
    controls = {
        c for c in html.unescape(text) if unicodedata.category(c) in ("Cc", "Cf") and c not in "\n"
    }
    assert not controls, f"{name}: {controls}"
    return parsed


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> SiteContent:
    lake = lake_of(tmp_path_factory.mktemp("lake"), days_of([(4700, 10), (4710, 10), (4721, 10)]))
    return read_content(open_lake(lake), {"folder": SourceConfig("folder", "folder")})


def _poisoned(day: SiteDay, url: str) -> SiteDay:
    documents = [replace(d, title=NASTY, headlines=(NASTY,), url=url) for d in day.documents]
    return replace(day, documents=tuple(documents), remarks=(NASTY,))


@pytest.mark.parametrize(
    "url",
    [
        NASTY,
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " \x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https://outlet.example/\"onmouseover='alert(1)'<b>\u202e?q=<script>",
        "//outlet.example/x",
        "https://[broken",
    ],
    ids=range(8),
)
def test_titles_addresses_and_remarks_are_text(content: SiteContent, url: str) -> None:
    poisoned = replace(content, days=tuple(_poisoned(day, url) for day in content.days))
    words = {
        (row.row.report_date, row.row.category): PrintedWords("<b>", "<script>", "</td>")
        for row in content.days[0].rows
    }
    rendered = {
        "index.html": pages.overview_page(poisoned),
        "days": pages.month_page(poisoned, poisoned.days, words),
        "category": pages.category_page(poisoned, "tanks"),
        **pages.other_pages(poisoned),
    }
    for name, page in rendered.items():
        check_page(page, name)
    assert "alert(1)" in Parsed(rendered["days"].decode()).text  # shown, as text
    ElementTree.fromstring(pages.feed(poisoned))


def test_file_names_headings_and_labels_come_through_a_run_as_text(tmp_path: Path) -> None:
    texts = days_of([(4700, 10), (4710, 10)])
    first, second = texts.values()
    name = "<img src=x onerror=alert(1)>\u202e [x](javascript:1) 2023-10-02.txt"
    label = "\n<script>alert(5)</script> robots - 77 (+7)\n"
    documents = {
        name: f"<script>alert(1)</script>\n{first}{label}",
        "=cmd|calc 2023-10-03.txt": second,
    }
    site_of(lake_of(tmp_path, documents), tmp_path / "out")
    found = {
        path.name: check_page(path.read_bytes(), path.name)
        for path in (tmp_path / "out").rglob("*.html")
    }
    assert f"{FIRST:%Y-%m}.html" in found
    ElementTree.parse(tmp_path / "out/feed.xml")


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://outlet.example/a", True),
        ("http://outlet.example/a?b=c", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("//outlet.example", False),
        ("2023-10-09.txt", False),
        ("https://", False),
        ("https://[", False),
    ],
)
def test_only_addresses_of_the_web_are_links(url: str, linked: bool) -> None:
    assert (pages.source_link(url) is not None) is linked


TEXT = st.text(st.sampled_from("ab 12(+)\n\t<&\"'\x00\u202e\U0001f600é"), max_size=300)


@given(TEXT, st.integers(0, 300), st.integers(0, 300))
def test_printed_words_are_short_in_one_line_and_what_is_printed(
    text: str, one: int, other: int
) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    figure = FigureRow(
        "folder", FIRST, "tanks", 1, 1, False, "", start, end, DecidedBy.WORDING, "0" * 64
    )
    words = passage(text, figure)
    joined = "".join(words)
    assert len(joined) <= MOST
    assert all(c.isprintable() for c in joined)
    if end - start <= MOST:
        printed = "".join(c if c.isprintable() else " " for c in text[start:end]).split()
        assert "".join(printed) in "".join(joined.split())


def test_the_numbers_of_a_passage_are_marked() -> None:
    text = "Losses:\nabout 4 823 (+2) tanks were lost; others"
    start, end = text.index("about"), text.index(" were")
    figure = FigureRow(
        "folder", FIRST, "tanks", 4823, 2, True, "tanks", start, end, DecidedBy.WORDING, "0" * 64
    )
    assert passage(text, figure) == ("about ", "4 823 (+2)", " tanks were lost;")
