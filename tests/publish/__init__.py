"""Tests of flows/publish."""
