"""The static site: pages that are read from disk, offline, without a request to anywhere.

In: a lake (`content.py` and `printed_words.py` read it) and the configured sources. Out: a folder
of pages (`pages.py` renders, `build.py` writes what changed). Nothing is decided here, and nothing
of the lake's tables is written.
"""
