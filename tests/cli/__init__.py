"""Tests of flows/cli."""
