"""What a fresh machine relies on: the lock, the Makefile, the built package, the CI script."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import HANGS

ROOT = Path(__file__).parent.parent
LOCKS = {name: (ROOT / name).read_text() for name in ("requirements.lock", "requirements-run.lock")}
UV_LOCK = (ROOT / "requirements-uv.lock").read_text()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
RUN = [*map(Requirement, (*PROJECT["project"]["dependencies"], *EXTRAS["build"]))]
WANTED = [*RUN, *map(Requirement, (*EXTRAS["dev"], *EXTRAS["export"]))]


def locked(name: str = "requirements.lock") -> dict[str, str]:
    """Return the locked version of each package."""
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", LOCKS[name], re.M)
    return {canonicalize_name(name): pin for name, pin in pins}


@pytest.mark.parametrize("lock", [*LOCKS.values(), UV_LOCK], ids=[*LOCKS, "uv"])
def test_every_locked_package_has_a_version_and_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=\w)", lock.strip())
    assert len(entries) > 100 or lock is UV_LOCK
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("lock", [*LOCKS.values(), UV_LOCK], ids=[*LOCKS, "uv"])
def test_a_lock_names_no_host(lock: str) -> None:
    assert "://" not in lock
    assert "--index-url" not in lock


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_the_lock_satisfies_the_project(wanted: Requirement) -> None:
    assert wanted.specifier.contains(locked()[canonicalize_name(wanted.name)], prereleases=True)


def test_the_constraints_are_the_versions_of_the_lock() -> None:
    """`make -B constraints.txt` writes them anew."""
    entries = re.findall(r"^[\w.-]+==.*?(?= *\\?$)", LOCKS["requirements.lock"], re.M)
    assert (ROOT / "constraints.txt").read_text().splitlines() == entries


def test_what_a_run_needs_is_part_of_the_whole_lock() -> None:
    run, whole = locked("requirements-run.lock"), locked()
    assert run.items() < whole.items()
    assert {canonicalize_name(wanted.name) for wanted in RUN} <= run.keys()
    assert "pytest" not in run


def test_what_is_installed_is_what_is_locked() -> None:
    for wanted in WANTED:
        assert version(wanted.name) == locked()[canonicalize_name(wanted.name)]


def make(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", *arguments], cwd=folder, capture_output=True, text=True, timeout=HANGS, check=False
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with what `make setup` reads, and a set-up that is complete."""
    for name in ("Makefile", "pyproject.toml", *LOCKS, "requirements-uv.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
        os.utime(tmp_path / name, (1_000, 1_000))
    (tmp_path / ".venv").mkdir()
    for age, stamp in enumerate((".locked", ".locked-dev", ".ready", ".ready-dev"), start=2_000):
        (tmp_path / ".venv" / stamp).touch()
        os.utime(tmp_path / ".venv" / stamp, (age, age))
    return tmp_path


def planned(folder: Path, target: str = "setup") -> set[str]:
    """Return the locks that a target would install."""
    return set(re.findall(r"--require-hashes -r (\S+)", make(folder, "-n", target).stdout))


def test_a_second_setup_does_nothing(tree: Path) -> None:
    assert "Nothing to be done" in make(tree, "-n", "setup").stdout


@pytest.mark.slow
def test_an_interrupted_setup_starts_afresh(tree: Path) -> None:
    for stamp in (tree / ".venv").iterdir():
        stamp.unlink()
    assert "rm -rf .venv" in make(tree, "-n", "setup").stdout
    assert planned(tree) == {"requirements-run.lock", "requirements.lock"}


@pytest.mark.slow
def test_a_run_needs_no_package_of_development(tree: Path) -> None:
    for stamp in (tree / ".venv").iterdir():
        stamp.unlink()
    assert planned(tree, "run") == {"requirements-run.lock"}
    assert planned(tree, "test") == {"requirements-run.lock", "requirements.lock"}


def test_a_new_lock_is_installed_and_a_new_project_file_only_linked(tree: Path) -> None:
    (tree / "pyproject.toml").touch()
    assert "--no-build-isolation -e ." in make(tree, "-n", "setup").stdout
    assert planned(tree) == set()
    (tree / "requirements.lock").touch()
    assert planned(tree) == {"requirements.lock"}


def test_without_a_python_that_will_do_setup_says_so(tree: Path) -> None:
    (tree / ".venv" / ".locked").unlink()
    done = make(tree, "setup", "PYTHON=")
    assert done.returncode != 0
    assert "Tallybook needs Python 3.11 or newer" in done.stderr


def test_help_names_the_targets(tree: Path) -> None:
    lines = make(tree).stdout.splitlines()
    named = {line.split()[0] for line in lines}
    assert {"setup", "run", "lint", "bench", "lock", "clean"} <= named
    assert {"test-fast", "test", "test-full"} <= named


def test_each_tier_of_the_tests_holds_the_one_before(tree: Path) -> None:
    left_out = {
        tier: set(re.findall(r"not (\w+)", make(tree, "-n", tier).stdout))
        for tier in ("test-fast", "test", "test-full")
    }
    assert left_out == {"test-fast": {"slow", "full"}, "test": {"full"}, "test-full": set()}


@pytest.mark.slow
def test_the_built_package_holds_all_modules_and_data(tmp_path: Path) -> None:
    for name in ("flows", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tmp_path / name)
    command = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-w", "dist", "."], cwd=tmp_path, check=True, timeout=HANGS)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    built = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = (path for name in ("flows", "schemas") for path in (ROOT / name).rglob("*.*"))
    sources = {path.relative_to(ROOT).as_posix() for path in files if path.is_file()}
    assert built == {name for name in sources if "__pycache__" not in name}


def test_the_ci_script_lints_and_ends_with_the_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    lines = script.read_text().splitlines()
    assert "set -euo pipefail" in lines
    targets = [line.split()[-1] for line in lines if line.startswith("make ")]
    assert targets == ["lint", "browser", "test"]
