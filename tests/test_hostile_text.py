"""What the web, or a file name, says is text everywhere that it comes to, by a real run.

Headlines, labels, addresses and file names with markup, scripts, Markdown, formulas, terminal
escapes, marks that turn the order of letters, control characters and forged lines go in; pages,
artifacts, exports, logs and the terminal come out.
"""

import csv
import html
import io
import json
import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import openpyxl
import pytest
from markdown_it import MarkdownIt
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.cli.main import call
from flows.lake.lake import open_lake
from tests.newsweb import NewsPage, write_warc
from tests.report.site.test_hostile import check_page
from tests.terminals import shown_one_after_the_other

pytestmark = pytest.mark.slow  # A Prefect server runs the flow.

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg/onload=alert(3)>]]>"
MARKDOWN = "[click](javascript:alert(4)) ![i](x) `a` **b** | c | d ~~e~~ $f$ # g"
TEMPLATE = "{{ 7 * 7 }}{% raw %}%(x)s {0} [bold red]rich[/]"
CONTROLS = "\x1b]0;owned\x07\x1b[31m \x9b31m \u202eevil\u2066 \u200f\u061c \x7f\u2028"
FORGED = "\n03:00:00 | CRITICAL | FORGED line\r\nFORGED: | x |\n\n# FORGED heading\n"
FORMULA = "=HYPERLINK(0)"
NASTY = f"{FORMULA} {MARKUP} {MARKDOWN} {TEMPLATE} {CONTROLS} {FORGED}"

IN_A_NAME = f"{FORMULA} {MARKUP} {CONTROLS} {FORGED}".replace("/", "-")
"""What a file's name may hold of it: 255 bytes at most."""

FORGERY = re.compile(r"\s*(03:00:00 \| CRITICAL|FORGED|# FORGED)")

COMMANDING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
FORMULAS = tuple("=+-@\t\r\n")


LABEL = "hover<b>|`[x](y)`**\u202e{{craft}}**"


def text(n: int) -> str:
    """Return a bulletin of a day of October 2023 below a headline from hell, with such a label."""
    return (
        f"Day {584 + n} of the war, the main events:\n\n{MARKUP} {MARKDOWN}\n"
        f"A second headline {CONTROLS}{FORGED}\nThe enemy's losses as of October {n}, 2023\n"
        f"tanks - {4700 + 10 * n} (+{10 if n != 4 else 7})\nartillery systems - {6500 + n} (+1)\n"
        f"MLRS - 800 (+0)\naircraft - 315 (+0)\n{LABEL} - 77 (+7)\n"
    )


def page(n: int) -> str:
    """Return the same as an article."""
    title = html.escape(f"Day {584 + n}: {NASTY}")
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in text(n).splitlines()[-5:])
    return (
        f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1>"
        f"<p>The enemy's losses as of October {n}, 2023</p><ul>{lines}</ul></article></body></html>"
    )


@dataclass(frozen=True)
class Ran:
    """A folder with a lake and exports, what all commands printed, and what terminals showed."""

    folder: Path
    printed: dict[str, str]
    shown: dict[str, str]

    @property
    def lake(self) -> Path:
        return self.folder / "lake"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    names = {
        f"{IN_A_NAME} 2023-10-02.html": page(2),
        f"{FORMULA}{MARKDOWN} 2023-10-03.txt".replace("/", "-"): text(3),
        f"{CONTROLS}{FORGED} none.html".replace("/", "-"): f"<p>{html.escape(NASTY) * 20}",
    }
    for name, content in names.items():
        (folder / name).write_text(content, "utf-8")
    crawled = [
        NewsPage(
            f"https://outlet.example/\"onmouseover='alert(1)'<b>|{n}|\u202e`{FORMULA}`?q=[x](y)",
            page(n).encode(),
            "text/html; charset=utf-8",
        )
        for n in (4, 5)
    ]
    write_warc(folder / "crawl.warc.gz", crawled)
    return folder


@pytest.fixture(scope="module")
def ran(archive: Path, tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Ran:
    folder = tmp_path_factory.mktemp("ran")
    totals = folder / f"=cmd {MARKDOWN}\u202e.csv".replace("/", "-")
    totals.write_text(f'date,tank,"{FORMULA}<b>\u202e"\n2023-10-03,4731,1\n', "utf-8")
    document = str(min(archive.glob("*03.txt")))
    backfill = ("backfill", "--archive", str(archive), "--lake")
    commands: tuple[tuple[str, ...], ...] = (
        (*backfill, "lake"),
        ("rebuild",),
        ("rebuild", "--dry-run"),
        ("show", "2023-10-04"),
        ("show", "2023-10-04", "--json"),
        ("show", "2023-10-20"),
        ("status",),
        ("check", "--no-freshness"),
        ("check", "--no-freshness", "--json"),
        ("check", "--against", totals.name),
        ("sources",),
        ("verify",),
        ("verify", "--rules"),
        ("parse", document),
        ("parse", "--explain", document),
        ("report", "--out", "site", "--against", totals.name),
        *(
            ("export", kind, "--table", table, "--out", f"{table}.{kind}")
            for kind in ("csv", "jsonl", "xlsx")
            for table in ("bulletins", "figures", "losses")
        ),
        ("export", "community", "--out", "community"),
    )
    variables = {"PREFECT_API_URL": prefect_api, "TALLYBOOK_LAKE": "lake"}
    printed = {" ".join(one): _printed(one, folder, variables) for one in commands}
    on_terminal = (("check", "--no-freshness"), (*backfill, "another"))
    shown = dict(
        zip(
            map(" ".join, on_terminal),
            shown_one_after_the_other(on_terminal, folder, (0, 1), **variables),
            strict=True,
        )
    )
    return Ran(folder, printed, shown)


def _printed(arguments: tuple[str, ...], folder: Path, variables: dict[str, str]) -> str:
    """Return what a command prints, errors too, run in this process."""
    api = {PREFECT_API_URL: variables["PREFECT_API_URL"]}
    with (
        pytest.MonkeyPatch.context() as patch,
        temporary_settings(api),
        io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n") as out,
        redirect_stdout(out),
        redirect_stderr(out),
    ):
        patch.chdir(folder)
        for name, value in variables.items():
            patch.setenv(name, value)
        status = call([*arguments])
        out.flush()
        out.seek(0)
        said = out.read()
    assert status in (0, 1), said
    assert "unexpected error" not in said
    return said


def _neutral(text: str, where: str) -> None:
    """Fail where a text could command a terminal, or has a line that somebody forged.

    `parse --explain` shows the document itself, line by line.
    """
    found = COMMANDING.search(text)
    assert not found, f"{where}: {text[max(found.start() - 60, 0) : found.end() + 20]!r}"
    if "--explain" in where:
        return
    forged = [line for line in text.splitlines() if FORGERY.match(line)]
    assert not forged, f"{where}: {forged}"


def test_all_days_are_published_and_the_rest_is_in_quarantine(ran: Ran) -> None:
    lake = open_lake(ran.lake)
    assert len({row.report_date for row in lake.losses()}) == 4
    assert len(lake.quarantined()) == 1
    titles = [row.title or "" for row in lake.bulletins()]
    assert any("alert(1)" in title for title in titles), "it is not hostile any more"
    assert any("alert(1)" in row.url for row in lake.bulletins())
    assert any("alert(1)" in line for row in lake.bulletins() for line in row.headlines)
    headlines = [line for row in lake.bulletins() for line in row.headlines]
    assert any("alert(1)" in line for line in headlines)
    assert any("\x1b" in line for line in headlines)
    labels = [item.label for row in lake.bulletins() for item in row.unrecognized]
    assert len([label for label in labels if "<b>" in label]) == 4


def test_what_commands_print_and_terminals_show_is_neutral(ran: Ran) -> None:
    for command, text in ran.printed.items():
        _neutral(text, command)
    for command, text in ran.shown.items():
        # What the bars and the colours of Rich need, and nothing else.
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")
        _neutral(plain, command)


def test_logs_are_lines_of_their_own(ran: Ran, prefect_api: str) -> None:
    runs = [record["run_id"] for record in open_lake(ran.lake).runs()]
    wanted = {"logs": {"flow_run_id": {"any_": runs}}, "limit": 200}
    logs: list[dict[str, Any]] = httpx.post(f"{prefect_api}/logs/filter", json=wanted).json()
    assert len(logs) > 5
    for entry in logs:
        _neutral(entry["message"], "a log")
        assert "\n" not in entry["message"], entry["message"]


def test_artifacts_and_states_show_it_as_text(ran: Ran, prefect_api: str) -> None:
    wanted = {
        "artifacts": {"key": {"any_": ["tallybook-backfill", "tallybook-rebuild"]}},
        "flow_runs": {"id": {"any_": [run["run_id"] for run in open_lake(ran.lake).runs()]}},
    }
    found = httpx.post(f"{prefect_api}/artifacts/filter", json=wanted).json()
    assert found
    for artifact in found:
        _neutral(artifact["data"], "an artifact")
        tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(artifact["data"])
        every = [*tokens, *(child for token in tokens for child in token.children or ())]
        kinds = {token.type for token in every}
        assert "table_open" in kinds
        assert not kinds & {"link_open", "image", "html_block", "code_inline", "s_open"}
        assert all(token.content == "<br>" for token in every if token.type == "html_inline")
        headings = [token for token in tokens if token.type == "heading_open"]
        assert len(headings) == 1
        rows = artifact["data"].count("\n| 2023-")
        cells = [token for token in tokens if token.type == "td_open"]
        assert len(cells) == 4 * rows


def test_pages_and_the_feed_show_it_as_text(ran: Ran) -> None:
    for site in (ran.folder / "site", ran.lake / "report"):
        for path in site.rglob("*.html"):
            check_page(path.read_bytes(), str(path.relative_to(ran.folder)))
        ElementTree.parse(site / "feed.xml")
        _neutral((site / "feed.xml").read_text("utf-8"), "the feed")
    assert "alert(1)" in (ran.lake / "report/days/2023-10.html").read_text("utf-8")


def test_exports_run_nothing(ran: Ran) -> None:
    for table in ("bulletins", "figures", "losses"):
        text = (ran.folder / f"{table}.csv").read_text("utf-8")
        assert not COMMANDING.search(text), table
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        assert all(len(row) == len(header) for row in rows)
        numbers = re.compile(r"-?[0-9]+")
        formulas = [c for row in rows for c in row if c.lstrip().startswith(FORMULAS)]
        assert all(numbers.fullmatch(cell) for cell in formulas), formulas
        for sheet in openpyxl.load_workbook(ran.folder / f"{table}.xlsx"):
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                assert cell.data_type != "f"
                assert cell.hyperlink is None
                assert not COMMANDING.search(str(cell.value))
    assert "alert(1)" in (ran.folder / "bulletins.csv").read_text("utf-8")


def test_json_exports_say_the_same_and_command_nothing(ran: Ran) -> None:
    titles = [row.title for row in open_lake(ran.lake).bulletins()]
    text = (ran.folder / "bulletins.jsonl").read_text("utf-8")
    assert not COMMANDING.search(text)
    assert sorted(str(json.loads(line)["title"]) for line in text.splitlines()) == sorted(
        map(str, titles)
    )
    for path in (ran.folder / "community").iterdir():
        json.loads(path.read_text("utf-8"))
