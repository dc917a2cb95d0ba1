"""The floor of a cold run: an empty Prefect flow, and the bare imports, side by side.

Run as a script in a fresh process. The embedded server starts in a process of its own while the
imports go on here, as in the command itself.
"""

import threading
from importlib import import_module

import prefect.server.api.server
from prefect import flow

HEAVY = ("pandas", "pyarrow.parquet", "great_expectations")


@flow
def empty() -> None:
    """Do nothing, on the embedded server."""


def main() -> None:
    """Start the server, import beside it, then run the empty flow."""
    server = prefect.server.api.server.SubprocessASGIServer()
    starting = threading.Thread(target=server.start)
    starting.start()
    for name in HEAVY:
        import_module(name)
    starting.join()
    empty()


if __name__ == "__main__":
    main()
