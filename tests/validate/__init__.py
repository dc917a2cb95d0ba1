"""Tests of flows/validate."""
