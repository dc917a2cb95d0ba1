"""Verification: a lake in, what is wrong with it out: `tallybook verify`.

The files first, then the rows, then what follows from the archive and from the figures. Nothing is
written, and nothing is mended here.
"""
