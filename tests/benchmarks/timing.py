"""Fair timing: interleaved repeats, medians, fresh processes with homes of their own."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def interleaved(jobs: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, list[float]]:
    """Return the seconds of every repeat by job; each round runs all jobs, in turned order.

    The first round is not counted: it fills the file cache for all of them.
    """
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    names = list(jobs)
    for turn in range(repeats + 1):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            start = time.perf_counter()
            jobs[name]()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def median_ratio(seconds: Mapping[str, Sequence[float]], job: str, baseline: str) -> float:
    """Return the median of the ratios of the paired repeats."""
    pairs = zip(seconds[job], seconds[baseline], strict=True)
    return statistics.median(a / b for a, b in pairs)


def run_python(arguments: Sequence[str], home: Path, **more: str) -> None:
    """Run a fresh Python with nothing of this user's; raise with its output where it fails.

    `home` becomes the home of Prefect and of the user; `more` are environment variables.
    """
    run([sys.executable, *arguments], home, **more)


def tallybook(arguments: Sequence[str], home: Path, **more: str) -> None:
    """Run the installed command in a fresh process, as `run_python` does."""
    run([str(Path(sys.executable).with_name("tallybook")), *arguments], home, **more)


def run(command: Sequence[str], home: Path, **more: str) -> None:
    """Run a command in `home`. Raises RuntimeError with its output where it fails."""
    home.mkdir(parents=True, exist_ok=True)
    environment = _without_settings(os.environ) | {
        "HOME": str(home),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_MEMO_STORE_PATH": str(home / "memo_store.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "PYTHONPATH": str(ROOT),
        **more,
    }
    done = subprocess.run(
        command, cwd=home, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        output = done.stdout[-2000:] + done.stderr[-3000:]
        raise RuntimeError(f"{' '.join(command)}: exit status {done.returncode}\n{output}")


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in environment.items() if not k.startswith(("PREFECT_", "TALLYBOOK_"))}
