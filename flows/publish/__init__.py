"""Publish: the gate's verdicts in, the tables of the lake written from what is decided of them.

The order of the writes is such that a crash does no harm; nothing is written before all is decided.
Nothing is checked or parsed anew here, and only under the lake's lock.
"""
