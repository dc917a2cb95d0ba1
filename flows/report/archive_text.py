"""What `tallybook archive verify` found, as text for a person."""

from flows.archive.verify import Verification
from flows.redact import one_line
from flows.report.phrases import nearby


def archive_text(found: Verification, lake: str) -> str:
    """Return a line for each problem, and what is whole; `lake` is the lake's address."""
    problems = [f"{nearby(lake, one.path)}: {one_line(one.problem)}" for one in found.problems]
    whole = f"{found.documents:,} documents ({found.bytes:,} bytes), {found.records:,} records"
    if problems:
        return "\n".join([*problems, f"Problems: {len(problems):,}. Whole are {whole}."])
    return f"The archive is whole: {whole}; every SHA-256 fits."
