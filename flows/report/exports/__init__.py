"""Exports: a lake in, files in the formats of other programs out, whole or not at all.

A format is a writer of this folder; `export.py` knows them all. Nothing is decided here, and the
lake stays as it is.
"""
