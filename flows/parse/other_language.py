"""Other language: the name of a language that is not read, told by its letters or its words."""

import re
from collections import Counter
from functools import cache, lru_cache

from schemas.languages import load_languages, load_other_languages

_ENOUGH_LETTERS = 20
"""So many letters of a script are a text in it; a name or two in a text have fewer."""

_ENOUGH_WORDS = 5
"""So many different frequent words tell a language."""

_WORDS_OF_TEXT = 60
_FEW_WORDS = 2
"""A text of so many different words has more frequent ones than that, in its own language."""

_WORD = re.compile(r"[^\W\d_][\w']*")
_BEGINNING = 6_000
"""So much of a text tells its language."""


@lru_cache(maxsize=1)  # of a text that is refused it is asked twice
def other_language(text: str) -> str | None:
    """Return the name of the language of a text, if it is one that is known and not read.

    It is empty where a text has hardly a frequent word of any language that is known.
    """
    any_letter, scripts = _scripts()
    if not text.isascii() and any_letter.search(text):
        for letters, name in scripts:
            if len(letters.findall(text)) >= _ENOUGH_LETTERS:
                return name
    words = set(_WORD.findall(text[:_BEGINNING].lower()))
    by_word = _languages_by_word()
    found = Counter(name for word in words & by_word.keys() for name in by_word[word])
    read = max(found[code] for code in load_languages())
    name = max((other.name for other in load_other_languages().values()), key=found.__getitem__)
    count = found[name]
    if count >= _ENOUGH_WORDS and count > read:
        return name
    is_strange = len(words) >= _WORDS_OF_TEXT and max(count, read) <= _FEW_WORDS
    return "" if is_strange and not _is_spaceless(text[:_BEGINNING]) else None


def _is_spaceless(text: str) -> bool:
    """Whether a text has the frequent words of a language that writes no blanks."""
    spaceless = (language for language in load_languages().values() if language.spaceless)
    return any(sum(word in text for word in language.words) >= _FEW_WORDS for language in spaceless)


@cache
def _languages_by_word() -> dict[str, list[str]]:
    """Return by frequent word the codes of the languages that are read, the names of the others."""
    named = [(language.code, language.words) for language in load_languages().values()]
    named += [(other.name, other.words) for other in load_other_languages().values()]
    by_word: dict[str, list[str]] = {}
    for name, words in named:
        for word in words:
            by_word.setdefault(word, []).append(name)
    return by_word


@cache
def _scripts() -> tuple[re.Pattern[str], list[tuple[re.Pattern[str], str]]]:
    """Return a pattern for a letter of any of the scripts, and one for each with its name."""
    named = [(other.letters, other.name) for other in load_other_languages().values()]
    classes = [("-".join(letters), name) for letters, name in named if letters]
    any_letter = re.compile(f"[{''.join(letters for letters, _ in classes)}]")
    return any_letter, [(re.compile(f"[{letters}]"), name) for letters, name in classes]
