"""An object store that refuses, throttles, hangs or breaks off in the middle of a run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from flows.errors import LakeError, StorageFailed
from flows.lake.lake import open_lake
from flows.storage import address, lease
from tests.conftest import Command
from tests.ledger import days, document, take_in
from tests.objectstore import KEY, SECRET, Proxy, Store
from tests.storage.conftest import tables

pytestmark = pytest.mark.slow

FIRST = date(2023, 12, 30)
BEFORE = days(FIRST, 10, 12)
COMING = [
    *days(FIRST, 10, 12, 15, 19)[2:],
    document(FIRST + timedelta(days=4), {}, refused="no figures"),
]

RARER = (pytest.param(fault, marks=pytest.mark.full) for fault in ("hang", 500, 429, "cut"))


@contextmanager
def impatient() -> Iterator[None]:
    """Wait for an answer, and for a lease that was not given back, no longer than a test may.

    Only while there is nothing to wait for: a store that is well may be slow on a busy machine.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(address, "ANSWER_WITHIN", timedelta(seconds=1))
        monkeypatch.setattr(address, "GIVE_UP_AFTER", timedelta(seconds=2))
        monkeypatch.setattr(address, "ATTEMPTS", 1)
        monkeypatch.setattr(lease, "SECONDS", 2.0)
        yield


def from_request(number: int, fault: int | str) -> Callable[[str, str], int | str | None]:
    """Return what answers so from a request on."""
    seen = 0

    def answer(method: str, path: str) -> int | str | None:
        nonlocal seen
        seen += 1
        return fault if seen > number else None

    return answer


def well(method: str, path: str) -> None:
    """Answer as asked."""


@pytest.mark.parametrize("fault", [503, *RARER])
def test_an_outage_in_the_middle_is_one_error_and_the_next_run_repairs_it(
    proxy: Proxy, object_store: Store, fault: int | str
) -> None:
    undisturbed = object_store.new_lake()
    take_in(undisturbed, BEFORE)
    before = tables(undisturbed)
    proxy.reset()
    take_in(undisturbed, COMING)
    requests = sum(proxy.requests.values())
    after = tables(undisturbed)
    # Each takes the patience of a run; the rarer faults have the time of `make test-full`.
    for number in range(2, requests, max(1, requests // (3 if fault == 503 else 6))):
        lake = object_store.new_lake()
        take_in(lake, BEFORE)
        proxy.answer = from_request(number, fault)
        with impatient(), pytest.raises(StorageFailed, match="un it again") as raised:
            take_in(lake, COMING)
        proxy.answer = well
        assert KEY not in str(raised.value)
        assert SECRET not in str(raised.value)
        for name, content in tables(lake).items():
            whole = content in (before.get(name), after.get(name))
            assert whole or "/.pending/" in name, f"{name} at {number}"
        take_in(lake, COMING)
        assert tables(lake) == after, number
    assert requests > 20


@pytest.mark.parametrize("fault", [503, "cut"])
def test_one_bad_answer_stops_no_run_that_can_go_on(
    proxy: Proxy, object_store: Store, fault: int | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every ninth fails; a write whose answer was lost is not taken for another's."""
    monkeypatch.setattr(address, "ATTEMPTS", 4)
    monkeypatch.setattr(address, "GIVE_UP_AFTER", timedelta(seconds=30))
    undisturbed, lake, seen = object_store.new_lake(), object_store.new_lake(), 0
    take_in(undisturbed, [*BEFORE, *COMING])

    def answer(method: str, path: str) -> int | str | None:
        nonlocal seen
        seen += 1
        return None if seen % 9 else fault

    proxy.answer = answer
    for _ in range(20):
        try:
            take_in(lake, [*BEFORE, *COMING])
            break
        except StorageFailed:
            assert fault == "cut", "what was refused once is asked again"
    proxy.answer = well
    assert tables(lake) == tables(undisturbed)
    assert not open_lake(lake).archive.pending()


def test_a_bucket_that_is_not_there_is_named(s3: Store) -> None:
    with pytest.raises(StorageFailed, match=r"s3://no-such-bucket/lake.*no such bucket"):
        open_lake("s3://no-such-bucket/lake", create=True)


def test_wrong_credentials_are_told_and_not_shown(
    s3: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
    with pytest.raises(StorageFailed, match="access is denied") as raised:
        open_lake(s3.new_lake())
    for secret in (KEY, SECRET, "another-secret", "ignature="):
        assert secret not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_store_that_does_not_listen_is_told(s3: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(StorageFailed, match="does not answer"):
        open_lake(s3.new_lake())


def test_a_command_says_it_in_one_line(
    proxy: Proxy, object_store: Store, in_process: Command
) -> None:
    lake = object_store.new_lake()
    take_in(lake, BEFORE)
    assert in_process("status", "--lake", lake).returncode == 0
    proxy.answer = from_request(1, 503)
    done = in_process("status", "--lake", lake)
    assert done.returncode == 1
    assert done.stderr.startswith("tallybook: Cannot ")
    assert "503" in done.stderr
    assert done.stderr.count("\n") == 1


def test_there_is_no_lake_yet(s3: Store) -> None:
    with pytest.raises(LakeError, match=r"There is no lake at s3://"):
        open_lake(s3.new_lake())
