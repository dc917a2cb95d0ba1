"""The command with a terminal as its output, as a person meets it."""

import json
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.conftest import HANGS, TALLYBOOK

_STYLE = re.compile(r"\x1b\[[0-9;]*m")


_END = "-- the end of a command: "

ONE_AFTER_THE_OTHER = f"""
import json, sys
from flows.cli.main import call
for arguments in json.loads(sys.argv[1]):
    status = call(arguments)
    print("{_END}", status, flush=True)
"""
"""A program that runs commands, given as JSON, in one process; after each it prints its status."""


def on_terminal(arguments: list[str], folder: Path, **variables: str) -> tuple[int, str]:
    """Run the command with a terminal as its output; its exit status and all it showed.

    The terminal is as wide as COLUMNS says, 100 if it is not given.
    """
    return _run([TALLYBOOK, *arguments], folder, variables)


def shown_one_after_the_other(
    commands: Sequence[Sequence[str]],
    folder: Path,
    allowed: Sequence[int] = (0,),
    /,
    **variables: str,
) -> list[str]:
    """Return what each of several commands shows on a terminal; they end with such a status.

    They share a process, whose imports take most of the time of a command.
    """
    program = [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps([*map(list, commands)])]
    status, text = _run(program, folder, variables)
    *shown, rest = text.split(_END)
    endings = [said for said, _, _ in (part.partition("\r\n") for part in (*shown[1:], rest))]
    assert (status, len(endings)) == (0, len(commands)), text
    assert {*map(int, endings)} <= {*allowed}, text
    return [shown[0], *(part.partition("\r\n")[2] for part in shown[1:])]


def _run(program: list[str], folder: Path, variables: Mapping[str, str]) -> tuple[int, str]:
    ours, theirs = pty.openpty()
    given = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        program,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=given | {"TERM": "xterm", "COLUMNS": "100"} | dict(variables),
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
