"""Reconcile: a window of the series and new readings in, a decision out: what is to be published.

It chooses among sources, checks each delta against the totals, says why one does not add up, and
which published values that changes. Pure functions over records: no file is read or written here,
no clock is asked, and no printed figure is altered.
"""
