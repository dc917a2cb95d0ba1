"""What people are told of a run at once: a summary in, alerts and the text of a message out."""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from flows.errors import EXIT_FAILED
from flows.lake.alerts import Alert, Key
from flows.lake.runs import LastRuns, Record
from flows.redact import plain, redacted, shown
from flows.report import run_sentences as sentences
from flows.report.day_summary import disagreement_words, fall_words, fell, is_odd, span, title
from flows.report.diagnosis_phrases import odd_words
from flows.report.run_summary import SourceOutcome, Summary
from flows.settings import kyiv_date
from schemas.codes import AlertCause, RuleName, Severity
from schemas.records import Verdict
from schemas.registry import load_registry

MOST_SENTENCES = 20
"""So many cases of a day and cause are told one by one."""

MOST_LINES = 12
"""So many of all alerts go into a message: it is read on a telephone, the report has the rest."""

_EXPLAINED = frozenset(
    {AlertCause.DAY_QUARANTINED, AlertCause.AUDIT_FAILED, AlertCause.MISSED_DEADLINE}
)
"""The causes that say by themselves why a run failed."""

_PUBLISHED = frozenset(
    {
        AlertCause.MISMATCH,
        AlertCause.TOTAL_FALLING,
        AlertCause.LABEL_UNRECOGNIZED,
        AlertCause.SOURCES_DISAGREE,
    }
)
"""The causes that are about a day that is on record and can be shown."""

_HARMLESS = str.maketrans({"<": "‹", "@": "＠"})
"""With these begin links, and calls to everybody in a channel, of Slack, Teams and Discord.

No sentence needs them; addresses do.
"""

_Case = tuple[AlertCause, date, str, str | None]
"""A cause, the report date, a sentence, the address of a document."""


def alerts(
    summary: Summary,
    known: LastRuns,
    earlier: Sequence[Record] = (),
    *,
    silent_after_days: int,
    audit_broken: bool = False,
) -> list[Alert]:
    """Return what people are to be told of a run, an alert for each report date and cause.

    `known` are the last runs and `earlier` the summaries of the newest, this one included or not:
    they say which source is silent, and matter only where one `may_be_silent`. `audit_broken`: a
    rule of the audit that could not be evaluated broke the run off.
    """
    cases = [*_of_rows(summary), *_of_documents(summary)]
    cases += _silent(summary, known, earlier, silent_after_days)
    cases += _of_the_run(summary, {cause for cause, *_ in cases}, audit_broken)
    found: dict[Key, list[_Case]] = defaultdict(list)
    for case in cases:
        cause, day, *_ = case
        found[day, cause].append(case)
    return _in_order(_alert(key, cases) for key, cases in found.items())


def message(alerts: Iterable[Alert], lake: str, run_url: str | None) -> tuple[str, str]:
    """Return the title and the text of the message that tells these alerts, at least one.

    `run_url` is where the run can be looked at, None where nowhere.
    """
    alerts = _in_order(alerts)
    days = sorted({alert.report_date for alert in alerts})
    causes = ", ".join(dict.fromkeys(alert.cause.words for alert in alerts))
    lines = [
        f"{alert.report_date}, {alert.cause.words}: {sentence.translate(_HARMLESS)}"
        for alert in alerts
        for sentence in alert.sentences
    ]
    left_out = len(lines) - MOST_LINES
    published = [alert.report_date for alert in alerts if alert.cause in _PUBLISHED]
    command = f"show {max(published)}" if published else "status"
    urls = dict.fromkeys(alert.url for alert in alerts if alert.url)
    text = [
        *lines[:MOST_LINES],
        *([f"and {left_out:,} more"] if left_out > 0 else []),
        "",
        *(f"Document: {url}" for url in list(urls)[:MOST_LINES]),
        *([f"Run: {run_url}"] if run_url else []),
        f"Lake: {redacted(lake)}",
        f"Look at it: tallybook {command} --lake {shlex.quote(redacted(lake))}",
    ]
    return f"Tallybook: {causes}, {span(days[0], days[-1])}", "\n".join(text)


def _in_order(alerts: Iterable[Alert]) -> list[Alert]:
    """Return alerts the worst cause first, the days of each in their order."""
    order = list(AlertCause)
    return sorted(alerts, key=lambda alert: (order.index(alert.cause), alert.report_date))


def _alert(key: Key, cases: Sequence[_Case]) -> Alert:
    day, cause = key
    told = list(dict.fromkeys(sentence for _, _, sentence, _ in cases))
    if len(told) > MOST_SENTENCES:
        told[MOST_SENTENCES:] = [f"and {len(told) - MOST_SENTENCES:,} more"]
    addresses = (url for *_, url in cases if url and url.startswith(("http://", "https://")))
    urls = (shown(url).replace("<", "%3C") for url in addresses)
    return Alert(cause, day, tuple(told), next(urls, None))


def _of_rows(summary: Summary) -> Iterator[_Case]:
    """Yield what the published rows say, and the audit of those that block."""
    registry = load_registry()
    for row in summary.rows.telling:
        name, day = title(row.category, registry), row.report_date
        if is_odd(row):
            yield AlertCause.MISMATCH, day, f"{name}: {odd_words(row)}", row.url
        if fell(row):
            yield AlertCause.TOTAL_FALLING, day, f"{name}: {fall_words(row)}", row.url
        if row.sources_agreeing < row.sources_total:
            sentence = f"{name}: {disagreement_words(row)}"
            yield AlertCause.SOURCES_DISAGREE, day, sentence, row.url
    for finding in summary.ledger:
        if finding.severity is Severity.CRITICAL:
            for broken in finding.rows:
                day = date.fromisoformat(broken["report_date"])
                yield AlertCause.AUDIT_FAILED, day, plain(finding.sentence), None


def _of_documents(summary: Summary) -> Iterator[_Case]:
    """Yield the documents that are not published, and the labels that nobody knows in others."""
    for verdict in summary.documents.telling:
        archived, document = verdict.reading.archived, verdict.reading.archived.document
        # What is not dated was archived on one day, whichever run reads it again.
        dated = verdict.reading.bulletin.report_date or document.published_on
        day = dated or kyiv_date(archived.archived_at)
        if verdict.blocked:
            cause, sentence = _blocked(verdict)
            yield cause, day, sentence, document.url
            continue
        for flag in verdict.findings:
            if flag.rule is RuleName.LABEL_UNRECOGNIZED:
                yield AlertCause.LABEL_UNRECOGNIZED, day, plain(flag.sentence), document.url


def _blocked(verdict: Verdict) -> tuple[AlertCause, str]:
    document = verdict.reading.archived.document
    by_audit = any(finding.rule is RuleName.AUDIT_FAILED for finding in verdict.findings)
    cause = AlertCause.AUDIT_FAILED if by_audit else AlertCause.DAY_QUARANTINED
    name, reason = shown(document.url), plain(verdict.reason or "")
    return cause, f"{name} ({document.source}) is not published: {reason}"


def may_be_silent(summary: Summary, known: LastRuns, after: int) -> dict[str, date]:
    """Return the sources whose last success is `after` days ago or more, and its day in Kyiv.

    Of one that has never succeeded it is the day on which it was asked first. None for a run that
    is not about these days, and for one that no source gave anything.
    """
    now = kyiv_date(summary.started_at)
    recent = summary.awaited and (now - summary.awaited).days <= after
    if not recent or not _giving(summary):
        return {}
    asked = [one.source for one in summary.sources if not one.documents]
    runs = {name: known.succeeded.get(name) or known.first_asked.get(name) for name in asked}
    last = {n: kyiv_date(run.finished_at) for n, run in runs.items() if run and run.finished_at}
    return {name: day for name, day in last.items() if (now - day).days >= after}


def _silent(
    summary: Summary, known: LastRuns, earlier: Sequence[Record], after: int
) -> Iterator[_Case]:
    """Yield the sources that have given nothing on so many days on which others have.

    Days on which no run asked are no evidence: the machine may have been switched off.
    """
    for name, last in may_be_silent(summary, known, after).items():
        days = {kyiv_date(summary.started_at)}
        for run in earlier:
            documents = {one["source"]: one["documents"] for one in run["sources"]}
            if documents.get(name):
                break
            if name in documents and any(documents.values()):
                days.add(kyiv_date(datetime.fromisoformat(run["started_at"])))
        if len(days) >= after:
            (now,) = (_outcome(one) for one in summary.sources if one.source == name)
            sentence = (
                f"source {name} has given nothing since then, on {len(days)} days on which others "
                f"have ({', '.join(_giving(summary))}); now: {now}"
            )
            yield AlertCause.SOURCE_SILENT, last, sentence, None


def _giving(summary: Summary) -> list[str]:
    return [one.source for one in summary.sources if one.documents]


def _of_the_run(summary: Summary, causes: set[AlertCause], audit_broken: bool) -> Iterator[_Case]:
    """Yield why the run as a whole failed, where nothing else says that."""
    day = _day(summary)
    if audit_broken:
        yield AlertCause.AUDIT_FAILED, day, plain(summary.error or "it was broken off"), None
        return
    if summary.late:
        asked = "; ".join(f"{one.source}: {_outcome(one)}" for one in summary.sources)
        because = f" ({asked})" if asked else ""
        sentence = f"the bulletin is not published, and its deadline has passed{because}"
        yield AlertCause.MISSED_DEADLINE, day, sentence, None
        causes = causes | {AlertCause.MISSED_DEADLINE}
    if summary.error or (summary.exit_status == EXIT_FAILED and not causes & _EXPLAINED):
        name = sentences.run_name(summary.kind, summary.since, summary.until)
        yield AlertCause.RUN_FAILED, day, f"{name}: {sentences.ended(summary)}", None


def _outcome(source: SourceOutcome) -> str:
    return source.outcome.words + (f": {plain(source.detail)}" if source.detail else "")


def _day(summary: Summary) -> date:
    """Return the report date that a daily run is for; for another kind of run its own day."""
    return summary.awaited or kyiv_date(summary.started_at)
