"""Memory does not grow with the pages of an archive."""

from pathlib import Path

import pytest

from tests.benchmarks import memory


@pytest.mark.full
def test_ten_times_the_documents_take_little_more_memory(tmp_path: Path) -> None:
    for kind, (few, many) in memory.peaks(tmp_path).items():
        assert many < few * memory.AIM, f"{kind}: {few} MB, then {many} MB"
