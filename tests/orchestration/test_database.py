"""Prefect's database in a new home is the one that set-up made, and nothing else is touched."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL, PREFECT_HOME, temporary_settings

from flows.orchestration import database
from flows.orchestration.server import OwnServer


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Return a home of Prefect that nobody has used."""
    with temporary_settings({PREFECT_HOME: tmp_path / "home"}):
        yield tmp_path / "home"


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file that stands for what set-up made."""
    place = tmp_path / "template.db"
    place.write_bytes(b"as set-up made it")
    monkeypatch.setattr(database, "template", lambda: place)
    return place


def test_a_new_home_gets_a_copy(home: Path, template: Path) -> None:
    database.begin()
    assert (home / database.NAME).read_bytes() == template.read_bytes()
    assert [path.name for path in home.iterdir()] == [database.NAME]


def test_one_that_is_there_is_left_alone(home: Path, template: Path) -> None:
    home.mkdir()
    (home / database.NAME).write_bytes(b"runs of three years")
    database.begin()
    assert (home / database.NAME).read_bytes() == b"runs of three years"


def test_one_that_is_configured_is_left_alone(home: Path, template: Path) -> None:
    with temporary_settings({PREFECT_API_DATABASE_CONNECTION_URL: "sqlite+aiosqlite:////x.db"}):
        database.begin()
    assert not home.exists()


def test_without_what_set_up_makes_nothing_happens(home: Path, template: Path) -> None:
    template.unlink()
    database.begin()
    assert not list(home.iterdir())


@pytest.mark.full
def test_a_server_goes_on_from_what_set_up_made(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tables are whole, and the server that starts on it has none to make."""
    if not database.template().exists():
        pytest.skip("`make setup` makes it; this environment was made in another way")
    made = home.with_name("as-made.db")
    shutil.copy(database.template(), made)
    monkeypatch.setenv("PREFECT_HOME", str(home))
    server = OwnServer(of_one_run=True)
    try:
        server.wait()
    finally:
        server.stop()
    with (
        closing(sqlite3.connect(made)) as first,
        closing(sqlite3.connect(home / database.NAME)) as now,
    ):
        asked = "select name, sql from sqlite_master order by name"
        assert first.execute(asked).fetchall() == now.execute(asked).fetchall()
        assert len(first.execute(asked).fetchall()) > 50
