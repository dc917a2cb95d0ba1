"""`losses` reads alike in JavaScript, pandas 2 and Spark, which `make readers` installs."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.lake.test_readers import SORTED, expected, losses

__all__ = ["expected", "losses"]

pytestmark = pytest.mark.full

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "tests" / "readers"
INSTALLED = ROOT / ".readers"


def printed(command: list[str | Path], needs: Path) -> list[dict[str, Any]]:
    """Return the rows that a program prints, in the order of the table."""
    if not needs.exists():
        pytest.skip(f"{needs.relative_to(ROOT)} is not there: `make readers` installs it")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return sorted(rows, key=lambda row: [row[name] for name in SORTED])


def as_json(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(json.dumps(rows, default=str))
    return found


@pytest.mark.parametrize("program", ["hyparquet", "parquet_wasm"])
def test_javascript(
    program: str, losses: Path, expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    if not (node := shutil.which("node")):
        pytest.skip("there is no node here")
    packages = INSTALLED / "node_modules"
    script = tmp_path / f"{program}.mjs"  # packages are looked for beside it
    shutil.copy(PROGRAMS / script.name, script)
    (tmp_path / "node_modules").symlink_to(packages)
    files = sorted(losses.rglob("*.parquet"))
    assert printed([node, script, *files], packages) == as_json(expected)


def test_pandas_2(losses: Path, expected: list[dict[str, Any]]) -> None:
    python = INSTALLED / "pandas2" / "bin" / "python"
    assert printed([python, PROGRAMS / "pandas2.py", losses], python) == as_json(expected)


def test_spark(losses: Path, expected: list[dict[str, Any]]) -> None:
    if not shutil.which("java"):
        pytest.skip("Spark needs Java 17 or newer, which is not here")
    python = INSTALLED / "spark" / "bin" / "python"
    assert printed([python, PROGRAMS / "spark.py", losses], python) == as_json(expected)
