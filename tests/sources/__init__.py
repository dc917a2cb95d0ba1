"""Tests of flows/sources."""
