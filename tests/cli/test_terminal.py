"""What a terminal shows and what a pipe gets; what comes from outside commands neither."""

import json
import os
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.cli.parse import results
from flows.errors import why
from tests import fuzz
from tests.conftest import Command
from tests.report.site.built import bulletin, lake_of
from tests.terminals import ONE_AFTER_THE_OTHER, shown_one_after_the_other, unstyled
from tests.webserver import Site, page

ODD = "\x1b]0;owned\x07 \x9b31m \u202eTanks\u2066 \x7f"
TEXT = (
    f"Day 593 {ODD}, October 9, 2023: tanks 4,823 (+2), aircraft 315 (+0), MLRS 808 (+1), "
    f"hover{ODD}craft 7 (+1)"
)
COMMANDS = ("\x1b", "\x9b", "\x07", "\x7f", "\u202e", "\u2066")


def is_harmless(text: str) -> bool:
    return not any(command in text for command in COMMANDS)


@pytest.mark.parametrize("option", ["--explain", "--jsonl", None])
def test_parse_prints_nothing_that_commands(in_process: Command, option: str | None) -> None:
    stdin = json.dumps({"id": ODD, "text": TEXT}) + "\n" if option == "--jsonl" else TEXT
    done = in_process("parse", *([option] if option else []), stdin=stdin)
    assert is_harmless(done.stdout + done.stderr)
    if option != "--explain":
        fuzz.strict(done.stdout)
    if option == "--jsonl":
        assert json.loads(done.stdout)["id"] == ODD


def test_a_refusal_says_nothing_that_commands(in_process: Command, tmp_path: Path) -> None:
    content = json.dumps([{"date": ODD, "tank": ODD, ODD: [ODD]}])
    (tmp_path / "odd.json").write_text(content)
    done = in_process("parse", "odd.json")
    assert done.returncode == 1
    assert is_harmless(done.stdout + done.stderr)
    fuzz.strict(done.stdout)


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_trial_of_a_source_prints_nothing_that_commands(
    site: Site, in_process: Command, tmp_path: Path, options: tuple[str, ...]
) -> None:
    url = site.serve("/a", page(f"<h1>{ODD}</h1><p>{TEXT}</p>".encode()))
    (tmp_path / "sources.toml").write_text(f'[odd]\nkind = "article"\nurl = "{url}"\n')
    done = in_process("sources", "--test", "odd", "--date", "2023-10-09", *options)
    assert done.returncode == 0, done
    assert is_harmless(done.stdout + done.stderr)
    if options:
        fuzz.strict(done.stdout)


@pytest.mark.parametrize(
    "identifier", ["NaN", "1e400", "[" * 200 + "]" * 200, '"\\ud800"', "-1e999"]
)
def test_every_line_has_an_answer_that_is_json(in_process: Command, identifier: str) -> None:
    lines = f'{{"id": {identifier}, "text": "a"}}\nnot JSON\n{{"id": 2, "text": "b"}}\n'
    done = in_process("parse", "--jsonl", stdin=lines)
    answers = done.stdout.splitlines()
    assert len(answers) == 3
    for answer in answers:
        fuzz.strict(answer)
    assert json.loads(answers[2])["id"] == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"id": 1, "text": "\xff"}', "it is no text in UTF-8"),
        (b"\xff\xfe", "it is no text in UTF-8"),
        (b'{"id": 1, "text": "x", "published": "soon"}', "no date as in 2023-10-09"),
        (b'{"id": 1, "text": "x", "published": [1]}', "no date as in 2023-10-09"),
        (b'{"id": 1, "text": "x", "published": "0000-01-01"}', "no date as in 2023-10-09"),
        (b'{"id": ' + b"9" * 5_000 + b', "text": "x"}', "a number with thousands of digits"),
        (b'{"id": 1e5, "text": "x", "more": -Infinity}', "-Infinity is no JSON"),
        (b"[1]", "not a JSON object"),
    ],
)
def test_a_line_that_cannot_be_used_is_told_in_words(line: bytes, said: str) -> None:
    (result,) = results([line], None)
    reason = json.loads(result)["reason"]
    assert reason.startswith("line 1 cannot be used: ")
    assert said in reason
    assert not any(word in reason for word in ("codec", "isoformat", "out of range", "sys."))


@pytest.mark.parametrize("text", ["[" * 100_000, f'[{{"day": {"9" * 5_000}}}]'])
def test_why_json_cannot_be_read_is_told_in_words(text: str) -> None:
    with pytest.raises((ValueError, RecursionError)) as raised:
        json.loads(text)
    said = why(raised.value)
    assert not any(word in said for word in ("recursion", "sys.", "Exceeds"))


LOOKS = (("show",), ("status",), ("check", "--no-freshness"), ("sources",))
FIRST = date(2023, 10, 2)
BLOCKS = re.compile("[▁▂▃▄▅▆▇█■]")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake in a folder of a long name, a mismatch in it, a document in quarantine."""
    folder = tmp_path_factory.mktemp("a folder of a name that is longer than any line of a report")
    texts = {
        f"{day}.txt": bulletin(day, 4700 + 10 * n + 5 * (n > 1), 10)
        for n in range(4)
        for day in [FIRST + timedelta(days=n)]
    }
    weather = "The weather will be fine tomorrow, and the day after it will rain. " * 20
    texts["a name with blanks, far longer than the eighty columns of a terminal, 7 October.txt"] = (
        weather
    )
    texts["2023-10-05.txt"] += "personnel - about 280470 (+420)\n"
    return lake_of(folder / ("long-" * 12), texts)


def looking(lake: Path) -> list[list[str]]:
    """The commands that look at a lake, with their arguments."""
    return [[*command, "--lake", str(lake)] for command in LOOKS]


@pytest.mark.slow
@pytest.mark.parametrize("width", [80, 200])
def test_a_terminal_shows_tables_with_curves_in_its_width(
    lake: Path, tmp_path: Path, width: int
) -> None:
    for shown in shown_one_after_the_other(looking(lake), tmp_path, COLUMNS=str(width)):
        assert "\x1b[" in shown
        text = unstyled(shown)
        assert BLOCKS.search(text)
        broken = [line for line in text.splitlines() if len(line) > width and " " in line.strip()]
        assert not [line for line in broken if str(lake) not in line], broken


@pytest.mark.slow
@pytest.mark.parametrize("width", [0, 20])
def test_on_a_narrow_terminal_no_column_and_no_digit_is_left_out(
    lake: Path, tmp_path: Path, width: int
) -> None:
    """It breaks the lines itself; a column that vanishes takes what does not add up with it."""
    show, *others = shown_one_after_the_other(looking(lake), tmp_path, COLUMNS=str(width))
    text = unstyled(show)
    assert re.search(r"Personnel +~280,470 +\+420", text)
    assert re.search(r"Tanks +4,735 +\+10", text)
    assert all(BLOCKS.search(unstyled(other)) for other in others)


@pytest.mark.slow
def test_no_colour_stands_alone(lake: Path, tmp_path: Path) -> None:
    show = ["show", "--lake", str(lake)]
    newest, older = shown_one_after_the_other([show, [*show, "2023-10-04"]], tmp_path)
    assert "✓ ok" in unstyled(newest)
    assert "× mismatch" in unstyled(older)
    assert "mismatch: does not add up" in unstyled(older)


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"PYTHONIOENCODING": "koi8-r"}], ids=str
)
def test_without_colours_a_terminal_gets_what_a_pipe_gets(
    lake: Path, tmp_path: Path, in_process: Command, variables: dict[str, str]
) -> None:
    commands = looking(lake)
    for command, shown in zip(
        commands, shown_one_after_the_other(commands, tmp_path, **variables), strict=True
    ):
        assert "\x1b" not in shown
        assert unstyled(shown) == in_process(*command).stdout


@pytest.mark.slow
def test_in_a_pipe_no_path_is_broken_and_nothing_is_loaded_for_a_terminal(
    lake: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER, json.dumps(looking(lake))],
        cwd=tmp_path,
        env=os.environ | {"COLUMNS": "40", "PYTHONPROFILEIMPORTTIME": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not re.search(r"\brich\b", done.stderr)
    assert f"Lake: {lake} (schema" in done.stdout
    name = "a name with blanks, far longer than the eighty columns of a ter"
    assert done.stdout.count(name) >= 2, "by status and check"


@pytest.mark.slow
def test_times_are_those_of_kyiv_and_rounded_numbers_are_explained(
    lake: Path, in_process: Command
) -> None:
    told = "".join(in_process(*command, "--lake", lake).stdout for command in LOOKS)
    assert re.search(r"Last run: backfill, failed, 2\d{3}-\d\d-\d\d \d\d:\d\d EES?T", told)
    assert re.search(r"last success: 2\d{3}-\d\d-\d\d \d\d:\d\d EES?T", told)
    assert not re.search(r"\d\d:\d\d:\d\d", told)
    shown = in_process("show", "2023-10-05", "--lake", lake).stdout
    assert "~280,470" in shown
    assert "~ about: " in shown
    assert "~ about: " not in in_process("show", "2023-10-03", "--lake", lake).stdout


@pytest.mark.slow
def test_a_list_of_what_is_in_quarantine_stands_under_no_0(lake: Path, in_process: Command) -> None:
    for command in ("status", "check"):
        told = in_process(command, "--lake", lake).stdout
        assert "In quarantine, not published (1):" in told
        assert "0 quarantined" not in told
        assert "0 refused" not in told
