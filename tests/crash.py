"""Kills a run at every point where it changes the lake, and lets the next run find what it left.

`python -m tests.crash SCENARIO FOLDER` does so in processes of its own and leaves the lakes
FOLDER/undisturbed, FOLDER/0-same, FOLDER/1-next, FOLDER/2-same, ... for the test to compare: after
"same" the killed run was started again, after "next" another run came that knew of nothing.
"""

import importlib
import os
import shutil
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import Any

from tests.disk import no_waiting_for_the_disk
from tests.lake.version1 import as_version_1
from tests.ledger import NOW, days, document, month, rebuilt, take_in

LATER = NOW + timedelta(days=1)
LAST_DAY = date(2023, 12, 31)
NEW_YEAR = date(2024, 1, 1)
KILLED = 9

Step = Callable[[Path], object]

MOVED = document(
    LAST_DAY, {"tanks": (12, 2), "mlrs": (5, 0)}, reread={"day": "2024-01-02", "tag": "moved"}
)
BAD = document(LAST_DAY, {"tanks": (12, 2)}, tag="bad", reread={"refused": "no bulletin"})
GOOD = document(NEW_YEAR, {"tanks": (15, 3)}, refused="unreadable", reread={"refused": None})
AGAIN = document(
    LAST_DAY, {"tanks": (13, 3)}, published_at=datetime(2023, 12, 31, 12, tzinfo=NOW.tzinfo)
)
REFUSED = document(NEW_YEAR, {}, refused="no figures")


def _nothing(root: Path) -> None:
    """The step before a run on an empty folder."""


def _grown(root: Path) -> None:
    take_in(root, [*days(LAST_DAY - timedelta(days=1), 10, 12, 15), MOVED, BAD, GOOD])


def _reread(root: Path) -> None:
    take_in(root, [MOVED, BAD, GOOD], now=LATER, parser=2)


def _rebuilt(root: Path) -> None:
    rebuilt(root, now=LATER, parser=2)


def _grown_of_version_1(root: Path) -> None:
    _grown(root)
    as_version_1(root)


READ_ANEW = (_reread, _rebuilt)
SCENARIOS: dict[str, tuple[Step, Step]] = {
    "first run": (_nothing, lambda root: take_in(root, [*days(LAST_DAY, 10, 12), REFUSED])),
    "late day": (
        lambda root: take_in(root, days(LAST_DAY, 10, 12, 15)[::2]),
        lambda root: take_in(root, days(LAST_DAY, 10, 12, 15)[1:2], now=LATER),
    ),
    "many days in one document": (
        lambda root: take_in(root, days(LAST_DAY, 10, 12)),
        lambda root: take_in(root, [month(LAST_DAY, 10, 13, 15, source="second")], now=LATER),
    ),
    "published again": (_grown, lambda root: take_in(root, [AGAIN], now=LATER)),
    "newer parser": (_grown, _reread),
    "rebuild": (_grown, _rebuilt),
    "rebuild of a lake of version 1": (_grown_of_version_1, _rebuilt),
}
"""What is there before, and the run that is killed."""


@no_waiting_for_the_disk()
def main(name: str, folder: Path) -> None:
    """Leave the lakes of a scenario in a folder; stops when a run was not killed any more."""
    importlib.import_module("pandas")  # pyarrow wants it; here it is loaded once for all children.
    before, run = SCENARIOS[name]
    base = folder / "base"
    in_process(partial(before, base))
    in_process(partial(run, _copy(base, folder / "undisturbed")))
    healers: dict[str, Step] = {"same": run}
    if before is not _grown_of_version_1:  # No other run opens that one.
        parser = 2 if run in READ_ANEW else 1
        healers["next"] = partial(take_in, documents=[], now=LATER, parser=parser)
    for point, healer in enumerate(cycle(healers)):
        root = _copy(base, folder / f"{point}-{healer}")
        if in_process(partial(run, root), kill_at=point) != KILLED:
            shutil.rmtree(root)
            return
        in_process(partial(healers[healer], root))


def _copy(source: Path, target: Path) -> Path:
    if source.exists():
        shutil.copytree(source, target)
    return target


def in_process(step: Callable[[], object], kill_at: int | None = None) -> int:
    """Run a step in a process of its own; kill that before its change number `kill_at`."""
    child = os.fork()
    if not child:
        _arm(kill_at)
        try:
            step()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (0, KILLED):
        raise SystemExit(f"a step ended with {code}")
    return code


def _arm(kill_at: int | None) -> None:
    changes = count()
    for name in ("replace", "unlink", "rmdir"):
        setattr(os, name, _counted(getattr(os, name), changes, kill_at))


def _counted(change: Callable[..., Any], changes: "count[int]", kill_at: int | None) -> Any:
    def counted(*args: Any, **keywords: Any) -> Any:
        if next(changes) == kill_at:
            os._exit(KILLED)
        return change(*args, **keywords)

    return counted


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
