"""Tell an article from what servers send in its place: a challenge, a consent wall, a shell.

What such pages say stands in the language files, under `[pages]`.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from resiliparse.parse.encoding import detect_encoding

from schemas.languages import load_languages

LEAST_TEXT = 100
"""Fewer visible characters than this are no bulletin, however short."""

LITTLE_TEXT = 1500
"""Such pages say little; a longer text that speaks of captchas is an article."""

MORE_TEXT = 6000
"""Consent walls and parked domains can be wordy: up to here several of their phrases must stand."""

_SEVERAL = 3
"""A long text may use a phrase or two of a kind by chance; three different ones are a wall."""

_NUMBERS_OF_A_BULLETIN = 2
"""A bulletin has a total of tanks and one of artillery at least; a wall has a year and a code."""

_HIDDEN = re.compile(
    rb"<(script|style|template|svg)\b.*?(</\1\s*>|\Z)|<!--.*?(-->|\Z)", re.I | re.S
)
"""What a browser does not show; an element that is not closed hides the rest of the page."""

_TAG = re.compile(rb"<[^<>]*>")
_SPACE = re.compile(rb"\s+")
"""A tag and a run of blanks: both count as one blank, so that phrases across them are found."""

_NUMBER = re.compile(r"(?<![A-Za-z\d.#:/-])(?!20[12]\d\b)\d[\d.,\u00a0\u202f ]*\d(?![A-Za-z\d:/-])")
"""A number that stands for itself: no year, and no part of an address, a time or an id."""

_NO_CHARACTER = re.compile(r"&#(?:\d{8,}|[xX][0-9a-fA-F]{7,});?")
"""A number that is no character's: `html.unescape` raises for thousands of digits."""

_PASSWORD = re.compile(rb"<input\b[^<>]*type\s*=\s*[\"']?password", re.I)
"""A field for a password: of a login, where a page has little else."""

_SCRIPTED = re.compile(
    rb"challenge-platform|cf-chl|g-recaptcha|hcaptcha|_incapsula_|ddos-guard", re.I
)
"""Names in the scripts of the usual bot challenges, whose pages may have no word at all."""

_MARKUP = ("html", "text/plain")
"""The types that are looked at; JSON and feeds are data, which nobody puts a wall in front of."""

CHALLENGE, LOGIN = "a bot challenge", "a login"
"""The kinds that are also told by their markup."""

_NAMES = {
    "challenge": CHALLENGE,
    "consent": "a consent wall",
    "parked": "a parked domain",
    "login": LOGIN,
    "missing": "a page that says it is not there (a soft 404)",
}
"""The kinds of page by their key in the language files, in the order in which they are tried."""

_LEAST = {"consent": 2}
"""How many phrases a short page must show: one word on cookies stands below many an article."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of page: its phrases in all languages, and how many of them a short page must show."""

    name: str
    phrases: "re.Pattern[str]"
    least: int


@cache
def _kinds() -> tuple[_Kind, ...]:
    kinds = []
    for key, name in _NAMES.items():
        phrases = [p for language in load_languages().values() for p in language.pages.get(key, ())]
        pattern = re.compile("|".join(dict.fromkeys(phrases)))
        kinds.append(_Kind(name, pattern, _LEAST.get(key, 1)))
    return tuple(kinds)


def what_instead(
    content: bytes, media_type: str, may_hold_bulletin: Callable[[str], bool]
) -> str | None:
    """Say what a page is instead of an article; None for what may be one, and for data and feeds.

    It is a coarse sieve in front of the archive; whether the text is a bulletin is for the parser.
    A page with words and numbers of a bulletin always passes: `may_hold_bulletin` says of a text
    whether it has the words.
    """
    if not any(kind in media_type.lower() for kind in _MARKUP):
        return None if content.strip() else "an empty answer"
    visible = _SPACE.sub(b" ", _TAG.sub(b" ", _HIDDEN.sub(b" ", content))).strip()
    if len(visible) < LEAST_TEXT:
        return CHALLENGE if _SCRIPTED.search(content) else "an empty page or an empty shell"
    if len(visible) > MORE_TEXT:
        return None
    text = html.unescape(_NO_CHARACTER.sub(" ", _decoded(visible)))
    name = _kind_of(text)
    if name is None and len(visible) <= LITTLE_TEXT and _PASSWORD.search(content):
        name = LOGIN
    if name and len(_NUMBER.findall(text)) >= _NUMBERS_OF_A_BULLETIN and may_hold_bulletin(text):
        return None
    return name


def _decoded(visible: bytes) -> str:
    try:
        return visible.decode()
    except UnicodeDecodeError:
        # Of a short text in Cyrillic letters the detection says that it is UTF-8, which it is not.
        encoding = detect_encoding(visible) or "utf-8"
        return visible.decode("windows-1251" if encoding == "utf-8" else encoding, "replace")


def _kind_of(text: str) -> str | None:
    little = len(text) <= LITTLE_TEXT
    lower = text.lower()
    for kind in _kinds():
        if len(set(kind.phrases.findall(lower))) >= (kind.least if little else _SEVERAL):
            return kind.name
    return None
