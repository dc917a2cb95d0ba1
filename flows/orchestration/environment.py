"""What a process of a run is set to: Prefect's settings, before it is imported, and the sweeps."""

import os

GC_THRESHOLD = 50_000
"""Imports and documents leave few cycles behind. Looking for them after each 700 objects takes a
tenth of the time."""

QUIET = "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"


def prepare(*, verbose: bool = False) -> None:
    """Set the defaults in this process's environment; what the user has set stays.

    Unless `verbose`, Prefect's messages go to its server alone, not to the terminal.
    """
    defaults = {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    if not verbose and "PREFECT_LOGGING_LEVEL" not in os.environ:
        defaults[QUIET] = "CRITICAL"
        # Without its server it writes each event that it cannot send, two pages long.
        defaults["PREFECT_LOGGING_INTERNAL_LEVEL"] = "CRITICAL"
    home = os.environ.get("PREFECT_HOME")
    if home and "PREFECT_MEMO_STORE_PATH" not in os.environ:
        # Prefect looks for this file in ~/.prefect even where its home is elsewhere.
        defaults["PREFECT_SERVER_MEMO_STORE_PATH"] = f"{home}/memo_store.toml"
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
