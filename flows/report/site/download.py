"""The series as a file to download with the pages: what `tallybook export wide` writes."""

import csv
import io

from flows.report.exports.wide import wide_fields
from flows.report.site.content import SiteContent


def wide_csv(content: SiteContent) -> bytes:
    """Return one row a day as CSV, the total and `daily` of each category of the registry."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in wide_fields()])
    for day in content.days:
        rows = {one.row.category: one.row for one in day.rows}
        first = day.rows[0].row
        values: list[object] = [first.report_date, first.loss_date, first.war_day]
        for category in content.registry.categories:
            row = rows.get(category)
            values += [row.total, row.daily] if row else [None, None]
        writer.writerow(values)
    return text.getvalue().encode()
