"""What the network must not be able to do: lead us elsewhere, listen in, or learn a secret."""

import logging
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from flows.archive.store import Archive
from flows.errors import NotThePage, SourceError, Unreachable, UsageError
from flows.lake.lake import open_lake
from flows.redact import HIDDEN, plain, redacted
from flows.report.run_markdown import escape
from flows.settings import SourceConfig, parse_sources
from schemas.records import Document, Exchange
from tests import secure
from tests.fetching import fetch, fetcher
from tests.tries import tries
from tests.webserver import Site, page, redirect, running

CONFIG = SourceConfig("outlet", "article")
CONTENT = b"<p>" + b"An article with enough words to be one. " * 10
ARTICLE = page(CONTENT)
NOW = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
TOKEN = "sesame-4711"


@pytest.fixture
def other() -> Iterator[Site]:
    with running() as started:
        yield started


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Return the addresses that names lead to, for the test to fill; numbers lead to themselves."""
    names: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def answer(host: Any, port: Any, *args: Any, **keywords: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        found = [real(number, port, *args, **keywords) for number in names.get(name, [name])]
        return [one for many in found for one in many]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return names


def test_a_redirect_does_not_lead_to_another_service_of_this_machine(
    site: Site, other: Site
) -> None:
    url = site.serve("/a", redirect(other.serve("/secret", ARTICLE)))
    with pytest.raises(NotThePage, match=r"127\.0\.0\.1, which is no address of the public"):
        fetch(CONFIG, url)
    assert not other.requests
    assert fetch(replace(CONFIG, allow_private=True), url).content == CONTENT


@pytest.mark.parametrize(
    "number",
    ["127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "::1", "fe80::1", "0.0.0.0"],
)
def test_a_name_that_leads_to_a_private_address(
    resolver: dict[str, list[str]], site: Site, number: str
) -> None:
    resolver["outlet.example"] = [number]
    port = site.address.rpartition(":")[2]
    with pytest.raises(NotThePage, match=r"no address of the public internet.*allow_private"):
        fetch(CONFIG, f"http://outlet.example:{port}/a")
    assert site.connections == 0


def test_the_address_that_was_checked_is_the_one_connected_to(
    resolver: dict[str, list[str]], site: Site
) -> None:
    """A name whose second answer differs (DNS rebinding) is asked once, and gets its name."""
    port = site.address.rpartition(":")[2]
    site.serve("/a", ARTICLE)
    resolver["outlet.example"] = ["127.0.0.1"]
    config = replace(CONFIG, allow_private=True, robots=False, interval=0)
    with fetcher() as fetch:
        fetch(config, f"http://outlet.example:{port}/a")
        resolver["outlet.example"] = ["127.0.0.2"]
        fetch(config, f"http://outlet.example:{port}/a")
    assert site.connections == 1
    assert site.requests[0][1]["Host"] == f"outlet.example:{port}"


def test_what_a_feed_names_is_not_what_is_configured(site: Site, other: Site) -> None:
    config = replace(CONFIG, url="https://outlet.example/feed")
    with pytest.raises(NotThePage, match="no address of the public internet"):
        fetch(config, site.serve("/a", ARTICLE))
    config = replace(CONFIG, url=site.address + "/feed")
    assert fetch(config, site.address + "/a").content == CONTENT
    with pytest.raises(NotThePage, match="no address of the public internet"):
        fetch(config, other.serve("/a", ARTICLE))


def test_a_server_that_signs_for_itself_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = secure.certificate(tmp_path)
    with running(secure.server_context(path)) as site:
        url = site.serve("/a", ARTICLE)
        with pytest.raises(Unreachable, match="certificate"):
            fetch(CONFIG, url)
        assert not site.requests
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        assert fetch(CONFIG, url).content == CONTENT


def test_https_does_not_lead_to_http(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    path = secure.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    config = replace(CONFIG, allow_private=True)
    with running(secure.server_context(path)) as safe:
        up = site.serve("/up", redirect(safe.serve("/a", ARTICLE)))
        assert fetch(config, up).content == CONTENT
        down = safe.serve("/down", redirect(site.serve("/a", ARTICLE)))
        with pytest.raises(NotThePage, match="not https"):
            fetch(config, down)


def test_http2_is_spoken_and_one_connection_serves_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = secure.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with secure.http2_site(path, CONTENT) as site, fetcher() as fetch:
        assert fetch(CONFIG, site.address + "/a").content == CONTENT
        assert fetch(CONFIG, site.address + "/b").content == CONTENT
    assert site.paths == ["/robots.txt", "/a", "/b"]
    assert site.connections == 1


def test_a_connection_is_used_again(site: Site) -> None:
    with fetcher() as fetch:
        for path in ("/a", "/b", "/c"):
            fetch(CONFIG, site.serve(path, ARTICLE))
    assert site.connections == 1


def test_a_proxy_of_the_environment_is_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It resolves the names; what is excepted from it is asked directly."""
    monkeypatch.setenv("http_proxy", site.address)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    site.serve("http://outlet.example/a", ARTICLE)
    assert fetch(CONFIG, "http://outlet.example/a").content == CONTENT
    assert fetch(CONFIG, site.serve("/direct", ARTICLE)).content == CONTENT
    paths = [path for path, _ in site.requests]
    assert paths == ["http://outlet.example/robots.txt", "http://outlet.example/a", "/direct"]


def test_a_token_goes_to_its_host_alone(
    site: Site, other: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTLET_TOKEN", TOKEN)
    config = replace(CONFIG, token="env:OUTLET_TOKEN", allow_private=True)
    site.serve("/b", redirect(other.serve("/c", ARTICLE)))
    fetch(config, site.serve("/a", redirect("/b")))
    assert [headers.get("Authorization") for _, headers in site.requests] == [f"Bearer {TOKEN}"] * 2
    assert "Authorization" not in other.requests[0][1]


@pytest.mark.parametrize("value", ["", f"{TOKEN}\nX-Injected: 1", f"{TOKEN} ü"])
def test_a_token_that_cannot_be_sent_is_not_told(
    site: Site, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("OUTLET_TOKEN", value)
    with pytest.raises(UsageError) as raised:
        fetch(replace(CONFIG, token="env:OUTLET_TOKEN"), site.serve("/a", ARTICLE))
    assert TOKEN not in str(raised.value)
    assert not site.requests


def test_a_token_in_sources_toml_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="env:NAME") as raised:
        parse_sources(f'[a]\nkind = "article"\ntoken = "{TOKEN}"', "sources.toml")
    assert TOKEN not in str(raised.value)


def test_no_secret_is_kept_logged_or_told(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OUTLET_TOKEN", TOKEN)
    caplog.set_level(logging.DEBUG)
    config = replace(CONFIG, token="env:OUTLET_TOKEN", retry_delays=())
    secret = f"?api_key={TOKEN}&day=1"
    site.serve(f"/a{secret}", redirect(f"/b{secret}"))
    site.serve(f"/b{secret}", page(CONTENT, headers={"Set-Cookie": f"s={TOKEN}"}))
    site.serve(f"/gone{secret}", page(b"", status=500))
    url = site.address.replace("://", f"://user:{TOKEN}@")
    lake = open_lake(tmp_path / "lake", create=True)
    with fetcher(lake.archive) as fetch:
        fetched = fetch(config, f"{url}/a{secret}")
        lake.archive.store([fetched.document("outlet")], NOW)
        fetch(config, f"{url}/a{secret}")
        with pytest.raises(SourceError) as raised:
            fetch(config, f"{url}/gone{secret}")
    assert len(site.requests) == 5
    assert TOKEN in site.requests[0][0]
    kept = b"".join(path.read_bytes() for path in lake.root.rglob("*") if path.is_file())
    for told in (kept.decode("latin-1"), caplog.text, str(raised.value)):
        assert TOKEN not in told
    assert TOKEN not in str(fetched.document("outlet"))
    assert HIDDEN in kept.decode("latin-1")
    assert HIDDEN in str(raised.value)


def test_the_archive_keeps_no_secret_that_it_is_given(tmp_path: Path) -> None:
    url = f"https://outlet.example/a?token={TOKEN}"
    exchange = Exchange(
        200, (url,), (("Authorization", TOKEN),), (("set-cookie", TOKEN), ("content-location", url))
    )
    document = Document("outlet", url, b"text", fetched_at=NOW, exchange=exchange)
    Archive(tmp_path).store([document], NOW)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len([path for path in files if HIDDEN.encode() in path.read_bytes()]) == 2
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]


names = st.sampled_from(
    ["token", "access_token", "API-Key", "apikey", "sig", "password", "%74oken"]
)


@given(name=names, before=st.text(max_size=9), after=st.text(max_size=9))
def test_redacting_hides_the_value_and_is_done_once(name: str, before: str, after: str) -> None:
    url = f"https://user:{TOKEN}@host.example/a?{before}&{name}={TOKEN}&{after}"
    shown = redacted(url)
    assert TOKEN not in shown
    assert redacted(shown) == shown


@pytest.mark.parametrize(
    "url",
    [
        "https://host.example/a@b?day=2023-10-09&page=2#top",
        "https://host.example/author/key/token?q=a%20b",
        "a/b/file.html",
        "",
    ],
)
def test_an_address_without_secrets_stays_as_it_is(url: str) -> None:
    assert redacted(url) == url


sources = st.one_of(
    st.text(max_size=70),
    st.text("abz09_-./\\", max_size=70),
    st.sampled_from(["..", "../up", "a/../../b", "/etc", "a\0b", "a" * 64, "con"]),
)


@settings(max_examples=tries(25), deadline=None)
@given(source=sources, url=st.text(max_size=200), media_type=st.text(max_size=30))
def test_no_name_leads_out_of_the_lake(source: str, url: str, media_type: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder, "lake")
        document = Document(source, url, b"text", media_type, fetched_at=NOW)
        try:
            Archive(lake).store([document], NOW)
        except UsageError:
            assert not lake.exists()
            return
        assert [path.name for path in Path(folder).iterdir()] == ["lake"]
        assert {path.name for path in lake.iterdir()} == {"archive", "seen"}
        (loaded,) = Archive(lake).load_all()
        assert loaded.document.content == b"text"


@given(st.text())
def test_what_comes_from_the_web_is_one_line_without_control_characters(text: str) -> None:
    assert plain(text).isprintable()
    assert "\n" not in escape(text)
    assert "<" not in escape(text)
    assert "://" not in escape(text)


def test_a_server_s_words_cannot_take_over_a_terminal(site: Site) -> None:
    answer = page(CONTENT, content_type="image/\x1b[2Jx")
    with pytest.raises(NotThePage) as raised:
        fetch(CONFIG, site.serve("/a", answer))
    assert str(raised.value).isprintable()
    with pytest.raises(NotThePage) as raised:
        fetch(CONFIG, site.serve("/b", redirect("gopher://host/\x9b31m")))
    assert str(raised.value).isprintable()
