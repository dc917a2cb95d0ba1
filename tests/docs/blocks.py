"""The programs and commands that the pages show, each block with what is said of it.

A comment in the line before a fence says what a reader is not to see:

- `<!-- untested: REASON -->`: it is not run, and why;
- `<!-- exits: 1 -->`: its last command ends with that status;
- `<!-- output -->`: of a `text` block, that it is what the block before it printed;
- `<!-- readers -->`: it needs what `make readers` installs.

And one anywhere in a page says where its blocks are run:

- `<!-- begins: without a lake -->`: else the lake of `make run` is in `data/lake`;
- `<!-- begins: in a copy of the tree -->`: the packages are there to be changed.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

_COMMENT = re.compile(r"^ *<!-- (untested|exits|output|readers|begins)(?:: (.*?))? -->$")
_FENCE = re.compile(r"^( *)(```+)(\S*)\s*$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page, the line of its fence, and what the comment before it says."""

    page: str
    line: int
    language: str
    text: str
    said: str | None
    value: str | None

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its blocks; `begins` says where they are run."""

    name: str
    begins: str | None
    blocks: tuple[Block, ...]


def pages() -> list[Page]:
    """Return the README and all pages of docs/."""
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths]


def page(name: str, text: str) -> Page:
    """Return a page with its blocks. Raises ValueError for a fence that is not closed."""
    lines = text.split("\n")
    blocks: list[Block] = []
    begins = None
    number = 0
    while number < len(lines):
        comment = _COMMENT.match(lines[number])
        if comment and comment[1] == "begins":
            begins = comment[2]
        fence = _FENCE.match(lines[number])
        if not fence:
            number += 1
            continue
        said = _COMMENT.match(lines[number - 1]) if number else None
        closing = f"{fence[1]}{fence[2]}"
        try:
            end = lines.index(closing, number + 1)
        except ValueError:
            raise ValueError(f"{name}:{number + 1}: the fence is not closed") from None
        body = "\n".join(line[len(fence[1]) :] for line in lines[number + 1 : end])
        told = (said[1], said[2]) if said else (None, None)
        blocks.append(Block(name, number + 1, fence[3], body, *told))
        number = end + 1
    return Page(name, begins, tuple(blocks))


def commands(text: str) -> list[tuple[str, str]]:
    """Return the commands of a `console` block, each with the output that the page shows of it."""
    found: list[tuple[list[str], list[str]]] = []
    for line in text.split("\n"):
        if line.startswith("$ "):
            found.append(([line[2:]], []))
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1][0].append(line[2:])
        elif found:
            found[-1][1].append(line)
    return [("\n".join(command), "\n".join(output)) for command, output in found]


def shows(expected: str, printed: str) -> bool:
    """Whether a page shows what is printed; `...` stands for any text, as a line for any lines."""
    lines = [
        "(?:.*\n)*" if line == "..." else f"{re.escape(line).replace(re.escape('...'), '.*')}\n"
        for line in _lines(expected)
    ]
    return (
        re.fullmatch("".join(lines), "".join(f"{line}\n" for line in _lines(printed))) is not None
    )


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").split("\n")]
