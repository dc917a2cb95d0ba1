"""The errors a user can meet: one clear line each, and the exit status that goes with it."""

from schemas.codes import Outcome

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_PUBLISHED = 75
"""The exit statuses; 75 is `EX_TEMPFAIL` of sysexits.h: try again later."""


def why(error: Exception) -> str:
    """Return what was wrong with a file, in words: no number of an error, no name of a codec."""
    from json import JSONDecodeError  # `--help` has no use for it

    match error:
        case OSError():
            return error.strerror or type(error).__name__
        case UnicodeDecodeError():
            return f"it is no text in UTF-8 (byte {error.start:,})"
        case JSONDecodeError():
            return f"it is not valid JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        case RecursionError():
            return "it is nested too deeply"
        case ValueError() if "int_max_str_digits" in str(error):
            return "it holds a number with thousands of digits"
        case _:
            return str(error).rstrip(".") or type(error).__name__


class TallybookError(Exception):
    """Something a person can act on; its text says what, where and what to do."""

    exit_status = EXIT_FAILED


class UsageError(TallybookError):
    """The command or its input cannot be used as given."""

    exit_status = EXIT_USAGE


class LakeError(TallybookError):
    """The lake cannot be read or written: permissions, a newer schema, a foreign folder, a lock."""


class DamagedTable(LakeError):
    """A file of a table is damaged; all but `revisions` can be rebuilt."""


class UnreadableDocument(LakeError):
    """One document of the archive cannot be opened, or is damaged; others are as they were."""


class StorageFailed(TallybookError):
    """The object storage of the lake does not answer, or refuses: nothing is wrong with the lake.

    No LakeError: what is told of damaged files, and how they are passed over, is not for this.
    """


class Overtaken(StorageFailed):
    """Another run took over the lake while this one was stopped for too long."""


class EngineFailed(TallybookError):
    """The flow engine, and not the run, failed: a server under load, a result that was lost."""


class RuleNotEvaluated(TallybookError):
    """A rule of the audit could not be evaluated on any day: there is nothing to publish."""


class BudgetSpent(TallybookError):
    """A source has made all the requests that it may make in a run; it is asked nothing more."""

    outcome = Outcome.BUDGET_SPENT


class SourceError(TallybookError):
    """A source gave no document; the subclasses say why.

    `outcome` is its code in summaries, `worth_retrying` whether it may pass in a moment.
    `retry_after` is how many seconds the server asks to be left alone, None where it does not say.
    """

    outcome = Outcome.FAILED
    worth_retrying = False
    retry_after: float | None = None


class NotPublishedYet(SourceError):
    """The source answers, but has no bulletin for that date yet: try again later."""

    exit_status = EXIT_NOT_PUBLISHED
    outcome = Outcome.NOT_PUBLISHED_YET


class WrongDay(NotPublishedYet):
    """The source shows another day's bulletin: its latest is older than the one asked for."""

    outcome = Outcome.WRONG_DAY


class NotThePage(SourceError):
    """What was fetched is not the page we know; the text says what it is instead.

    A bot challenge, a consent wall, an empty shell, a login, a parked domain, a soft 404, another
    type, a redirect to where we do not follow.
    """

    outcome = Outcome.NOT_THE_PAGE


class Unreachable(SourceError):
    """The source did not answer properly: DNS, refused, timeout, TLS, 5xx, truncated."""

    outcome = Outcome.UNREACHABLE
    worth_retrying = True


class Refused(SourceError):
    """The server refuses us: 401, 403, 407, 451, or its robots.txt."""

    outcome = Outcome.REFUSED


class RateLimited(Refused):
    """The server asks us to slow down (429): refused, unless a retry gets through."""

    worth_retrying = True


class Mistake(SourceError):
    """A page could not be had for a mistake of Tallybook; the log has the traceback."""

    outcome = Outcome.UNEXPECTED_ERROR


class TooLarge(SourceError):
    """The document is larger than the size cap; nothing of it was kept."""

    outcome = Outcome.TOO_LARGE
