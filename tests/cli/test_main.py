"""The installed command, run as a user runs it: output, one-line complaints, exit statuses."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.cli import parse
from flows.settings import SIZE_CAP
from tests.conftest import HANGS, SAMPLES, TALLYBOOK, Command, free_port, tomorrow, wait_until
from tests.terminals import on_terminal
from tests.webserver import Site, page, silence

SAMPLE = SAMPLES / "losses-on-day-583.txt"
ARTICLE = "<html><body><p>" + "A page about something else altogether. " * 20 + "</p></body></html>"
UNDATED = """The General Staff of Ukraine reported the total losses of the enemy:

tanks - 4823 (+2)
artillery systems - 6706 (+1)
MLRS - 808 (+0)
aircraft - 315
"""
COMMANDS = (
    *("run", "backfill", "parse", "show", "status"),
    *("check", "export", "verify", "report", "rebuild", "sources", "archive", "alerts", "serve"),
)
KEYS = (
    *("status", "reason_code", "reason", "report_date", "date_evidence", "war_day", "language"),
    *("complete", "headlines", "figures", "unrecognized", "warnings"),
)


def complaint(done: "subprocess.CompletedProcess[str]", status: int) -> str:
    """Return the one line that the command complained with."""
    assert done.returncode == status, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("tallybook: ")
    return done.stderr


def result_of(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_help_names_every_command(tallybook: Command, in_process: Command) -> None:
    done = tallybook("--help")
    assert done.returncode == 0
    assert in_process().stdout == done.stdout
    for name in COMMANDS:
        assert re.search(rf"^  {name} +\w.*[.]$", done.stdout, re.M), name
        told = in_process(name, "--help").stdout
        assert "--help" in told
        assert f"  tallybook {name}" in told or name == "archive", "an example"
    assert "..." not in done.stdout.partition("Commands:")[2]


@pytest.mark.parametrize("group", ["archive", "alerts"])
def test_a_group_without_its_command_shows_its_help(in_process: Command, group: str) -> None:
    done = in_process(group)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == in_process(group, "--help").stdout


def test_version(tallybook: Command) -> None:
    assert re.fullmatch(r"tallybook \d+\.\d+\.\d+\n", tallybook("--version").stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnu"], "unknown command 'rnu' (did you mean 'run'?)"),
        (["run", "--dat", "2023-10-09"], "No such option"),
        (["run", "--date", "9 October"], "'9 October' is not a date"),
        (["run", "--date", "2023-13-01"], "'2023-13-01' is not a date"),
        (["run", "--date", "2021-01-01"], "the first bulletin is that of 2022-02-25"),
        (["backfill", "--until", "2021-01-01"], "the first bulletin is that of 2022-02-25"),
        (["parse", "--explain", "--jsonl", "none.jsonl"], "does not go with --jsonl"),
        (["show", "2023-02-30"], "'2023-02-30' is not a date"),
        (["backfill", "--since", "2023-10-09", "--until", "2023-10-08"], "is after --until"),
        (["backfill", "--archive", "none"], "there is no such folder"),
        (["backfill", "--archive", "."], "holds no documents"),
        (["run", "--source", "none"], "no source is called 'none'"),
        (["run", "--source", "article", "--lake", "ftp://host/lake"], "cannot be a lake"),
        (["show", "--lake", ""], "'--lake': it is empty; leave the option out"),
        (["run", "--url", ""], "'--url': it is empty"),
        (["backfill", "--archive", " "], "'--archive': it is empty"),
        (["report", "--out", ""], "'--out': it is empty"),
        (["verify", "--rules", "--all"], "does not go with --rules"),
        (["archive", "import", "none.warc", "--lake", "lake"], "none.warc: there is no such file"),
        (["config", "--lake", "http://host/lake"], "http://host/lake cannot be a lake"),
        (["export", "cvs", "--out", "a"], "'cvs' is not one of"),
        (["export", "csv"], "Missing option '--out'"),
        (["parse", "none.txt"], "there is no such file"),
        (["parse", "."], "is a folder"),
        (["parse", "ftp://host/a"], "not an address that can be fetched"),
        (["parse", "--jsonl", "none.jsonl"], "there is no such file"),
    ],
)
def test_wrong_usage_is_said_in_one_line(
    in_process: Command, arguments: list[str], said: str
) -> None:
    assert said in complaint(in_process(*arguments), 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("blank.html", b"<html></html>"),
        ("paper.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 8),
        ("noise.txt", bytes(range(256)) * 64),
        ("utf16.txt", b"\xff\xfe\x00\xd8"),
        ("other.html", ARTICLE.encode()),
        ("undated.txt", UNDATED.encode()),
        ("list.json", b"[[[[1]]]]"),
        ("broken.json", b'{"a": '),
    ],
)
def test_a_document_that_is_no_bulletin_is_refused_with_the_reason(
    in_process: Command, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    done = in_process("parse", name)
    result = result_of(done)
    assert result["status"] == "refused"
    assert result["reason"]
    assert result["reason"] in complaint(done, 1)


def test_a_huge_text_is_refused_before_it_is_read(tallybook: Command, tmp_path: Path) -> None:
    """A terabyte, and what never ends: whoever reads it all does not come back."""
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(2**40)
    assert "larger than 10 MB" in complaint(tallybook("parse", "huge.txt"), 1)
    with Path("/dev/zero").open("rb") as endless:
        assert "larger than 10 MB" in complaint(tallybook("parse", "-", stdin=endless), 1)


def test_parse_prints_the_documented_object(tallybook: Command, in_process: Command) -> None:
    done = in_process("parse", SAMPLE)
    assert (done.returncode, done.stderr) == (0, "")
    result = result_of(done)
    assert (result["status"], result["report_date"]) == ("accepted", "2023-09-29")
    assert tuple(result) == KEYS
    assert result == result_of(tallybook("parse", "-", stdin=SAMPLE.read_bytes()))
    assert result == result_of(in_process("parse", stdin=SAMPLE.read_bytes()))


def test_parse_takes_the_date_of_the_file_name_or_of_the_option(
    in_process: Command, tmp_path: Path
) -> None:
    (tmp_path / "2023-10-09.txt").write_text(UNDATED)
    (tmp_path / "undated.txt").write_text(UNDATED)
    assert result_of(in_process("parse", "2023-10-09.txt"))["report_date"] == "2023-10-09"
    given = in_process("parse", "undated.txt", "--published", "2023-10-09")
    assert result_of(given)["report_date"] == "2023-10-09"


def test_parse_reads_a_page_by_its_address(in_process: Command, site: Site) -> None:
    url = site.serve("/a", page(SAMPLE.read_bytes(), content_type="text/plain; charset=utf-8"))
    assert result_of(in_process("parse", url)) == result_of(in_process("parse", SAMPLE))
    assert "404" in complaint(in_process("parse", site.address + "/none"), 1)
    assert "503" in complaint(in_process("parse", site.serve("/b", page(b"", status=503))), 1)


def test_json_lines_are_answered_each_in_order(in_process: Command) -> None:
    text = SAMPLE.read_text()
    lines = [
        json.dumps({"id": 1, "text": text}),
        "",
        "{broken",
        json.dumps(["no object"]),
        json.dumps({"id": "ї", "html": f"<p>{UNDATED}</p>".replace("\n", "<br>")}),
        json.dumps({"id": None, "text": UNDATED, "published": "2023-10-09"}),
        json.dumps({"id": {"a": 1}, "text": UNDATED, "published": "2023-10-09T08:00:00+03:00"}),
        json.dumps({"id": "both", "text": "a", "html": "b"}),
        json.dumps({"id": "date", "text": text, "published": "yesterday"}),
        json.dumps({"id": "kind", "text": 7}),
        json.dumps({"id": "\ud800", "text": "half a pair \ud800"}),
        "[" * 100_000,
        json.dumps({"id": "huge", "text": "x" * (SIZE_CAP + 1)}),
    ]
    done = in_process("parse", "--jsonl", stdin="\n".join(lines) + "\n" + "\ufffd")
    assert (done.returncode, done.stderr) == (0, "")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len([line for line in lines if line]) + 1
    assert all(next(iter(result)) == "id" for result in results)
    expected: list[object] = [1, None, None, "ї", None, {"a": 1}, "both", "date", "kind"]
    assert [result["id"] for result in results] == [*expected, "\ud800", None, "huge", None]
    accepted = [result["status"] == "accepted" for result in results]
    assert [place for place, good in enumerate(accepted) if good] == [0, 4, 5]
    assert results[0] == {"id": 1} | result_of(in_process("parse", SAMPLE))
    assert "line 3 " in results[1]["reason"]
    assert all(result["reason"] for result, good in zip(results, accepted, strict=True) if not good)


def test_a_line_that_is_too_long_is_answered_and_not_kept(
    in_process: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse, "LONGEST_LINE", 10_000)
    long = json.dumps({"id": 1, "text": "x" * 20_000})
    good = json.dumps({"id": 2, "text": SAMPLE.read_text()})
    done = in_process("parse", "--jsonl", stdin=f"{long}\n{good}\n{long}")
    first, second, third = (json.loads(line) for line in done.stdout.splitlines())
    assert first["reason"].startswith("line 1 cannot be used: longer than ")
    assert (second["id"], second["status"]) == (2, "accepted")
    assert third["reason"].startswith("line 3 cannot be used: longer than ")


@pytest.mark.parametrize(
    ("call", "status", "said"),
    [
        ("parse <&-", 1, "tallybook: refused: "),
        ("parse --jsonl <&-", 0, ""),
        ("--help >&-", 0, ""),
        (f"parse {SAMPLE} 2>&-", 0, ""),
        ("config >/dev/full", 1, "tallybook: the output cannot be written: No space left"),
    ],
)
def test_closed_and_full_streams_are_no_mistake_of_ours(
    tmp_path: Path, call: str, status: int, said: str
) -> None:
    done = subprocess.run(
        ["bash", "-c", f"'{TALLYBOOK}' {call}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (status, bool(said)), done
    assert done.stderr.startswith(said)


@pytest.mark.slow
def test_a_reader_that_goes_away_early_is_no_error(tmp_path: Path) -> None:
    line = json.dumps({"id": 1, "text": SAMPLE.read_text()})
    (tmp_path / "many.jsonl").write_text(f"{line}\n" * 500)
    script = f"set -o pipefail; '{TALLYBOOK}' parse --jsonl many.jsonl | head -n 1"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert json.loads(done.stdout)["id"] == 1
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["show", "status", "check", "rebuild"])
def test_a_lake_that_is_not_there(in_process: Command, tmp_path: Path, command: str) -> None:
    told = complaint(in_process(command, "--lake", "none"), 1)
    assert (
        f"There is no lake at {tmp_path / 'none'}. Name yours with --lake, $TALLYBOOK_LAKE or"
        in told
    )
    assert "`lake` in tallybook.toml" in told
    assert f"{tmp_path / 'data' / 'lake'}. Name" in complaint(in_process(command), 1)


@pytest.mark.parametrize("command", ["show", "status", "verify", "rebuild", "backfill"])
def test_a_lake_that_is_a_file(in_process: Command, tmp_path: Path, command: str) -> None:
    (tmp_path / "losses.csv").write_text("2023-10-09")
    archive = ("--archive", SAMPLES) if command == "backfill" else ()
    told = complaint(in_process(command, *archive, "--lake", "losses.csv"), 1)
    assert f"{tmp_path / 'losses.csv'} cannot be opened as a lake: Not a directory" in told
    assert (tmp_path / "losses.csv").read_text() == "2023-10-09"


@pytest.mark.parametrize("command", ["run", "backfill"])
def test_a_lake_that_cannot_be_written(in_process: Command, tmp_path: Path, command: str) -> None:
    (tmp_path / "file").write_text("in the way")
    done = in_process(command, "--archive", SAMPLES, "--lake", "file/lake")
    assert "/file" in complaint(done, 1)


@pytest.mark.parametrize("command", ["run", "backfill", "rebuild", "show", "status", "check"])
def test_a_lake_of_a_newer_version(in_process: Command, tmp_path: Path, command: str) -> None:
    (tmp_path / "lake").mkdir()
    mark = {"format": "tallybook lake", "schema_version": 1000}
    (tmp_path / "lake" / "lake.json").write_text(json.dumps(mark))
    assert "newer Tallybook" in complaint(in_process(command, "--lake", "lake"), 1)
    assert [path.name for path in (tmp_path / "lake").iterdir()] == ["lake.json"]


def test_explain_shows_each_figure_in_the_text(in_process: Command) -> None:
    done = in_process("parse", "--explain", SAMPLE)
    assert done.returncode == 0
    assert "[[tanks" in done.stdout
    assert "numbers not taken:" in done.stdout


@pytest.mark.parametrize("command", ["run", "backfill", "serve"])
def test_a_prefect_server_that_does_not_answer_is_named(in_process: Command, command: str) -> None:
    api = f"http://127.0.0.1:{free_port()}/api"
    more = [] if command == "serve" else ["--archive", SAMPLES]
    done = in_process(command, *more, "--lake", "lake", PREFECT_API_URL=api)
    assert done.returncode == 1
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("tallybook: ")]
    assert f"the Prefect server at {api} does not answer" in said
    assert "Serving" not in done.stdout


@pytest.mark.parametrize("command", ["sources", "run", "backfill", "serve"])
def test_a_broken_sources_file(in_process: Command, tmp_path: Path, command: str) -> None:
    (tmp_path / "sources.toml").write_text("[outlet\n")
    assert "sources.toml: not valid TOML" in complaint(in_process(command), 2)


def test_sources_are_listed_with_their_state(in_process: Command, tmp_path: Path) -> None:
    outlet = '[outlet]\nkind = "article"\nlanguage = "en"\nurl = "https://outlet.example/{date}"\n'
    (tmp_path / "sources.toml").write_text(outlet + '[strange]\nkind = "rss"\n')
    done = in_process("sources")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    expected = r"outlet +article +en +https://outlet.example/\{date\} +\(ready\)"
    assert re.fullmatch(expected, lines[0])
    assert "unknown kind" in lines[1]
    names = [line.split()[0] for line in lines[2:]]
    assert names[:2] == ["novinite", "minfin"]
    assert names[-3:] == ["folder", "article", "warc"]
    assert "needs a url" in lines[-2]


def test_a_source_is_asked_for_a_day(in_process: Command, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(f'[mine]\nkind = "folder"\npath = "{SAMPLES}"\n')
    done = in_process("sources", "--test", "mine", "--date", "2023-10-09")
    assert done.returncode == 0
    assert "fresh: it has the bulletin of 2023-10-09" in done.stdout
    assert re.search(r"tanks +4,823 \(\+2\)", done.stdout)
    report = result_of(in_process("sources", "--test", "mine", "--date", "2023-10-09", "--json"))
    assert (report["outcome"], report["documents"][0]["days"]) == ("ok", 1)
    assert "no source is called" in complaint(in_process("sources", "--test", "none"), 2)
    early = in_process("sources", "--test", "mine", "--date", str(tomorrow()))
    assert (early.returncode, "is in the future: today" in early.stdout) == (75, True)
    assert "goes with --test" in complaint(in_process("sources", "--date", "2023-10-09"), 2)


def kyiv_lake(in_process: Command, prefect_api: str) -> None:
    """Publish the sample archive into the folder `lake`."""
    done = in_process(
        "backfill", "--archive", SAMPLES, "--lake", "lake", PREFECT_API_URL=prefect_api
    )
    assert done.returncode == 0


def test_what_is_published_is_shown(in_process: Command, prefect_api: str) -> None:
    kyiv_lake(in_process, prefect_api)
    assert "2023-10-10" in in_process("show", "--lake", "lake").stdout
    assert "2023-10-03" in in_process("show", "2023-10-03", TALLYBOOK_LAKE="lake").stdout
    assert "2022-01-01" in complaint(in_process("show", "2022-01-01", "--lake", "lake"), 1)
    assert result_of(in_process("status", "--json", "--lake", "lake"))
    assert "2023-10-10" in in_process("status", "--lake", "lake").stdout
    assert "2023-10-03" in in_process("check", "--lake", "lake").stdout
    report = result_of(in_process("check", "--json", "--lake", "lake"))
    assert {"days", "rows", "by_status", "mismatches", "gaps"} <= set(report)
    assert (report["days"], len(report["mismatches"])) == (14, 2)
    some = in_process("check", "--json", "--since", "2023-10-04", "--lake", "lake")
    assert result_of(some)["mismatches"] == []
    rebuilt = in_process("rebuild", "--lake", "lake", PREFECT_API_URL=prefect_api)
    assert (rebuilt.returncode, "2023-10-03" in rebuilt.stdout) == (0, True)


def test_the_exit_status_says_how_the_day_ended(
    in_process: Command, prefect_api: str, site: Site, tmp_path: Path
) -> None:
    (tmp_path / "sources.toml").write_text('[article]\nkind = "article"\nretry_delays = []\n')

    def run(url: str, day: str = "2023-09-29") -> "subprocess.CompletedProcess[str]":
        place = ("--date", day, "--url", url, "--lake", "lake")
        return in_process("run", *place, PREFECT_API_URL=prefect_api)

    down = run(site.serve("/down", page(b"", status=500)))
    assert (down.returncode, "500" in down.stdout) == (1, True)
    early = run(site.address + "/{date}", str(tomorrow()))
    assert (early.returncode, "not published yet" in early.stdout) == (75, True)
    assert f"{tomorrow()} is in the future: today, in Kyiv, is " in early.stdout
    site.serve("/2023-09-29", page(SAMPLE.read_bytes(), content_type="text/plain"))
    assert run(site.address + "/{date}").returncode == 0


def test_a_first_run_on_a_fresh_machine_is_quiet_and_ends_with_the_table(
    tallybook: Command, tmp_path: Path
) -> None:
    home = {"HOME": str(tmp_path / "home"), "PREFECT_HOME": ""}
    done = tallybook("backfill", "--archive", SAMPLES, "--lake", "lake", **home)
    assert done.returncode == 0, done
    assert [line.split()[0] for line in done.stderr.splitlines()] == [
        "Starting",
        "Collecting",
        "Reading",
        "Checking",
        "Publishing",
    ]
    assert "2023-10-03" in done.stdout
    assert "lake/losses" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.full
def test_a_terminal_shows_a_bar(tmp_path: Path, prefect_api: str) -> None:
    arguments = ["backfill", "--archive", str(SAMPLES), "--lake", "lake"]
    status, shown = on_terminal(arguments, tmp_path, PREFECT_API_URL=prefect_api)
    assert status == 0
    assert "Reading documents" in shown
    assert "━" in shown
    assert "Traceback" not in shown
    assert "Collecting documents from folder ..." not in shown


@pytest.mark.parametrize(
    "stop", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.full)]
)
def test_an_interrupted_run_ends_at_once_and_without_a_traceback(
    tmp_path: Path, prefect_api: str, site: Site, stop: signal.Signals
) -> None:
    url = site.serve("/silent", silence)
    patient = "read_timeout = 3600\ndeadline = 3600\nretry_delays = []"
    (tmp_path / "sources.toml").write_text(f'[article]\nkind = "article"\n{patient}\n')
    running = subprocess.Popen(
        [TALLYBOOK, "run", "--url", url, "--lake", "lake"],
        cwd=tmp_path,
        env=os.environ | {"PREFECT_API_URL": prefect_api},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    asked: Callable[[], bool] = lambda: bool(site.requests)  # noqa: E731
    wait_until(asked, "the request", running)
    running.send_signal(stop)
    out, err = running.communicate(timeout=HANGS)  # Who waits for the server waits for an hour.
    assert running.returncode == 128 + stop, (out, err)
    assert out == ""
    assert ("tallybook: interrupted; run it again to go on" in err) == (stop == signal.SIGINT)
    assert "Traceback" not in err


def test_what_a_command_sets_for_its_children_stays_with_it(in_process: Command) -> None:
    before = dict(os.environ)
    assert in_process("serve", PREFECT_API_URL="http://127.0.0.1:1/api").returncode == 1
    assert dict(os.environ) == before
