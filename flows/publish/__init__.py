"""Publish: a decision and the gate's verdicts in, the tables of the lake written from them.

The order of the writes is such that a crash does no harm. Nothing is decided, checked or read anew
here, and only under the lake's lock.
"""
