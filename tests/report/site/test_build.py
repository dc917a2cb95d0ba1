"""The site of a lake: what its pages say, and that only what changed is written."""

from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from flows.errors import LakeError, UsageError
from flows.files import TEMPORARY_PREFIX
from flows.lake.lake import open_lake
from flows.report.exports.export import export
from flows.report.site.build import renew
from flows.report.site.rule_results import last_rules
from flows.storage.local import LocalStorage
from tests.conftest import Command
from tests.report.site.built import FIRST, days_of, lake_of, pages_of, site_of

pytestmark = pytest.mark.slow  # The pipeline publishes what is shown.

TOTALS = [(4700, 10), (4710, 10), (4725, 5), (4730, 5), (4740, 10)]
"""Five days; the third prints +5 for a change of +15: the past was revised by +10."""

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of(tmp_path_factory.mktemp("lake"), days_of(TOTALS))


@pytest.fixture(scope="module")
def out(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    site_of(lake, folder)
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_link_leads_to_a_page_and_a_place_in_it(out: Path) -> None:
    pages = pages_of(out)
    for name, page in pages.items():
        for link in page.links:
            address, _, place = link.partition("#")
            target = (out / name).parent.joinpath(address).resolve() if address else out / name
            assert target.is_file(), f"{name} links to {link}"
            if place:
                assert place in pages[target.relative_to(out).as_posix()].ids, f"{name}: {link}"


def test_every_page_asks_for_nothing_from_elsewhere(out: Path) -> None:
    for name, page in pages_of(out).items():
        for tag, attributes in page.elements:
            loaded = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
            assert not loaded or "//" not in loaded, f"{name} loads {loaded}"
            assert "style" not in attributes, f"{name}: the policy forbids styles of elements"
        (policy,) = (
            a["content"]
            for _, a in page.elements
            if a.get("http-equiv") == "Content-Security-Policy"
        )
        assert policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_the_overview_shows_the_latest_day(out: Path) -> None:
    text = pages_of(out)["index.html"].text
    assert "2023-10-06" in text
    assert "4,740" in text
    assert "+10" in text


def test_a_revision_is_marked_and_told_and_is_no_loss(out: Path) -> None:
    pages = pages_of(out)
    assert "the General Staff revised the past by +10" in pages["categories/tanks.html"].text
    assert "the General Staff revised the past by +10" in pages["findings.html"].text
    assert '"daily":[10,10,5,5,10]' in pages["categories/tanks.html"].text
    explained = [a for _, a in pages["audit.html"].elements if a.get("class") == "cell explained"]
    assert "days/2023-10.html#2023-10-04" in [a.get("href") for a in explained]


def test_a_day_shows_the_printed_words_with_the_figure_marked(out: Path) -> None:
    page = (out / "days/2023-10.html").read_text("utf-8")
    assert "tanks - <mark>4725 (+5)</mark>" in page


def test_the_same_lake_gives_the_same_bytes_and_nothing_is_written_again(
    lake: Path, out: Path, tmp_path: Path
) -> None:
    site_of(lake, tmp_path / "again")
    assert _files(tmp_path / "again") == _files(out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert site_of(lake, out).written == 0
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_another_day_rewrites_its_month_and_no_other(tmp_path: Path) -> None:
    august = days_of([(4600, 10), (4610, 10)], date(2023, 8, 1))
    lake = lake_of(tmp_path, august | days_of(TOTALS[:3]))
    site_of(lake, tmp_path / "out")
    before = _files(tmp_path / "out")
    lake_of(tmp_path, days_of(TOTALS[:4]))
    site_of(lake, tmp_path / "out")
    after = _files(tmp_path / "out")
    changed = {name for name in after if after[name] != before.get(name)}
    assert "days/2023-10.html" in changed
    assert "days/2023-08.html" not in changed
    assert "index.html" in changed


def test_a_page_that_was_tampered_with_or_lost_comes_back(lake: Path, tmp_path: Path) -> None:
    site_of(lake, tmp_path / "out")
    whole = _files(tmp_path / "out")
    (tmp_path / "out/index.html").write_text("")
    (tmp_path / "out/days/2023-10.html").unlink()
    (tmp_path / "out/site.json").write_text("[]")
    site_of(lake, tmp_path / "out")
    assert _files(tmp_path / "out") == whole
    page = tmp_path / "out/days/2023-10.html"
    page.write_bytes(page.read_bytes().replace(b"2023", b"2024"))
    assert site_of(lake, tmp_path / "out").written == 1
    assert _files(tmp_path / "out") == whole


def test_the_series_can_be_downloaded_as_the_export_writes_it(
    lake: Path, out: Path, tmp_path: Path
) -> None:
    export(open_lake(lake), "wide", tmp_path / "wide.csv")
    assert (out / "losses.csv").read_bytes() == (tmp_path / "wide.csv").read_bytes()
    assert "losses.csv" in pages_of(out)["about.html"].links


def test_the_rules_are_shown_with_what_each_run_said(lake: Path, out: Path) -> None:
    page = pages_of(out)["rules.html"]
    (run,) = last_rules(open_lake(lake))
    for said in run.rules:
        for rule, broken in said.broken.items():
            assert f"{said.suite}-{rule}" in page.ids
            assert rule.meaning in page.text
            words = f"{broken} of {said.rows} break it" if broken else f"holds on all {said.rows}"
            assert words in page.text
    cells = [a["class"] for _, a in page.elements if "cell" in (a.get("class") or "")]
    broken_rules = sum(bool(number) for said in run.rules for number in said.broken.values())
    assert cells.count("cell explained") == broken_rules + 1  # the legend has one


def test_runs_of_an_older_version_and_damaged_ones_are_passed_over(tmp_path: Path) -> None:
    lake = open_lake(lake_of(tmp_path, days_of(TOTALS[:1])))
    (run,) = last_rules(lake)
    for name, text in {
        "20200101T000000Z-old.json": '{"kind": "daily", "started_at": "2020-01-01T00:00:00Z"}',
        "20200102T000000Z-odd.json": '{"kind": "daily", "rules": 7}',
        "20200103T000000Z-new.json": '{"kind": "daily", "started_at": "2020-01-03T00:00:00Z", '
        '"rules": [{"suite": "ledger", "rows": 1, "broken": {"not_invented_yet": 0}}]}',
    }.items():
        (lake.root / "runs" / name).write_text(text)
    assert last_rules(lake) == (run,)
    (lake.root / "runs").rename(tmp_path / "away")
    site_of(lake.root, tmp_path / "out")
    assert "No run has recorded results yet" in pages_of(tmp_path / "out")["rules.html"].text


def test_no_temporary_file_is_left(out: Path) -> None:
    assert not [path for path in out.rglob("*") if path.name.startswith(TEMPORARY_PREFIX)]


def test_a_folder_of_something_else_is_left_alone(lake: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="no report"):
        site_of(lake, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_page_that_is_not_wanted_any_more_is_removed(lake: Path, tmp_path: Path) -> None:
    totals = tmp_path / "totals.csv"
    totals.write_text(f"date,tank\n{FIRST},4701\n")
    site_of(lake, tmp_path / "out", totals)
    assert "4,701" in pages_of(tmp_path / "out")["against.html"].text
    assert site_of(lake, tmp_path / "out").removed == 1
    assert not (tmp_path / "out/against.html").exists()


@pytest.mark.parametrize("number", range(4))
def test_what_a_build_left_that_broke_off_is_put_right_by_the_next(
    lake: Path, tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It breaks off before its change number so: a page to remove is not forgotten."""
    totals, out, changes = tmp_path / "totals.csv", tmp_path / "out", count()
    totals.write_text(f"date,tank\n{FIRST},4701\n")
    site_of(lake, out, totals)
    with monkeypatch.context() as patch:
        for name in ("write_many", "remove_many"):
            whole = getattr(LocalStorage, name)

            def broken(self: LocalStorage, given: Any, whole: Any = whole) -> None:
                if next(changes) >= number:
                    raise LakeError("it breaks off")
                whole(self, given)

            patch.setattr(LocalStorage, name, broken)
        with pytest.raises(LakeError, match="breaks off"):
            site_of(lake, out)
    site_of(lake, out)
    site_of(lake, tmp_path / "peace")
    assert _files(out) == _files(tmp_path / "peace")


@pytest.mark.parametrize("totals", [[], [(4700, 10)], [(4700, None)]])
def test_a_lake_of_a_day_or_of_none_has_a_site(
    tmp_path: Path, totals: list[tuple[int, int | None]]
) -> None:
    lake = lake_of(tmp_path, days_of(totals))
    site_of(lake, tmp_path / "out")
    assert bool(totals) is (tmp_path / "out/categories/tanks.html").exists()
    assert ElementTree.parse(tmp_path / "out/feed.xml").getroot().tag == f"{ATOM}feed"


def test_a_gap_is_shown_as_missing_days(tmp_path: Path) -> None:
    texts = days_of(TOTALS[:1], date(2023, 9, 1)) | days_of(TOTALS[1:])
    site_of(lake_of(tmp_path, texts), tmp_path / "out")
    pages = pages_of(tmp_path / "out")
    missing = [
        a
        for _, a in pages["audit.html"].elements
        if a.get("title", "") and "cell missing" in (a.get("class") or "")
    ]
    assert len(missing) == 30
    assert (
        "30 days between the first and the last on record are missing" in pages["index.html"].text
    )
    assert '"daily":[10,null' in pages["categories/tanks.html"].text


def test_the_feed_tells_of_each_day_once_and_links_to_it(out: Path) -> None:
    feed = ElementTree.parse(out / "feed.xml").getroot()
    entries = feed.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    assert "urn:tallybook:day:2023-10-06" in ids
    links = [entry.find(f"{ATOM}link") for entry in entries]
    assert all(link is not None and link.get("href", "").startswith("days/") for link in links)


def test_the_command_says_what_it_wrote(lake: Path, in_process: Command, tmp_path: Path) -> None:
    done = in_process("report", "--out", "site", "--lake", lake)
    assert done.returncode == 0
    assert done.stdout.startswith("site/index.html: ")
    assert (tmp_path / "site/index.html").exists()


def test_a_run_keeps_the_site_in_its_lake_and_no_mistake_of_it_is_one_of_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lake = open_lake(lake_of(tmp_path, days_of(TOTALS)))
    with caplog.at_level("DEBUG", logger="flows.report.site.build"):
        renew(lake, {})
        assert (lake.root / "report/index.html").exists()
        assert "report/index.html: " in caplog.text
        (lake.root / "report/site.json").unlink()
        (lake.root / "report/thesis.txt").write_text("mine")
        renew(lake, {})
    assert "are not brought up to date" in caplog.text
    assert (lake.root / "report/thesis.txt").read_text() == "mine"
