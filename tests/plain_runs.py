"""Runs of the pipeline without Prefect, for the tests of what its stages do together."""

from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

from flows.job import Job
from flows.lake.lake import open_lake
from flows.pipeline import Stages, run
from flows.report.run_summary import Summary
from flows.settings import SourceConfig
from tests.conftest import SAMPLES
from tests.fetching import fetcher

NOW = datetime(2023, 10, 10, 9, 30, tzinfo=UTC)


def no_network(config: SourceConfig, url: str, **_: bool) -> NoReturn:
    """Stand for the network where no test may need it."""
    raise AssertionError(f"{config.name} asks for {url}")


def run_job(
    kind: str,
    root: Path | str,
    *sources: SourceConfig,
    now: datetime = NOW,
    since: date | None = None,
    until: date | None = None,
    order: tuple[str, ...] | None = None,
    network: bool = False,
    stages: type[Stages] = Stages,
) -> Summary:
    """Run a job on the lake at `root`; its sources are preferred in their order, or in `order`."""
    lake = open_lake(root, create=True, older=kind == "rebuild")
    names = tuple(source.name for source in sources) if order is None else order
    job = Job(kind, "test", now, names, sources, since, until)
    with fetcher(lake.archive) if network else nullcontext(no_network) as fetch:
        return run(job, lake, fetch, stages)


def folder(path: Path, name: str = "folder") -> SourceConfig:
    """Return a source that is a folder of documents."""
    return SourceConfig(name, "folder", path=str(path))


def fill(root: Path, pages: Path) -> None:
    """Make a lake of the samples; two more documents, put into `pages`, revise and are refused."""
    text = (SAMPLES / "2023-10-10-update.txt").read_text()
    first = text.replace("4 829", "4 828").replace("4,829", "4,828")
    (pages / "2023-10-10-first.txt").write_text(first)
    (pages / "2023-10-11-other.txt").write_text("The weather will be fine tomorrow. " * 40)
    run_job("backfill", root, folder(pages))
    run_job("backfill", root, folder(SAMPLES))
