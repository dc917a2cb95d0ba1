"""Fetching a page again: what the archive holds is not asked for twice, and nothing is lost."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.archive.store import Archive
from flows.errors import NotThePage
from flows.fetch.fetcher import Fetched
from flows.settings import SourceConfig
from schemas.records import Archived, Document
from tests.fetching import fetcher
from tests.webserver import Site, page, redirect, unless_known

CONFIG = SourceConfig("outlet", "article", retry_delays=())
NOW = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
ONE = b"<p>" + b"The first version of an article, with words. " * 10
TWO = b"<p>" + b"The second version of an article, corrected. " * 10


class Runs:
    """Runs of one source on one lake, an hour after the other."""

    def __init__(self, lake: Path) -> None:
        self.lake = lake
        self.archive = Archive(lake)
        self.now = NOW

    def take(self, url: str, *, final: bool = False) -> tuple[Fetched, Archived]:
        """Fetch and archive a page as a run does."""
        self.now += timedelta(hours=1)
        with fetcher(self.archive) as fetch:
            page = fetch(CONFIG, url, final=final)
        (archived,) = self.archive.store([page.document("outlet")], self.now)
        return page, archived

    def files(self) -> dict[str, bytes]:
        found = (path for path in (self.lake / "archive").rglob("*") if path.is_file())
        return {path.name: path.read_bytes() for path in found}


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


@pytest.mark.parametrize(
    "validators",
    [{"etag": '"v1"'}, {"modified": "Mon, 09 Oct 2023 07:00:00 GMT"}, {"etag": 'W/"x"'}],
    ids=["etag", "last-modified", "weak etag"],
)
def test_an_unchanged_page_costs_a_304(runs: Runs, site: Site, validators: dict[str, str]) -> None:
    url = site.serve("/a", unless_known(ONE, **validators))
    first, archived = runs.take(url)
    before = runs.files()
    assert (first.status, first.unchanged) == (200, False)
    for _ in range(2):
        again, found = runs.take(url)
        assert (again.status, again.unchanged, again.content) == (304, True, ONE)
        assert again.media_type == first.media_type
        assert again.fetched_at > first.fetched_at
        assert found == archived
    assert runs.files() == before
    assert len(site.requests) == 3


def test_the_same_bytes_without_a_304_change_nothing(runs: Runs, site: Site) -> None:
    url = site.serve("/a", page(ONE))
    runs.take(url)
    before = runs.files()
    again, _ = runs.take(url)
    assert (again.status, again.unchanged) == (200, True)
    assert runs.files() == before


def test_a_changed_page_is_another_document(runs: Runs, site: Site) -> None:
    url = site.serve("/a", unless_known(ONE, etag='"1"'), unless_known(TWO, etag='"2"'))
    runs.take(url)
    again, _ = runs.take(url)
    assert (again.content, again.unchanged) == (TWO, False)
    assert runs.take(url)[0].status == 304
    assert {runs.archive.load(key).document.content for key in sorted(runs.archive.keys())} == {
        ONE,
        TWO,
    }


def test_a_304_that_was_not_asked_for_is_not_the_page(runs: Runs, site: Site) -> None:
    with pytest.raises(NotThePage, match="304"):
        runs.take(site.serve("/a", page(b"", status=304)))


def test_nor_is_it_where_there_was_nothing_to_ask_with(runs: Runs, site: Site) -> None:
    url = site.serve("/a", page(ONE), page(b"", status=304))
    runs.take(url)
    with pytest.raises(NotThePage, match="304"):
        runs.take(url)


@pytest.mark.parametrize("harm", ["document", "record", "memory", "garbled memory"])
def test_what_is_lost_is_fetched_again(runs: Runs, site: Site, harm: str) -> None:
    url = site.serve("/a", unless_known(ONE, etag='"1"'))
    _, archived = runs.take(url)
    lake = runs.lake
    pattern = {"document": "archive/*/*.gz", "record": "archive/*/*.json"}.get(
        harm, "seen/*/*.json"
    )
    (path,) = lake.glob(pattern)
    path.write_bytes(b"{]") if harm == "garbled memory" else path.unlink()
    again, found = runs.take(url)
    assert (again.status, again.content) == (200, ONE)
    assert runs.archive.load(("outlet", archived.document.sha256)) == found
    assert runs.take(url)[0].status == 304


def test_a_final_page_is_not_asked_for_again(runs: Runs, site: Site) -> None:
    url = site.serve("/2023-09", unless_known(ONE, etag='"1"'), page(TWO))
    first, archived = runs.take(url, final=True)
    again, found = runs.take(url, final=True)
    assert (again.content, again.unchanged, again.fetched_at) == (ONE, True, first.fetched_at)
    assert found == archived
    assert len(site.requests) == 1
    assert runs.take(url)[0].content == TWO


def test_a_page_fetched_before_it_was_final_is_asked_for_once_more(runs: Runs, site: Site) -> None:
    url = site.serve("/2023-09", unless_known(ONE, etag='"1"'))
    runs.take(url)
    assert runs.take(url, final=True)[0].status == 304
    assert runs.take(url, final=True)[0].unchanged
    assert len(site.requests) == 2


def test_a_final_page_that_was_never_archived_is_asked_for(runs: Runs, site: Site) -> None:
    url = site.serve("/a", page(ONE))
    with fetcher(runs.archive) as fetch:
        fetch(CONFIG, url, final=True)
        fetch(CONFIG, url, final=True)
    assert len(site.requests) == 2


def test_another_source_s_copy_is_not_ours(runs: Runs, site: Site) -> None:
    url = site.serve("/a", unless_known(ONE, etag='"1"'))
    runs.take(url, final=True)
    with fetcher(runs.archive) as fetch:
        assert fetch(replace(CONFIG, name="other"), url, final=True).status == 200


@pytest.mark.parametrize("forgetting", [False, True], ids=["", "memory lost"])
def test_a_page_that_goes_back_is_seen_again(runs: Runs, site: Site, forgetting: bool) -> None:
    url = site.serve("/a", page(ONE), page(TWO), page(ONE))
    _, one = runs.take(url)
    _, two = runs.take(url)
    assert two.archived_at > one.archived_at
    if forgetting:
        for path in runs.lake.glob("seen/*/*.json"):
            path.unlink()
        runs.archive = Archive(runs.lake)
    _, back = runs.take(url)
    assert back.archived_at == runs.now
    assert back.document.fetched_at == one.document.fetched_at
    record = runs.archive.provenance(("outlet", one.document.sha256))
    assert (record.archived_at, record.last_seen_at) == (one.archived_at, runs.now)
    assert [again.url for again in record.observations] == [url]
    before = runs.files()
    _, still = runs.take(url)
    assert still == back
    assert runs.files() == before
    assert len(runs.archive.keys()) == 2


def test_a_killed_run_does_not_see_it_twice(runs: Runs, site: Site) -> None:
    url = site.serve("/a", page(ONE), page(TWO), page(ONE))
    runs.take(url)
    runs.take(url)
    (seen,) = runs.lake.glob("seen/*/*.json")
    before_the_kill = seen.read_bytes()
    _, back = runs.take(url)
    seen.write_bytes(before_the_kill)
    assert runs.take(url)[1] == back


def test_the_provenance_says_how_it_was_had(runs: Runs, site: Site) -> None:
    site.serve("/b", redirect("/c"))
    site.serve("/c", unless_known(ONE, etag='"1"'))
    url = site.serve("/a", redirect("/b"))
    fetched, archived = runs.take(url)
    assert fetched.url == site.address + "/c"
    assert fetched.redirects == (url, site.address + "/b")
    assert archived.document.url == url
    (path,) = (runs.lake / "archive").glob("??/*.json")
    record = json.loads(path.read_bytes())
    assert record["redirects"] == [site.address + "/b", site.address + "/c"]
    assert record["status"] == 200
    assert record["response_headers"]["etag"] == '"1"'
    assert record["response_headers"]["content-type"] == "text/html; charset=utf-8"
    assert record["request_headers"]["user-agent"].startswith("Tallybook/")
    assert record["tool_version"]
    assert record["fetched_at"] == fetched.fetched_at.isoformat()


def test_records_of_an_earlier_version_still_load(runs: Runs) -> None:
    document = Document("folder", "a.txt", b"text", published_on=date(2023, 10, 9))
    runs.archive.store([document], NOW)
    (path,) = (runs.lake / "archive").glob("??/*.json")
    added = {"redirects", "status", "request_headers", "response_headers", "sightings"}
    added |= {"checksum"}
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps({key: record[key] for key in record if key not in added}))
    (found,) = runs.archive.load_all()
    assert (found.document, found.archived_at) == (document, NOW)
