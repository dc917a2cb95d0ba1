"""What people and files are shown of the web: no password or token, no control character."""

import hashlib
import re
from urllib.parse import unquote_plus

HIDDEN = "***"
"""What stands where something secret was."""

_USER = re.compile(r"(?<=://)[^/?#\s]*@")
"""The user and the password of an address: "https://desk:sesame@outlet.example/"."""

_PARAMETER = re.compile(r"([?&;#])([^=&;#\s]++)(=[^&;#\s]*+)?")
"""A parameter of an address, in its query or behind its "#", where some services put tokens.

One without a value is taken as well, so that no character is looked at twice.
"""

_SECRET = re.compile(
    r"token|secret|passw|pwd|auth|credential|signature|session|jwt|api.?key|access.?key|private.?key"
    r"|^(key|sig|sid|code)$",
    re.IGNORECASE,
)
"""How the names of parameters look that hold a secret; the short ones only where they are whole."""

_HASH = 16
"""Digits of a hash that tells addresses apart."""

_COMMANDING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters (C0, C1, DEL), line separators, marks that turn the order of letters, and
halves of surrogate pairs, which no encoding has."""

_LONGEST = 400
"""Characters of text from the web in a message: an address fits, a page does not."""

_SPARE = 20
"""So many times as much is looked at: blanks that are left out, and then it is cut."""


def redacted(text: str) -> str:
    """Return an address, or a text with addresses, without passwords and token-like parameters.

    Anything else stays as it is, and doing it again changes nothing.
    """
    return _PARAMETER.sub(_parameter, _USER.sub(f"{HIDDEN}@", text))


def told_apart(url: str) -> str:
    """Return an address without secrets; where there were any, with a hash of it behind a "#".

    Two pages whose addresses differ in a token alone stay two pages.
    """
    clean = redacted(url)
    if clean == url:
        return url
    return f"{clean}#{hashlib.sha256(url.encode('utf-8', 'replace')).hexdigest()[:_HASH]}"


def plain(text: str) -> str:
    """Return text from the web as one line of printable characters, cut where it is very long."""
    line = one_line(text[: _LONGEST * _SPARE])
    cut = len(line) > _LONGEST or len(text) > _LONGEST * _SPARE
    return line[:_LONGEST] + " ..." if cut else line


def one_line(text: str) -> str:
    """Return text as one line of printable characters: none of them can command a terminal."""
    line = " ".join(text.split())
    if line.isprintable():  # nearly always, and ten times as quick to see
        return line
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())


def visible(text: str) -> str:
    """Return a text of lines for a terminal: what could command it, or turn it round, is spelled.

    JSON stays JSON: its strings are the only place where such characters can stand.
    """
    return _COMMANDING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def shown(text: str) -> str:
    """Return an address, or a text that came from the web, as it may stand in a message."""
    return plain(redacted(text))


def _parameter(match: "re.Match[str]") -> str:
    sign, name, value = match.groups()
    secret = value and _SECRET.search(unquote_plus(name))
    return f"{sign}{name}={HIDDEN}" if secret else match[0]
