"""What is generated of the declarations is what lies in the tree, and names everything."""

import ast
import re
import shlex
from pathlib import Path

import click
import pytest

from docs.generate.commands import commands, examples
from docs.generate.markdown import grid
from docs.generate.pages import ROOT, generated
from docs.generate.tables import data_dictionary, with_code_tables
from flows.cli.main import cli
from schemas.codes import BulletinWarningCode, Code, Outcome, RunState, Severity
from schemas.registry import load_registry
from schemas.tables import TABLES

GENERATED = {str(path.relative_to(ROOT)): text for path, text in generated().items()}
REFERENCE = "docs/reference"


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_in_the_tree_is_up_to_date(name: str) -> None:
    assert Path(ROOT, name).read_text("utf-8") == GENERATED[name], "run `python -m docs.generate`"


def test_a_table_of_codes_is_written_anew() -> None:
    page = "before\n<!-- codes: RunState -->\n| old |\n<!-- end of codes -->\nafter\n"
    table = "".join(f"| `{state}` | {state.meaning} |\n" for state in RunState)
    assert with_code_tables(page) == (
        "before\n<!-- codes: RunState -->\n| code | meaning |\n| --- | --- |\n"
        f"{table}<!-- end of codes -->\nafter\n"
    )


def test_a_bar_in_a_cell_ends_no_cell() -> None:
    assert grid(("a",), [("x | y",)]) == "| a |\n| --- |\n| x \\| y |\n"


def test_the_dictionary_names_everything() -> None:
    text = data_dictionary()
    for table in TABLES:
        for field in table.fields:
            assert f"| `{field.name}` | {field.type} | {field.unit} |" in text
    for category in load_registry().categories.values():
        assert f"| `{category.id}` | {category.title} | {category.unit} |" in text
    assert "claims" in text
    assert "cannot be verified independently" in text


def test_every_coded_value_is_explained() -> None:
    text = data_dictionary()
    for code in (code for t in TABLES for f in t.fields for code in f.values):
        if getattr(code, "severity", None) != Severity.WARNING:  # A flag is no reason.
            assert f"| `{code}` | {code.meaning} |" in text
    for codes in (BulletinWarningCode, Outcome, RunState):
        assert all(f"| `{code}` | {code.meaning} |" in text for code in codes)


def test_all_codes_are_on_their_page() -> None:
    page = GENERATED[f"{REFERENCE}/codes.md"]
    for members in Code.__subclasses__():
        assert f"## {members.__name__}\n" in page
        assert all(f"| `{code}` |" in page for code in members)


def test_the_settings_are_those_that_config_prints() -> None:
    from flows.report.settings_list import settings_report
    from flows.settings import SourceConfig, load_settings

    page = GENERATED[f"{REFERENCE}/settings.md"]
    for setting in settings_report(load_settings()).settings:
        assert f"| `{setting.name}` | `TALLYBOOK_" in page
    for key in set(SourceConfig.__struct_fields__) - {"name"}:
        assert f"| `{key}` |" in page


COMMANDS = dict(commands())


def test_every_command_and_option_is_on_the_page() -> None:
    page = GENERATED[f"{REFERENCE}/command-line.md"]
    assert {"tallybook run", "tallybook archive import", "tallybook alerts test"} <= COMMANDS.keys()
    for path, command in COMMANDS.items():
        assert f"# `{path}`\n" in page
        options = [one for one in command.params if isinstance(one, click.Option)]
        assert all(option.opts[0] in page for option in options)


@pytest.mark.parametrize("path", COMMANDS)
def test_the_examples_of_a_help_are_valid_calls(path: str) -> None:
    command = COMMANDS[path]
    for example in examples(command):
        call = example[example.index(path) :].partition(" <")[0]
        words = shlex.split(call.removeprefix(path))
        command.make_context(path, words, parent=click.Context(cli))


def test_an_example_with_an_unknown_option_is_found() -> None:
    with pytest.raises(click.UsageError):
        COMMANDS["tallybook run"].make_context("run", ["--dat", "2023-10-09"])


def said() -> str:
    """Return every text in the code; a sentence that is put together of parts is one line."""
    files = (path for name in ("flows", "schemas") for path in (ROOT / name).rglob("*.py"))
    nodes = (node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    texts = (node for node in nodes if isinstance(node, ast.JoinedStr | ast.Constant))
    return "\n".join(map(ast.unparse, texts))


@pytest.mark.slow
def test_the_messages_of_troubleshooting_are_those_of_the_code() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    texts = said()
    codes = {code for members in Code.__subclasses__() for code in members}
    messages = [
        quoted
        for line in page.splitlines()
        if line.startswith("| `")
        for quoted in re.findall(r"`([^`]+)`", line.split(" | ")[0])
    ]
    assert len(messages) > 30
    for message in messages:
        assert message in codes or message in texts, message
