"""Tests of flows/extract."""
