"""Where documents are found: configured sources, the archive folder, the article by its address."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from flows import sources
from flows.errors import (
    NotPublishedYet,
    NotThePage,
    SourceError,
    TooLarge,
    Unreachable,
    UsageError,
)
from flows.fetch.fetcher import Fetched
from flows.parse.reader import DocumentReader
from flows.settings import SIZE_CAP, SourceConfig, load_settings, parse_sources
from flows.sources import KINDS, choose, kind_of
from flows.sources.base import Found
from flows.sources.folder import date_in_name, load
from schemas.records import Document
from tests.conftest import SAMPLES
from tests.fetching import fetch
from tests.webserver import Site, page

DAY = date(2023, 10, 9)
PACKAGED = Path(sources.__file__).with_name("sources.toml")
BULLETIN = (SAMPLES / "2023-10-10-update.txt").read_bytes()
"""A bulletin with the report date 2023-10-10."""


def no_network(
    config: SourceConfig, url: str, *, dated: bool = False, final: bool = False
) -> Fetched:
    raise AssertionError(f"the network was asked for {url}")


def find(
    config: SourceConfig, since: date | None = None, until: date | None = None
) -> Iterator[Found]:
    network = no_network if config.kind == "folder" else fetch
    return kind_of(config).find(config, since, until, network, DocumentReader())


def folder(path: Path) -> SourceConfig:
    return SourceConfig("folder", "folder", path=str(path))


def urls(found: Iterator[Found]) -> list[str]:
    return [item.url for item in found if isinstance(item, Document)]


def test_a_folder_gives_its_documents_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for name in ("b/2.HTM", "a.txt", "b/c/1.json", "d.pdf", "README.md", "e.html"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    found = list(find(folder(tmp_path)))
    assert all(isinstance(item, Document) for item in found)
    documents = [item for item in found if isinstance(item, Document)]
    assert [(d.url, d.media_type, d.content) for d in documents] == [
        ("a.txt", "text/plain", b"a.txt"),
        ("b/2.HTM", "text/html", b"b/2.HTM"),
        ("b/c/1.json", "application/json", b"b/c/1.json"),
        ("e.html", "text/html", b"e.html"),
    ]
    assert {d.source for d in documents} == {"folder"}
    assert {d.fetched_at for d in documents} == {None}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2023-10-09.txt", DAY),
        ("losses-2023-10-09-final.html", DAY),
        ("2023-99-99-then-2023-10-09.txt", DAY),
        ("12023-10-09.txt", None),
        ("2023-10-091.txt", None),
        ("2023-02-30.txt", None),
        ("day-593.txt", None),
    ],
)
def test_the_date_in_a_file_name(name: str, expected: date | None) -> None:
    assert date_in_name(name) == expected


def test_the_date_in_the_name_is_the_publication_date(tmp_path: Path) -> None:
    (tmp_path / "2023-10-09.txt").write_text("x")
    (tmp_path / "2022-01-01").mkdir()
    (tmp_path / "2022-01-01" / "undated.txt").write_text("x")
    found = [item for item in find(folder(tmp_path)) if isinstance(item, Document)]
    assert [item.published_on for item in found] == [None, DAY]


@pytest.mark.parametrize(
    "name", ["2023-10-10.txt", "2023-10-11.txt", "2023-10-13.txt", "any.txt", "a/2023-10-12.txt"]
)
def test_a_day_is_found_under_a_name_of_up_to_three_days_later(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(BULLETIN)
    day = date(2023, 10, 10)
    assert urls(find(folder(tmp_path), day, day)) == [name]
    assert urls(find(folder(tmp_path), DAY, DAY)) == []


@pytest.mark.parametrize("name", ["2023-10-09.txt", "2023-10-14.txt"])
def test_a_name_dated_elsewhere_is_not_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BULLETIN)
    day = date(2023, 10, 10)
    assert urls(find(folder(tmp_path), day, day)) == []


def test_what_cannot_be_read_counts_by_the_date_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "2023-10-09-noise.txt").write_bytes(bytes(range(256)))
    (tmp_path / "2023-10-09-empty.html").write_bytes(b"")
    (tmp_path / "undated-noise.txt").write_bytes(bytes(range(256)))
    names = ["2023-10-09-empty.html", "2023-10-09-noise.txt"]
    assert urls(find(folder(tmp_path), DAY, DAY)) == names
    assert urls(find(folder(tmp_path))) == [*names, "undated-noise.txt"]


def test_a_range_of_days() -> None:
    everything = urls(find(folder(SAMPLES)))
    assert len(everything) == 14
    some = urls(find(folder(SAMPLES), date(2023, 9, 29), date(2023, 10, 1)))
    assert set(some) < set(everything)
    assert len(some) == 3
    assert len(urls(find(folder(SAMPLES), since=date(2023, 10, 9)))) == 2
    assert len(urls(find(folder(SAMPLES), until=date(2023, 9, 28)))) == 2


def test_files_that_cannot_be_taken_are_reported_in_their_place(tmp_path: Path) -> None:
    with (tmp_path / "1-huge.txt").open("wb") as huge:
        huge.truncate(SIZE_CAP + 1)
    (tmp_path / "2-gone.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "3-pipe.txt")
    (tmp_path / "4-fine.txt").write_bytes(BULLETIN)
    found = list(find(folder(tmp_path)))
    assert [type(item) for item in found] == [TooLarge, Unreachable, NotThePage, Document]
    assert "larger than 10 MB" in str(found[0])


def test_files_come_in_the_order_of_their_paths_and_no_link_to_a_folder_is_followed(
    tmp_path: Path,
) -> None:
    """A name ends before "/", which no character comes before."""
    for name in ("b.txt", "a/z.txt", "a/b/y.txt", "a-b/x.txt", "a.txt", "a!.txt", "c.txt/w.txt"):
        path = tmp_path / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(BULLETIN)
    (tmp_path / "pages" / "a" / "link.txt").symlink_to(tmp_path / "pages" / "a-b")
    names = ["a/b/y.txt", "a/z.txt", "a!.txt", "a-b/x.txt", "a.txt", "b.txt", "c.txt/w.txt"]
    assert urls(find(folder(tmp_path / "pages"))) == names


def test_a_name_that_is_no_text_gives_a_url_that_is(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.txt")).write_bytes(BULLETIN)
    (url,) = urls(find(folder(tmp_path)))
    assert url.encode("utf-8").decode("utf-8") == url


def test_one_file_can_stand_for_a_folder() -> None:
    assert urls(find(folder(SAMPLES / "2023-10-10-update.txt"))) == ["2023-10-10-update.txt"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="no such folder"):
        list(find(folder(tmp_path / "none")))


def test_an_address_with_the_date_gives_a_page_a_day(site: Site) -> None:
    site.serve("/2023-10-09.html", page(BULLETIN))
    site.serve("/2023-10-11.html", page(b"", status=503))
    config = SourceConfig("outlet", "article", url=site.address + "/{date}.html")
    first, second, third = find(config, DAY, date(2023, 10, 11))
    assert isinstance(first, Document)
    assert (first.source, first.url) == ("outlet", site.address + "/2023-10-09.html")
    assert (first.published_on, first.content) == (DAY, BULLETIN)
    assert first.fetched_at is not None
    assert first.fetched_at.tzinfo is not None
    assert isinstance(second, NotPublishedYet)
    assert isinstance(third, Unreachable)


def test_an_address_may_hold_the_parts_of_the_date(site: Site) -> None:
    site.serve("/2023/10/09/losses", page(BULLETIN))
    config = SourceConfig("outlet", "article", url=site.address + "/{year}/{month}/{day}/losses")
    assert urls(find(config, DAY, DAY)) == [site.address + "/2023/10/09/losses"]


def test_an_address_with_the_date_needs_a_range(site: Site) -> None:
    config = SourceConfig("outlet", "article", url=site.address + "/{date}.html")
    with pytest.raises(UsageError, match="--since and --until"):
        list(find(config))


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (date(2023, 10, 10), None),
        (None, None),
        (date(2023, 10, 11), NotPublishedYet),
        (date(2023, 10, 9), NotThePage),
    ],
)
def test_an_address_without_a_date_must_show_the_day(
    site: Site, asked: date | None, error: type[SourceError] | None
) -> None:
    url = site.serve("/latest", page(BULLETIN, content_type="text/plain"))
    config = SourceConfig("article", "article", url=url)
    if error is None:
        (document,) = find(config, asked, asked)
        assert isinstance(document, Document)
        assert document.published_on is None
    else:
        with pytest.raises(error, match="2023-10-10"):
            list(find(config, asked, asked))


def test_an_article_without_an_address() -> None:
    with pytest.raises(UsageError, match="needs a url"):
        list(find(SourceConfig("article", "article"), DAY, DAY))


def test_the_user_s_file_comes_first_and_replaces_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    live = ["novinite", "minfin", "warship_api", "telegram", "community"]
    assert list(load_settings().sources) == [*live, "folder", "article", "warc"]
    mine = '[outlet]\nkind = "article"\nurl = "https://outlet.example/{date}"\nretry_delays = [1]\n'
    (tmp_path / "sources.toml").write_text(mine + '[folder]\nkind = "folder"\npath = "mine"\n')
    found = load_settings().sources
    assert list(found) == ["outlet", "folder", *live, "article", "warc"]
    assert found["folder"].path == "mine"
    assert found["outlet"].retry_delays == (1.0,)
    monkeypatch.setenv("TALLYBOOK_SOURCES", str(tmp_path / "none.toml"))
    with pytest.raises(UsageError, match=r"none\.toml: cannot be read"):
        load_settings()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[a", "not valid TOML"),
        ('[A]\nkind = "folder"', "a source's name"),
        ('["../a"]\nkind = "folder"', "a source's name"),
        ("a = 1", "needs a table with a kind"),
        ('[a]\npath = "x"', "needs a table with a kind"),
        ('[a]\nkind = "folder"\npaht = "x"', "unknown key 'paht'"),
        ('[a]\nkind = "folder"\npath = 7', "path must be a text"),
        ('[a]\nkind = "feed"\ntitle = "Day ("', "title must be a regular expression"),
        ('[a]\nkind = "folder"\ndeadline = 0', "deadline must be a number"),
        ('[a]\nkind = "folder"\ndeadline = true', "deadline must be a number"),
        ('[a]\nkind = "folder"\nretry_delays = 3', "retry_delays must be a list"),
        ('[a]\nkind = "folder"\nretry_delays = [-1]', "retry_delays must be a list"),
    ],
)
def test_a_broken_sources_file_is_refused_with_its_name(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as raised:
        parse_sources(text, "my.toml")
    assert str(raised.value).startswith("my.toml: ")


def test_choosing_sources() -> None:
    text = '[a]\nkind = "folder"\npath = "x"\n[b]\nkind = "article"\n[c]\nkind = "rss"\nurl = "y"\n'
    configured = parse_sources(text, "t")

    def names(*given: str, archive: str | None = None, url: str | None = None) -> list[str]:
        return [s.name for s in choose(configured, given, archive=archive, url=url)]

    assert names("b", "a") == ["a", "b"]
    assert names("a", archive="there") == ["a", "folder"]
    assert names(archive="there") == ["folder"]
    assert names(url="https://outlet.example/") == ["article"]
    with pytest.raises(UsageError, match="no source is called 'd'; configured are: a, b, c"):
        names("d")
    with pytest.raises(UsageError, match="kind 'rss'"):
        names()
    del configured["c"]
    assert names() == ["a"]


def test_the_samples_are_no_source_of_the_daily_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLES.parents[1])
    assert "folder" not in [config.name for config in choose(load_settings().sources, None)]


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="there is no /proc")
def test_a_file_whose_size_the_system_does_not_tell_is_read_whole() -> None:
    """As one that grows while it is read: not cut off at the size that it had."""
    path = Path("/proc/version")
    assert path.stat().st_size == 0
    document = load(path, source="folder", root=path.parent)
    assert isinstance(document, Document)
    assert document.content == path.read_bytes() != b""


def test_every_source_that_comes_with_tallybook_can_be_used() -> None:
    packaged = parse_sources(PACKAGED.read_text("utf-8"), "packaged")
    assert {kind_of(config) for config in packaged.values()} == set(KINDS.values())
    used = [config.name for config in choose(packaged, None)]
    assert used == ["novinite", "minfin", "warship_api", "telegram"]
    assert [config.name for config in choose(packaged, ["community"])] == ["community"]
    assert [config.name for config in choose(packaged, None, archive="there")] == ["folder"]


def test_each_kind_says_its_state() -> None:
    states = [
        KINDS["folder"].state(folder(SAMPLES)),
        KINDS["folder"].state(folder(SAMPLES / "none")),
        KINDS["article"].state(SourceConfig("a", "article")),
        KINDS["article"].state(SourceConfig("a", "article", url="https://outlet.example/")),
    ]
    assert states[0] == "ready, 14 documents"
    assert "no such folder" in states[1]
    assert "needs a url" in states[2]
    assert states[3] == "ready"
