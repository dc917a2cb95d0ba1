"""`tallybook sources` and `parse` as a user runs them: what is listed, asked, and printed of it."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests import outlets
from tests.conftest import SAMPLES, Command
from tests.reference import Figures, Printed
from tests.webserver import Site, page

FIGURES: Figures = {
    "tanks": Printed(4823, 2),
    "artillery": Printed(6706, 1),
    "mlrs": Printed(808, 0),
    "personnel": Printed(282630, 350),
}
DAYS = {date(2023, 10, n): FIGURES for n in (7, 8, 9)}


@pytest.fixture
def portal(site: Site, tmp_path: Path) -> Site:
    """An index portal whose latest day is 2023-10-09, configured as the source `portal`."""
    site.serve("/losses/", page(outlets.month_page(DAYS)))
    url = site.address + "/losses/{year}-{month}/"
    (tmp_path / "sources.toml").write_text(f'[portal]\nkind = "minfin"\nurl = "{url}"\n')
    return site


def test_a_source_that_has_the_day(portal: Site, in_process: Command) -> None:
    done = in_process("sources", "--test", "portal", "--date", "2023-10-08")
    assert done.returncode == 0, done
    assert "3 days, 2023-10-07 to 2023-10-09" in done.stdout
    assert "personnel                 282,630 (+350)" in done.stdout
    assert done.stdout.endswith("fresh: it has the bulletin of 2023-10-08\n")


def test_a_source_that_is_not_there_yet_as_json(portal: Site, in_process: Command) -> None:
    done = in_process("sources", "--test", "portal", "--date", "2023-10-10", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["exit_status"], report["outcome"]) == (75, 75, "wrong_day")
    assert "the latest bulletin is that of 2023-10-09" in report["details"][0]
    assert report["documents"] == []


def test_a_source_that_is_down(portal: Site, in_process: Command) -> None:
    portal.serve("/losses/", page(b"", status=403))
    done = in_process("sources", "--test", "portal", "--date", "2023-10-09")
    assert done.returncode == 1
    assert "portal (minfin), 2023-10-09: refused in " in done.stdout


def test_what_the_lake_knows_of_the_sources(
    portal: Site, in_process: Command, tmp_path: Path, prefect_api: str
) -> None:
    assert "last success" not in in_process("sources").stdout
    asked = ("--source", "portal", "--source", "folder", "--source", "minfin")
    folder = f'[folder]\nkind = "folder"\npath = "{SAMPLES}"\n'
    down = f'[minfin]\nkind = "minfin"\nurl = "{portal.address}/down/{{month}}/"\n'
    configured = tmp_path / "sources.toml"
    configured.write_text(configured.read_text() + folder + down)
    in_process(
        *("run", "--date", "2023-10-08", *asked, "--lake", "lake"), PREFECT_API_URL=prefect_api
    )
    told = json.loads(in_process("sources", "--json", "--lake", "lake").stdout)["sources"]
    found = {source["source"]: source for source in told}
    assert found["portal"]["last_outcome"] == "ok"
    assert found["portal"]["last_success"] == found["portal"]["last_run"]
    fresh = {name: (s["latest_report_date"], s["days_behind"]) for name, s in found.items()}
    assert fresh["portal"] == ("2023-10-09", 0)
    assert fresh["folder"] == ("2023-10-08", 1)
    assert fresh["minfin"] == fresh["telegram"] == (None, None)
    assert found["minfin"]["last_outcome"] == "not_the_page"
    assert found["minfin"]["last_success"] is None
    assert found["telegram"]["last_run"] is None
    text = in_process("sources", "--lake", "lake").stdout
    assert "latest bulletin 2023-10-08, 1 day behind the newest; last success: 20" in text


def test_parse_prints_a_document_of_many_days_as_json_lines(
    tallybook: Command, tmp_path: Path
) -> None:
    (tmp_path / "month.html").write_bytes(outlets.month_page(DAYS))
    done = tallybook("parse", "month.html")
    assert done.returncode == 0
    days = [json.loads(line) for line in done.stdout.splitlines()]
    assert [day["report_date"] for day in days] == ["2023-10-09", "2023-10-08", "2023-10-07"]
    lines = [{"id": 7, "html": (tmp_path / "month.html").read_text("utf-8")}]
    done = tallybook("parse", "--jsonl", stdin="\n".join(map(json.dumps, lines)))
    assert list(map(json.loads, done.stdout.splitlines())) == [{"id": 7} | day for day in days]


def test_parse_fails_if_a_day_cannot_be_read_and_prints_the_others(
    in_process: Command, tmp_path: Path
) -> None:
    broken = outlets.api_record(date(2023, 10, 10), {})
    records = [outlets.api_record(date(2023, 10, 9), FIGURES), broken]
    (tmp_path / "days.json").write_bytes(outlets.api_answer(records))
    done = in_process("parse", "days.json")
    assert done.returncode == 1
    assert [json.loads(line)["status"] for line in done.stdout.splitlines()] == [
        "accepted",
        "refused",
    ]
    assert "refused (report date 2023-10-10): a record without a figure" in done.stderr
    (tmp_path / "news.warc.gz").write_bytes(b"")
    done = in_process("parse", "news.warc.gz")
    assert done.returncode == 2
    assert "is a web archive" in done.stderr


def test_a_source_whose_page_has_lost_its_list_is_not_ok(
    site: Site, in_process: Command, tmp_path: Path, prefect_api: str
) -> None:
    """Its page comes, and is what it was, but for the list: nobody could tell by the fetch."""
    day, text = "2023-10-10", "The General Staff reports of 2023-10-10 that fighting goes on. " * 9
    url = site.serve("/a-2023-10-10", page(f"<h1>{day}</h1><p>{text}</p>".encode()))
    outlet = url.replace(day, "{date}")
    configured = tmp_path / "sources.toml"
    configured.write_text(f'[outlet]\nkind = "article"\nurl = "{outlet}"\n')
    run = ("run", "--date", day, "--source", "outlet", "--lake", "lake")
    for _ in range(2):  # an unchanged page has lost it still
        done = in_process(*run, PREFECT_API_URL=prefect_api)
        assert done.returncode == 1, done
        report = json.loads(in_process("sources", "--json", "--lake", "lake").stdout)
        found = {source["source"]: source for source in report["sources"]}["outlet"]
        assert (found["last_outcome"], found["last_success"]) == ("none_published", None)
    assert "last: none published" in in_process("sources", "--lake", "lake").stdout
