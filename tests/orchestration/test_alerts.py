"""Runs that tell people: through real flows, a real Prefect server, a real web server."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect import tags
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Crashed, Late
from pydantic import SecretStr

from flows.audit import audit
from flows.backfill import backfill
from flows.daily import daily
from flows.errors import TallybookError, UsageError
from flows.lake.alerts import KeptAlert
from flows.orchestration import automations
from flows.orchestration.runs import TAG
from tests.conftest import SAMPLES, Command, wait_until
from tests.orchestration.test_flows import DAY, last_run, one_day
from tests.orchestration.test_notify import SECRET, hook
from tests.reports import validate
from tests.webserver import Site, page

TAKEN = page(b"taken")
BROKEN = page(b"out of order", status=503)


@pytest.fixture(autouse=True)
def _server(prefect_api: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("TALLYBOOK_ALERTS_TO", raising=False)
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        yield


@pytest.fixture
def alerted(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Switch alerts on; return a function that gives the texts that arrived since it was asked."""
    monkeypatch.setenv("HOOK", hook(site))
    monkeypatch.setenv("TALLYBOOK_ALERTS_TO", "env:HOOK")
    site.serve(f"/{SECRET}", TAKEN)
    return lambda: arrived(site)


def arrived(site: Site) -> list[str]:
    posts, site.posted = site.posted, []
    return [json.loads(content)["message"] for _, content in posts]


def kept(lake: Path) -> dict[str, dict[str, Any]]:
    """Return what is kept of alerts by file, each held against its schema."""
    found = {path.name: json.loads(path.read_bytes()) for path in (lake / "alerts").iterdir()}
    for one in found.values():
        validate(KeptAlert, one)
    return found


def everything(lake: Path, api: str) -> str:
    """Return all that the lake and the server have of a run: files, parameters, logs, events."""
    files = [path.read_bytes().decode(errors="replace") for path in lake.rglob("*.json")]
    run = last_run(lake)["run_id"]
    wanted = {"logs": {"flow_run_id": {"any_": [run]}}}
    return "".join(
        [
            *files,
            httpx.get(f"{api}/flow_runs/{run}").text,
            httpx.post(f"{api}/logs/filter", json=wanted).text,
            httpx.post(f"{api}/events/filter", json={}).text,
        ]
    )


def events(api: str, name: str) -> list[dict[str, Any]]:
    answer = httpx.post(f"{api}/events/filter", json={"filter": {"event": {"name": [name]}}})
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


def documents(folder: Path, text: bytes) -> Path:
    folder.mkdir()
    (folder / "2023-10-10.txt").write_bytes(text * 9)
    return folder


def test_what_a_run_finds_is_told_once_and_kept_and_an_event(
    tmp_path: Path, prefect_api: str, alerted: Callable[[], list[str]]
) -> None:
    lake = tmp_path / "lake"
    assert backfill(archive=str(SAMPLES), lake=str(lake), return_state=True).is_completed()
    (text,) = alerted()
    run = last_run(lake)
    odd = {(row["report_date"], "mismatch") for row in run["mismatches"]}
    files = kept(lake)
    assert {(name[:10], "mismatch") for name in files if ".mismatch." in name} == odd
    assert any(".total_falling." in name for name in files)
    for day, _ in odd:
        assert f"{day}, mismatch: " in text
    assert f"Lake: {lake}" in text
    assert f"/runs/flow-run/{run['run_id']}" in text
    assert all(set(one["sent"]) == {"env:HOOK"} and not one["unsent"] for one in files.values())

    def emitted() -> set[str]:
        about = run["run_id"]
        found = [e for e in events(prefect_api, "tallybook.mismatch") if about in json.dumps(e)]
        return {event["payload"]["report_date"] for event in found}

    wait_until(lambda: emitted() == {day for day, _ in odd}, "the events")
    assert SECRET not in everything(lake, prefect_api)

    backfill(archive=str(SAMPLES), lake=str(lake), return_state=True)
    assert alerted() == []
    assert kept(lake) == files


def test_a_failing_alert_fails_no_run_and_is_sent_by_the_next(
    tmp_path: Path, prefect_api: str, site: Site, alerted: Callable[[], list[str]]
) -> None:
    site.serve(f"/{SECRET}", BROKEN, TAKEN)
    lake = tmp_path / "lake"
    assert backfill(archive=str(SAMPLES), lake=str(lake), return_state=True).is_completed()
    assert len(alerted()) == 1
    assert all("503" in one["unsent"]["env:HOOK"] for one in kept(lake).values())
    assert SECRET not in everything(lake, prefect_api)
    backfill(archive=str(SAMPLES), lake=str(lake), return_state=True)
    assert len(alerted()) == 1
    assert all(one["sent"] and not one["unsent"] for one in kept(lake).values())


def test_alerts_are_off_by_default_and_what_was_found_is_told_once_they_are_on(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, nothing = tmp_path / "lake", documents(tmp_path / "d", b"Nothing happened today.\n")
    assert one_day(lake, nothing).is_failed()
    assert site.posted == []
    assert set(kept(lake)) == {
        "2023-10-10.day_quarantined.json",
        "2023-10-10.missed_deadline.json",
    }
    monkeypatch.setenv("HOOK", hook(site))
    monkeypatch.setenv("TALLYBOOK_ALERTS_TO", "env:HOOK")
    site.serve(f"/{SECRET}", TAKEN)
    assert one_day(lake, nothing).is_failed()
    (text,) = arrived(site)
    late, held, *_ = text.splitlines()
    assert late.startswith("2023-10-10, missed deadline: the bulletin is not published")
    assert held.startswith("2023-10-10, day quarantined: 2023-10-10.txt (folder) is not published")


def test_a_run_that_breaks_off_is_told_and_one_that_cannot_keep_its_alerts_tells_all_the_same(
    tmp_path: Path, alerted: Callable[[], list[str]]
) -> None:
    lake = tmp_path / "lake"
    one_day(lake, SAMPLES)
    alerted()
    (lake / "losses" / "year=2023" / "part-0.parquet").write_bytes(b"no Parquet")
    (lake / "alerts").write_bytes(b"a file where a folder should be")
    assert one_day(lake, SAMPLES).is_failed()
    (text,) = alerted()
    assert text.startswith("2023-10-10, run failed: daily 2023-10-10: ")


def test_an_audit_that_fails_is_told_once(tmp_path: Path, alerted: Callable[[], list[str]]) -> None:
    lake = tmp_path / "lake"
    one_day(lake, SAMPLES)
    assert alerted() == []
    for expected in (1, 0):
        assert audit(lake=str(lake), return_state=True).is_failed()
        texts = alerted()
        assert len(texts) == expected
        assert all(", audit failed: the lake is whole; The newest day" in text for text in texts)


def webhook_block(name: str, url: str) -> str:
    """Save a notification block whose address is secret; return how the settings name it."""
    kind: Any = CustomWebhookNotificationBlock  # its optional fields have no default to mypy
    block = kind(name=name, url=url, json_data={"message": "{{subject}}\n{{body}}"})
    block.save(name, overwrite=True)
    return f"block:custom-webhook/{name}"


def test_blocks_of_prefect_are_told_too(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret: Any = Secret(value=SecretStr(hook(site, "/kept")))
    secret.save("alerts-test", overwrite=True)
    to = [webhook_block("ops", site.serve(f"/{SECRET}", TAKEN)), "block:secret/alerts-test"]
    site.serve("/kept", BROKEN)
    monkeypatch.setenv("TALLYBOOK_ALERTS_TO", ",".join([*to, "block:slack-webhook/none"]))
    lake, nothing = tmp_path / "lake", documents(tmp_path / "d", b"Nothing happened today.\n")
    one_day(lake, nothing)
    assert [path for path, _ in site.posted] == [f"/{SECRET}", "/kept"]
    one = kept(lake)["2023-10-10.day_quarantined.json"]
    assert list(one["sent"]) == to[:1]
    assert set(one["unsent"]) == {to[1], "block:slack-webhook/none"}
    assert "no Prefect block slack-webhook/none" in one["unsent"]["block:slack-webhook/none"]
    assert SECRET not in json.dumps(one)


def test_the_command_sends_a_test_and_says_what_became_of_it(
    in_process: Command, site: Site, tmp_path: Path
) -> None:
    (tmp_path / "tallybook.toml").write_text('alerts.to = ["env:HOOK", "env:MISSING"]\n')
    site.serve(f"/{SECRET}", TAKEN)
    done = in_process("alerts", "test", HOOK=hook(site))
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "env:HOOK: sent",
        "env:MISSING: not sent: the environment variable MISSING is not set",
    ]
    assert len(site.posted) == 1
    (tmp_path / "tallybook.toml").write_text('alerts.to = ["env:HOOK"]\n')
    assert in_process("alerts", "test", HOOK=hook(site)).returncode == 0
    (tmp_path / "tallybook.toml").write_text("")
    done = in_process("alerts", "test")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nobody is named" in done.stderr


def installed(api: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.post(f"{api}/automations/filter", json={}).json()
    return [one for one in found if one["name"].startswith("Tallybook: ")]


def test_automations_are_installed_once_and_tell_of_a_run_that_died_or_never_began(
    tmp_path: Path,
    prefect_api: str,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    in_process: Command,
) -> None:
    monkeypatch.setattr(automations, "PATIENCE", timedelta(seconds=10))
    to = webhook_block("watch", site.serve(f"/{SECRET}", TAKEN))
    variables = {"TALLYBOOK_ALERTS_TO": f"env:HOOK,{to}", "PREFECT_API_URL": prefect_api}
    for one in installed(prefect_api):  # by `serve`, where another test came before
        httpx.delete(f"{prefect_api}/automations/{one['id']}").raise_for_status()
    first = in_process("alerts", "install", **variables)
    assert (first.returncode, first.stdout.count(": made\n")) == (0, 4), first
    names = {one["id"]: one["name"] for one in installed(prefect_api)}
    again = in_process("alerts", "install", **variables)
    assert (again.returncode, again.stdout.count(": renewed\n")) == (0, 4), again
    assert {one["id"]: one["name"] for one in installed(prefect_api)} == names
    assert SECRET not in json.dumps(installed(prefect_api))
    with get_client(sync_client=True) as client:
        died = client.create_flow_run(daily, name="daily died", tags=[TAG, "daily"])
        client.set_flow_run_state(died.id, Crashed(message="the worker was killed"), force=True)
        due = client.create_flow_run(daily, name="daily due", tags=[TAG, "daily"])
        client.set_flow_run_state(due.id, Late(), force=True)
    with tags(TAG, "daily"), pytest.raises(UsageError, match="no source is called 'none'"):
        daily(date=DAY, sources=["none"], lake=str(tmp_path / "lake"))

    def told() -> str:
        return "".join(content.decode() for _, content in site.posted)

    expected = {"daily died", "the worker was killed", "no source is called", "daily due was due"}
    wait_until(lambda: all(what in told() for what in expected), f"notifications of {expected}")


def test_a_server_that_takes_no_automations_is_told(site: Site) -> None:
    site.otherwise = page(b"{}", status=403, content_type="application/json")
    with (
        temporary_settings({PREFECT_API_URL: f"{site.address}/api"}),
        pytest.raises(TallybookError, match=r"HTTP 403\): a run whose process is killed stays"),
    ):
        automations.install_end_of_the_dead()


@pytest.mark.parametrize(
    ("to", "complaint"),
    [
        ("env:HOOK", "keep an address in one of its notification blocks"),
        ("block:slack-webhook/none", "the Prefect server has no block slack-webhook/none"),
        ("block:secret/silent", "the Prefect block secret/silent sends no notifications"),
    ],
)
def test_automations_need_a_notification_block(
    to: str, complaint: str, in_process: Command, prefect_api: str
) -> None:
    block: Any = Secret(value=SecretStr("x"))
    block.save("silent", overwrite=True)
    done = in_process("alerts", "install", TALLYBOOK_ALERTS_TO=to, PREFECT_API_URL=prefect_api)
    assert done.returncode == 2
    assert complaint in done.stderr
