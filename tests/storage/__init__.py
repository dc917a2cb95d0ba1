"""Tests of flows/storage: the same on local disk and in object storage."""
