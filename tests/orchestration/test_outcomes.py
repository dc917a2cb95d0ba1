"""What a run says of each source, one line each, whatever its server does."""

import gzip
import logging
import socket
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from flows.lake.lake import open_lake
from flows.report.phrases import sources, troubles
from flows.report.run_markdown import markdown
from flows.report.run_summary import Summary
from flows.settings import SourceConfig
from flows.sources import KINDS
from flows.sources.base import Fetch, Found
from schemas.codes import Outcome
from tests.conftest import SAMPLES
from tests.plain_runs import NOW, run_job
from tests.webserver import Answer, Site, drip, hang_up, page, redirect, silence, unless_known

pytestmark = pytest.mark.slow

DAY = date(2023, 10, 10)
BULLETIN = (SAMPLES / "2023-10-10-update.txt").read_bytes()
WORDS = b"<p>" + b"Nothing to see here, but there are words enough. " * 5


def article(url: str, name: str = "outlet") -> SourceConfig:
    return SourceConfig(name, "article", url=url, retry_delays=(), interval=0)


def run(lake: Path, *sources: SourceConfig, day: date = DAY, now: datetime = NOW) -> Summary:
    """Run one day without Prefect."""
    return run_job("daily", lake, *sources, now=now, since=day, until=day, network=True)


def bomb() -> Answer:
    packed = gzip.compress(bytes(30 * 2**20), 9)
    assert len(packed) < 40_000
    return page(packed, headers={"Content-Encoding": "gzip"})


def text(content: bytes) -> Answer:
    return page(content, content_type="text/plain; charset=utf-8")


OUTCOMES: list[tuple[Outcome, int, str, Answer]] = [
    (Outcome.NOT_PUBLISHED_YET, 75, "404", page(b"", status=404)),
    (Outcome.NOT_THE_PAGE, 1, "bot challenge", page(b"<p>Just a moment... please." + WORDS)),
    (
        Outcome.NOT_THE_PAGE,
        1,
        "consent wall",
        page(b"<p>We and our 99 partners use cookies. Accept all. " + WORDS),
    ),
    (Outcome.NOT_THE_PAGE, 1, "empty shell", page(b"<div id=app></div><script>1</script>")),
    (Outcome.NOT_THE_PAGE, 1, "login", page(b"<h1>Members only</h1>" + WORDS)),
    (Outcome.NOT_THE_PAGE, 1, "parked domain", page(b"<p>This domain is for sale." + WORDS)),
    (Outcome.NOT_THE_PAGE, 1, "soft 404", page(b"<h1>Page not found</h1>" + WORDS)),
    (Outcome.NOT_THE_PAGE, 1, "more than 5 times", redirect("/{date}")),
    (Outcome.NOT_THE_PAGE, 1, "no web address", redirect("javascript:alert(1)")),
    (Outcome.NOT_THE_PAGE, 1, "image/png", page(b"", content_type="image/png")),
    (Outcome.UNREACHABLE, 1, "503", page(b"", status=503)),
    (Outcome.UNREACHABLE, 1, "too long", silence),
    (Outcome.UNREACHABLE, 1, "no complete answer", drip()),
    (Outcome.UNREACHABLE, 1, "", hang_up),
    (Outcome.UNREACHABLE, 1, "", page(BULLETIN, claimed_length=len(BULLETIN) + 9)),
    (Outcome.REFUSED, 1, "403", page(b"", status=403)),
    (Outcome.REFUSED, 1, "451", page(b"", status=451)),
    (Outcome.REFUSED, 1, "429", page(b"", status=429)),
    (Outcome.TOO_LARGE, 1, "10 MB", bomb()),
    (Outcome.OK, 0, "1 document", text(BULLETIN)),
]

THROUGH_A_FLOW = (
    "404",
    "login",
    "more than 5 times",
    "503",
    "too long",
    "403",
    "10 MB",
    "1 document",
)
"""One of each kind; the others in make test-full: `tests/fetch` has them all without a flow."""

NEVER_ENDS = ("too long", "no complete answer")


@pytest.mark.parametrize(
    ("outcome", "status", "words", "answer"),
    [
        pytest.param(*case, marks=[] if case[2] in THROUGH_A_FLOW else [pytest.mark.full])
        for case in OUTCOMES
    ],
    ids=[f"{outcome}: {words}" for outcome, _, words, _ in OUTCOMES],
)
def test_each_has_its_name_and_none_stops_the_others(
    tmp_path: Path, site: Site, outcome: Outcome, status: int, words: str, answer: Answer
) -> None:
    site.serve(f"/{DAY}", redirect(f"/{DAY}") if "5 times" in words else answer)
    site.serve("/fine", text(BULLETIN))
    outlet = article(site.address + "/{date}")
    if words in NEVER_ENDS:  # A good page may take longer on a busy machine.
        outlet = replace(outlet, read_timeout=0.3, deadline=0.6)
    alone = run(tmp_path / "alone", outlet)
    assert alone.exit_status == status
    both = run(tmp_path / "both", outlet, article(site.address + "/fine", "b"))
    assert both.sources[1].outcome == "ok"
    assert both.rows.number == 14
    (line,) = (line for line in (*troubles(both), *sources(both)) if "Source outlet:" in line)
    assert line.startswith(f"Source outlet: {outcome.words}: ")
    assert words in line
    assert line.isprintable()
    assert outcome.words in markdown(both)
    if outcome != "ok":
        assert not open_lake(tmp_path / "alone").archive.keys()


def test_nobody_listens_and_no_such_name(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        found = run(tmp_path, article(closed, "a"), article("http://no-such-host.invalid/", "b"))
    assert [source.outcome for source in found.sources] == ["unreachable", "unreachable"]


def test_robots_txt_refuses(tmp_path: Path, site: Site) -> None:
    site.serve("/robots.txt", text(b"User-agent: *\nDisallow: /"))
    found = run(tmp_path, article(site.serve("/a", text(BULLETIN))))
    assert [(s.outcome, "robots.txt" in str(s.detail)) for s in found.sources] == [
        ("refused", True)
    ]


def test_the_latest_article_is_yesterday_s(tmp_path: Path, site: Site) -> None:
    found = run(
        tmp_path, article(site.serve("/latest", text(BULLETIN))), day=DAY + timedelta(days=1)
    )
    (source,) = found.sources
    assert source.outcome == "wrong_day"
    assert str(DAY) in str(source.detail)
    assert found.exit_status == 75


def test_a_page_that_has_not_changed(tmp_path: Path, site: Site) -> None:
    config = article(
        site.serve("/a", unless_known(BULLETIN, etag='"1"', content_type="text/plain"))
    )
    first = run(tmp_path, config)
    archive = open_lake(tmp_path).archive
    (before,) = archive.load_all()
    again = run(tmp_path, config, now=NOW + timedelta(hours=3))
    assert [s.outcome for s in (*first.sources, *again.sources)] == ["ok", "unchanged"]
    assert list(sources(again)) == ["Source outlet: unchanged: 1 document"]
    assert again.exit_status == 0
    assert list(archive.load_all()) == [before]
    assert len(open_lake(tmp_path).losses()) == first.rows.number


def test_a_page_that_goes_back_to_an_older_version_is_published_again(
    tmp_path: Path, site: Site
) -> None:
    """Also where a neighbour's run decides the day again, and by a rebuild."""
    corrected = BULLETIN.replace(b"4,829", b"4,830")
    assert corrected != BULLETIN
    url = site.serve("/a", text(BULLETIN), text(corrected), text(BULLETIN))
    totals = []
    for hours in range(3):
        run(tmp_path, article(url), now=NOW + timedelta(hours=hours))
        totals.append([row.total for row in open_lake(tmp_path).losses()])
    assert totals[0] == totals[2] != totals[1]
    before = (SAMPLES / "2023-10-09-day-593.html").read_bytes()
    other = article(site.serve("/b", page(before)), "outlet")
    run(tmp_path, other, day=DAY - timedelta(days=1), now=NOW + timedelta(hours=4))
    published = [row for row in open_lake(tmp_path).losses() if row.report_date == DAY]
    assert [row.total for row in published] == totals[0]
    tables = {path: path.read_bytes() for path in (tmp_path / "losses").rglob("*.parquet")}
    run_job("rebuild", tmp_path, now=NOW + timedelta(hours=5), order=("outlet",))
    assert tables == {path: path.read_bytes() for path in tables}


class Broken:
    """A source kind with a mistake in it."""

    def find(
        self,
        config: SourceConfig,
        since: date | None,
        until: date | None,
        fetch: Fetch,
        reader: object,
    ) -> Iterator[Found]:
        yield fetch(config, str(config.url)).document(config.name, DAY)
        raise KeyError("data\x1b[31m")

    def expected(self, config: SourceConfig, since: date | None, until: date) -> int | None:
        return None

    def state(self, config: SourceConfig) -> str:
        return "ready"


def test_a_mistake_in_a_source_is_named_logged_with_its_traceback_and_stops_no_other(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(KINDS, "broken", Broken())
    url = site.serve("/a", text(BULLETIN))
    found = run(tmp_path, replace(article(url, "a"), kind="broken"), article(url, "b"))
    first, second = found.sources
    assert (first.outcome, first.documents) == (Outcome.UNEXPECTED_ERROR, 1)
    assert str(first.detail).startswith("KeyError: ")
    assert str(first.detail).isprintable()
    assert second.outcome == Outcome.OK
    assert found.exit_status == 1
    assert found.rows.number == 14
    (record,) = (record for record in caplog.records if record.exc_info)
    assert "raise KeyError(" in str(record.exc_text)
    assert record.getMessage().startswith("a: ")


def test_a_mistake_in_a_source_fails_the_run_though_another_has_the_day(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, "broken", Broken())
    found = run(
        tmp_path,
        replace(article(site.address + "/missing", "a"), kind="broken"),
        article(site.serve("/b", text(BULLETIN)), "b"),
    )
    assert [source.documents for source in found.sources] == [0, 1]


def test_what_is_expected_to_happen_is_logged_without_a_traceback(
    tmp_path: Path, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "flows")
    down = article(site.serve("/down", page(b"", status=500)), "a")
    early = article(site.address + "/{date}", "b")
    missing = replace(article(site.address + "/c", "c"), token="env:NOT_SET_ANYWHERE")
    run(tmp_path, down, early, missing)
    levels = [(record.getMessage()[:2], record.levelname) for record in caplog.records]
    assert {("a:", "WARNING"), ("b:", "INFO"), ("c:", "WARNING")} < set(levels)
    assert not [record for record in caplog.records if record.exc_info]


def test_the_log_has_each_answer_and_bulletin_in_detail_and_says_when_it_tries_again(
    tmp_path: Path, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "flows")
    url = site.serve("/a", page(b"", status=503), text(BULLETIN))
    run(tmp_path, replace(article(url), retry_delays=(0.0,)))
    lines = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert ("DEBUG", f"outlet: {url}: 503") in lines
    assert ("DEBUG", f"outlet: {url}: 200") in lines
    assert ("DEBUG", f"outlet: {url}: {DAY}, 14 figures") in lines
    (again,) = (text for level, text in lines if level == "INFO" and "again in" in text)
    assert again.startswith(f"outlet: again in 0 s: {url}: ")


def test_one_that_is_not_configured_does_not_stop_the_others(tmp_path: Path, site: Site) -> None:
    missing = replace(article(site.address + "/a", "a"), token="env:NOT_SET_ANYWHERE")
    found = run(tmp_path, missing, article(site.serve("/b", text(BULLETIN)), "b"))
    outcomes = [source.outcome for source in found.sources]
    assert outcomes == [Outcome.MISCONFIGURED, Outcome.OK]
    assert "NOT_SET_ANYWHERE" in str(found.sources[0].detail)


def test_a_page_is_archived_before_the_next_one_is_asked_for(tmp_path: Path, site: Site) -> None:
    """A run that is killed has not fetched in vain."""
    held: list[int] = []

    def looking(request: object) -> None:
        held.append(len(open_lake(tmp_path).archive.keys()))
        page(b"", status=404)(request)  # type: ignore[arg-type]

    site.serve("/2023-10-10", text(BULLETIN))
    for day in (11, 12):
        site.serve(f"/2023-10-{day}", looking)
    config = article(site.address + "/{date}")
    until = DAY + timedelta(days=2)
    run_job("backfill", tmp_path, config, since=DAY, until=until, network=True)
    assert held == [1, 1]
