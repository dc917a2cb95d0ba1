"""What a run is to do."""

from dataclasses import dataclass, field
from datetime import date, datetime

from flows.settings import SourceConfig
from schemas.registry import Registry, load_registry


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is to do, and what is configured for it.

    `sources` are searched for report dates from `since` to `until` (None: no bound); `order` names
    all configured sources, the preferred one first. `now` is the aware UTC moment of the run.
    `awaited` is the report date that a daily run is for, missing from `deadline` on if it is not
    published by then; `behind` are the first and the last missing day that it does not ask for. A
    lake is stale if its newest day is more than `stale_after_days` old.
    """

    kind: str
    run_id: str
    now: datetime
    order: tuple[str, ...] = ()
    sources: tuple[SourceConfig, ...] = ()
    since: date | None = None
    until: date | None = None
    awaited: date | None = None
    deadline: datetime | None = None
    behind: tuple[date, date] | None = None
    stale_after_days: int = 2
    registry: Registry = field(default_factory=load_registry)
