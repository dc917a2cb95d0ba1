"""Tests of flows/report/site."""
