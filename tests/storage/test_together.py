"""Many runs at once, on disk and in object storage, leave what one after the other would."""

import subprocess
import sys
from pathlib import Path

import pytest

from flows.lake.lake import open_lake
from flows.storage.address import storage_at
from tests.objectstore import Store
from tests.storage.conftest import tables

pytestmark = pytest.mark.slow

ROUNDS = pytest.mark.parametrize("rounds", [1, pytest.param(20, marks=pytest.mark.full)])


@pytest.fixture(params=["disk", "s3"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an address below which lakes may lie, on disk and in the object store."""
    if request.param == "disk":
        return str(tmp_path)
    store: Store = request.getfixturevalue("s3")
    return store.new_lake()


def together(kind: str, address: str, rounds: int) -> list[str]:
    """Let processes run at once; the addresses of the lakes of all rounds."""
    command = [sys.executable, "-m", "tests.storage.together", kind, address, str(rounds)]
    subprocess.run(command, check=True)
    return [f"{address}/{number}" for number in range(rounds)]


@ROUNDS
def test_eight_runs_of_different_days_lose_none(address: str, rounds: int) -> None:
    lakes = together("days", address, rounds)
    expected = tables(f"{address}/serial")
    assert len(open_lake(f"{address}/serial").losses()) == 24
    for lake in lakes:
        assert tables(lake) == expected, lake
        assert not open_lake(lake).archive.pending()


@ROUNDS
def test_one_page_fetched_at_once_is_one_document_with_all_its_records(
    address: str, rounds: int
) -> None:
    for lake in together("page", address, rounds):
        archive = open_lake(lake).archive
        assert [source for source, _ in sorted(archive.keys())] == ["one", "two"]
        assert archive.pending() == sorted(archive.keys())
        contents = {one.document.content for one in archive.load_all()}
        assert contents == {b"<p>a page"}
        names = storage_at(lake).names("archive")
        assert sum(name.endswith(".gz") for name in names) == 1
