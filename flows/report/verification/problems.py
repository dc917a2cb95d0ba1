"""What a verification has found so far."""

import msgspec

from flows.redact import plain
from schemas.codes import Damage, Remedy


class LakeProblem(msgspec.Struct, frozen=True):
    """What is wrong with a part of a lake: where, what, in a sentence, and what mends it.

    `path` is that of a file or a folder inside the lake.
    """

    path: str
    code: Damage
    text: str
    remedy: Remedy


class Problems:
    """Gathers what is wrong, each thing once."""

    def __init__(self) -> None:
        self._found: dict[LakeProblem, None] = {}

    @property
    def found(self) -> tuple[LakeProblem, ...]:
        """All problems, sorted by path."""
        return tuple(sorted(self._found, key=lambda one: (one.path, one.code, one.text)))

    def add(self, path: str, code: Damage, remedy: Remedy, text: str = "") -> None:
        """Note a problem; its text is what the code means unless one is given."""
        shown = path.encode("utf-8", "replace").decode()
        self._found[LakeProblem(shown, code, plain(text or code.meaning), remedy)] = None
