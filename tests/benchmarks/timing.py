"""Fair timing: jobs in turn, fresh processes with homes of their own, by CPU or by the clock."""

import os
import re
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def interleaved(jobs: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """Return the seconds of every repeat by job; see `in_turn`."""

    def timed(job: Callable[[], object]) -> Callable[[], float]:
        def seconds() -> float:
            start = time.perf_counter()
            job()
            return time.perf_counter() - start

        return seconds

    return in_turn({name: timed(job) for name, job in jobs.items()}, repeats)


def in_turn(jobs: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, list[float]]:
    """Return what each job measured in every repeat; each round runs all jobs, in turned order.

    The first round is not counted: it fills the file cache for all of them.
    """
    measured: dict[str, list[float]] = {name: [] for name in jobs}
    names = list(jobs)
    for turn in range(repeats + 1):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            value = jobs[name]()
            if turn:
                measured[name].append(value)
    return measured


def median_ratio(seconds: Mapping[str, Sequence[float]], job: str, baseline: str) -> float:
    """Return the median of the ratios of the paired repeats."""
    pairs = zip(seconds[job], seconds[baseline], strict=True)
    return statistics.median(a / b for a, b in pairs)


def run_python(arguments: Sequence[str], home: Path, **more: str) -> float:
    """Run a fresh Python with nothing of this user's, as `run` does."""
    return run([sys.executable, *arguments], home, ROOT, (0,), **more)


def tallybook(arguments: Sequence[str], home: Path, **more: str) -> float:
    """Run the command of this checkout, as `run` does."""
    return HERE.tallybook(arguments, home, (0,), **more)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working tree of Tallybook, whose command is run whatever its layout is inside."""

    root: Path

    def tallybook(
        self, arguments: Sequence[str], home: Path, statuses: Container[int] = (0,), **more: str
    ) -> float:
        """Run its command in a fresh process, with its own .venv where it has one; see `run`."""
        python = self.root / ".venv" / "bin" / "python"
        scripts = tomllib.loads((self.root / "pyproject.toml").read_text("utf-8"))
        module, function = scripts["project"]["scripts"]["tallybook"].split(":")
        program = f"import sys; from {module} import {function} as main; sys.exit(main())"
        command = [str(python) if python.exists() else sys.executable, "-c", program, *arguments]
        return run(command, home, self.root, statuses, **more)


HERE = Checkout(ROOT)


def run(
    command: Sequence[str],
    home: Path,
    root: Path,
    statuses: Container[int] = (0,),
    **more: str,
) -> float:
    """Run a command in `home`; the seconds of CPU, user and system, that it and its children took.

    `home` becomes the home of Prefect and of the user, `root` is where its packages are; `more`
    are environment variables. Children that nobody waited for are not counted.
    Raises RuntimeError with its output where it ends with no status of `statuses`.
    """
    home.mkdir(parents=True, exist_ok=True)
    environment = _without_settings(os.environ) | {
        "HOME": str(home),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_MEMO_STORE_PATH": str(home / "memo_store.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "PYTHONPATH": str(root),
        **more,
    }
    with (home / "output.txt").open("w+b") as output:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in statuses:
            output.seek(0)
            said = re.sub(r"\s*\n", "\n", output.read().decode("utf-8", "replace"))[-5000:]
            raise RuntimeError(f"{' '.join(command)}: exit status {process.returncode}\n{said}")
    return used.ru_utime + used.ru_stime


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in environment.items() if not k.startswith(("PREFECT_", "TALLYBOOK_"))}
