"""Writes that do not wait for the disk: most of the time of tests that write many small files."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def no_waiting_for_the_disk() -> Iterator[None]:
    """Let the kernel write when it likes: what a killed process has written is kept all the same.

    Only a power failure could tell the difference.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        patch.setattr(os, "sync", lambda: None)
        yield
