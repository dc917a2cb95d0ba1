"""Runs whose blocks overlap, as those of tasks in threads do, share one handler, and leave none."""

import logging

from flows.orchestration.logs import PACKAGES, run_log


def test_blocks_that_overlap_send_a_message_once_and_leave_the_logger_as_it_was() -> None:
    packages = logging.getLogger(PACKAGES)
    before = (packages.level, list(packages.handlers))
    first, second = run_log(), run_log()
    first.__enter__()
    within = (packages.level, len(packages.handlers))
    second.__enter__()
    assert (packages.level, len(packages.handlers)) == within == (logging.INFO, len(before[1]) + 1)
    first.__exit__(None, None, None)
    assert (packages.level, len(packages.handlers)) == within
    second.__exit__(None, None, None)
    assert (packages.level, packages.handlers) == before
