"""Readers of the tables that the lock of the tests has no room for: `make readers` installs them.

JavaScript of the npm registry, pandas 2 and Spark, each by a lock of its own with hashes.
"""
