"""The command `tallybook parse`: documents in, JSON out, nothing kept."""

import json
import logging
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from flows.cli import options
from flows.errors import EXIT_FAILED, TooLarge, UsageError, why
from flows.extract.json_text import decoded_json
from flows.extract.prefilter import may_hold_bulletin
from flows.extract.refusal import NotABulletin
from flows.files import json_text, json_value
from flows.parse.explain import explain as explained
from flows.parse.guard import broken
from flows.parse.reader import DocumentReader
from flows.redact import one_line, visible
from flows.settings import SIZE_CAP, SourceConfig, load_settings
from flows.sources.folder import load
from flows.sources.warc import is_archive
from schemas.codes import Reason
from schemas.parsed import parsed
from schemas.records import Bulletin, Document

_ANY_TYPE = "application/octet-stream"
"""The type of what is unknown: the extraction looks whether there is markup in it."""

LONGEST_LINE = 6 * SIZE_CAP + 2**20
"""Bytes of a line of JSON: in the longest text every byte may be written as \\u0000."""

MEDIA_TYPES = {"text": "text/plain; charset=utf-8", "html": "text/html; charset=utf-8"}


@click.command()
@click.argument("where", metavar="[PATH|URL|-]", default="-")
@click.option(
    "--published", type=options.Day(), help="When the text was published, if it does not say."
)
@click.option("--jsonl", is_flag=True, help="Read JSON lines, write one result a line, in order.")
@click.option(
    "--explain", is_flag=True, help="Show in the text what is taken, and why the rest is not."
)
def parse(where: str, published: date | None, jsonl: bool, explain: bool) -> int:
    """A document that holds several days (a page of a month, a channel, an API's list) gives one
    object a line, one for each day; it is accepted if all of them are. Nothing is stored.

    With --jsonl each input line is an object with "id", "text" or "html", and
    "published" where it is known; each output line is the result with that "id" first: one for a
    line, or one for each day of a document that holds several. A line that cannot be used gives a
    refused result in its place.

    Exit status: 0 accepted, 1 refused; with --jsonl 0 when every line was answered.

    \b
    Examples:
      tallybook parse bulletin.html
      tallybook parse https://outlet.example/losses-of-the-day.html --explain
      tallybook parse --published 2023-10-09 < article.html
      tallybook parse --jsonl < documents.jsonl > bulletins.jsonl
    """
    if jsonl and explain:
        raise UsageError("--explain reads one document; it does not go with --jsonl")
    options.check_data()
    logging.getLogger("flows").addHandler(logging.NullHandler())  # the results say it all
    if jsonl:
        with _open(where) as lines:
            for result in results(_bounded(lines), published):
                _write(result)
        return 0
    document = _document(where, published)
    bulletins = DocumentReader().read_all(document)
    if explain:
        _write(_explanation(document))
    else:
        alone = len(bulletins) == 1
        for bulletin in bulletins:
            _write(json_text(parsed(bulletin), indent=2 if alone else None))
            _complain(bulletin, alone)
    return 0 if all(bulletin.accepted for bulletin in bulletins) else EXIT_FAILED


def _explanation(document: Document) -> str:
    try:
        return explained(document)
    except Exception as error:
        return f"refused: {broken(error, document).reason}\n"


def _complain(bulletin: Bulletin, alone: bool) -> None:
    if not bulletin.accepted:
        which = "" if alone else f" (report date {bulletin.report_date or 'unknown'})"
        print(f"tallybook: refused{which}: {one_line(bulletin.reason or '')}", file=sys.stderr)


def results(lines: Iterable[bytes], published: date | None) -> Iterator[str]:
    """Yield a JSON line for each bulletin of each line that is not blank, in order.

    Never raises for a line's content. `published` is taken where a line names no date of its own.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield from _results(number, line, published)


def _bounded(lines: IO[bytes]) -> Iterator[bytes]:
    """Yield lines, of one that is too long, or never ends, as much as shows that it is."""
    while line := lines.readline(LONGEST_LINE + 1):
        yield line
        while line and not line.endswith(b"\n"):
            line = lines.readline(SIZE_CAP)


def _results(number: int, line: bytes, published: date | None) -> Iterator[str]:
    identifier: object = None
    try:
        if len(line) > LONGEST_LINE:
            raise ValueError(f"longer than {LONGEST_LINE // 2**20} MB")
        record = decoded_json(line.decode("utf-8-sig", "surrogatepass"))
        if not isinstance(record, dict):
            raise ValueError("not a JSON object")
        identifier = record.get("id")
        bulletins = DocumentReader().read_all(_from_record(record, published))
    except (ValueError, NotABulletin) as error:
        said = why(error) if isinstance(error, ValueError) else error
        reason = f"line {number} cannot be used: {said}"
        bulletins = (Bulletin("refused", reason, Reason.INPUT_UNUSABLE),)
    for bulletin in bulletins:
        yield _as_json({"id": identifier} | msgspec.structs.asdict(parsed(bulletin)))


def _as_json(result: dict[str, Any]) -> str:
    plain = json_value(result)
    try:
        return json.dumps(plain, ensure_ascii=False, allow_nan=False)
    except ValueError:  # an id such as 1e400, which JSON can write and not give back
        return json.dumps(plain | {"id": None}, ensure_ascii=False, allow_nan=False)


def _from_record(record: dict[str, Any], published: date | None) -> Document:
    keys = [key for key in MEDIA_TYPES if isinstance(record.get(key), str)]
    if len(keys) != 1:
        raise ValueError('it needs either "text" or "html"')
    if (printed := record.get("published")) is not None:
        try:
            published = date.fromisoformat(str(printed)[:10])
        except ValueError as error:
            raise ValueError('its "published" is no date as in 2023-10-09') from error
    content = record[keys[0]].encode("utf-8", "replace")
    if len(content) > SIZE_CAP:
        raise ValueError(f"larger than {SIZE_CAP // 2**20} MB")
    return Document("parse", "-", content, MEDIA_TYPES[keys[0]], published)


def _document(where: str, published: date | None) -> Document:
    if where == "-":
        return _from_stdin(published)
    if "://" in where:
        return _from_network(where, published)
    path = Path(where)
    loaded = load(_existing(path), source="parse", root=path)
    if not isinstance(loaded, Document):
        raise loaded
    published = published or loaded.published_on
    return Document("parse", where, loaded.content, loaded.media_type, published)


def _existing(path: Path) -> Path:
    if path.is_dir():
        raise UsageError(f"{path} is a folder; parse reads one document, backfill an archive")
    if not path.exists():
        raise UsageError(f"{path}: there is no such file")
    if is_archive(path):
        raise UsageError(f"{path} is a web archive; parse reads one document, backfill an archive")
    return path


def _from_stdin(published: date | None) -> Document:
    if sys.stdin.isatty():
        raise UsageError("nothing to read: name a file or a URL, or send a text to standard input")
    content = sys.stdin.buffer.read(SIZE_CAP + 1)
    if len(content) > SIZE_CAP:
        raise TooLarge(f"standard input is larger than {SIZE_CAP // 2**20} MB")
    is_json = content.lstrip()[:1] in (b"{", b"[")
    media_type = "application/json" if is_json else _ANY_TYPE
    return Document("parse", "-", content, media_type, published)


def _from_network(url: str, published: date | None) -> Document:
    from flows.fetch.fetcher import fetch

    page = fetch(
        SourceConfig("parse", "article"),
        url,
        may_hold_bulletin=may_hold_bulletin,
        contact=load_settings().contact,
    )
    return Document("parse", url, page.content, page.media_type, published, page.fetched_at)


def _open(where: str) -> IO[bytes]:
    return sys.stdin.buffer if where == "-" else _existing(Path(where)).open("rb")


def _write(line: str) -> None:
    # UTF-8 whatever the locale, and no failure over half a surrogate pair in somebody's id.
    sys.stdout.buffer.write(visible(line).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()
