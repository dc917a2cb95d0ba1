"""The command line, from the declarations of the commands."""

from collections.abc import Iterator
from inspect import cleandoc

import click

from docs.generate.markdown import GENERATED, escaped, grid
from flows.cli.main import COMMANDS, cli
from flows.errors import EXIT_FAILED, EXIT_NOT_PUBLISHED, EXIT_USAGE

_INTRODUCTION = """\
# The command line

What `tallybook COMMAND --help` says, in one page. Dates are report dates, as in 2023-10-09; times
are those of Kyiv, but for `--as-of`: without a zone it is UTC. On a terminal `show`, `status`,
`check` and `sources` have tables, small curves and colours; in a pipe, with `NO_COLOR` or on a dumb
terminal they print plain lines that are never broken. After `make setup` the command is
`.venv/bin/tallybook`.

Completion in the shell: `eval "$(_TALLYBOOK_COMPLETE=bash_source tallybook)"` in `~/.bashrc`,
`zsh_source` for zsh; for fish `_TALLYBOOK_COMPLETE=fish_source tallybook >
~/.config/fish/completions/tallybook.fish`.
"""

_STATUSES = (
    ("0", "It is done. What is flagged, such as a figure that does not add up, is no failure."),
    (str(EXIT_FAILED), "The day failed, or a document was quarantined; a check found something."),
    (str(EXIT_USAGE), "The command cannot be used as given."),
    (str(EXIT_NOT_PUBLISHED), "The bulletin is not published yet: try again later."),
    ("130, 143", "It was interrupted, or a run was told to end (SIGTERM)."),
)

_EXAMPLES = "<!-- untested: examples; a test looks that each is a valid call -->"


def commands_page() -> str:
    """Return the page of all commands."""
    statuses = grid(("exit status", "meaning"), _STATUSES)
    parts = [GENERATED + _INTRODUCTION, f"## Exit status\n\n{statuses}"]
    parts += [_section(command, path) for path, command in commands()]
    return "\n".join(parts)


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield each command with the words that call it; a group comes before its own."""
    context = click.Context(cli, info_name="tallybook")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command
        yield f"tallybook {name}", command
        for sub, part in getattr(command, "commands", {}).items():
            yield f"tallybook {name} {sub}", part


def examples(command: click.Command) -> list[str]:
    """Return the calls that a command's help gives as examples."""
    return [line for kind, block in _blocks(command) if kind == "examples" for line in block]


def _blocks(command: click.Command) -> Iterator[tuple[str, list[str]]]:
    """Yield the paragraphs of a help text: "text", "verbatim" or "examples", with its lines."""
    for paragraph in cleandoc(command.help or "").split("\n\n"):
        first, *rest = paragraph.split("\n")
        if first != "\b":
            yield "text", [first, *rest]
        elif rest[0].startswith("Example"):
            yield "examples", [line.strip() for line in rest[1:]]
        else:
            yield "verbatim", rest


def _section(command: click.Command, path: str) -> str:
    usage = " ".join(command.collect_usage_pieces(click.Context(command)))
    parts = [f"{'###' if path.count(' ') > 1 else '##'} `{path}`\n"]
    for number, (kind, lines) in enumerate(_blocks(command)):
        text = "\n".join(lines)
        if kind == "examples":
            parts.append(f"{_EXAMPLES}\n```sh\n{text}\n```\n")
        else:
            parts.append(f"```text\n{text}\n```\n" if kind == "verbatim" else f"{text}\n")
        if not number:
            parts.append(f"```text\n{path} {usage}\n```\n")
    options = [
        (f"`{record[0]}`", escaped(record[1]))
        for parameter in command.params
        if (record := parameter.get_help_record(click.Context(command)))
    ]
    if options:
        parts.append(grid(("option", "what it is"), options))
    return "\n".join(parts)
