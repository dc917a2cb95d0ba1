"""Documents that hold many days: one file a shape, told by its content and never by its source.

In: a text, a page or decoded JSON. Out: its parts with their places in the text, and the bulletins
of records that are data already. No prose is read here, and no category is known but by its key.
"""

from flows.extract.multi_day.base import Contents, Part, moved, moved_passages
from flows.extract.multi_day.blocks import day_blocks
from flows.extract.multi_day.channel import channel, is_channel
from flows.extract.multi_day.community import community
from flows.extract.multi_day.days import one_a_day
from flows.extract.multi_day.statistics import statistics

__all__ = [
    "Contents",
    "Part",
    "channel",
    "day_blocks",
    "is_channel",
    "moved",
    "moved_passages",
    "of_json",
    "one_a_day",
]


def of_json(data: object) -> Contents | None:
    """Return the days of decoded JSON data; None where it has none of the shapes that are known."""
    return statistics(data) or community(data)
