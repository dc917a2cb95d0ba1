"""Commands that are killed at random instants; `make crash` does the same three hundred times.

In `tests/publish/test_crash.py` a run is killed at every point where it changes a lake; here it is
the command and its process group, at any moment, several times in a row, and readers look on.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.lake.lake import open_lake
from tests import kills
from tests.conftest import SAMPLES, wait_until
from tests.kills import MARK, killed, processes, report

pytestmark = [
    pytest.mark.full,  # minutes: each kill takes a command, its repetition and a verification
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc"),
]


KILLS = 15
"""On disk and in object storage each."""


@pytest.mark.parametrize("place", ["disk", "s3"])
def test_killed_commands_leave_what_the_next_one_repairs(tmp_path: Path, place: str) -> None:
    """What readers met is printed where it fails: an error of theirs that does not last is none."""
    found = killed(place, KILLS, "tests", tmp_path)
    assert not found.faults, "\n".join([*found.faults, *report(found)])
    assert found.kills.total() >= KILLS
    assert all(times > 0 for times in found.reads.values())


def test_a_killed_command_leaves_no_process_and_no_temporary_file(tmp_path: Path) -> None:
    """As a person starts it, with Prefect's server: killed while it reads or writes."""
    (tmp_path / "tmp").mkdir()
    variables = {"PREFECT_HOME": f"{tmp_path}/prefect", "TMPDIR": f"{tmp_path}/tmp", MARK: "whole"}
    command = [sys.executable, "-m", "tests.prefork", "backfill", "--archive", str(SAMPLES)]
    with subprocess.Popen(
        [*command, "--lake", f"{tmp_path}/lake"],
        env=os.environ | variables,
        start_new_session=True,
    ) as run:
        wait_until((tmp_path / "lake/archive").is_dir, "a document in the archive", run)
        assert len(processes("whole")) > 1, "its server is there"
        os.killpg(run.pid, signal.SIGKILL)
    wait_until(lambda: not processes("whole"), "the end of its server")
    assert not [*(tmp_path / "tmp").iterdir()]
    assert open_lake(tmp_path / "lake").archive.pending()


def test_the_harness_notices_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file too many in what was left in peace is a fault of every command that is compared."""
    whole = kills.contents
    seen: list[str] = []

    def contents(address: str) -> dict[str, bytes]:
        seen.append(address)
        return whole(address) | ({"more": b""} if len(seen) == 1 else {})

    monkeypatch.setattr(kills, "contents", contents)
    found = killed("disk", 1, "wrong", tmp_path)
    assert any("differs from the one in peace" in fault for fault in found.faults)
