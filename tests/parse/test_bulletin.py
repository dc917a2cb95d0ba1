"""Parse: the seed document exactly, the evidence for the date, refusals, unknown labels."""

from datetime import date

import pytest
from msgspec.structs import replace

from flows.parse.bulletin import parse, read
from flows.parse.explain import explain
from schemas.codes import BulletinWarningCode as Remark
from schemas.codes import Reason
from schemas.records import Bulletin, Document, Page
from schemas.registry import Registry, load_registry
from tests import examples, seed_document

LIST = """\
Combat losses of the enemy from 24.02.22 to 09.10.23, approximately:
personnel - about 282630 (+350) persons;
tanks - 4823 (+2);
armored combat vehicles - 9126 (+3);
artillery systems - 6706 (+1);
helicopters - 316 (+0).
"""
FIGURES: dict[str, tuple[int | None, int | None]] = {
    "personnel": (282630, 350),
    "tanks": (4823, 2),
    "armored_vehicles": (9126, 3),
    "artillery": (6706, 1),
    "helicopters": (316, 0),
}


def parsed(text: str, published: date | None = None, media_type: str = "text/plain") -> Bulletin:
    return read(Document("folder", "page", text.encode(), media_type, published))


def figures(bulletin: Bulletin) -> dict[str, tuple[int | None, int | None]]:
    assert len({f.category for f in bulletin.figures}) == len(bulletin.figures)
    return {f.category: (f.total, f.delta) for f in bulletin.figures}


@pytest.fixture
def seed() -> str:
    if not seed_document.PATH.is_file():
        pytest.skip(f"the user's example document is not there: {seed_document.PATH}")
    return seed_document.PATH.read_text("utf-8")


def test_the_users_document_is_read_exactly(seed: str) -> None:
    bulletin = parsed(seed)
    assert bulletin.accepted
    assert (bulletin.report_date, bulletin.war_day) == (date(2023, 10, 9), 593)
    assert (bulletin.language, bulletin.complete) == ("en", False)
    assert bulletin.headlines == tuple(block.strip() for block in seed.split("\n\n")[1:4])
    assert figures(bulletin) == seed_document.FIGURES
    assert [f.category for f in bulletin.figures if f.approximate] == ["personnel"]
    assert (bulletin.unrecognized, bulletin.warnings) == ((), ())


def test_every_figure_can_be_traced_to_its_place(seed: str) -> None:
    for figure in parsed(seed).figures:
        passage = seed[figure.start : figure.end]
        assert figure.label in passage
        assert str(figure.total) in passage.replace(",", "")


def test_all_evidence_supports_the_date(seed: str) -> None:
    assert set(parsed(seed).date_evidence) == {"date 2023-10-09", "Day 593", "as of October 9"}


@pytest.mark.parametrize("printed", ["Day 592", "Day 594"])
def test_a_day_number_that_is_off_by_one_is_warned_about(seed: str, printed: str) -> None:
    bulletin = parsed(seed.replace("Day 593", printed))
    assert bulletin.accepted
    assert bulletin.report_date == date(2023, 10, 9)
    assert any(printed in warning.text for warning in bulletin.warnings)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Day 593", "Day 693"),
        ("Day 593", "Day 591"),
        ("2023-10-09", "2023-10-08"),
        ("as of October 9", "as of September 9"),
    ],
)
def test_contradicting_evidence_is_refused(seed: str, old: str, new: str) -> None:
    bulletin = parsed(seed.replace(old, new))
    assert not bulletin.accepted
    assert bulletin.reason_code is Reason.DATE_CONFLICT
    assert "conflicts" in (bulletin.reason or "")
    assert bulletin.figures == ()


def test_one_wrong_date_among_much_evidence_is_a_warning() -> None:
    text = f"Day 593, 9 October 2023\n\nAs of 8 October 2023, Kyiv says.\n\n{LIST}"
    bulletin = parsed(text)
    assert bulletin.accepted
    assert bulletin.report_date == date(2023, 10, 9)
    assert any("8 October" in warning.text for warning in bulletin.warnings)


def test_the_publication_date_dates_a_text_that_names_none() -> None:
    text = "\n".join(LIST.splitlines()[1:])
    assert parsed(text, date(2023, 10, 9)).report_date == date(2023, 10, 9)
    undated = parsed(text)
    assert not undated.accepted
    assert undated.reason_code is Reason.DATE_MISSING


def test_a_text_published_before_its_report_date_is_refused() -> None:
    bulletin = parsed(LIST, date(2023, 10, 1))
    assert not bulletin.accepted
    assert bulletin.reason_code is Reason.PUBLISHED_BEFORE_DATE


def test_late_publication_is_a_warning() -> None:
    assert parsed(LIST, date(2023, 10, 12)).warnings == ()
    late = parsed(LIST, date(2023, 10, 20))
    assert late.accepted
    assert "11 days after" in late.warnings[0].text
    assert late.warnings[0].code is Remark.PUBLISHED_LATE


def test_the_losses_of_a_day_are_reported_the_day_after() -> None:
    text = LIST.replace("from 24.02.22 to 09.10.23", "over the past day, 8 October 2023")
    assert parsed(text).report_date == date(2023, 10, 9)


def test_the_year_comes_from_the_publication_date() -> None:
    bulletin = parsed(LIST.replace("09.10.23", "09.10"), date(2023, 10, 9))
    assert bulletin.report_date == date(2023, 10, 9)


def test_an_unknown_label_is_returned_with_its_values() -> None:
    bulletin = parsed(LIST + "laser cannons - 12 (+3);\n")
    assert figures(bulletin) == FIGURES
    (item,) = bulletin.unrecognized
    assert (item.label, item.total, item.delta) == ("laser cannons", 12, 3)


def test_an_unknown_label_set_apart_below_the_list_is_returned_with_its_values() -> None:
    (item,) = parsed(LIST + "\n\nlaser cannons - 12 (+3)\n").unrecognized
    assert (item.label, item.total, item.delta) == ("laser cannons", 12, 3)
    assert parsed(LIST + "\n\nShared: 48\n").unrecognized == ()


def test_a_total_for_two_categories_is_nobodys() -> None:
    prose = "Russia's total losses as of 9 October 2023: 4823 tanks, 9126 armored vehicles, "
    bulletin = parsed(prose + "6706 artillery systems and 631 aircraft and helicopters.")
    assert set(figures(bulletin)) == {"tanks", "armored_vehicles", "artillery"}
    assert [(u.label, u.total) for u in bulletin.unrecognized] == [
        ("aircraft and helicopters", 631)
    ]


def test_a_category_that_is_not_counted_that_day_is_reported() -> None:
    bulletin = parsed(LIST + "ground robotic systems - 5 (+1);\n")
    assert figures(bulletin) == FIGURES
    assert any("not a category of 2023-10-09" in warning.text for warning in bulletin.warnings)


def test_the_report_date_decides_between_categories_that_share_a_label() -> None:
    early = LIST.replace("09.10.23", "20.04.22") + "vehicles - 1500 (+5);\nfuel tanks - 76;\n"
    assert figures(parsed(early))["military_vehicles"] == (1500, 5)
    assert figures(parsed(early))["fuel_tanks"] == (76, None)
    late = LIST + "vehicles - 9113 (+2);\n"
    assert figures(parsed(late))["vehicles_fuel_tanks"] == (9113, 2)


@pytest.mark.parametrize(
    ("line", "expected", "code"),
    [
        ("tanks - 4823 (+)", (4823, None), Remark.DELTA_EMPTY),
        ("tanks - (+2)", (None, 2), Remark.TOTAL_MISSING),
        ("tanks - 4823 (-2)", (4823, -2), None),
        ("tanks - 4823 (\u22122)", (4823, -2), None),
        ("tanks (+2) - 4823", (4823, 2), None),
        ("tanks - 4823", (4823, None), None),
        ("tanks - 4823 (+0)", (4823, 0), None),
        ("tanks - 4823 (2 more than yesterday)", (4823, 2), None),
        ("2 tanks (4,823 in total)", (4823, 2), None),
        ("tanks - 4.8 thousand", (4800, None), None),
        ("tanks: +2", (None, 2), Remark.TOTAL_MISSING),
        ("+2 tanks", (None, 2), Remark.TOTAL_MISSING),
        ("tanks - 4823 (+2", (4823, 2), None),
        ("tanks - 4823 / +2", (4823, 2), None),
        ("tanks - 4823 (plus 2)", (4823, 2), None),
        ("tanks - 4823 (2)", (4823, None), Remark.NUMBER_LEFT_OVER),
        ("tanks: -4823", (-4823, None), None),
        ("tanks - \u22124823 (+2)", (-4823, 2), None),
    ],
)
def test_deltas_and_slips_are_read_as_printed(
    line: str, expected: tuple[int | None, int | None], code: Remark | None
) -> None:
    bulletin = parsed(LIST.replace("tanks - 4823 (+2)", line))
    assert figures(bulletin)["tanks"] == expected
    assert [warning.code for warning in bulletin.warnings] == ([code] if code else [])
    assert all(warning.text.startswith("tanks: ") for warning in bulletin.warnings)


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("4823.5", Remark.NOT_A_WHOLE_NUMBER),
        ("4,8230.1", Remark.NUMBER_DAMAGED),
        ("1,020.010", Remark.NUMBER_DAMAGED),
        ("48 23", Remark.NUMBER_DAMAGED),
        ("4 8 23", Remark.NUMBER_DAMAGED),
        ("12 345 6", Remark.NUMBER_DAMAGED),
        ("4823-4830", Remark.TOTAL_MISSING),
    ],
)
def test_a_number_that_is_no_whole_number_is_not_guessed(printed: str, code: Remark) -> None:
    bulletin = parsed(LIST.replace("4823", printed))
    assert "tanks" not in figures(bulletin) or figures(bulletin)["tanks"][0] is None
    assert [w.code for w in bulletin.warnings if "tanks" in w.text] == [code]


def test_a_damaged_number_beside_a_sound_one_is_no_figure() -> None:
    prose = "Since the start of the invasion Russia has lost {} soldiers."
    lines = LIST.splitlines()
    text = "\n".join([prose.format("1.30"), prose.format("282,630"), lines[0], *lines[2:]])
    assert figures(parsed(text))["personnel"] == (282630, None)


def test_a_category_printed_twice_is_handed_on_twice() -> None:
    bulletin = parsed(LIST + "tanks - 4999 (+2);\n")
    assert [f.total for f in bulletin.figures if f.category == "tanks"] == [4823, 4999]


@pytest.mark.parametrize(
    "text",
    [
        "The council met on 9 October 2023 and spoke about 12 tanks for 3 hours.",
        "Overnight 44 drones and 3 cruise missiles were launched, 40 drones were shot down.",
        "Lorem ipsum dolor sit amet.",
        "1 2 3 4 5 6 7 8 9",
    ],
)
def test_a_text_without_the_bulletin_is_refused_with_the_reason(text: str) -> None:
    bulletin = parsed(text, date(2023, 10, 9))
    assert not bulletin.accepted
    assert bulletin.reason
    assert bulletin.reason_code is Reason.NO_LIST
    assert bulletin.figures == ()


def test_the_other_sides_list_is_refused_with_the_reason() -> None:
    text = (
        "The Russian Ministry of Defence says that in the special military operation "
        "it has destroyed 650 aircraft, 283 helicopters, 12,000 drones and 15,000 tanks."
    )
    bulletin = parsed(text, date(2023, 10, 9))
    assert not bulletin.accepted
    assert bulletin.reason_code is Reason.OTHER_LIST
    assert "introduced by" in (bulletin.reason or "")


@pytest.mark.parametrize(
    ("content", "media_type", "reason_code"),
    [
        (b"", "text/plain", Reason.EMPTY),
        (b" \n\t ", "text/html", Reason.EMPTY),
        (b"%PDF-1.7 tanks - 4823", "text/html", Reason.PDF),
        (b"\x00\x01\x02tanks", "text/plain", Reason.BINARY),
        (bytes(range(1, 32)) * 50, "text/plain", Reason.BINARY),
        (b"x" * (11 * 1024 * 1024), "text/plain", Reason.TOO_LARGE),
        (b"tank 1\n" * 60_000, "text/plain", Reason.TOO_LARGE),
        (b"{broken", "application/json", Reason.BROKEN_JSON),
        (b"[1, 2]", "application/json", Reason.JSON_WITHOUT_TEXT),
        (b"lorem ipsum " * 500, "text/plain", Reason.NO_LIST),
    ],
)
def test_what_is_no_page_is_refused_with_the_reason(
    content: bytes, media_type: str, reason_code: Reason
) -> None:
    bulletin = read(Document("folder", "x", content, media_type))
    assert not bulletin.accepted
    assert bulletin.reason
    assert bulletin.reason_code is reason_code


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (b"tanks 4823" + b" " * 2_000_000, "2,000,010 characters"),
        (b"tank\n" * 90_000, "450,000 characters"),
        (b"tank 1\n" * 30_000, "30,000 digits"),
    ],
)
def test_the_reason_counts_what_is_too_much(content: bytes, count: str) -> None:
    bulletin = read(Document("folder", "x", content, "text/plain"))
    assert f": {count}, more than the " in (bulletin.reason or "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251", "koi8-u"])
def test_every_charset_is_decoded(encoding: str) -> None:
    text = "Втрати противника з 24.02.22 по 09.10.23\nтанків - 4823 (+2) од\n"
    text += "артилерійських систем - 6706 (+1) од\nгелікоптерів - 316 (+0) од\n"
    declared = f'<meta charset="{encoding}"><p>' + text.replace("\n", "<br>")
    bulletin = read(Document("folder", "x", declared.encode(encoding), "text/html"))
    assert figures(bulletin)["tanks"] == (4823, 2), bulletin.reason


@pytest.mark.parametrize("language", ["bg", "mk", "ru", "uk"])
def test_a_page_that_declares_no_charset_is_read_all_the_same(language: str) -> None:
    """Some Cyrillic pages in windows-1251 look like UTF-8 to a detector."""
    found = [path for path in examples.paths() if path.parent.name == language]
    for path in (path for path in found if path.suffix == ".txt"):
        text = path.read_text("utf-8").encode("windows-1251", "ignore").decode("windows-1251")
        pages = [
            Document("folder", "x", text.encode(encoding), "text/plain", date(2024, 1, 1))
            for encoding in ("utf-8", "windows-1251")
        ]
        assert read(pages[0]) == read(pages[1]), path.name


def test_markup_inside_a_number_and_entities_do_not_matter() -> None:
    page = (
        "<html><body><h1>As of 9 October 2023</h1><ul>"
        "<li>Tanks &ndash; <b>4</b>&nbsp;<i>823</i> (+<span>2</span>)</li>"
        "<li>Artillery systems&#8212;6&#8239;706</li><li>MLRS: 808 (&#43;0)</li></ul>"
        "<script>var tanks = 99;</script><style>p{width:77px}</style></body></html>"
    )
    assert figures(parsed(page, media_type="text/html")) == {
        "tanks": (4823, 2),
        "artillery": (6706, None),
        "mlrs": (808, 0),
    }


def test_menus_and_sidebars_are_no_part_of_the_text() -> None:
    aside = "<aside><ul>" + "".join(
        f"<li>{label} - 1 (+1)</li>" for label in ("tanks", "MLRS", "helicopters", "aircraft")
    )
    page = f"<html><body>{aside}</ul></aside><article><p>{LIST.replace(chr(10), '<br>')}"
    assert figures(parsed(page, media_type="text/html")) == FIGURES


def test_the_whole_page_is_read_where_the_article_holds_no_bulletin() -> None:
    page = f"<html><body><article><p>Nothing new.</p></article><aside>{LIST}</aside>"
    bulletin = parsed(page.replace("\n", "<br>"), media_type="text/html")
    assert figures(bulletin) == FIGURES


def test_a_category_that_the_registry_lacks_comes_back_as_unrecognized() -> None:
    text = LIST.replace("09.10.23", "20.05.26") + "ground robotic systems - 1432 (+6);\n"
    assert figures(parsed(text))["ground_robots"] == (1432, 6)
    known = {k: v for k, v in load_registry().categories.items() if k != "ground_robots"}
    bulletin = parse(Page(text), registry=Registry(known))
    assert figures(bulletin) == FIGURES
    (item,) = bulletin.unrecognized
    assert (item.label, item.total, item.delta) == ("ground robotic systems", 1432, 6)


LOST_SINCE = "Since 24.02.22 Russia lost {} tanks, 6706 artillery systems and 316 helicopters."


@pytest.mark.parametrize("written", ["9th of October 2023", "9 of October 2023", "9 October 2023"])
def test_what_stands_between_a_day_and_its_month_is_no_part_of_the_date(written: str) -> None:
    bulletin = parsed(f"As of {written}\n{LOST_SINCE.format(4823)}")
    assert bulletin.date_evidence == (f"As of {written}",)
    assert bulletin.report_date == date(2023, 10, 9)


@pytest.mark.parametrize("clock", ["8.10 Uhr", "8.10 hod", "8.10 a.m", "8.10 h"])
def test_a_time_of_day_is_no_date(clock: str) -> None:
    text = f"9 October 2023, {clock}\n{LOST_SINCE.format(4823)}"
    assert parsed(text).report_date == date(2023, 10, 9)
    conflict = parsed(text.replace(clock, "8.10"))
    assert conflict.reason_code is Reason.DATE_CONFLICT


def test_what_is_an_estimate_and_how_small_a_total_can_be_are_facts_of_the_registry() -> None:
    text = LIST.replace("about 282630 (+350)", "980")
    assert figures(parsed(text))["personnel"] == (None, 980)
    people = load_registry().categories["personnel"]
    known = {**load_registry().categories, "personnel": replace(people, first_total=980)}
    assert figures(parse(Page(text), registry=Registry(known)))["personnel"] == (980, None)
    prose = LIST.splitlines()
    apart = "\n".join([prose[0], *prose[2:]]) + "\n\nThe enemy lost 282630 troops since 24.02.22.\n"
    assert figures(parsed(apart))["personnel"] == (282630, None)
    known["personnel"] = replace(people, approximate=False)
    whole = parse(Page(apart), registry=Registry(known))
    decided = {bulletin: bulletin.figures[-1].decided_by for bulletin in (parsed(apart), whole)}
    assert list(decided.values()) == ["wording", "envelope"]


def test_explain_marks_each_figure_and_says_why_a_number_is_left() -> None:
    text = explain(Document("folder", "page", f"{LIST}\nIt took 3 days.\n".encode(), "text/plain"))
    assert "[[tanks - 4823 (+2)]]<tanks 4823 +2>" in text
    assert "[[personnel - about 282630 (+350)]]<personnel about 282630 +350>" in text
    left = text.split("numbers not taken:")[1]
    assert "a date" in left
    assert "no label of a category beside it" in left
    assert "4823" not in left
