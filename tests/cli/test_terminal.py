"""What comes from outside commands no terminal, and what is printed as JSON is JSON."""

import json
from pathlib import Path

import pytest

from flows.cli.parse import results
from flows.errors import why
from tests import fuzz
from tests.conftest import Command
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
def test_parse_prints_nothing_that_commands(tallybook: Command, option: str | None) -> None:
    stdin = json.dumps({"id": ODD, "text": TEXT}) + "\n" if option == "--jsonl" else TEXT
    done = tallybook("parse", *([option] if option else []), stdin=stdin)
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
def test_every_line_has_an_answer_that_is_json(tallybook: Command, identifier: str) -> None:
    lines = f'{{"id": {identifier}, "text": "a"}}\nnot JSON\n{{"id": 2, "text": "b"}}\n'
    done = tallybook("parse", "--jsonl", stdin=lines)
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
