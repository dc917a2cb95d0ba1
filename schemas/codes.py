"""Every code that the tables, the reports and the runs tell apart, once, with its meaning.

A code is a `StrEnum` member: it is stored and compared as its value, and `meaning` is the sentence
that the data dictionary, `gate.md`, `diagnosis.md` and the reports say of it. Nothing is ever read
back out of a sentence: what a program may want to tell apart is a code here.
"""

from enum import StrEnum


class Code(StrEnum):
    """A code with its meaning, a sentence for people."""

    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> "Code":
        """Make a member from its value and its meaning; `Code(value)` looks one up."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    @property
    def words(self) -> str:
        """The code as it stands in a sentence."""
        return self.value.replace("_", " ")

    @property
    def clause(self) -> str:
        """The meaning as a part of a longer sentence."""
        return self.meaning[0].lower() + self.meaning[1:].removesuffix(".")


class Severity(Code):
    """How severe a broken rule is; the values are those of Great Expectations."""

    CRITICAL = "critical", "It blocks: what breaks it is quarantined with the reason."
    WARNING = "warning", "It flags: what breaks it is published, and the run says so."


class DeltaStatus(Code):
    """Whether the printed delta of a row of `losses` equals the change in the totals."""

    OK = "ok", "A delta is printed and equals the change since the day before."
    OK_UNPRINTED = "ok_unprinted", "No delta is printed and the total has not changed."
    NOT_PRINTED = "not_printed", "No delta is printed, but the total has changed."
    MISMATCH = (
        "mismatch",
        "A delta is printed and differs from the change, as with a revision or a misprint; "
        "`discrepancy` = change - delta.",
    )
    GAP = (
        "gap",
        "The day before is not on record for this category; `days_missing` says how many days are "
        "not. `change` is null then, and a delta over a gap is never called ok.",
    )
    FIRST = "first", "No earlier total is on record for the category or its predecessors."


class Diagnosis(Code):
    """Why a row of `losses` does not add up; the rules are `docs/reference/diagnosis.md`."""

    REVISION = (
        "revision",
        "The discrepancy stands: the following day agrees with the new total. The General Staff "
        "corrected the past, up or down.",
    )
    MISPRINTED_TOTAL = (
        "misprinted_total",
        "The next days come back to what the printed deltas lead to: this total was misprinted, "
        "and `suggested_total` is what the days around it agree on.",
    )
    PREVIOUS_MISPRINTED = (
        "previous_misprinted",
        "The row itself is in order; the total of the day before is misprinted.",
    )
    MISPRINTED_DELTA = (
        "misprinted_delta",
        "The totals are confirmed by other sources or by the next day, and another source prints "
        "the delta that fits, or the printed one is a slip of the one that fits.",
    )
    UNDECIDED = "undecided", "The next day is not known yet, or the evidence conflicts."


class Hint(Code):
    """How a misprint came about, where the figures show it."""

    DIGITS_SWAPPED = "digits_swapped", "Two digits stand in each other's place."
    DIGIT_LOST = "digit_lost", "A digit is missing."
    DIGIT_DOUBLED = "digit_doubled", "There is a digit too many."
    DIGIT_MISTYPED = "digit_mistyped", "One digit is another."
    SEPARATOR_MISREAD = (
        "separator_misread",
        "A thousands separator was taken for something else: only one side of the number is there, "
        "or three zeros too many.",
    )
    TOTAL_REPEATED = "total_repeated", "It is the total of the day before."
    ROW_REPEATED = "row_repeated", "Total and delta are those of the day before."
    EXCHANGED = "exchanged", "Two categories have each other's figures."
    ROW_COPIED = "row_copied", "It is another category's total of the same day."
    DATE_SHIFTED = (
        "date_shifted",
        "The whole bulletin is that of the day before, or goes on from one that is not on record: "
        "from here on the series is a day late, or is so no more.",
    )


class DailyBasis(Code):
    """What the column `daily` of `losses` is made of."""

    PRINTED = (
        "printed",
        "The printed delta: it adds up, or only a total is misprinted, or the past was revised, "
        "or the day before is not on record.",
    )
    PRINTED_UNDECIDED = (
        "printed_undecided",
        "The printed delta, of which it is not decided yet whether it or a total is wrong.",
    )
    CHANGE = (
        "change",
        "The change in the totals: no delta is printed, or the printed one is diagnosed as "
        "misprinted. A total diagnosed as misprinted counts as its `suggested_total` in it.",
    )
    NONE = "none", "Nothing says it: no delta is printed and the day before is not on record."


class DecidedBy(Code):
    """What decided whether a printed number is a total or one day's losses."""

    WORDING = "wording", "The words around the number."
    ENVELOPE = (
        "envelope",
        "The band in which a true total of that day must lie, where the wording left it open.",
    )


class DocumentStatus(Code):
    """What became of a bulletin in a document."""

    ACCEPTED = (
        "accepted",
        "It is the bulletin; its figures are in `figures` and count for `losses`.",
    )
    REFUSED = "refused", "The parser could not read it as the bulletin of one date: see `reason`."
    QUARANTINED = "quarantined", "It was read, but broke a rule that blocks: see `reason`."


class Reason(Code):
    """Why the parser refuses a text. `OTHER_TEXTS` are those about something else altogether."""

    EMPTY = "empty", "The document is empty."
    BINARY = "binary", "The document is binary data, no text."
    PDF = "pdf", "The document is a PDF, which is not read."
    TOO_LARGE = "too_large", "The document is larger than any bulletin."
    TOO_COMPLEX = (
        "too_complex",
        "The document is made of more tags, posts, marks or levels than any bulletin.",
    )
    READER_ERROR = (
        "reader_error",
        "Reading it ended in a mistake of Tallybook, whose traceback is in the log; another "
        "version of the parser reads it again.",
    )
    BROKEN_JSON = "broken_json", "The document is JSON that cannot be read."
    JSON_WITHOUT_TEXT = "json_without_text", "The document is JSON without a text or a known list."
    INTERRUPTED = (
        "interrupted",
        "Reading it took too long and was broken off: no verdict, and in no table; it is tried "
        "again, a few times.",
    )
    NO_LIST = "no_list", "No list of losses stands in the text."
    OTHER_LIST = "other_list", "The list of losses is introduced as somebody else's."
    CORRECTIONS = "corrections", "It is a list of corrections, no bulletins."
    BELOW_ENVELOPE = (
        "below_envelope",
        "Most of the list lies far below the totals of its date: it is that of a month, a region, "
        "a front, or of aid.",
    )
    ROUNDED = "rounded", "All totals are rounded, as those of a review are."
    LANGUAGE_UNSUPPORTED = "language_unsupported", "The language is none that Tallybook reads."
    AMBIGUOUS_NUMBERS = (
        "ambiguous_numbers",
        "The text does not say whether its numbers are totals or one day's losses.",
    )
    DATE_CONFLICT = "date_conflict", "The evidence for the report date conflicts."
    DATE_AMBIGUOUS = (
        "date_ambiguous",
        "The report date can be read two ways, and neither publication nor war day decides.",
    )
    DATE_REPEATED = (
        "date_repeated",
        "A date stands twice in the document with other totals, and this list is not that day's.",
    )
    BLOCKED_PAGE = (
        "blocked_page",
        "It is what servers send in an article's place: a bot challenge, a consent wall, a login.",
    )
    DATE_MISSING = "date_missing", "The text names no report date and none was given."
    PUBLISHED_BEFORE_DATE = (
        "published_before_date",
        "The text was published before the report date that it names.",
    )
    RECORD_MALFORMED = "record_malformed", "A record of a list is no JSON object."
    RECORD_UNDATED = "record_undated", "A record of a list has no date."
    RECORD_WITHOUT_FIGURE = "record_without_figure", "A record of a list has no figure."
    DAY_WITHOUT_LIST = "day_without_list", "No list of losses stands below a date of the page."
    MANY_DAYS = "many_days", "The document holds the bulletins of several days."
    INPUT_UNUSABLE = "input_unusable", "A line of `tallybook parse --jsonl` cannot be used."


OTHER_TEXTS = frozenset(
    {
        Reason.EMPTY,
        Reason.BLOCKED_PAGE,
        Reason.BINARY,
        Reason.PDF,
        Reason.TOO_LARGE,
        Reason.TOO_COMPLEX,
        Reason.BROKEN_JSON,
        Reason.JSON_WITHOUT_TEXT,
        Reason.NO_LIST,
        Reason.OTHER_LIST,
        Reason.CORRECTIONS,
        Reason.BELOW_ENVELOPE,
        Reason.ROUNDED,
        Reason.LANGUAGE_UNSUPPORTED,
    }
)
"""The reasons of a text that is simply about something else, and no bulletin that is unreadable."""


class Unread(Code):
    """Why a document of the archive could not be read in a run; it stays pending."""

    DAMAGED = "damaged", "Its bytes or its provenance record are damaged or odd."
    UNREADABLE = "unreadable", "The system does not let its bytes or its record be opened."
    INTERRUPTED = (
        "interrupted",
        "Reading it took too long and was broken off; it is tried again, a few times.",
    )


class BulletinWarningCode(Code):
    """What the parser or the gate remarks on a bulletin that is published all the same."""

    WAR_DAY_OFF = "war_day_off", "The printed war day is not that of the report date."
    DATE_CONTRADICTED = (
        "date_contradicted",
        "A passage names another report date than the one that most passages support.",
    )
    PUBLISHED_LATE = (
        "published_late",
        "It was published long after its report date, or just before.",
    )
    SEVERAL_TOTALS = (
        "several_totals",
        "The text gives several totals for a category; none is taken.",
    )
    TOTAL_OR_DELTA = (
        "total_or_delta",
        "A number may be a total or one day's losses; it is not taken.",
    )
    OUTSIDE_ENVELOPE = (
        "outside_envelope",
        "A number is not taken for a total, for no total of that day can be that large or small.",
    )
    NUMBER_DAMAGED = "number_damaged", "A number cannot be read as it is printed."
    NUMBER_LEFT_OVER = (
        "number_left_over",
        "A number stands after a figure where its delta would, and is not understood.",
    )
    NUMBER_UNREAD = (
        "number_unread",
        "A number beside the figures may be a total that is missing; no rule reads it.",
    )
    SCALE_WORD_EXTRA = (
        "scale_word_extra",
        "A number that is printed in full has the word for thousand behind it all the same.",
    )
    DELTA_EMPTY = "delta_empty", "An empty (+) is printed for a delta."
    CATEGORY_NOT_IN_FORCE = (
        "category_not_in_force",
        "A category is printed that the bulletins of that day did not have.",
    )
    NOT_A_WHOLE_NUMBER = "not_a_whole_number", "A number or a value of a record is not whole."
    BEFORE_FIRST_REPORT = (
        "before_first_report",
        "Figures of a day before the first bulletin are left out.",
    )
    READ_AGAIN_UNREADABLE = (
        "read_again_unreadable",
        "The document prints the bulletin again, and there it cannot be read.",
    )
    LISTS_DIFFER = "lists_differ", "The document has different lists for the same date."
    CATEGORIES_MISSING = "categories_missing", "It does not print every category of that day."
    LABEL_UNRECOGNIZED = (
        "label_unrecognized",
        "It prints a label that the registry does not know.",
    )
    TOTAL_BELOW_DELTA = (
        "total_below_delta",
        "A total is lower than its delta: one of the two is misprinted.",
    )
    TOTAL_MISSING = (
        "total_missing",
        "A figure has a delta but no total, so that it makes no row in losses.",
    )
    UNCLASSIFIED = "unclassified", "A remark of an older version, which had no codes."


class RuleName(Code):
    """The rules of the gate and of the audit, each named after what breaks it.

    `severity` is what the suites of `schemas/suites.py` hand to Great Expectations. A rule of the
    gate that flags is a `BulletinWarningCode`: the code under which its warning is stored.
    """

    severity: Severity

    def __new__(
        cls, value: str, severity: Severity = Severity.CRITICAL, meaning: str = ""
    ) -> "RuleName":
        """Make a member, or look one up; a warning code brings its own meaning."""
        member = str.__new__(cls, value)
        member._value_ = str(value)
        member.severity = severity
        member.meaning = meaning or BulletinWarningCode(value).meaning
        return member

    @property
    def clause(self) -> str:
        """The meaning as the beginning of a sentence that goes on with what breaks the rule."""
        return self.meaning[0].lower() + self.meaning[1:].removesuffix(".")

    # A document as a whole.
    REPORT_DATE_MISSING = "report_date_missing", Severity.CRITICAL, "The report date is missing."
    DATE_IN_THE_FUTURE = (
        "date_in_the_future",
        Severity.CRITICAL,
        "The report date is in the future.",
    )
    DATE_TOO_EARLY = (
        "date_too_early",
        Severity.CRITICAL,
        "The report date is before that of the first bulletin.",
    )
    WAR_DAY_CONTRADICTS_DATE = (
        "war_day_contradicts_date",
        Severity.CRITICAL,
        "The printed war day contradicts the report date by more than one day.",
    )
    WAR_DAY_OFF = BulletinWarningCode.WAR_DAY_OFF, Severity.WARNING
    DATE_OUTSIDE_ENVELOPE = (
        "date_outside_envelope",
        Severity.CRITICAL,
        "A bulletin is dated more than three days before its publication, and most of its totals "
        "lie outside the envelope of that date.",
    )
    NO_FIGURE = "no_figure", Severity.CRITICAL, "It holds no figure."
    CATEGORIES_MISSING = BulletinWarningCode.CATEGORIES_MISSING, Severity.WARNING
    LABEL_UNRECOGNIZED = BulletinWarningCode.LABEL_UNRECOGNIZED, Severity.WARNING

    # A figure of a document; the first two also a row of `losses`.
    CATEGORY_UNKNOWN = "category_unknown", Severity.CRITICAL, "A category is not in the registry."
    CATEGORY_REPEATED = (
        "category_repeated",
        Severity.CRITICAL,
        "A category is printed more than once.",
    )
    TOTAL_NOT_WHOLE = "total_not_whole", Severity.CRITICAL, "A total is not a whole number."
    DELTA_NOT_WHOLE = "delta_not_whole", Severity.CRITICAL, "A delta is not a whole number."
    NUMBER_MISSING = (
        "number_missing",
        Severity.CRITICAL,
        "A figure has neither a total nor a delta.",
    )
    TOTAL_NEGATIVE = "total_negative", Severity.CRITICAL, "A total is below zero."
    TOTAL_IMPOSSIBLE = (
        "total_impossible",
        Severity.CRITICAL,
        "A total is higher than any history makes possible.",
    )
    TOTAL_BELOW_DELTA = BulletinWarningCode.TOTAL_BELOW_DELTA, Severity.WARNING
    DELTA_IMPOSSIBLE = (
        "delta_impossible",
        Severity.CRITICAL,
        "A delta is larger than any history makes possible.",
    )
    TOTAL_MISSING = BulletinWarningCode.TOTAL_MISSING, Severity.WARNING
    CATEGORY_NOT_IN_FORCE = BulletinWarningCode.CATEGORY_NOT_IN_FORCE, Severity.WARNING

    # A row of `losses`.
    ROW_CONTRADICTS_ITSELF = (
        "row_contradicts_itself",
        Severity.CRITICAL,
        "The numbers of a row contradict each other, or what is said of them.",
    )
    DELTA_DIFFERS = (
        "delta_differs",
        Severity.WARNING,
        "A printed delta does not equal the change in the totals.",
    )
    TOTAL_FALLING = "total_falling", Severity.WARNING, "A total is lower than the one before."
    DAY_BEFORE_MISSING = (
        "day_before_missing",
        Severity.WARNING,
        "The day before is not on record, so that a delta cannot be checked.",
    )
    SOURCES_DISAGREE = (
        "sources_disagree",
        Severity.WARNING,
        "The sources print different totals.",
    )

    # Any of them.
    ROWS_MISSING = "rows_missing", Severity.CRITICAL, "There is no row to check."
    VALUE_MISSING = "value_missing", Severity.CRITICAL, "A value that no row may lack is missing."
    CODE_UNKNOWN = "code_unknown", Severity.CRITICAL, "A code is none of those that there are."

    # No rule of a suite, but what the gate and the run say where there is no verdict of one.
    UNREADABLE = "unreadable", Severity.CRITICAL, "The parser refused it: see its reason."
    RULE_FAILED = (
        "rule_failed",
        Severity.CRITICAL,
        "A rule of the gate could not be evaluated on this document.",
    )
    AUDIT_FAILED = (
        "audit_failed",
        Severity.CRITICAL,
        "A rule of the audit could not be evaluated on this day.",
    )


class RevisionField(Code):
    """Which column of `losses` a revision is about."""

    TOTAL = "total", "The total of the row in `losses`."
    DELTA = "delta", "The printed delta of the row in `losses`."
    DIAGNOSIS = "diagnosis", "What was said of the row: see `old_text` and `new_text`."
    SUGGESTED_TOTAL = "suggested_total", "What the total should have been."


class RevisionCause(Code):
    """What changed a published value."""

    NEWER_DOCUMENT = (
        "newer_document",
        "The same source published another document for that report date.",
    )
    OTHER_SOURCE = "other_source", "Another source takes precedence."
    PARSER = "parser", "The documents are the same; Tallybook reads them differently now."
    NEIGHBOUR_CHANGED = (
        "neighbour_changed",
        "A day beside it came in or changed, and with it the evidence.",
    )


class Damage(Code):
    """What is wrong with a part of a lake, as `tallybook verify` finds it."""

    DAMAGED = "damaged", "Its bytes are not those that were written."
    MISSING = "missing", "It is not there."
    UNREADABLE = "unreadable", "The system does not let us open it; it may be whole."
    FOREIGN = "foreign", "It was not made by Tallybook; who reads its folder reads it, too."
    NOT_LISTED = "not_listed", "`latest.json` does not name it, or says other things of it."
    OTHER_COLUMNS = "other_columns", "Its columns, or its schema version, are others."
    REPEATED_KEY = "repeated_key", "Two of its rows have the same key."
    WRONG_PARTITION = "wrong_partition", "A row lies in the partition of another year."
    UNKNOWN_DOCUMENT = "unknown_document", "A row is about a document that is not in the archive."
    NOT_PUBLISHED = "not_published", "A document of the archive is in no table."
    ARCHIVE = "archive", "A document of the archive, or its provenance record, is not whole."
    FIGURES_DIFFER = "figures_differ", "The archived document reads otherwise than published."
    LOSSES_DIFFER = "losses_differ", "The published figures lead to another row of losses."
    UNFINISHED = "unfinished", "A run broke off while it published."


class Remedy(Code):
    """What mends a part of a lake."""

    REBUILD = "rebuild", "`tallybook rebuild` writes it anew."
    RUN = "run", "The next run writes it anew."
    BACKUP = "backup", "Restore it from a backup: it cannot be made anew."
    TAKE_IN_AGAIN = (
        "take_in_again",
        "It is mended when the same document is taken in again, or by `tallybook archive import` "
        "of a backup.",
    )
    MOVE = "move", "Move it elsewhere."
    PERMIT = "permit", "Give this user the right to read it."


class Outcome(Code):
    """How a source did in a run."""

    OK = "ok", "It gave documents."
    UNCHANGED = "unchanged", "Its pages are as they were when they were fetched before."
    NOT_PUBLISHED_YET = "not_published_yet", "It answers, but has nothing for that date yet."
    WRONG_DAY = "wrong_day", "Its latest bulletin is older than the one asked for."
    NOT_THE_PAGE = (
        "not_the_page",
        "What came is not the page we know: a challenge, a consent wall, a login, an empty shell.",
    )
    UNREACHABLE = "unreachable", "It did not answer properly: DNS, refused, timeout, TLS, 5xx."
    REFUSED = "refused", "The server, or its robots.txt, refuses us."
    TOO_LARGE = "too_large", "A document is larger than the size cap."
    BUDGET_SPENT = (
        "budget_spent",
        "It has made all the requests that a source may make in a run.",
    )
    MISCONFIGURED = "misconfigured", "Its entry in sources.toml cannot be used as it is."
    NOTHING_FOUND = "nothing_found", "It gave documents, but none with the date asked for."
    NONE_PUBLISHED = (
        "none_published",
        "It gave documents, and none of them can be published: its page may have changed.",
    )
    FAILED = "failed", "It gave no document."
    UNEXPECTED_ERROR = (
        "unexpected_error",
        "A programming error in the source's module; its traceback is in the log.",
    )


SUCCEEDED = frozenset({Outcome.OK, Outcome.UNCHANGED})
"""The outcomes of a source whose documents are all here."""

WAITING = frozenset({Outcome.NOT_PUBLISHED_YET, Outcome.WRONG_DAY})
"""The outcomes of a source that is in order and has nothing for the date yet."""


class RunState(Code):
    """How a run ended."""

    COMPLETED = "completed", "Everything that the sources gave is published, flags included."
    FAILED = "failed", "Something failed, or is in quarantine."
    NOT_PUBLISHED_YET = "not_published_yet", "No source has the bulletin yet."


class NoteCode(Code):
    """What a report notes on a day beside what does not add up."""

    FIRST_DAY = "first_day", "It is the first day on record: there is nothing to compare with yet."
    FIRST_ON_RECORD = "first_on_record", "Categories are on record for the first time."
    DAY_BEFORE_MISSING = "day_before_missing", "Nothing is on record for the days before it."
    CATEGORY_SKIPPED = (
        "category_skipped",
        "Categories cannot be checked: they are not on record the day before, others are.",
    )
    DELTA_NOT_PRINTED = "delta_not_printed", "Totals have changed, and no delta is printed."
    CATEGORY_NOT_PRINTED = "category_not_printed", "Categories in force that day are not printed."
    OLDER_DOCUMENT = (
        "older_document",
        "A document came in that is older than another of its source, and prints another figure.",
    )
    DECIDED_AGAIN = (
        "decided_again",
        "Rows were decided again, as a day beside it came in or changed.",
    )


class DayState(Code):
    """What a day of the calendar comes to: the worst of its rows."""

    OK = "ok", "Every figure adds up."
    UNCHECKED = (
        "unchecked",
        "Something could not be checked: no daily change is printed, or the day before is not on "
        "record.",
    )
    EXPLAINED = (
        "explained",
        "Something does not add up, and it is known why: a revision or a misprint.",
    )
    UNDECIDED = "undecided", "Something does not add up, and it is not decided why."
    MISSING = "missing", "No bulletin of that day is on record."


class ComparisonVerdict(Code):
    """Which side the evidence supports, where another copy has another total."""

    OURS = "ours", "What is on record here is supported."
    THEIRS = "theirs", "The file is supported."
    NEITHER = "neither", "Both differ from what the series leads to."
    NOT_DECIDED = "not_decided", "Not decided."


class CorrectionStatus(Code):
    """What became of a known error of a source (`schemas/corrections.toml`)."""

    OPEN = "open", "It is known here."
    REPORTED = "reported", "It has been reported to the publisher."
    DISPUTED = "disputed", "The publisher holds that it is right."
    FIXED = "fixed", "The publisher has corrected it; older copies may still have it."


class CorrectionOutcome(Code):
    """What a known error of a source is found to be, held against what is on record."""

    APPLIES = "applies", "The source prints what the entry expects, or has mended it as it says."
    FAILED = "failed", "The source prints something else: the entry is to be looked at."


class AlertCause(Code):
    """Why people are told of a day; an event of Prefect has the name `tallybook.` and the code."""

    RUN_FAILED = "run_failed", "A run failed, and no other cause says why."
    MISSED_DEADLINE = (
        "missed_deadline",
        "The day is not published, and the time by which it should be has passed.",
    )
    DAY_QUARANTINED = "day_quarantined", "A document of the day is in quarantine."
    AUDIT_FAILED = (
        "audit_failed",
        "A rule of the audit blocks or cannot be evaluated, or the audit of the whole lake failed.",
    )
    MISMATCH = "mismatch", "A figure of the day does not add up, or is misprinted."
    TOTAL_FALLING = "total_falling", "A total of the day is lower than the one before."
    LABEL_UNRECOGNIZED = (
        "label_unrecognized",
        "A bulletin of the day prints a label that nobody knows: a category may be new.",
    )
    SOURCES_DISAGREE = "sources_disagree", "The sources of the day print different totals."
    SOURCE_SILENT = (
        "source_silent",
        "A source has given nothing since that day, though others have.",
    )
