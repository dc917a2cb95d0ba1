"""A real PostgreSQL of Debian's packages on loopback, with a folder of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import HANGS, free_port

_USER = "postgres"
"""Who runs it where we are root, which it refuses: Debian's package makes this user."""


def programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, the newest version's; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """Run a server inside the block; the address of its database as Prefect takes it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="tallybook-postgres-") as folder:
        as_user = []
        if os.geteuid() == 0:
            shutil.chown(folder, _USER)
            as_user = ["runuser", "-u", _USER, "--"]
        data = f"{folder}/data"
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"

        def call(*command: str) -> None:
            subprocess.run(
                [*as_user, *command],
                check=True,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                timeout=HANGS,
            )

        call(str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "prefect", "-E", "UTF8")
        control = str(programs / "pg_ctl"), "-D", data, "-w"
        call(*control, "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
        finally:
            call(*control, "-m", "immediate", "stop")
