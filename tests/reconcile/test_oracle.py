"""The whole war as an oracle: every printed number comes out, every odd one with its reason.

Nothing here is made up: the series is the public one, the errors in its copies are real.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flows.lake.lake import Lake, open_lake
from flows.report.source_conflicts import disputes
from schemas.codes import DeltaStatus, RuleName
from schemas.records import Cell
from schemas.tables import LossRow
from tests import copies, reference, render, verdicts
from tests.history import style_of
from tests.memory import reconcile, told
from tests.plain_runs import folder, run_job

pytestmark = pytest.mark.slow

FINDINGS = Path(__file__).resolve().parents[2] / "data" / "FINDINGS.md"
NOW = datetime(2026, 11, 1, tzinfo=UTC)

FALLS = {
    (date(2022, 10, 13), "armored_vehicles"),
    (date(2023, 5, 28), "tanks"),
    (date(2023, 10, 3), "aircraft"),
    (date(2024, 3, 13), "cruise_missiles"),
    (date(2024, 8, 5), "air_defense"),
    (date(2024, 10, 3), "aircraft"),
    (date(2024, 11, 30), "mlrs"),
    (date(2024, 11, 30), "special_equipment"),
    (date(2025, 4, 22), "mlrs"),
    (date(2025, 5, 4), "cruise_missiles"),
    (date(2025, 10, 3), "air_defense"),
    (date(2025, 10, 3), "special_equipment"),
    (date(2026, 3, 4), "artillery"),
}
UNEXPLAINED_FALL = (date(2026, 3, 4), "artillery")
"""The one that the correction file of the reference does not know of."""


@dataclass(frozen=True)
class War:
    """A lake that the pipeline filled, its rows by cell, and the totals flagged as falling."""

    lake: Lake
    rows: Mapping[Cell, LossRow]
    falling: frozenset[Cell]

    @property
    def explained(self) -> dict[Cell, str]:
        """What is said of the rows that do not add up."""
        return {cell: row.diagnosis for cell, row in self.rows.items() if row.diagnosis}


def take_in(root: Path, folders: Mapping[str, Path]) -> War:
    """Run the backfill over folders of documents, each a source, in the order of preference."""
    sources = [folder(path, name) for name, path in folders.items()]
    summary = run_job("backfill", root, *sources, now=NOW)
    lake = open_lake(root)
    rows = {(row.report_date, row.category): row for row in lake.losses()}
    falling = frozenset(
        (date.fromisoformat(row["report_date"]), row["category"])
        for finding in summary.ledger
        if finding.rule == RuleName.TOTAL_FALLING
        for row in finding.rows
    )
    return War(lake, rows, falling)


def printed(day: date) -> tuple[render.Form, render.Style]:
    """The form and style of a day; every delta is printed, so that every correction shows."""
    form, style = style_of(day)
    return form, replace(style, deltas="all" if style.deltas == "nonzero" else style.deltas)


@pytest.fixture(scope="module")
def one_source(tmp_path_factory: pytest.TempPathFactory) -> War:
    """The reference history as six kinds of documents in two languages, one a day."""
    series, folder = reference.load(), tmp_path_factory.mktemp("documents")
    for day, figures in series.items():
        form, style = printed(day)
        suffix = "txt" if style.markup == "text" else "html"
        text = render.render(form, day, figures, style)
        (folder / f"{day}.{suffix}").write_text(text, "utf-8")
    return take_in(tmp_path_factory.mktemp("war") / "lake", {"folder": folder})


@pytest.fixture(scope="module")
def three_sources(tmp_path_factory: pytest.TempPathFactory) -> War:
    """Both public copies, and the official bulletins, as documents."""
    folders = copies.write_sources(tmp_path_factory.mktemp("copies"))
    return take_in(tmp_path_factory.mktemp("copied") / "lake", folders)


class TestOneSource:
    def test_every_total_and_delta_is_exact(self, one_source: War) -> None:
        expected = {
            (day, category): figure[:2]
            for day, figures in reference.load().items()
            for category, figure in render.printed(
                printed(day)[0], figures, printed(day)[1]
            ).items()
        }
        found = {cell: (row.total, row.delta) for cell, row in one_source.rows.items()}
        assert found == expected

    def test_the_mismatches_are_the_corrections_each_a_revision(self, one_source: War) -> None:
        corrections = reference.corrected()
        assert len({day for day, _ in corrections}) == 28
        assert one_source.explained == dict.fromkeys(corrections, "revision")

    def test_the_discrepancy_is_the_correction(self, one_source: War) -> None:
        found = {cell: one_source.rows[cell].discrepancy for cell in reference.corrected()}
        assert found == reference.corrected()

    def test_nothing_else_is_odd(self, one_source: War) -> None:
        statuses = Counter(row.delta_status for row in one_source.rows.values())
        assert statuses[DeltaStatus.GAP] == 0
        odd = {c for c, row in one_source.rows.items() if row.delta_status == "not_printed"}
        assert odd == {UNEXPLAINED_FALL}

    def test_the_falls_are_reported(self, one_source: War) -> None:
        falls = {
            c for c, row in one_source.rows.items() if row.change is not None and row.change < 0
        }
        assert falls == FALLS
        assert falls - reference.corrected().keys() == {UNEXPLAINED_FALL}
        assert one_source.falling == falls

    def test_the_ledger_in_memory_says_the_same(self, one_source: War) -> None:
        found = reconcile(told(reference.load())).explained
        assert {cell: said.diagnosis for cell, said in found.items()} == one_source.explained

    def test_the_merger_and_the_new_categories_add_up(self, one_source: War) -> None:
        merged = one_source.rows[date(2022, 5, 1), "vehicles_fuel_tanks"]
        assert (merged.previous_total, merged.total, merged.delta_status) == (1777, 1796, "ok")
        firsts = {
            c: day for (day, c), row in one_source.rows.items() if row.delta_status == "first"
        }
        assert firsts["submarines"] == date(2023, 9, 14)
        assert firsts["ground_robots"] == date(2026, 5, 3)


class TestThreeSources:
    def test_the_list_of_disagreements_is_the_reviewed_one(self) -> None:
        """`python -m tests.verdicts` writes it anew; review what changed."""
        assert verdicts.verdicts(verdicts.three_sources(copies.official())) == verdicts.recorded()

    def test_of_143_places_almost_half_are_decided(self) -> None:
        found = Counter((one.surety, one.supported) for one in verdicts.recorded())
        assert found == {
            ("sure", "community"): 43,
            ("sure", "index"): 10,
            ("likely", "community"): 13,
            ("likely", "index"): 2,
            ("open", "neither"): 75,
        }

    def test_the_findings_name_every_total_that_is_surely_wrong(self) -> None:
        text = FINDINGS.read_text("utf-8")
        for one in verdicts.recorded():
            if one.surety == "sure" and one.why != "restated":
                values = {"community": one.community, "index": one.index}
                right = values.pop(one.supported)
                (wrong,) = values.values()
                row = f"| {one.report_date} | {one.category} | {wrong} | {right} |"
                assert row in text, row

    def test_each_is_published_with_what_the_sources_say(self, three_sources: War) -> None:
        rows = three_sources.rows
        disputed = {
            (one.row.report_date, one.row.category): {weighed.total for weighed in one.scored}
            for one in disputes(three_sources.lake, rows.values(), copies.ORDER)
        }
        for one in verdicts.recorded():
            cell = date.fromisoformat(one.report_date), one.category
            assert disputed[cell] == {one.community, one.index}
            assert rows[cell].sources_agreeing < rows[cell].sources_total

    def test_copies_that_go_on_in_step_are_not_mixed(self, three_sources: War) -> None:
        """A total of one after a total of the other would make up a change that neither has."""
        sides: dict[tuple[date, str], str] = {}
        for one in verdicts.recorded():
            if one.why == "in_step":
                cell = date.fromisoformat(one.report_date), one.category
                total = three_sources.rows[cell].total
                sides[cell] = "community" if total == one.community else "index"
        together = [
            (side, sides[day + timedelta(days=1), category])
            for (day, category), side in sides.items()
            if (day + timedelta(days=1), category) in sides
        ]
        assert together
        assert all(side == next_side for side, next_side in together)

    def test_what_is_sure_is_published(self, three_sources: War) -> None:
        for one in verdicts.recorded():
            if one.surety == "sure":
                cell = date.fromisoformat(one.report_date), one.category
                assert three_sources.rows[cell].total == getattr(one, one.supported), one

    def test_a_misprint_of_the_bulletin_itself_is_outvoted(self, three_sources: War) -> None:
        """Six totals that the bulletin printed wrong and both copies right."""
        wrong = {
            (date(2022, 6, 3), "artillery"): (661, 675),
            (date(2022, 9, 10), "special_equipment"): (114, 116),
            (date(2022, 11, 6), "vehicles_fuel_tanks"): (4184, 4191),
            (date(2023, 10, 23), "personnel"): (294799, 294700),
            (date(2023, 11, 13), "personnel"): (311550, 312550),
            (date(2024, 2, 27), "artillery"): (1009, 10009),
        }
        official = {(c.report_date, c.category): c.total for c in copies.official()}
        for cell, (bulletin, right) in wrong.items():
            assert (official[cell], three_sources.rows[cell].total) == (bulletin, right)

    def test_what_the_real_bulletins_print_is_explained(self, three_sources: War) -> None:
        odd = {c: said for c, said in three_sources.explained.items() if said != "revision"}
        assert odd == {
            (date(2022, 5, 25), "vehicles_fuel_tanks"): "undecided",
            (date(2022, 10, 14), "artillery"): "misprinted_delta",
        }
