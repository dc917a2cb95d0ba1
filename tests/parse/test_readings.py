"""What a careful reader reads: small texts of our own wording, a kind each, in many languages."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows.parse.bulletin import read
from schemas.records import Document

PATH = Path(__file__).with_name("readings.jsonl")
CASES: list[dict[str, Any]] = list(map(json.loads, PATH.read_text("utf-8").splitlines()))


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['kind']}-{c['language']}-{c['id']}")
def test_a_text_is_read_as_a_careful_reader_reads_it(case: dict[str, Any]) -> None:
    """`expected` is [total, delta] by category; "+0" and nothing printed count alike."""
    published = date.fromisoformat(case["published"])
    bulletin = read(Document("folder", "page", case["text"].encode(), "text/plain", published))
    if case.get("refused"):
        assert not bulletin.accepted
        return
    assert bulletin.accepted, bulletin.reason
    assert str(bulletin.report_date) == case["report_date"]
    found = {f.category: [f.total, f.delta or None] for f in bulletin.figures}
    assert found == {name: [total, d or None] for name, (total, d) in case["expected"].items()}
