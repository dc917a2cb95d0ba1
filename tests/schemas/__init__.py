"""Tests of flows/schemas."""
