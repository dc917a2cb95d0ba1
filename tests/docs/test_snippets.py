"""Every command and program that README and docs show is run as it stands there.

The blocks of a page are run in order in a folder of its own, as a reader would. What cannot be
run here says so, with the reason; see `tests.docs.blocks` for the comments.
"""

import json
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs import blocks, shell
from tests.docs.blocks import Block, Page, page, shows

ROOT = Path(__file__).parents[2]
READERS = ROOT / ".readers"
PAGES = blocks.pages()
BLOCKS = [block for page in PAGES for block in page.blocks]

RUN = ("sh", "console", "python", "sql", "js", "toml", "json")
"""The languages of blocks that are run, or read; a `text` is what something prints, or a form."""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the programs of the shell, and the server behind them."""
    place = tmp_path_factory.mktemp("bin")
    shell.programs(place)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.docs.shell", str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    assert server.stdin
    assert server.stdout
    assert server.stdout.readline() == "ready\n"
    yield place
    server.terminate()
    server.wait()
    server.stdin.close()
    server.stdout.close()


@pytest.fixture(scope="module")
def lake(programs: Path) -> Path:
    """The lake of `make run`."""
    return programs / shell.LAKE


def prepared(begins: str | None, lake: Path, place: Path) -> dict[str, str]:
    """Lay out a folder for the blocks of a page; return the variables that go with it."""
    (place / "data").mkdir()
    shutil.copytree(shell.SAMPLES, place / "data" / "bulletins")
    if begins is None:
        shutil.copytree(lake, place / "data" / "lake")
    elif begins == "in a copy of the tree":
        for name in ("flows", "schemas"):
            left_out = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, place / name, ignore=left_out)
        return {"COLUMNS": "100", "PYTHONPATH": f"{place}:{ROOT}", "PYTHONDONTWRITEBYTECODE": ""}
    else:
        assert begins == "without a lake"
    return {"COLUMNS": "100"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.blocks], ids=lambda page: page.name
)
def test_what_a_page_shows_works(page: Page, programs: Path, lake: Path, tmp_path: Path) -> None:
    variables = prepared(page.begins, lake, tmp_path)
    if page.begins == "in a copy of the tree":
        own = tmp_path / ".bin"
        own.mkdir()
        call = "from flows.cli.main import main; main()"
        (own / "tallybook").write_text(f"#!/bin/sh\nexec {sys.executable} -c '{call}' \"$@\"\n")
        (own / "tallybook").chmod(0o755)
        shutil.copy(programs / "python", own / "python")
        programs = own
    printed = ""
    for block in page.blocks:
        if block.said == "output":
            assert shows(block.text, printed), f"{block.place}: it prints\n{printed}"
        elif block.said not in ("untested", "readers"):
            printed = worked(block, tmp_path, programs, variables)


def worked(block: Block, place: Path, programs: Path, variables: dict[str, str]) -> str:
    """Run or read a block; fail where it does not do what the page says. Return what it prints."""
    if block.language in ("toml", "json"):
        _written(block, place)
        return ""
    if block.language in ("sh", "console"):
        calls = [(block.text, "...")] if block.language == "sh" else blocks.commands(block.text)
        wanted = int(block.value or 0) if block.said == "exits" else 0
        for number, (command, expected) in enumerate(calls, start=1):
            done = shell.run(command, place, programs, variables)
            status = wanted if number == len(calls) else 0
            assert done.returncode == status, f"{block.place}: {command}\n{done.stdout}"
            assert shows(expected, done.stdout), f"{block.place}: it prints\n{done.stdout}"
        return done.stdout
    if block.language == "text":
        return ""
    text = block.text
    if block.language == "sql":
        text = f"import duckdb\nprint(duckdb.sql({text!r}))"
    done = shell.run(f"python -c {shlex.quote(text)}", place, programs, variables)
    assert done.returncode == 0, f"{block.place}: {done.stdout}"
    return done.stdout


def _written(block: Block, place: Path) -> None:
    """Read a file that a page shows; one that begins with its name is put there."""
    (json.loads if block.language == "json" else tomllib.loads)(block.text)
    first = block.text.partition("\n")[0]
    if first.startswith("# ") and first.endswith(".toml"):
        (place / first.removeprefix("# ")).write_text(f"{block.text}\n", "utf-8")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_is_run_or_says_why_not(block: Block) -> None:
    if block.said == "untested":
        assert block.value, f"{block.place}: it does not say why it is not run"
    elif block.said == "readers":
        assert block.language in ("js", "python")
    else:
        assert block.language in (*RUN, "text"), f"{block.place}: {block.language!r} is not run"
        assert block.language != "js", f"{block.place}: it needs what `make readers` installs"


@pytest.mark.full
@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if b.said == "readers"], ids=lambda block: block.place
)
def test_what_needs_other_readers_works(block: Block, lake: Path, tmp_path: Path) -> None:
    prepared(None, lake, tmp_path)
    script = block.language == "js"
    needed = READERS / ("node_modules" if script else "spark/bin/python")
    runs = shutil.which("node" if script else "java")
    if not needed.exists() or not runs:
        pytest.skip("node or Java, or what `make readers` installs, is not there")
    program = tmp_path / ("program.mjs" if script else "program.py")
    program.write_text(block.text, "utf-8")
    if script:
        (tmp_path / "node_modules").symlink_to(needed)  # packages are looked for beside it
    done = subprocess.run(
        [runs if script else needed, program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{block.place}: {done.stderr}"


def test_pandas_is_never_shown_without_the_line_that_mends_its_dates() -> None:
    shown = [b for b in BLOCKS if "pd.read_parquet" in b.text and "filesystem" not in b.text]
    assert shown
    for block in shown:
        assert 'pd.to_datetime(losses["report_date"])' in block.text, block.place


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "```sh\ntallybook shwo\n```",
        "```sh\ntallybook show --lake nowhere\ntrue\n```",
        "```console\n$ tallybook status --lake data/lake\nLake: elsewhere\n...\n```",
        "```python\nimport nothing_of_this_name\n```",
        "```sql\nSELECT nothing FROM nowhere\n```",
        "```toml\nlake = \n```",
        "<!-- exits: 1 -->\n```sh\ntrue\n```",
    ],
)
def test_a_block_that_does_not_work_is_found(
    text: str, programs: Path, lake: Path, tmp_path: Path
) -> None:
    (block,) = page("page.md", text).blocks
    variables = prepared(None, lake, tmp_path)
    with pytest.raises((AssertionError, ValueError)):
        worked(block, tmp_path, programs, variables)


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\n...\nd", "a\nb\nc\nd\n", True),
        ("a\n...\nd", "a\nd", True),
        ("...\nd\n...", "a\nd\ne", True),
        ("a ... d", "a b c d  ", True),
        ("a ... d", "a b\nc d", False),
        ("a\n...", "b\na", False),
        ("a", "b", False),
    ],
)
def test_what_is_shown_is_compared(expected: str, printed: str, same: bool) -> None:
    assert shows(expected, printed) is same


def test_a_console_holds_commands_and_their_output() -> None:
    text = "$ echo a \\\n>   b\na b\n$ true"
    assert blocks.commands(text) == [("echo a \\\n  b", "a b"), ("true", "")]


def test_a_run_of_the_shell_is_that_of_make() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", "run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    last = done.stdout.splitlines()[-1]
    assert last.endswith("/tallybook backfill --archive data/bulletins --lake data/lake")
