"""Kills a backfill from the index portal wherever it archives something, and runs it again.

`python -m tests.crash_index URL FOLDER` leaves the lakes FOLDER/undisturbed, FOLDER/0, FOLDER/1 ...
and in FOLDER/N.json the addresses that were archived when it was killed. The user agent of a
request names the lake, and "again" for the second run.
"""

import importlib
import json
import os
import sys
from datetime import UTC, date, datetime
from functools import partial
from itertools import count
from pathlib import Path

from flows.lake.lake import open_lake
from flows.settings import SourceConfig
from tests.crash import in_process
from tests.disk import no_waiting_for_the_disk
from tests.plain_runs import run_job

NOW = datetime(2024, 1, 1, tzinfo=UTC)


@no_waiting_for_the_disk()
def main(url: str, folder: Path) -> None:
    """Leave the lakes in a folder; stops when all was archived before a run was killed.

    What follows then is the publishing, which `tests.crash` kills.
    """
    for name in ("pandas", "schemas.expectations"):  # loaded once for all children
        importlib.import_module(name)
    in_process(partial(backfill, url, folder, "undisturbed"))
    for point in count():
        lake = str(point)
        in_process(partial(backfill, url, folder, lake), kill_at=point)
        kept = archived(folder / lake)
        (folder / f"{lake}.json").write_text(json.dumps(kept))
        in_process(partial(backfill, url, folder, lake, "again"))
        if set(kept) == set(archived(folder / "undisturbed")):
            return


def backfill(url: str, folder: Path, lake: str, which: str = "first") -> None:
    """Take in the months of the portal."""
    os.environ["TALLYBOOK_CONTACT"] = f"{lake} {which}"
    config = SourceConfig("minfin", "minfin", url=url, robots=False, retry_delays=())
    run_job("backfill", folder / lake, config, now=NOW, since=date(2023, 9, 1), network=True)


def archived(root: Path) -> list[str]:
    """The addresses of the documents in the archive of a lake that may be half made."""
    if not (root / "lake.json").exists():
        return []
    archive = open_lake(root).archive
    return [archive.provenance(key).url for key in sorted(archive.keys())]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
