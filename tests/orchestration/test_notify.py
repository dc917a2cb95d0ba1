"""Messages to a real web server and a real mail server on loopback, and what failures say."""

import json
import logging
from collections.abc import Iterator

import pytest

from flows.orchestration.notify import deliver
from tests import mailserver
from tests.webserver import Site, page

SECRET = "sesame4711"


@pytest.fixture
def mail() -> Iterator[mailserver.Mailbox]:
    with mailserver.running() as box:
        yield box


def hook(site: Site, path: str = f"/{SECRET}") -> str:
    """Return the apprise URL of a webhook on the site, with a password and a secret path."""
    return site.address.replace("http://", f"json://desk:{SECRET}@") + path


def mailto(box: mailserver.Mailbox) -> str:
    return f"mailto://127.0.0.1:{box.port}?from=tallybook@desk.example&to=ops@desk.example"


def test_a_webhook_gets_title_and_text(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.serve(f"/{SECRET}", page(b"taken"))
    monkeypatch.setenv("HOOK", hook(site))
    assert deliver("env:HOOK", "Tallybook: a title", "one\ntwo") is None
    ((path, content),) = site.posted
    said = json.loads(content)
    assert (path, said["title"], said["message"]) == (
        *(f"/{SECRET}", "Tallybook: a title", "one\ntwo"),
    )


def test_mail_arrives(mail: mailserver.Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL", mailto(mail))
    text = "2023-10-09, mismatch: Tanks: +15, changed by +20 (4,710 -> 4,730) & so on"
    assert deliver("env:MAIL", "Tallybook: mismatch, 2023-10-09", text) is None
    ((addressees, message),) = mail.messages
    assert addressees == ["ops@desk.example"]
    assert message["Subject"] == "Tallybook: mismatch, 2023-10-09"
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == text


def test_several_urls_may_stand_in_one_variable(
    site: Site, mail: mailserver.Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.serve("/a", page(b"taken"))
    monkeypatch.setenv("ALL", f"{hook(site, '/a')}, {mailto(mail)}")
    assert deliver("env:ALL", "title", "text") is None
    assert (len(site.posted), len(mail.messages)) == (1, 1)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", "the environment variable HOOK is not set"),
        (f"nothing://{SECRET}/x", "what is kept there is no apprise URL"),
        (f"json://desk:{SECRET}@127.0.0.1:1/{SECRET}", "error"),
    ],
)
def test_what_cannot_be_sent_is_told_without_its_address(
    value: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOOK", value)
    with caplog.at_level(logging.DEBUG):
        problem = deliver("env:HOOK", "title", "text")
    assert problem
    assert told in problem
    output = capfd.readouterr()
    assert SECRET not in problem + caplog.text + output.out + output.err


def test_a_server_that_refuses_is_told_with_its_answer(
    site: Site, mail: mailserver.Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.serve(f"/{SECRET}", page(b"no", status=503))
    monkeypatch.setenv("HOOK", hook(site))
    problem = deliver("env:HOOK", "title", "text")
    assert problem
    assert "503" in problem
    assert SECRET not in problem
    mail.refuse = b"554 no room\r\n"
    monkeypatch.setenv("MAIL", mailto(mail))
    assert deliver("env:MAIL", "title", "text")
    assert mail.messages == []
