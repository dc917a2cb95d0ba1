"""A shell for the commands of the pages, in which `tallybook` costs no imports.

`python -m tests.docs.shell FOLDER` imports all that a command needs, once, makes the lake of `make
run` in FOLDER, and forks a process for each call that comes in at the socket there: programs in
the path of the shell, `tallybook` and `python -c`, send their arguments, folder, environment and
terminal. Flows run without the engine of Prefect around them, as in `tests.prefork`; all else is
what a command does.
"""

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from textwrap import dedent

from tests.asked_once import asked_once
from tests.disk import no_waiting_for_the_disk

ROOT = Path(__file__).parents[2]

SAMPLES = ROOT / "data" / "bulletins"
SOCKET, LAKE = "socket", "lake"
STATE = ".state"
"""Where a block leaves its variables and its folder for the next one."""

_HANGS = 900.0
"""Seconds, as in `tests.conftest`, whose import has no place in the server."""

_CLIENT = """\
    #!{python} -SE
    import json, os, socket, sys
    if sys.argv[0].endswith("python") and sys.argv[1] != "-c":
        os.execv({python!r}, [{python!r}, *sys.argv[1:]])
    server = socket.socket(socket.AF_UNIX)
    server.connect({place!r})
    call = [os.path.basename(sys.argv[0]), sys.argv[1:], os.getcwd(), dict(os.environ)]
    socket.send_fds(server, [json.dumps(call).encode() + b"\\n"], [0, 1, 2])
    sys.exit(int(server.recv(9) or b"70"))
    """

_MAKE = """\
    #!/bin/sh
    # Only a run is made: of other targets, that there is such a one.
    if [ "$1" = run ]; then exec tallybook backfill --archive data/bulletins --lake data/lake; fi
    grep -q "^$1:" {root}/Makefile
    """


def programs(folder: Path) -> None:
    """Write `tallybook`, `make` and `python` into the folder of the server."""
    client = _CLIENT.format(python=sys.executable, place=str(folder / SOCKET))
    texts = {"tallybook": client, "python": client, "make": _MAKE.format(root=ROOT)}
    for name, text in texts.items():
        (folder / name).write_text(dedent(text), "utf-8")
        (folder / name).chmod(0o755)


def run(
    command: str, folder: Path, programs: Path, variables: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run a command in bash; variables and folder are those that the one before it left."""
    state = folder / STATE
    script = f"set -euo pipefail\n[ ! -e {state} ] || . {state}\n{command}\n"
    leave = f'{{ declare -px; echo "cd $PWD"; }} > {state}'
    return subprocess.run(
        ["bash", "-c", script + leave],
        cwd=folder,
        env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"} | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_HANGS,
        check=False,
    )


def main(place: Path) -> int:
    """Serve calls until standard input ends."""
    from flows.cli.main import call
    from flows.orchestration import environment
    from tests import prefork

    environment.prepare()
    for name in (*prefork.IMPORTED, "flows.cli.check", "flows.cli.parse", "flows.cli.show"):
        importlib.import_module(name)
    prefork.without_engine()
    importlib.import_module(
        "tqdm"
    ).tqdm.monitor_interval = 0  # a thread of its own could hold a lock at a fork
    with redirect_stdout(sys.stderr):  # what the first run of a process prepares, the others have
        call(["backfill", "--archive", str(SAMPLES), "--lake", str(place / LAKE)])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place / SOCKET))
        server.listen()
        if not os.fork():
            sys.stdin.read()  # the test has ended
            os.kill(os.getppid(), signal.SIGTERM)
            os._exit(0)
        print("ready", flush=True)
        while True:
            client, _ = server.accept()
            if not os.fork():
                server.close()
                _answer(client)
            client.close()


def _answer(client: socket.socket) -> None:
    """Run one call in this process, tell its status, and end."""
    from flows.cli.main import call

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    text, terminals, _, _ = socket.recv_fds(client, 1 << 20, 3)
    while not text.endswith(b"\n"):
        text += client.recv(1 << 20)
    program, arguments, folder, variables = json.loads(text)
    for number, terminal in enumerate(terminals):
        os.dup2(terminal, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    status = 0
    try:
        if program == "python":
            exec(compile(arguments[1], "<program>", "exec"), {"__name__": "__main__"})
        else:
            status = call(arguments)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except Exception:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    client.sendall(str(status).encode())
    os._exit(0)


if __name__ == "__main__":
    with no_waiting_for_the_disk(), asked_once():
        sys.exit(main(Path(sys.argv[1])))
