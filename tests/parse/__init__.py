"""Tests of flows/parse."""
