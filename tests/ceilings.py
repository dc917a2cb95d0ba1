"""Try the newest version of each dependency that has a ceiling: `python -m tests.ceilings UV`.

For each of them, the others held to theirs: is there a set of versions, does the sample archive go
through the real flow, and does the server stop in silence? A line each says what breaks. UV is the
program that resolves and installs; packages come from where it looks. `make lock` calls it.
"""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_CEILING = re.compile(r",?<=?[\w.]+")
_NAME = re.compile(r"[\w.-]+")
_NOISE = re.compile(r"Traceback|CancelledError|Exception ignored|was never awaited")
"""What a sound run does not print, whatever its exit status: a server may end noisily."""


def ceilings(dependencies: Sequence[str]) -> dict[str, str]:
    """Return by name the dependencies that have a ceiling, as they are declared.

    >>> ceilings(["prefect>=3.9.1,<3.10", "great-expectations<2", "rich>=14"])
    {'prefect': 'prefect>=3.9.1,<3.10', 'great-expectations': 'great-expectations<2'}
    """
    return {_name(one): one for one in dependencies if "<" in one}


def raised(dependencies: Sequence[str], name: str) -> list[str]:
    """Return the dependencies, that of this name without its ceiling.

    >>> raised(["prefect>=3.9.1,<3.10", "great-expectations<2"], "prefect")
    ['prefect>=3.9.1', 'great-expectations<2']
    """
    return [_CEILING.sub("", one) if _name(one) == name else one for one in dependencies]


def locked(lock: str) -> dict[str, str]:
    """Return the versions of a lock, or of what uv resolves, by the package's name.

    >>> locked("anyio==4.9 \\\\\\n    --hash=sha256:00\\nrich==14.1 ; python_version < '4'")
    {'anyio': '4.9', 'rich': '14.1'}
    """
    return dict(re.findall(r"^([\w.-]+)==([\w.!+-]+)", lock, re.M))


def _name(dependency: str) -> str:
    found = _NAME.match(dependency)
    assert found, dependency
    return found[0]


def _tried(
    uv: str, dependencies: Sequence[str], extras: Sequence[str], name: str, lock: str
) -> str | None:
    """Return what breaks with the newest version of a package, None where nothing does.

    A set of versions is looked for with all extras, as in the lock; a run has none of them.
    """
    with tempfile.TemporaryDirectory(prefix="tallybook-ceiling-") as folder:
        run, wanted, old = (Path(folder, file) for file in ("run.in", "all.in", "old.txt"))
        run.write_text("\n".join(raised(dependencies, name)))
        wanted.write_text("\n".join([*raised(dependencies, name), *extras]))
        # What else is locked stays, so that nothing but this package is tried.
        kept = [f"{one}=={version}" for one, version in locked(lock).items() if one != name]
        old.write_text("\n".join(kept))
        resolve = [uv, "pip", "compile", "-q", "--no-header", "--no-annotate", str(wanted)]
        python = ["--python", sys.executable]
        done = _run([*resolve, *python, "-o", str(old), "--upgrade-package", name])
        if done.returncode:
            return f"no set of versions: {_first_line(done.stderr)}"
        newest = locked(old.read_text())[name]
        if newest == locked(lock)[name]:
            return f"there is nothing yet: {newest} is the newest"
        print(f"  {name} {newest}", flush=True)
        place = Path(folder, "venv")
        own_python = place / "bin" / "python"
        install = [uv, "pip", "install", "-q", "--python", str(own_python)]
        for command in (
            [uv, "venv", "-q", *python, str(place)],
            [*install, "-r", str(run), "-c", str(old)],
        ):
            done = _run(command)
            if done.returncode:
                return f"cannot be installed: {_first_line(done.stderr)}"
        return _broken_run(own_python, Path(folder))


def _broken_run(python: Path, folder: Path) -> str | None:
    program = "import sys; from flows.cli.main import main; sys.exit(main())"
    samples = str(ROOT / "data" / "bulletins")
    arguments = ["backfill", "--archive", samples, "--lake", str(folder / "lake")]
    home = {"PYTHONPATH": str(ROOT), "PREFECT_HOME": str(folder / "home")}
    done = _run([str(python), "-c", program, *arguments], home)
    noise = next((line for line in done.stderr.splitlines() if _NOISE.search(line)), None)
    if done.returncode:
        return f"the flow ends with {done.returncode}: {_last_line(done.stderr)}"
    return noise and f"the flow ends well, but prints: {noise.strip()}"


def _run(
    command: Sequence[str], variables: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    environment = {k: v for k, v in os.environ.items() if k != "PREFECT_API_URL"}
    return subprocess.run(
        command,
        env=environment | dict(variables or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _first_line(text: str) -> str:
    return " ".join(text.split())[:300]


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1][:300]


def main(uv: str) -> None:
    """Print a line for each ceiling."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    dependencies = declared["dependencies"]
    extras = [one for of in declared["optional-dependencies"].values() for one in of]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    print("Trying the newest version above each ceiling ...", flush=True)
    for name, dependency in ceilings(dependencies).items():
        problem = _tried(uv, dependencies, extras, name, lock)
        verdict = problem or "nothing breaks: the ceiling may be raised"
        print(f"{dependency}: above it {verdict}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
