"""The same tests are collected everywhere: workers that disagree about an id run none of them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.collected import described, stable
from tests.conftest import SERVED

ROOT = Path(__file__).parent.parent
ELSEWHERE = {
    "PYTHONHASHSEED": "2",
    "TZ": "Pacific/Kiritimati",  # 25 hours ahead of Pago Pago: never the same date
    "COLUMNS": "40",
    "HOME": "/nonexistent",
    "LANG": "uk_UA.UTF-8",
    "LC_ALL": "C",
    "TALLYBOOK_LAKE": "elsewhere",
    "TALLYBOOK_CONTACT": "elsewhere",
    "USER": "elsewhere",
}

READABLE = re.compile(r"[ -\[\]-~]+")
"""Printable ASCII without a backslash, by which pytest writes what is not."""


@pytest.mark.full  # The workers of `make test` compare the names of theirs; this is the rest of it.
def test_every_process_collects_the_same_tests_with_the_same_parameters(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """In another second, year, time zone, order of hashes and of folders, and for another user.

    What is run here is looked for in what another process collects of the whole suite.
    """
    out, selected = tmp_path / "elsewhere", request.config.option.markexpr
    command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-p", "tests.collected", "--collected", out, "--elsewhere", "-m", selected],
        cwd=ROOT,
        env=os.environ | ELSEWHERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    here = list(map(described, request.session.items))
    elsewhere = out.read_text("utf-8").splitlines()
    assert len(elsewhere) > 1000
    if len(here) == len(elsewhere):  # the whole suite: the order counts, too
        assert [pair for pair in zip(here, elsewhere, strict=True) if pair[0] != pair[1]] == []
    known = {*elsewhere}
    assert [line for line in here if line not in known] == []
    ids = [line.partition("\t")[0] for line in elsewhere]
    assert [one for one in ids if not READABLE.fullmatch(one) or " at 0x" in one] == []


def test_what_asks_for_a_prefect_server_is_known_to_who_deals_the_files() -> None:
    """Others would start a server more in another worker."""
    asking = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"\bprefect_api: str", path.read_text("utf-8"))
    }
    assert asking == set(SERVED)


def test_where_no_slow_test_is_asked_for_nothing_heavy_is_imported(
    pytestconfig: pytest.Config,
) -> None:
    if "not slow" not in pytestconfig.option.markexpr:
        pytest.skip("slow tests are asked for")
    assert not {"prefect", "great_expectations"} & set(sys.modules)


def test_parameters_are_compared_by_value_alone() -> None:
    """Neither where an object lies nor how a set is ordered, but any other difference."""
    assert stable({"a": [object()]}) == stable({"a": [object()]})
    words = ("one", "two", "three", "four")
    assert stable({*words}) == sorted(map(repr, map(repr, words)))
    assert stable((b"1", {"a": 1})) != stable((b"1", {"a": 2}))
