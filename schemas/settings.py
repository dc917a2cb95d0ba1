"""The keys of `tallybook.toml`, each with what it is and what its value has to be.

`title` is the sentence that the documentation says of a key, `description` what an error says that
its value must be.
"""

from typing import Annotated

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1, description="a text in quotes")]
Flag = Annotated[bool, Meta(description="true or false")]


class SettingsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """What `tallybook.toml` may hold; a key that it leaves out is not set there."""

    lake: (
        Annotated[
            Text,
            Meta(
                title="The lake: a folder, file:// or s3://bucket/prefix.",
                description="a folder, or a file:// or s3:// address, in quotes",
            ),
        ]
        | None
    ) = None
    contact: (
        Annotated[
            str,
            Meta(
                title="How to reach you: it goes into the user agent.",
                description="an address in quotes: how to reach you",
            ),
        ]
        | None
    ) = None
    stale_after_days: (
        Annotated[
            int,
            Meta(
                title="So many days old may the newest day be. Beyond that `check` exits 1; "
                "`--no-freshness` is for archives of the past.",
                ge=1,
                le=3650,
                description="a number of days from 1 on",
            ),
        ]
        | None
    ) = None
    publish_by: (
        Annotated[
            str,
            Meta(
                title="A day that is not published by then is late, and its run ends failed.",
                pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
                description='a time in Kyiv in quotes, such as "18:00"',
            ),
        ]
        | None
    ) = None
    catch_up_days: (
        Annotated[
            int,
            Meta(
                title="A daily run takes up days that are missing of so many before it; for those "
                "further back it names the command.",
                ge=0,
                le=366,
                description="a number of days from 0 to 366",
            ),
        ]
        | None
    ) = None
    report: (
        Annotated[
            Flag,
            Meta(
                title="A run brings the pages in the lake's `report/` up to date. A mistake there "
                "is logged and fails no run."
            ),
        ]
        | None
    ) = None
    keep_runs_days: (
        Annotated[
            int,
            Meta(
                title="The weekly audit removes summaries of runs, and alerts, that are older.",
                ge=0,
                le=36_500,
                description="a number of days, 0 for ever",
            ),
        ]
        | None
    ) = None
    sources_file: (
        Annotated[
            Text,
            Meta(
                title="A file with sources of your own, a table `[NAME]` each; by default "
                "`sources.toml`, if it is there.",
                description="the path of a file, in quotes",
            ),
        ]
        | None
    ) = None
    alerts: Annotated[dict[str, object], Meta(description="a table, [alerts]")] = {}
    sources: Annotated[dict[str, object], Meta(description="tables, [sources.NAME]")] = {}
