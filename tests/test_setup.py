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

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = [
    Requirement(line)
    for line in (
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["dev"],
    )
]


def locked() -> dict[str, str]:
    """Return the locked version of each package."""
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", LOCK, re.M)
    return {canonicalize_name(name): pin for name, pin in pins}


def test_every_locked_package_has_a_version_and_hashes() -> None:
    entries = re.split(r"\n(?=\w)", LOCK.strip())
    assert len(entries) > 100
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


def test_the_lock_names_no_host() -> None:
    assert "://" not in LOCK
    assert "--index-url" not in LOCK


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_the_lock_satisfies_the_project(wanted: Requirement) -> None:
    assert wanted.specifier.contains(locked()[canonicalize_name(wanted.name)], prereleases=True)


def test_what_is_installed_is_what_is_locked() -> None:
    for wanted in WANTED:
        assert version(wanted.name) == locked()[canonicalize_name(wanted.name)]


def make(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with what `make setup` reads, and a set-up that is complete."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
        os.utime(tmp_path / name, (1_000, 1_000))
    (tmp_path / ".venv").mkdir()
    for age, stamp in enumerate((".locked", ".ready"), start=2_000):
        (tmp_path / ".venv" / stamp).touch()
        os.utime(tmp_path / ".venv" / stamp, (age, age))
    return tmp_path


def test_a_second_setup_does_nothing(tree: Path) -> None:
    assert "Nothing to be done" in make(tree, "-n", "setup").stdout


def test_an_interrupted_setup_starts_afresh(tree: Path) -> None:
    (tree / ".venv" / ".locked").unlink()
    (tree / ".venv" / ".ready").unlink()
    planned = make(tree, "-n", "setup").stdout
    assert "rm -rf .venv" in planned
    assert "--require-hashes -r requirements.lock" in planned


def test_a_new_lock_is_installed_and_a_new_project_file_only_linked(tree: Path) -> None:
    (tree / "pyproject.toml").touch()
    planned = make(tree, "-n", "setup").stdout
    assert "install -qq --no-deps --no-build-isolation -e ." in planned
    assert "--require-hashes" not in planned
    (tree / "requirements.lock").touch()
    assert "--require-hashes" in make(tree, "-n", "setup").stdout


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


def test_the_built_package_holds_all_modules_and_data(tmp_path: Path) -> None:
    for name in ("flows", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, tmp_path / name)
    command = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-w", "dist", "."], cwd=tmp_path, check=True, timeout=120)
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
    assert [line.split()[-1] for line in lines if line.startswith("make ")] == ["lint", "test"]
