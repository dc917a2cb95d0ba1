"""The category registry: `categories.toml` as typed, checked records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from types import MappingProxyType

from msgspec import Struct

from schemas import typed
from schemas.records import FIRST_REPORT, war_day


class Category(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is counted.

    `valid_from` and `valid_until` are the first and last report dates that print it
    (`valid_until` None: still printed). `ceiling` is (base, per_day), in `unit`. `optional`:
    a bulletin is complete without it. `approximate`: its totals are estimates, to the nearest ten,
    and often stand in sentences of their own. `airborne`: it can be shot down, and whoever does so
    counts them, too. `first_total` is the first that was ever reported, in
    `unit`, where a smaller number is known to be no total.
    """

    id: str
    title: str
    unit: str
    ceiling: tuple[int, int]
    valid_from: date = FIRST_REPORT
    valid_until: date | None = None
    predecessors: tuple[str, ...] = ()
    optional: bool = False
    approximate: bool = False
    airborne: bool = False
    first_total: int | None = None

    def in_force(self, report_date: date) -> bool:
        """Whether a complete bulletin of that report date prints this category."""
        return self.valid_from <= report_date and (
            self.valid_until is None or report_date <= self.valid_until
        )

    def highest_total(self, report_date: date) -> int:
        """The largest total, in `unit`, that is possible on that report date."""
        base, per_day = self.ceiling
        return base + per_day * max(war_day(report_date), 0)


@dataclass(frozen=True, eq=False)
class Registry:
    """All categories by id, in the order of tables and reports. A registry equals itself alone."""

    categories: Mapping[str, Category]

    def in_force(self, report_date: date) -> frozenset[str]:
        """The ids of the categories that a complete bulletin of that report date prints."""
        return _in_force(self, report_date)

    def required(self, report_date: date) -> frozenset[str]:
        """The ids in force that day without which a bulletin is not complete."""
        return self.in_force(report_date) - self._optional

    @cached_property
    def _optional(self) -> frozenset[str]:
        return frozenset(c.id for c in self.categories.values() if c.optional)

    @cached_property
    def approximate(self) -> frozenset[str]:
        """The ids of the categories whose totals are estimates."""
        return frozenset(c.id for c in self.categories.values() if c.approximate)

    @cached_property
    def airborne(self) -> frozenset[str]:
        """The ids of the categories that can be shot down."""
        return frozenset(c.id for c in self.categories.values() if c.airborne)

    def order(self, category: str) -> int:
        """The place of a category in tables and reports, from 0. Raises KeyError if unknown."""
        return self._order[category]

    @cached_property
    def _order(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.categories)}


@lru_cache(maxsize=1_000)  # of a day it is asked for every bulletin
def _in_force(registry: Registry, report_date: date) -> frozenset[str]:
    return frozenset(c.id for c in registry.categories.values() if c.in_force(report_date))


def parse_registry(text: str) -> Registry:
    """Build a registry from the text of a `categories.toml`.

    Raises NotValid, naming the entry, for a missing or unknown key, a wrong value or an unknown
    predecessor.
    """
    tables = typed.toml(text, "categories.toml")
    categories = {
        name: typed.record({"id": name, **table}, Category, f"categories.toml: [{name}]")
        for name, table in tables.items()
    }
    for category in categories.values():
        for name in category.predecessors:
            if name not in categories:
                what = typed.unknown(name, categories, "predecessor")
                raise typed.NotValid(f"categories.toml: [{category.id}]: {what}")
    return Registry(MappingProxyType(categories))


@cache
def load_registry() -> Registry:
    """Return the registry that comes with Tallybook."""
    return parse_registry(files("schemas").joinpath("categories.toml").read_text("utf-8"))
