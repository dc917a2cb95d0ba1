"""The prefilter of many pages at once: which of them can be bulletins, told by their bytes.

Made for web archives, where one page in thousands is one. All words in all encodings are one
pattern for RE2 (which pyarrow brings): it goes over the bytes once, whatever the pattern holds.
"""

import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import accumulate

from flows.extract.prefilter import anchor_endings
from schemas.languages import load_languages

_ENCODINGS = (
    *("utf-8", "cp1251", "koi8_u", "iso8859_5", "cp866", "cp1253", "iso8859_7", "cp1256"),
    *("iso8859_6", "cp1250", "iso8859_2", "cp1252", "cp1254", "cp1258", "gb18030", "big5"),
    *("utf-16-le", "utf-16-be"),
)
"""The encodings that web pages are written in, as far as the languages need them."""


def may_be_bulletins(pages: Sequence[bytes]) -> list[bool]:
    """Return of each page, in any encoding, whether it can hold the list of a bulletin.

    It never says no to one that does: each has, in one piece, a word for tanks or for artillery.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    # `pa.array` copies page by page into a buffer that grows: as long as the search itself.
    ends = array("q", accumulate(map(len, pages), initial=0))
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(pages))]
    joined = pa.Array.from_buffers(pa.large_binary(), len(pages), buffers)
    return [bool(match) for match in pc.match_substring_regex(joined, pattern()).to_pylist()]


@cache
def pattern() -> str:
    """Return the pattern, in the syntax of RE2, that every bulletin's bytes match."""
    endings = anchor_endings()
    anchors = sorted({a for language in load_languages().values() for a in language.anchors})
    whole = "|".join(_whole_word(word, endings[word]) for word in sorted(endings))
    forms = (form for anchor in anchors if anchor not in endings for form in _forms(anchor))
    return f"(?i)(?:^|[^a-z])(?:{whole})|" + "|".join(dict.fromkeys(forms))


def _whole_word(word: str, endings: Iterable[str]) -> str:
    """Return a word with its endings; RE2 cannot look ahead, so that what follows is matched."""
    open_ended = [ending[:-1] for ending in endings if ending.endswith("~")]
    closed = [f"{ending}(?:[^a-z]|$)" for ending in endings if not ending.endswith("~")]
    return f"{word}(?:{'|'.join([*open_ended, *closed])})"


def _forms(anchor: str) -> Iterator[str]:
    """Yield the pattern of a word in each encoding, and with its letters written as entities."""
    for form in dict.fromkeys((anchor, unicodedata.normalize("NFD", anchor))):
        for encoding in _ENCODINGS:
            try:
                yield "".join(_encoded(letter, encoding) for letter in form)
            except UnicodeEncodeError:
                continue
    yield "".join(map(_entity, anchor))


def _encoded(letter: str, encoding: str) -> str:
    """A letter, small or large; RE2 folds the case of ASCII letters by itself."""
    return _any_of(_escaped(case.encode(encoding)) for case in (letter, letter.upper()))


def _entity(letter: str) -> str:
    """A letter as itself, if it is ASCII, or as a number: `&#1090;`, `&#x442;`."""
    cases = dict.fromkeys((letter, letter.upper()))
    numbers = (f"&#(?:0*{ord(case)}|x0*{ord(case):x});" for case in cases)
    return _any_of([*([_escaped(letter.encode())] if letter.isascii() else []), *numbers])


def _escaped(content: bytes) -> str:
    return "".join(re.escape(chr(b)) if 32 < b < 127 else f"\\x{b:02x}" for b in content.lower())


def _any_of(alternatives: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(alternatives))
    return distinct[0] if len(distinct) == 1 else f"(?:{'|'.join(distinct)})"
