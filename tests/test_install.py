"""The built package, installed as docs/how-to/install.md says, away from the tree.

What the page shows is what is run: each block in a folder with the files that it names.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import HANGS, SAMPLES

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "how-to" / "install.md").read_text("utf-8")
BUILT_FROM = (
    *("flows", "schemas", "data", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"),
    *("CHANGELOG.md", "constraints.txt", "prefect.yaml", "requirements-run.lock"),
)
VERSIONS = ("3.11", "3.12", "3.13")
READ = """
import flows
from flows import read
losses = read.losses("lake")
print(len(losses), losses["report_date"].dtype.kind, losses["total"].dtype, flows.__file__)
"""

pytestmark = pytest.mark.full


def shown(heading: str) -> list[str]:
    """Return the blocks of commands under a heading of the page."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    assert section, heading
    return re.findall(r"^```sh\n(.*?)^```", section[1], re.M | re.S)


def interpreter(version: str) -> str:
    """Return a Python of a version: of PATH, pyenv's or uv's; skip the test where there is none."""
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT", home / ".pyenv")) / "versions"
    uv_s = Path(os.environ.get("UV_PYTHON_INSTALL_DIR", home / ".local/share/uv/python"))
    kept = [*pyenv.glob(f"{version}.*/bin/python"), *uv_s.glob(f"cpython-{version}.*/bin/python")]
    for python in filter(shutil.which, (f"python{version}", *map(str, kept))):
        # A name on PATH may be a shim that starts nothing.
        tried = subprocess.run(
            [python, "-c", "import ensurepip, venv"], capture_output=True, check=False
        )
        if tried.returncode == 0:
            return python
    pytest.skip(f"no Python {version} with venv on PATH, in {pyenv} or in {uv_s}")


def uv() -> str:
    """Return the uv that `make setup` installs, or that of PATH; skip the test without."""
    found = shutil.which("uv", path=f"{ROOT / '.uv' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return found or pytest.skip("no uv: neither that of `make setup` nor one on PATH")


@dataclass(frozen=True)
class Outside:
    """A folder away from the tree, with a `bin` that is on PATH before all else."""

    folder: Path

    def provide(self, name: str, program: str) -> None:
        """Let a name start a program."""
        (self.folder / "bin" / name).write_text(f'#!/bin/sh\nexec "{program}" "$@"\n')
        (self.folder / "bin" / name).chmod(0o755)

    def run(self, commands: str) -> str:
        """Run commands as a shell does, until one fails; return what they print."""
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        path = ("bin", "tallybook-env/bin", "tool-bin")
        environment["PATH"] = os.pathsep.join(
            [*(str(self.folder / name) for name in path), os.environ["PATH"]]
        )
        environment["UV_TOOL_DIR"] = str(self.folder / "tools")
        environment["UV_TOOL_BIN_DIR"] = str(self.folder / "tool-bin")
        done = subprocess.run(
            ["sh", "-ec", commands],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=HANGS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def check(self, python: str) -> None:
        """Use the installed command on the folder of documents, and the Python it runs in."""
        told = self.run(shown("Then")[0])
        assert "14 days published (2023-09-27 to 2023-10-10)" in told
        assert "Report date 2023-10-10" in told
        assert (self.folder / "site" / "index.html").exists()
        parsed = self.run("tallybook parse documents/2023-10-09-day-593.html")
        assert '"report_date": "2023-10-09"' in parsed
        self.run("tallybook verify --lake lake")
        self.run("tallybook export csv --lake lake --out losses.csv")
        (self.folder / "read.py").write_text(READ)
        rows, *kinds, where = self.run(f"{python} -P read.py").split()
        assert (int(rows), kinds) == (190, ["M", "Int64"])
        assert Path(where).is_relative_to(self.folder)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build wheel and sdist of a copy of the tree; the folder with both."""
    source = tmp_path_factory.mktemp("source")
    for name in BUILT_FROM:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    for kind in ("sdist", "wheel"):
        code = f"from setuptools import build_meta; build_meta.build_{kind}('dist')"
        subprocess.run(
            [sys.executable, "-c", code], cwd=source, check=True, capture_output=True, timeout=HANGS
        )
    return source / "dist"


@pytest.fixture
def outside(tmp_path: Path, built: Path) -> Iterator[Outside]:
    """Return a folder with what the page names, and with packages of another project."""
    shutil.copytree(SAMPLES, tmp_path / "documents")
    for name in ("flows", "schemas"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('another project')")
    for path in (*built.iterdir(), ROOT / "constraints.txt", ROOT / "requirements-run.lock"):
        shutil.copy(path, tmp_path)
    (tmp_path / "bin").mkdir()
    found = Outside(tmp_path)
    found.provide("python3", sys.executable)
    yield found
    for name in ("tallybook-env", "tools"):
        shutil.rmtree(tmp_path / name, ignore_errors=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_wheel_runs_a_folder_of_documents(version: str, outside: Outside) -> None:
    outside.provide("python3", interpreter(version))
    outside.provide("uv", uv())
    outside.run(shown("With uv")[1])
    outside.check("tallybook-env/bin/python")


def test_pip_takes_the_constraints_and_later_an_extra(outside: Outside) -> None:
    outside.run(shown("With pip")[0])
    outside.check("tallybook-env/bin/python")
    (extra,) = re.findall(r"`(pip install [^`]*'tallybook\[\w+\]')`", PAGE)
    outside.run(extra)
    outside.run("tallybook-env/bin/python -P -c 'import obstore'")


def test_pip_takes_what_the_sdist_holds(outside: Outside) -> None:
    (sdist,) = outside.folder.glob("*.tar.gz")
    outside.run(re.sub(r'"\./\S+\.whl"', sdist.name, shown("With pip")[0]))
    outside.check("tallybook-env/bin/python")


def test_pip_verifies_hashes_and_nothing_is_missing(outside: Outside) -> None:
    outside.run(shown("With verified hashes")[0])
    outside.check("tallybook-env/bin/python")


def test_uv_makes_a_tool_of_it(outside: Outside) -> None:
    outside.provide("uv", uv())
    outside.run(shown("With uv")[0])
    outside.check("tools/tallybook/bin/python")
