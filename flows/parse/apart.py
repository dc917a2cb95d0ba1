"""Reading a document of an unusual shape in a process of its own, which can be killed.

The limits of `flows/extract/limits.py` foresee what takes long; this is for what nobody foresaw. A
thread cannot be stopped: patterns and parsers hold the interpreter. `subprocess` works inside the
workers of Dask, which may not start children by `multiprocessing`.
"""

import contextlib
import logging
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from flows.extract.multi_day import Contents
from flows.extract.refusal import NotABulletin
from flows.extract.text import contents
from flows.parse.bulletin import read_contents, refusal
from flows.parse.guard import broken
from flows.redact import shown, visible
from schemas.codes import Reason
from schemas.records import Bulletin, Document
from schemas.typed import NotValid

CPU_SECONDS = 60
"""Seconds of the processor that a document may take; the largest that is known takes three."""

WALL_SECONDS = 600.0
"""Seconds until a process that gets no processor is given up."""

MOST_BYTES = 3 * 2**20
MOST_TAGS = 15_000
LONGEST_TAG = 40_000
"""Above these the shape of a page is unusual: bytes, tags, bytes without the end of a tag."""

_BEGINNING = 200_000
"""Markup may be hidden in JSON as "\\u003c": shorter ones hold too little of it."""

_NO_ANSWER = (subprocess.TimeoutExpired, pickle.UnpicklingError, EOFError, OSError)
"""What is raised where the process was killed, or could not be started."""

_CODE = "from flows.parse.apart import main; main()"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadApart:
    """What a document says: its contents, None where it has none, and its bulletins."""

    contents: Contents | None
    bulletins: tuple[Bulletin, ...]


def is_unusual(document: Document) -> bool:
    """Whether a document has the shape of those that could take too long, told by its bytes."""
    content = document.content
    if len(content) > MOST_BYTES:
        return True
    if len(content) > _BEGINNING and b"\\u003" in content:
        return True
    if b"<" not in content or len(content) <= LONGEST_TAG:
        return False
    stretches = content.split(b">")
    return len(stretches) > MOST_TAGS or max(map(len, stretches)) > LONGEST_TAG


def interrupted() -> Bulletin:
    """Return what is said of a document whose reading was broken off: no verdict on it."""
    sentence = f"reading it took more than {CPU_SECONDS} s of the processor and was broken off"
    return Bulletin("refused", sentence, Reason.INTERRUPTED)


def read_apart(document: Document) -> ReadApart:
    """Read a document in a process of its own; one that is killed gives `interrupted`.

    Raises NotValid as reading it here does.
    """
    path = os.pathsep.join([*filter(None, sys.path), str(_ROOT)])
    with contextlib.suppress(*_NO_ANSWER):
        done = subprocess.run(
            [sys.executable, "-P", "-c", _CODE],  # -P: not from folders called flows in this one
            input=pickle.dumps((document, CPU_SECONDS)),
            capture_output=True,
            timeout=WALL_SECONDS,
            env=os.environ | {"PYTHONPATH": path},
            check=False,
        )
        if done.stderr and not done.returncode:
            _log.error("%s", visible(done.stderr.decode("utf-8", "replace")))
        result = pickle.loads(done.stdout)
        if isinstance(result, ReadApart):
            return result
        if isinstance(result, NotValid):
            raise result
    _log.error(
        "%s: %s (SHA-256 %s): %s",
        document.source,
        shown(document.url),
        document.sha256,
        interrupted().reason,
    )
    return ReadApart(None, (interrupted(),))


_ROOT = Path(__file__).parents[2]
"""Where the packages lie, for the other process to find them."""


def main() -> None:
    """Read the document on standard input, within its limit; write what it says."""
    document, seconds = pickle.load(sys.stdin.buffer)
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        answer: ReadApart | NotValid = _read(document)
    except NotValid as error:
        answer = error
    sys.stdout.buffer.write(pickle.dumps(answer))


def _read(document: Document) -> ReadApart:
    extracted = None
    try:
        extracted = contents(document)
        bulletins = read_contents(extracted, document)
    except NotABulletin as error:
        bulletins = (refusal(error),)
    except Exception as error:
        bulletins = (broken(error, document),)
    return ReadApart(extracted, bulletins)
