"""Tests of flows/fetch."""
