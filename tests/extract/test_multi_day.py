"""Documents that hold many days: every day of them is read, and what cannot be is told."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.extract.multi_day import one_a_day
from flows.extract.text import extract
from flows.parse.bulletin import read, read_all
from flows.parse.explain import explain
from schemas.codes import OTHER_TEXTS, Reason
from schemas.codes import BulletinWarningCode as Remark
from schemas.records import Bulletin, BulletinWarning, Document
from tests import outlets, reference
from tests.reference import Figures, Printed

DAY = date(2023, 10, 9)
FIGURES: Figures = {
    "tanks": Printed(4823, 2),
    "armored_vehicles": Printed(9126, 3),
    "mlrs": Printed(808, 0),
    "submarines": Printed(1, 0),
    "personnel": Printed(282630, 350),
}
MORNING = datetime(2023, 10, 9, 4, 30, tzinfo=UTC)


def bulletins(content: bytes, media_type: str = "text/html; charset=utf-8") -> list[Bulletin]:
    """Read a document; every figure must stand where its offsets say."""
    document = Document("outlet", "https://outlet.example/", content, media_type)
    found = list(read_all(document))
    text = extract(document).text
    for bulletin in found:
        for figure in bulletin.figures:
            passage = text[figure.start : figure.end]
            assert str(figure.total) in passage
            assert figure.label in passage
    return found


def of_json(data: object) -> list[Bulletin]:
    return bulletins(json.dumps(data).encode(), "application/json")


def numbers(bulletin: Bulletin) -> dict[str, tuple[int | None, int | None]]:
    return {figure.category: (figure.total, figure.delta) for figure in bulletin.figures}


def grown(days: int) -> dict[date, Figures]:
    """The figures of some days, the tanks one more a day."""
    return {DAY + timedelta(n): {**FIGURES, "tanks": Printed(4823 + n, 1)} for n in range(days)}


@pytest.mark.parametrize("language", ["en", "uk"])
def test_a_month_gives_every_day_in_the_order_of_the_page(language: str) -> None:
    days = grown(20)
    found = bulletins(outlets.month_page(days, language))
    assert [bulletin.report_date for bulletin in found] == sorted(days, reverse=True)
    assert {(b.status, b.language) for b in found} == {("accepted", language)}
    for bulletin in found:
        assert numbers(bulletin) == {
            category: (figure.total, figure.delta or None)
            for category, figure in days[bulletin.report_date or DAY].items()
        }


def test_a_month_of_one_day_is_an_ordinary_document() -> None:
    (bulletin,) = bulletins(outlets.month_page({DAY: FIGURES}))
    assert (bulletin.status, bulletin.report_date) == ("accepted", DAY)
    assert numbers(bulletin)["tanks"] == (4823, 2)


def test_a_day_of_a_month_that_cannot_be_read_is_refused_in_its_place() -> None:
    page = outlets.month_page(grown(3)).decode()
    start = page.index("10.10.2023") + len("10.10.2023</span>")
    found = bulletins((page[:start] + "soon</li>" + page[page.index("<li", start) :]).encode())
    assert [b.status for b in found] == ["accepted", "accepted", "accepted"]
    cut = page[:start] + "<p>soon</p></li>" + page[page.index('<li class="gold">', start) :]
    found = bulletins(cut.encode())
    assert [(b.report_date, b.status) for b in found] == [
        (date(2023, 10, 11), "accepted"),
        (date(2023, 10, 10), "refused"),
        (DAY, "accepted"),
    ]
    assert found[1].reason_code is Reason.DAY_WITHOUT_LIST
    assert "no list of losses stands below '10.10.2023'" in (found[1].reason or "")


def test_a_day_printed_twice_gives_one_bulletin_that_warns_if_they_differ() -> None:
    once = outlets.month_page({DAY + timedelta(1): FIGURES, DAY: FIGURES}).decode()
    start = once.index('<li class="gold"><span class="black">09.10')
    end = once.index("</ul></main>")
    again = once[:end] + once[start:end] + once[end:]
    assert [b.warnings for b in bulletins(again.encode())] == [(), ()]
    other = once[:end] + once[start:end].replace("4823", "4832") + once[end:]
    second = bulletins(other.encode())[1]
    assert numbers(second)["tanks"] == (4823, 2)
    text = "the document has 2 different lists for this date; the first is taken"
    assert second.warnings == (BulletinWarning(Remark.LISTS_DIFFER, text),)


ANOTHER_LIST = "10.10.2023\nDay 100 of the war\nApples: 11\nPears: 12\nPlums: 13\n"
UNREADABLE = "09.10.2023\nDay 101 of the war\nTanks: 4823\nMLRS: 808\nSubmarines: 1\n"
"""Two days of a page whose dates contradict themselves; the second lists losses."""


@pytest.mark.parametrize("page", [ANOTHER_LIST + UNREADABLE, UNREADABLE + ANOTHER_LIST])
def test_an_unreadable_day_beside_another_list_is_not_taken_for_another_text(page: str) -> None:
    (bulletin,) = bulletins(page.encode(), "text/plain")
    assert bulletin.reason_code is Reason.DATE_CONFLICT
    assert bulletin.reason
    assert "not the bulletin" in bulletin.reason
    assert bulletin.reason.startswith("the evidence for the report date conflicts")


@given(
    st.lists(st.sampled_from(list(Reason)), min_size=1, max_size=5), st.sampled_from([None, DAY])
)
def test_of_several_refusals_the_one_that_is_about_the_bulletin_counts(
    codes: list[Reason], day: date | None
) -> None:
    refused = [Bulletin("refused", f"it is {code}", code, report_date=day) for code in codes]
    (bulletin,) = one_a_day(refused)
    assert bulletin.reason_code in codes
    assert (bulletin.reason_code in OTHER_TEXTS) == all(code in OTHER_TEXTS for code in codes)
    reasons = (bulletin.reason or "").split("; ")
    assert sorted(reasons) == sorted({f"it is {code}" for code in codes})
    assert reasons[0] == f"it is {bulletin.reason_code}"


def test_the_evening_before_the_first_bulletin_is_left_out_with_a_warning() -> None:
    days = {date(2022, 2, 24): FIGURES, date(2022, 2, 25): FIGURES, date(2022, 2, 26): FIGURES}
    for found in (
        bulletins(outlets.month_page(days)),
        list(reversed(api(*(outlets.api_record(day, FIGURES) for day in days)))),
    ):
        assert [b.report_date for b in found] == [date(2022, 2, 26), date(2022, 2, 25)]
        assert Remark.BEFORE_FIRST_REPORT not in {w.code for w in found[0].warnings}
        assert Remark.BEFORE_FIRST_REPORT in {w.code for w in found[1].warnings}


@pytest.mark.slow
def test_the_whole_reference_history_is_read_from_month_pages() -> None:
    series = reference.load()
    months: dict[date, dict[date, Figures]] = {}
    for day, figures in series.items():
        months.setdefault(day.replace(day=1), {})[day] = figures
    wrong = [
        bulletin.report_date
        for days in months.values()
        for bulletin in bulletins(outlets.month_page(days))
        if not bulletin.report_date
        or numbers(bulletin)
        != {c: (f.total, f.delta or None) for c, f in days[bulletin.report_date].items()}
    ]
    assert wrong == []


def api(*records: Mapping[str, object]) -> list[Bulletin]:
    return bulletins(outlets.api_answer(records), "application/json")


def test_the_api_s_records_are_read_and_their_zeros_invent_nothing() -> None:
    records = [outlets.api_record(day, figures) for day, figures in grown(50).items()]
    found = api(*records)
    assert [b.report_date for b in found] == list(grown(50))
    assert numbers(found[0]) == {c: (f.total, f.delta) for c, f in FIGURES.items()} | {
        "tanks": (4823, 1)
    }
    assert {b.unrecognized for b in found} == {()}
    assert {b.war_day for b in found[:2]} == {593, 594}


def test_a_single_record_of_the_api() -> None:
    single = outlets.api_answer(outlets.api_record(DAY, FIGURES))
    (bulletin,) = bulletins(single, "application/json")
    assert (bulletin.report_date, bulletin.complete) == (DAY, False)
    assert numbers(bulletin)["mlrs"] == (808, 0), "an increase of 0 is printed"


def test_a_category_before_its_time_is_no_figure_and_after_it_only_what_changes_is_told() -> None:
    early = {**FIGURES, "cruise_missiles": Printed(0, 0)}
    (bulletin,) = api(outlets.api_record(date(2022, 3, 1), early))
    assert "cruise_missiles" not in numbers(bulletin)
    (bulletin,) = api(outlets.api_record(DAY, {**FIGURES, "mobile_srbm": Printed(4, 0)}))
    assert (bulletin.unrecognized, bulletin.warnings) == ((), ())
    (bulletin,) = api(outlets.api_record(DAY, {**FIGURES, "mobile_srbm": Printed(5, 1)}))
    assert [(u.label, u.total, u.delta) for u in bulletin.unrecognized] == [
        ("atgm_srbm_systems", 5, 1)
    ]
    text = "atgm_srbm_systems: not a category of 2023-10-09"
    assert bulletin.warnings == (BulletinWarning(Remark.CATEGORY_NOT_IN_FORCE, text),)


def broken(**changes: object) -> dict[str, Any]:
    return {**outlets.api_record(DAY, FIGURES), **changes}


def test_an_unknown_key_and_a_number_that_is_none_are_reported() -> None:
    stats = {"tanks": "many", "mlrs": 8.5, "laser_swords": 7, "planes": 3}
    (bulletin,) = api(broken(stats=stats, increase={"laser_swords": 2, "planes": None}))
    assert numbers(bulletin) == {"aircraft": (3, None)}
    assert [(u.label, u.total, u.delta) for u in bulletin.unrecognized] == [
        ("tanks", None, None),
        ("mlrs", None, None),
        ("laser_swords", 7, 2),
    ]
    assert bulletin.warnings == (
        BulletinWarning(Remark.NOT_A_WHOLE_NUMBER, 'tanks: "many" is not a whole number'),
        BulletinWarning(Remark.NOT_A_WHOLE_NUMBER, "mlrs: 8.5 is not a whole number"),
    )


def test_a_record_that_cannot_be_read_is_refused_beside_the_others() -> None:
    good = outlets.api_record(DAY, FIGURES)
    empty = outlets.api_record(date(2023, 10, 10), {})
    found = api(good, broken(date="soon"), empty, broken(date="never"))
    assert [b.reason_code for b in found] == [
        None,
        Reason.RECORD_UNDATED,
        Reason.RECORD_WITHOUT_FIGURE,
    ]
    assert [(b.report_date, b.status, b.reason) for b in found] == [
        (DAY, "accepted", None),
        (
            None,
            "refused",
            "a record without a date as in 2023-10-09: soon (day 593); "
            "a record without a date as in 2023-10-09: never (day 593)",
        ),
        (date(2023, 10, 10), "refused", "a record without a figure: 2023-10-10 (day 594)"),
    ]
    (refused, _) = of_json({"data": {"records": [None, good]}})
    assert refused.reason == "a record is no JSON object"
    assert refused.reason_code is Reason.RECORD_MALFORMED


@pytest.mark.parametrize("media_type", ["application/json", "text/plain; charset=utf-8"])
def test_the_community_file_is_read_whatever_the_server_calls_it(media_type: str) -> None:
    records = [
        {"date": "2023-10-09", "day": 593, "tank": 4823, "laser": 1, "submarines": 1},
        {"date": "2023-10-10", "day": 594, "tank": 4850, "greatest losses direction": "Avdiivka"},
    ]
    found = bulletins(json.dumps(records).encode(), media_type)
    assert [numbers(b) for b in found] == [
        {"tanks": (4823, None), "submarines": (1, None)},
        {"tanks": (4850, None)},
    ]
    assert [[u.label for u in b.unrecognized] for b in found] == [["laser"], []]


def test_the_star_of_the_community_s_personnel_says_about() -> None:
    (bulletin,) = of_json(
        [{"date": "2023-10-09", "day": 593, "personnel": 282630, "personnel*": "about"}]
    )
    (figure,) = bulletin.figures
    assert (figure.total, figure.delta, figure.approximate) == (282630, None, True)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["losses_equipment.json", "losses_personnel.json"])
def test_every_record_of_the_community_s_files_is_read(name: str) -> None:
    series = reference.load()
    found = bulletins(reference.published(name), "text/plain")
    assert [b.report_date for b in found] == list(series)
    assert {(b.status, b.unrecognized, b.warnings) for b in found} == {("accepted", (), ())}
    assert all(
        figure.total == series[b.report_date or DAY][figure.category].total
        for b in found
        for figure in b.figures
    )


def test_the_community_s_corrections_are_no_totals() -> None:
    content = reference.published("losses_equipment_correction.json")
    (bulletin,) = bulletins(content, "application/json")
    assert bulletin.reason_code is Reason.CORRECTIONS


def test_other_json_is_refused() -> None:
    others: tuple[object, ...] = ([], {}, [{"date": "2023-10-09"}], {"data": {"records": 1}}, 7)
    for data in (*others, {"data": []}, {"data": {"records": []}}):
        content = json.dumps(data).encode()
        (bulletin,) = read_all(Document("outlet", "u", content, "application/json"))
        assert bulletin.status == "refused"
    (bulletin,) = read_all(Document("outlet", "u", b"[" * 100_000, "application/json"))
    assert bulletin.reason_code is Reason.BROKEN_JSON


def test_the_bulletins_among_the_posts_of_a_channel() -> None:
    days = grown(2)
    posts = [
        (1, MORNING, "Air raid alert in 3 regions, 12 districts."),
        (2, MORNING, outlets.post_text(DAY, days[DAY])),
        (3, MORNING, ""),
        (4, MORNING + timedelta(days=1), outlets.post_text(DAY + timedelta(1), FIGURES)),
    ]
    found = bulletins(outlets.channel_page("channel", posts))
    assert [(b.status, b.report_date) for b in found] == [
        ("accepted", DAY),
        ("accepted", DAY + timedelta(1)),
    ]
    assert found[0].published_at == MORNING
    assert numbers(found[1]) == {c: (f.total, f.delta) for c, f in FIGURES.items()}


def test_of_two_posts_for_a_day_the_later_stands_wherever_it_is() -> None:
    corrected = {**FIGURES, "tanks": Printed(4832, 11)}
    posts = [
        (5, MORNING + timedelta(hours=2), outlets.post_text(DAY, corrected)),
        (4, MORNING, outlets.post_text(DAY, FIGURES)),
    ]
    (bulletin,) = bulletins(outlets.channel_page("channel", posts))
    assert numbers(bulletin)["tanks"] == (4832, 11)
    text = "the document has 2 different lists for this date; that of 06:30 UTC is taken"
    assert bulletin.warnings == (BulletinWarning(Remark.LISTS_DIFFER, text),)


def channel_with(quoted: str) -> list[Bulletin]:
    """A channel of two days whose second post quotes something above, or in, its own text."""
    posts = [
        (1, MORNING, outlets.post_text(DAY, FIGURES)),
        (2, MORNING + timedelta(days=1), "QUOTED" + outlets.post_text(DAY + timedelta(1), FIGURES)),
    ]
    page = outlets.channel_page("channel", posts).decode()
    if quoted.startswith("<a"):
        start = page.rindex("<div", 0, page.index("QUOTED"))
        page = page[:start] + quoted + page[start:].replace("QUOTED", "")
    return bulletins(page.replace("QUOTED", quoted).encode())


@pytest.mark.parametrize(
    "markup",
    [
        "<blockquote>{}</blockquote><br/>",
        "<a class='tgme_widget_message_reply'>"
        "<div class='tgme_widget_message_text js-message_reply_text'>{}</div></a>",
    ],
)
def test_what_a_post_quotes_is_not_its_own_text(markup: str) -> None:
    older = {**FIGURES, "tanks": Printed(4821, 2)}
    quoted = markup.format(outlets.post_text(DAY - timedelta(1), older))
    found = channel_with(quoted)
    assert [b.report_date for b in found] == [DAY, DAY + timedelta(1)]
    assert numbers(found[1])["tanks"] == (4823, 2)


def test_a_forwarded_post_yields_to_the_channel_s_own() -> None:
    forwarded = outlets.post_text(DAY, {**FIGURES, "tanks": Printed(4999, 2)})
    posts = [
        (1, MORNING, outlets.post_text(DAY, FIGURES)),
        (2, MORNING + timedelta(hours=3), f"{forwarded}FORWARDED"),
    ]
    page = outlets.channel_page("channel", posts).decode().replace("FORWARDED", "")
    start = page.rindex('<div class="tgme_widget_message_text')
    mark = "<a class='tgme_widget_message_forwarded_from'>Another channel</a>"
    (bulletin,) = bulletins((page[:start] + mark + page[start:]).encode())
    assert numbers(bulletin)["tanks"] == (4823, 2)


def test_a_post_with_the_list_that_cannot_be_read_is_refused_and_no_list_is_no_error() -> None:
    undated = outlets.post_text(DAY, FIGURES).replace("по 09.10.23", "по 39.19.23")
    page = outlets.channel_page("channel", [(1, MORNING, undated)])
    (bulletin,) = bulletins(page.replace(b"datetime=", b"data-x="))
    assert bulletin.status == "refused"
    assert bulletin.reason_code is Reason.DATE_MISSING
    (bulletin,) = bulletins(outlets.channel_page("c", [(1, MORNING, "танків 3"), (2, MORNING, "")]))
    assert bulletin.reason == "not the bulletin: none of its 2 parts is one"
    assert bulletin.reason_code is Reason.NO_LIST


def test_read_takes_one_bulletin_alone() -> None:
    document = Document("outlet", "u", outlets.month_page(grown(3)), "text/html")
    assert read(document).reason == "not one bulletin, but those of 3 days"
    assert read(document).reason_code is Reason.MANY_DAYS


def test_explain_marks_the_figures_of_every_day() -> None:
    text = explain(Document("outlet", "u", outlets.month_page(grown(2)), "text/html"))
    assert "[[Tanks \u2014 4824 (+1)]]<tanks 4824 +1>" in text
    assert "[[Tanks \u2014 4823 (+1)]]<tanks 4823 +1>" in text
    assert "2023-10-09: accepted, 5 figures" in text
