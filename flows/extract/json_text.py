"""JSON from outside: decoded by the standard's rules alone, within limits, or refused."""

import json
import re
from collections import Counter
from typing import Any

from flows.extract.refusal import NotABulletin
from schemas.codes import Reason

DEEPEST = 60
"""Levels of lists and objects; the data that is read has five."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
"""A string, whose brackets are no levels, or a bracket; one that does not end goes to the end."""


def decoded_json(text: str) -> Any:
    """Return the value of a JSON text. Raises NotABulletin.

    NaN, which some programs write for a value that is absent, is null. Refused are infinities, an
    object that names a key twice with different values, a number of thousands of digits, and what
    is nested more deeply than any data.
    """
    _check_depth(text)
    try:
        return json.loads(text, parse_constant=_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        # The reason of the library is quoted, the text is not.
        raise _broken(str(error)) from error
    except ValueError as error:  # what Python says of an integer that is too long
        raise _broken("a number with thousands of digits") from error


def _broken(problem: str) -> NotABulletin:
    return NotABulletin(Reason.BROKEN_JSON, f"not a bulletin: broken JSON ({problem})")


def _constant(constant: str) -> None:
    if constant != "NaN":
        raise _broken(f"{constant} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs)
        for key, value in pairs:
            if twice[key] > 1 and value != found[key]:
                raise _broken(f"the key {key[:40]!r} stands twice in an object")
    return found


def _check_depth(text: str) -> None:
    """Raise NotABulletin where lists and objects are nested too deeply, or never end.

    It comes first: how deeply the library can go depends on how deeply it is called.
    """
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = deepest = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    if deepest > DEEPEST and depth:
        raise _broken("lists or objects that do not end")
    if deepest > DEEPEST:
        sentence = f"not a bulletin: JSON with more than {DEEPEST} levels inside each other"
        raise NotABulletin(Reason.TOO_COMPLEX, sentence)
