"""Fair timing: jobs in turn, fresh processes with homes of their own, by CPU or by the clock."""

import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

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


def peak_megabytes() -> float:
    """Return the most memory that this program ever had, in MB.

    Linux counts into `ru_maxrss` what the process had before it became this program: a copy of its
    parent's memory.
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        assert peak
        return int(peak[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def run_python(arguments: Sequence[str], home: Path, **more: str) -> float:
    """Run a fresh Python with nothing of this user's, as `run` does."""
    return run([sys.executable, *arguments], home, ROOT, more)


def tallybook(arguments: Sequence[str], home: Path, **more: str) -> float:
    """Run the command of this checkout, as `run` does."""
    return HERE.tallybook(arguments, home, more)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working tree of Tallybook, whose command is run whatever its layout is inside."""

    root: Path

    def tallybook(
        self,
        arguments: Sequence[str],
        home: Path,
        variables: Mapping[str, str],
        statuses: Container[int] = (0,),
    ) -> float:
        """Run its command in a fresh process, with its own .venv where it has one; see `run`."""
        python = self.root / ".venv" / "bin" / "python"
        scripts = tomllib.loads((self.root / "pyproject.toml").read_text("utf-8"))
        module, function = scripts["project"]["scripts"]["tallybook"].split(":")
        program = f"import sys; from {module} import {function} as main; sys.exit(main())"
        command = [str(python) if python.exists() else sys.executable, "-c", program, *arguments]
        return run(command, home, self.root, variables, statuses)


HERE = Checkout(ROOT)


def run(
    command: Sequence[str],
    home: Path,
    root: Path,
    variables: Mapping[str, str],
    statuses: Container[int] = (0,),
) -> float:
    """Run a command in `home`; the seconds of CPU, user and system, that it and its children took.

    `home` becomes the home of Prefect and of the user, `root` is where its packages are;
    `variables` are added to its environment. Children that nobody waited for are not counted.
    Raises RuntimeError with its output where it ends with no status of `statuses`.
    """
    environment = _environment(home, root) | dict(variables)
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


@contextmanager
def prefect_server(home: Path) -> Iterator[str]:
    """Run a Prefect server inside the block; its API address, for `PREFECT_API_URL`.

    The commands in it start none of their own: that costs more than all that they do, and never
    twice the same.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/api"
    server = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--port", address[17:-4]],
        env=_environment(home, ROOT),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(address):
            if server.poll() is not None:
                raise RuntimeError("the Prefect server has ended")
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


def _answers(api: str) -> bool:
    try:
        return httpx.get(f"{api}/health").is_success
    except httpx.TransportError:
        return False


def _environment(home: Path, root: Path) -> dict[str, str]:
    """Return the variables of a process with this home and these packages; the home is made."""
    home.mkdir(parents=True, exist_ok=True)
    inherited = {
        k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "TALLYBOOK_"))
    }
    return inherited | {
        "HOME": str(home),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_MEMO_STORE_PATH": str(home / "memo_store.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "PYTHONPATH": str(root),
    }
