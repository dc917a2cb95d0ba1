"""Tests of flows/archive."""
