"""What servers send in an article's place is named; an article is never taken for it."""

from pathlib import Path

import pytest

from flows.parse.bulletin import read
from schemas.records import Document
from tests.conftest import SAMPLES
from tests.fetching import what_instead

FILL = "Please go on. "
LISTED = "<ul><li>tanks 4823 (+2)</li><li>artillery systems 6706 (+1)</li></ul>"

INSTEAD = {
    "a bot challenge": [
        "<title>Just a moment...</title><p>outlet.example needs to review your connection.",
        "<p>Verifying you are human. This may take a few seconds.",
        "<p>Please solve the CAPTCHA. Request 18.3f2d1402.1699999999.a1b2c3, client 203.0.113.77.",
        "<p>Access denied. You do not have the rights for this server. Reference 4711 0815 3344.",
        "<p>Будь ласка, зачекайте: триває перевірка вашого браузера перед входом на сайт.",
        "<p>Please enable JavaScript and reload this page to continue to the site.",
    ],
    "a consent wall": [
        "<h1>Before you continue</h1><p>We and our 1,234 partners use cookies. <b>Accept all</b>",
        "<h1>We value your privacy</h1><p>Manage options, or allow all to read on. We care.",
        "<p>Ми та наші партнери зберігаємо дані. <button>Прийняти всі</button> або налаштуйте.",
        "<p>Wir und unsere 214 Dienstleister speichern Daten. <button>Alle akzeptieren</button>",
    ],
    "a parked domain": [
        "<h1>outlet.example</h1><p>This domain is for sale. Ask the owner for the price today.",
        "<p>Buy this domain. Related searches: car insurance, cheap flights, online courses.",
    ],
    "a login": [
        "<h1>Members only</h1><form><input name=u><input type='password' name=p></form>",
        "<p>Please log in to read this article. Forgot your password? We can send a new one.",
        "<form>Name <input> Word <input class=x type=password><button>Go</button></form>",
        "<p>Увійдіть, щоб читати далі. Забули пароль? Ми надішлемо новий на вашу пошту.",
    ],
    "a page that says it is not there (a soft 404)": [
        "<title>404 - Outlet</title><h1>Page not found</h1><p>Try the search, or the front page.",
        "<h1>Сторінку не знайдено</h1><p>Можливо, її перенесли. Спробуйте пошук або головну.",
        "<p>The article you requested does not exist or is no longer available in the archive.",
    ],
    "an empty page or an empty shell": [
        "<div id=app></div><script>" + "load();" * 900 + "</script>",
        "<p>Loading ...</p>",
    ],
}


@pytest.mark.parametrize(
    ("kind", "page"), [(kind, page) for kind, pages in INSTEAD.items() for page in pages]
)
def test_each_kind_is_named(kind: str, page: str) -> None:
    if kind != "an empty page or an empty shell":
        page += f"<p>{FILL * 10}</p>"
    assert what_instead(page.encode()) == kind


def test_a_challenge_without_a_word_is_one() -> None:
    page = b"<script src=/cdn-cgi/challenge-platform/h/b></script><div id=wait></div>"
    assert what_instead(page) == "a bot challenge"


def test_a_wordy_consent_wall_is_one() -> None:
    page = INSTEAD["a consent wall"][0] + " Withdraw your consent at any time. " + FILL * 250
    assert 3000 < len(page) < 6000
    assert what_instead(page.encode()) == "a consent wall"


@pytest.mark.parametrize("kind", INSTEAD)
def test_a_bulletin_passes_whatever_stands_around_it(kind: str) -> None:
    for page in INSTEAD[kind]:
        assert what_instead((page + LISTED + FILL * 10).encode()) is None


def documents() -> list[Path]:
    """Return every document of the tests and the samples that is read as a bulletin."""
    folders = [Path(__file__).parents[1] / "examples", SAMPLES]
    paths = [path for folder in folders for path in sorted(folder.rglob("*"))]
    return [path for path in paths if path.suffix in (".txt", ".html")]


@pytest.mark.slow
def test_every_bulletin_that_we_know_passes_with_banners_and_logins_too() -> None:
    banner = "We use cookies. Accept all. Manage options. Log in to comment. Page not found? "
    form = "<input type=password>"
    bulletins = 0
    for path in documents():
        content = path.read_bytes()
        if not read(Document("test", path.name, content)).accepted:
            continue
        bulletins += 1
        assert what_instead(content) is None, path
        assert what_instead((banner + form).encode() + content) is None, path
        if path.parent.name in ("uk", "ru", "bg"):
            old = content.decode().encode("windows-1251", "replace")
            assert what_instead((banner + form).encode() + old) is None, path
    assert bulletins > 120


@pytest.mark.parametrize(
    ("content", "media_type", "instead"),
    [
        (b'{"data": {}}', "application/json; charset=utf-8", None),
        (b"<rss/>", "application/rss+xml", None),
        (b" \n", "application/json", "an empty answer"),
    ],
)
def test_data_and_feeds_may_be_short_but_not_empty(
    content: bytes, media_type: str, instead: str | None
) -> None:
    assert what_instead(content, media_type) == instead
