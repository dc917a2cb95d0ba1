"""Documents that hold many days: one file a shape, told by its content and never by its source."""

from flows.containers.base import Contents, Part, moved
from flows.containers.blocks import day_blocks
from flows.containers.channel import channel, is_channel
from flows.containers.community import community
from flows.containers.days import one_a_day
from flows.containers.statistics import statistics

__all__ = [
    "Contents",
    "Part",
    "channel",
    "day_blocks",
    "is_channel",
    "moved",
    "of_json",
    "one_a_day",
]


def of_json(data: object) -> Contents | None:
    """Return the days of decoded JSON data; None where it has none of the shapes that are known."""
    return statistics(data) or community(data)
