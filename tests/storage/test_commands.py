"""The commands on a lake in object storage: what they do and say is what they say on disk."""

import json
from pathlib import Path

import pytest

from flows.lake.lake import open_lake
from tests.conftest import SAMPLES, Command
from tests.objectstore import KEY, SECRET, Store
from tests.storage.conftest import tables

pytestmark = pytest.mark.slow


def test_the_commands_work_in_object_storage(
    s3: Store, tmp_path: Path, in_process: Command, prefect_api: str
) -> None:
    address, disk = s3.new_lake(), str(tmp_path / "disk")
    for lake in (address, disk):
        done = in_process(
            *("backfill", "--archive", SAMPLES, "--lake", lake), PREFECT_API_URL=prefect_api
        )
        assert done.returncode == 0, done.stderr
        assert lake.rpartition("/")[2] in done.stdout
        for secret in (KEY, SECRET):
            assert secret not in done.stdout + done.stderr
    names = tables(disk).keys()
    assert tables(address).keys() == names
    same = [name for name in names if "/losses/" in name or name.startswith("figures/")]
    assert {n: tables(address)[n] for n in same} == {n: tables(disk)[n] for n in same}
    (run,) = open_lake(address).runs()
    assert run["lake"] == address

    for command in (["show"], ["check", "--json"], ["archive", "verify"], ["verify", "--all"]):
        found = [
            in_process(*command, "--lake", address),
            in_process(*command, TALLYBOOK_LAKE=disk),
        ]
        assert found[0].returncode == found[1].returncode, found[0].stderr
        assert found[0].stdout == found[1].stdout
    (tmp_path / "tallybook.toml").write_text(f'lake = "{address}"\n')
    told = json.loads(in_process("status", "--json").stdout)
    assert told["lake"] == address

    warc = tmp_path / "documents.warc.gz"
    assert in_process("archive", "export", "--out", warc).returncode == 0
    other = s3.new_lake()
    assert in_process("archive", "import", warc, "--lake", other).returncode == 0
    done = in_process("rebuild", "--lake", other, PREFECT_API_URL=prefect_api)
    assert done.returncode == 0, done.stderr
    assert tables(other) == tables(address)
    latest = open_lake(address).storage.read("latest.json")
    assert open_lake(other).storage.read("latest.json") == latest
    for fmt in ("csv", "sqlite"):
        done = in_process("export", fmt, "--out", tmp_path / f"losses.{fmt}", "--lake", other)
        assert done.returncode == 0, done.stderr
