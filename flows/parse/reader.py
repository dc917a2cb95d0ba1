"""What the sources ask of documents. Interim: the parse helper's reader takes its place on merging.

It adapts the functions of today, without the memory of a run that the real one has.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from flows.errors import NotThePage
from flows.extract import prefilter_bytes, text
from flows.extract.multi_day import Contents
from flows.parse import bulletin as parsing
from schemas.codes import Reason
from schemas.records import Bulletin, Document


class DocumentReader:
    """Reads documents for one run."""

    def contents(self, document: Document) -> Contents:
        """Take a document apart. Raises NotThePage for one that is no text."""
        return text.contents(document)

    def read_all(self, document: Document) -> tuple[Bulletin, ...]:
        """Return a bulletin for each report date, refused where it cannot be read; never none."""
        return tuple(
            replace(b, reason_code=Reason.NO_LIST) if parsing.is_other(b) else b
            for b in parsing.read_all(document)
        )

    def report_dates(self, document: Document) -> tuple[date, ...]:
        """Return the report dates of the bulletins that can be read, in order.

        Where the parts of a document stand under their dates, these are taken as they are.
        """
        try:
            parts = self.contents(document).parts
        except NotThePage:
            return ()
        if parts and all(part.day or part.bulletin for part in parts):
            dates = [part.day or _date(part.bulletin) for part in parts]
        else:
            dates = [_date(bulletin) for bulletin in self.read_all(document)]
        return tuple(sorted({day for day in dates if day}))

    def may_be_bulletins(self, pages: Sequence[bytes]) -> list[bool]:
        """Return of each page, in any encoding, whether it can hold the list of a bulletin."""
        return prefilter_bytes.may_be_bulletins(pages)


def _date(bulletin: Bulletin | None) -> date | None:
    return bulletin.report_date if bulletin and bulletin.accepted else None
