"""A glance at the bytes of many pages: which of them can be bulletins, told without parsing any.

Made for web archives, where one page in thousands is one. All words in all encodings are one
pattern for RE2 (which pyarrow brings): it goes over the bytes once, whatever the pattern holds.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from schemas.languages import load_languages

_ENCODINGS = (
    *("utf-8", "cp1251", "koi8_u", "iso8859_5", "cp866", "cp1253", "iso8859_7", "cp1256"),
    *("iso8859_6", "cp1250", "iso8859_2", "cp1252", "cp1254", "cp1258", "gb18030", "big5"),
    *("utf-16-le", "utf-16-be"),
)
"""The encodings that web pages are written in, as far as the languages need them."""

_WHOLE_WORDS = {
    "char": "chars?(?:[^a-z]|$)",
    "carr": "carr(?:os?|i)(?:[^a-z]|$)",
    "tanc": "tanc(?:ur|ul|[^a-z]|$)",
}
"""Beginnings that every page holds ("charset", "distance"), and the words that are meant."""


def may_be_bulletins(contents: Sequence[bytes]) -> list[bool]:
    """Return of each page, in any encoding, whether it can hold the list of a bulletin.

    It never says no to one that does: each has, in one piece, a word for tanks or for artillery.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.match_substring_regex(pa.array(contents, pa.binary()), pattern())
    return [bool(said) for said in found.to_pylist()]


@cache
def pattern() -> str:
    """Return the pattern, in the syntax of RE2, that every bulletin's bytes match."""
    anchors = sorted({a for language in load_languages().values() for a in language.anchors})
    words = {word for word in _WHOLE_WORDS for anchor in anchors if anchor.startswith(word)}
    rest = [anchor for anchor in anchors if not anchor.startswith(tuple(words))]
    whole = "|".join(_WHOLE_WORDS[word] for word in sorted(words))
    forms = dict.fromkeys(form for anchor in rest for form in _forms(anchor))
    return f"(?i)(?:^|[^a-z])(?:{whole})|" + "|".join(forms)


def _forms(anchor: str) -> Iterator[str]:
    """Yield the pattern of a word in each encoding, and with its letters written as entities."""
    for form in dict.fromkeys((anchor, unicodedata.normalize("NFD", anchor))):
        for encoding in _ENCODINGS:
            try:
                yield "".join(_bytes(letter, encoding) for letter in form)
            except UnicodeEncodeError:
                continue
    yield "".join(map(_entity, anchor))


def _bytes(letter: str, encoding: str) -> str:
    """A letter, small or large; RE2 folds the case of ASCII letters by itself."""
    return _any_of(_escaped(case.encode(encoding)) for case in _cases(letter))


def _entity(letter: str) -> str:
    numbers = (f"&#(?:0*{ord(case)}|x0*{ord(case):x});" for case in _cases(letter))
    plain = _escaped(letter.encode()) if letter.isascii() else None
    return _any_of([*([plain] if plain else []), *numbers])


def _cases(letter: str) -> list[str]:
    return list(dict.fromkeys((letter, letter.upper())))


def _escaped(content: bytes) -> str:
    return "".join(re.escape(chr(b)) if 32 < b < 127 else f"\\x{b:02x}" for b in content.lower())


def _any_of(alternatives: Iterable[str]) -> str:
    found = list(dict.fromkeys(alternatives))
    return found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"
