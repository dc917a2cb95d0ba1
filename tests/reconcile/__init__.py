"""Tests of flows/reconcile."""
