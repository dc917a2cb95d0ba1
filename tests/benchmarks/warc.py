"""A web archive searched on one core, beside reading it alone and beside Beautiful Soup.

Run alone for the full size: `python -m tests.benchmarks.warc [--pages 100000]` (some minutes, most
of them to write the archive).
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from bs4 import BeautifulSoup
from fastwarc.warc import ArchiveIterator, WarcRecordType

from flows.extract.prefilter import may_hold_bulletin
from flows.parse.bulletin import parse
from flows.parse.reader import DocumentReader
from flows.sources.warc import documents
from schemas.records import Page
from tests import newsweb, reference

PAGES = 10_000
BULLETINS = 0.003
"""The share of bulletins: 300 in 100,000 pages."""

SAMPLE = 200
WARM_UP = 300


def compare(folder: Path, pages: int = PAGES) -> Iterator[str]:
    """Yield the lines of the report on an archive of so many pages, written to a folder.

    What is done once in a process (patterns, imports) is done before; the Beautiful Soup sample is
    taken half before and half after, so that a busy machine slows both.
    """
    series = {d: f for d, f in reference.load().items() if d >= date(2023, 9, 15)}
    bulletins = dict(islice(series.items(), max(int(pages * BULLETINS), 1)))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "news.warc.gz"
    newsweb.write_warc(path, newsweb.crawl(WARM_UP, dict(islice(series.items(), 20))))
    _timed(documents(path, "warc", None, None, DocumentReader()))
    newsweb.write_warc(path, newsweb.crawl(pages, bulletins))
    size = sum(map(len, _bodies(path)))
    before = _peak()
    floor, _ = _timed(_bodies(path))
    first, _ = _timed(_souped(path, 0))
    ours, found = _timed(documents(path, "warc", None, None, DocumentReader()))
    peak = _peak() - before
    second, _ = _timed(_souped(path, SAMPLE // 2))
    if found != len(bulletins):
        raise RuntimeError(f"{found} bulletins found, {len(bulletins)} are there")
    a_page, souped = ours / pages, (first + second) / SAMPLE
    yield (
        f"warc: {pages} pages, {size / 1e6:.0f} MB ({path.stat().st_size / 1e6:.0f} MB gzipped), "
        f"all {found} bulletins found, nothing else, {peak} MB more memory"
    )
    yield (
        f"warc: {1 / a_page:.0f} pages/s, {size / ours / 1e6:.0f} MB/s; {a_page * 1e6:.0f} us a "
        f"page, {floor / ours:.0%} of it for decompression and reading alone"
    )
    yield (
        f"warc: Beautiful Soup and the same parser on {SAMPLE} pages: {souped * 1e6:.0f} us "
        f"a page, {souped / a_page:.0f} times as long"
    )


def _timed(work: Iterable[object]) -> tuple[float, int]:
    """Return the seconds of this process that the work takes, and how much it yields."""
    start = time.process_time()
    count = sum(1 for _ in work)
    return time.process_time() - start, count


def _peak() -> int:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _bodies(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response):
            yield record.reader.read()


def _souped(path: Path, start: int) -> Iterator[bool]:
    """Take the text of some pages with Beautiful Soup, and parse those that may hold a bulletin."""
    for body in islice(_bodies(path), start, start + SAMPLE // 2):
        text = BeautifulSoup(body, "html.parser").get_text("\n")
        yield may_hold_bulletin(text) and parse(Page(text)).accepted


def main() -> None:
    """Write an archive, search it, and print the lines."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks.warc", description=__doc__)
    options.add_argument("--pages", type=int, default=100_000)
    with tempfile.TemporaryDirectory(prefix="tallybook-warc-") as folder:
        print(*compare(Path(folder), options.parse_args().pages), sep="\n")


if __name__ == "__main__":
    main()
