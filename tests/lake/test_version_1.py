"""A lake that version 1 of Tallybook wrote, kept in `lake_of_version_1`, and what a rebuild makes.

Its documents are those of `tests.ledger`, written by the last commit before version 2: three years,
two sources, a page of two days, refused and quarantined documents, revisions.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from flows.errors import LakeError
from flows.lake.lake import open_lake
from schemas.codes import DailyBasis, RevisionCause
from schemas.fields import SCHEMA_VERSION
from schemas.tables import TABLES
from tests.lake.version1 import COLUMNS
from tests.ledger import NOW, files, rebuilt

KEPT = Path(__file__).parent / "lake_of_version_1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT, tmp_path / "lake"))


def rows(root: Path, table: str) -> list[dict[str, Any]]:
    paths = sorted((root / table).rglob("*.parquet"))
    found = [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]
    return [{name: row[name] for name in COLUMNS[table]} for row in found]


def test_it_is_one_of_version_1() -> None:
    assert json.loads((KEPT / "lake.json").read_text())["schema_version"] == 1
    for path in KEPT.rglob("*.parquet"):
        schema = pq.read_schema(path)
        assert schema.metadata[b"tallybook.schema_version"] == b"1"
        assert schema.names == list(COLUMNS[path.relative_to(KEPT).parts[0]])


def test_it_is_not_read_before_it_is_rebuilt(root: Path) -> None:
    with pytest.raises(LakeError, match="tallybook rebuild"):
        open_lake(root)


def test_a_rebuild_brings_it_up_to_date(root: Path) -> None:
    before = {name: rows(root, name) for name in COLUMNS}
    assert all(before.values())
    rebuilt(root, now=NOW)
    for path in root.rglob("*.parquet"):
        version = pq.read_schema(path).metadata[b"tallybook.schema_version"]
        assert version == str(SCHEMA_VERSION).encode()
    lake = open_lake(root)
    assert rows(root, "figures") == before["figures"]
    of_today = rows(root, "losses")  # some are decided otherwise: the rules have become better
    same = [row for row in of_today if row in before["losses"]]
    assert len(same) > len(of_today) / 2
    cells = [[(r["report_date"], r["category"]) for r in of] for of in (of_today, before["losses"])]
    assert cells[0] == cells[1]
    assert len(lake.bulletins()) == len(before["bulletins"])
    kept = {tuple(row.values())[:-4] for row in before["revisions"]}
    assert kept <= {tuple(row.values())[:-4] for row in rows(root, "revisions")}
    assert {row.cause for row in lake.revisions()} >= {RevisionCause.NEIGHBOUR_CHANGED}
    printed = [row for row in lake.losses() if row.daily_basis is DailyBasis.PRINTED]
    assert printed
    assert all(row.daily == row.delta for row in printed)
    assert all(row.url for row in lake.losses())
    assert json.loads((root / "latest.json").read_text())["schema_version"] == SCHEMA_VERSION


def test_a_second_rebuild_changes_no_byte(root: Path) -> None:
    rebuilt(root, now=NOW)
    everything = [*(table.name for table in TABLES), "quarantine"]
    before = files(root, everything), (root / "latest.json").read_bytes()
    rebuilt(root, now=NOW)
    assert (files(root, everything), (root / "latest.json").read_bytes()) == before
