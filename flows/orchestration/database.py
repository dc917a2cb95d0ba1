"""Prefect's database in a new home: a copy of one that set-up made, whose migrations take seconds.

`python -m flows.orchestration.database` makes the one to copy, beside the installed packages.
Without it, or with a database that is configured, Prefect's server makes its own as ever.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path

from prefect.settings import get_current_settings

NAME = "prefect.db"
"""The file in Prefect's home that its server keeps its runs in, unless another is configured."""


def template() -> Path:
    """Return where the database to copy lies, or would lie: of this Prefect, in this environment.

    Prefect refuses one that a newer release made.
    """
    return Path(sys.prefix, "share", "tallybook", f"prefect-{version('prefect')}.db")


def make_template() -> None:
    """Make the database to copy, once, with Prefect's own command.

    Raises CalledProcessError, OSError, sqlite3.Error.
    """
    place = template()
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    with tempfile.TemporaryDirectory(dir=place.parent) as home:
        subprocess.run(
            [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"],
            env=inherited | {"PREFECT_HOME": home, "DO_NOT_TRACK": "1"},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        whole = Path(home, "whole.db")
        with closing(sqlite3.connect(Path(home, NAME))) as made:  # its log of writes included
            made.execute("VACUUM INTO ?", (str(whole),))
        whole.replace(place)


def begin() -> None:
    """Put a copy of it where a server that starts now will look for its database and find none.

    Raises nothing: what cannot be copied the server makes, or says why it cannot.
    """
    settings = get_current_settings()
    configured = settings.server.database.connection_url
    place = settings.home / NAME
    if configured is None or configured.get_secret_value() != f"sqlite+aiosqlite:///{place}":
        return
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            return
        with tempfile.TemporaryDirectory(dir=place.parent) as apart:
            copy = shutil.copy(template(), apart)
            os.link(copy, place)  # fails where another server made one meanwhile


if __name__ == "__main__":
    make_template()
