"""Whether a run can have the workers that it is asked to have; knows nothing of Prefect."""

import os
from importlib.util import find_spec

from flows.errors import UsageError

MOST_A_CORE = 4
"""A document takes a core to read; more processes on each only take memory, 250 MB or so each."""


def check_workers(number: int | None, address: str | None) -> None:
    """Raise UsageError where workers cannot be had as they are asked for; connects to nothing."""
    if number is None and address is None:
        return
    if number is not None and address is not None:
        raise UsageError("--workers starts processes, --dask uses a cluster: give one of them")
    if find_spec("prefect_dask") is None:
        option = "--dask" if number is None else "--workers"
        raise UsageError(f"{option} needs the extra dask: pip install 'tallybook[dask]'")
    cores = os.cpu_count() or 1
    if number is not None and not 1 <= number <= MOST_A_CORE * cores:
        raise UsageError(
            f"--workers {number}: give 1 to {MOST_A_CORE * cores}; this machine has {cores} cores, "
            "and one worker for each is best"
        )
