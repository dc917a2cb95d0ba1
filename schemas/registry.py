"""The category registry: `categories.toml` as typed, checked records."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from schemas.records import FIRST_REPORT, war_day


@dataclass(frozen=True, slots=True)
class Category:
    """One thing that is counted.

    `valid_from` and `valid_until` are the first and last report dates that print it
    (`valid_until` None: still printed). `ceiling` is (base, per_day), in `unit`. `optional`:
    a bulletin is complete without it. `approximate`: its totals are estimates, to the nearest ten,
    and often stand in sentences of their own. `first_total` is the first that was ever reported, in
    `unit`, where a smaller number is known to be no total.
    """

    id: str
    title: str
    unit: str
    valid_from: date
    ceiling: tuple[int, int]
    valid_until: date | None = None
    predecessors: tuple[str, ...] = ()
    optional: bool = False
    approximate: bool = False
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
        return frozenset(c.id for c in self.categories.values() if c.in_force(report_date))

    def required(self, report_date: date) -> frozenset[str]:
        """The ids in force that day without which a bulletin is not complete."""
        return frozenset(c for c in self.in_force(report_date) if not self.categories[c].optional)

    @cached_property
    def approximate(self) -> frozenset[str]:
        """The ids of the categories whose totals are estimates."""
        return frozenset(c.id for c in self.categories.values() if c.approximate)

    def order(self, category: str) -> int:
        """The place of a category in tables and reports, from 0. Raises KeyError if unknown."""
        return self._order[category]

    @cached_property
    def _order(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.categories)}


def parse_registry(text: str) -> Registry:
    """Build a registry from the text of a `categories.toml`.

    Raises ValueError, naming the entry, for a missing or unknown key or an unknown predecessor.
    """
    tables = tomllib.loads(text)
    categories = {name: _category(name, table) for name, table in tables.items()}
    for category in categories.values():
        unknown = set(category.predecessors) - set(categories)
        if unknown:
            raise ValueError(f"categories.toml: [{category.id}] names unknown {sorted(unknown)}")
    return Registry(MappingProxyType(categories))


def _category(name: str, table: dict[str, Any]) -> Category:
    try:
        base, per_day = table.pop("ceiling")
        return Category(
            id=name,
            ceiling=(base, per_day),
            predecessors=tuple(table.pop("predecessors", ())),
            valid_from=table.pop("valid_from", FIRST_REPORT),
            **table,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"categories.toml: [{name}]: {error}") from error


@cache
def load_registry() -> Registry:
    """Return the registry that comes with Tallybook."""
    return parse_registry(files("schemas").joinpath("categories.toml").read_text("utf-8"))
