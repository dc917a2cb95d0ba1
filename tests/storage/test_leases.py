"""One writer at a time in object storage: who was stopped for too long commits nothing."""

import signal
import subprocess
import sys
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from subprocess import PIPE

import msgspec
import pytest

from flows.errors import LakeError, Overtaken
from flows.lake.lake import open_lake
from flows.storage import lease
from flows.storage.address import storage_at
from flows.storage.lease import LeaseRecord
from tests.conftest import wait_until
from tests.ledger import NOW, days, take_in
from tests.objectstore import Store
from tests.storage.conftest import tables

pytestmark = pytest.mark.slow

FIRST = date(2023, 12, 20)
DOCUMENTS = days(FIRST, *range(100, 106))
SHORT = 1.5
"""Seconds of a lease, in these tests: they wait for it to run out."""


def record(uri: str) -> LeaseRecord:
    return msgspec.json.decode(storage_at(uri).read(".lock"), type=LeaseRecord)


def test_a_lease_says_who_holds_it_and_counts_its_holders(s3: Store) -> None:
    uri = s3.new_lake()
    for generation in (1, 2, 3):
        with storage_at(uri).locked(".lock"):
            held = record(uri)
            assert held.owner is not None
            assert held.generation == generation
        assert record(uri).owner is None


def test_a_lease_is_renewed_while_its_holder_works(
    s3: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "SECONDS", SHORT)
    uri = s3.new_lake()
    with storage_at(uri).locked(".lock"):
        first = record(uri)
        wait_until(
            lambda: record(uri).expires_at > first.expires_at + timedelta(seconds=SHORT),
            "a lease that was renewed for longer than it lasts",
        )
        assert record(uri).generation == first.generation
        with pytest.raises(LakeError, match="Another run"), storage_at(uri).locked(".lock", 0):
            pass


@pytest.mark.parametrize("left", [b"", b"{", b'{"owner": 3}'])
def test_what_is_no_lease_is_nobodys(s3: Store, left: bytes) -> None:
    uri = s3.new_lake()
    storage_at(uri).write(".lock", left)
    with storage_at(uri).locked(".lock", timeout=0):
        assert record(uri).generation == 1


def test_a_lease_that_ran_out_long_ago_is_free_at_once(s3: Store) -> None:
    uri = s3.new_lake()
    left = LeaseRecord("a dead run", 7, NOW - timedelta(days=1), 30.0, "x")
    storage_at(uri).write(".lock", msgspec.json.encode(left))
    with storage_at(uri).locked(".lock", timeout=0):
        assert record(uri).generation == 8


@pytest.mark.parametrize("change", ["replaced", "made", "removed"])
def test_what_another_run_has_changed_is_not_replaced(s3: Store, change: str) -> None:
    """By its entity tag alone: this holder does not know yet that its lease is gone."""
    uri = s3.new_lake()
    mine, other = storage_at(uri), storage_at(uri)
    if change != "made":
        mine.write("table", b"1")
    with mine.locked(".lock"):
        with pytest.raises(FileNotFoundError) if change == "made" else nullcontext():
            mine.read("table")
        other.remove("table") if change == "removed" else other.write("table", b"2")
        with pytest.raises(Overtaken, match="another run"):
            mine.write("table", b"3")
        if change == "replaced":
            with pytest.raises(Overtaken, match="another run"):
                mine.remove("table")
    assert other.exists("table") == (change != "removed")
    assert change == "removed" or other.read("table") == b"2"


def test_who_has_lost_the_lease_writes_nothing_more(
    s3: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = s3.new_lake()
    mine, other = storage_at(uri), storage_at(uri)
    monkeypatch.setattr(lease, "SECONDS", SHORT)
    with mine.locked(".lock"):
        taken = LeaseRecord("another", 9, NOW + timedelta(days=10**4), 30.0, "x")
        other.write(".lock", msgspec.json.encode(taken))

        def refused() -> bool:
            """Whether it knows by now: it renews within the time of a lease."""
            try:
                mine.write("table", b"3")
            except Overtaken:
                return True
            return False

        wait_until(refused, "a holder that finds out that its lease is gone")
        with pytest.raises(Overtaken):
            mine.write_many({"table": b"4", "new": b"4"})
        with pytest.raises(Overtaken):
            mine.remove("table")
    assert record(uri).owner == "another", "it gave back what it had, and no more"


PAUSED = """
import sys
from flows.errors import Overtaken
from flows.lake import parquet
from flows.storage import lease
from tests.ledger import take_in
from tests.storage.test_leases import DOCUMENTS, SHORT

lease.SECONDS = SHORT
replace = parquet.replace

def held_up(*arguments):
    if not sys.stdin.closed:
        print("about to write", flush=True)
        sys.stdin.readline()
        sys.stdin.close()
    return replace(*arguments)

parquet.replace = held_up
try:
    take_in(sys.argv[1], DOCUMENTS[1:2])
except Overtaken as error:
    print(error, flush=True)
    sys.exit(3)
"""


def test_a_run_that_was_stopped_past_its_lease_commits_nothing(
    s3: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read the lake, and stands before its first table; another run comes meanwhile."""
    uri, alone = s3.new_lake(), str(tmp_path / "alone")
    take_in(uri, DOCUMENTS[:1])
    monkeypatch.setattr(lease, "SECONDS", SHORT)
    with subprocess.Popen([sys.executable, "-c", PAUSED, uri], stdin=PIPE, stdout=PIPE) as run:
        assert run.stdin
        assert run.stdout
        assert run.stdout.readline() == b"about to write\n"
        run.send_signal(signal.SIGSTOP)
        take_in(uri, DOCUMENTS[2:4])
        between = tables(uri)
        run.send_signal(signal.SIGCONT)
        said, _ = run.communicate(b"\n", timeout=600)
    assert run.returncode == 3, "it is told"
    assert b"un it again" in said
    assert tables(uri) == between, "it has written nothing since"
    take_in(uri, [])
    take_in(alone, DOCUMENTS[:4])
    assert not open_lake(uri).archive.pending()
    expected = {name: content for name, content in tables(alone).items() if "revisions" not in name}
    found = tables(uri)
    assert {name: found.get(name) for name in expected} == expected
