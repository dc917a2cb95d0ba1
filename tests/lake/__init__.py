"""Tests of flows/lake."""
