"""The command with a terminal as its output, as a person meets it."""

import os
import pty
import re
import subprocess
import threading
from pathlib import Path

from tests.conftest import HANGS, TALLYBOOK

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(arguments: list[str], folder: Path, **variables: str) -> tuple[int, str]:
    """Run the command with a terminal as its output; its exit status and all it showed.

    The terminal is as wide as COLUMNS says, 100 if it is not given.
    """
    ours, theirs = pty.openpty()
    given = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [TALLYBOOK, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=given | {"TERM": "xterm", "COLUMNS": "100"} | variables,
    )
    os.close(theirs)
    shown = bytearray()

    def collect() -> None:
        try:
            while chunk := os.read(ours, 65536):
                shown.extend(chunk)
        except OSError:  # how Linux says that the other side has closed
            return

    reader = threading.Thread(target=collect)
    reader.start()
    status = process.wait(HANGS)
    reader.join(HANGS)
    os.close(ours)
    return status, shown.decode("utf-8", "replace")


def unstyled(shown: str) -> str:
    """Return what a terminal showed without its styles."""
    return _STYLE.sub("", shown).replace("\r\n", "\n")
