"""Validate: readings in, a verdict on each out (the gate); rows in, findings out (the audit).

Every rule is an expectation of `schemas/suites.py`; nothing else decides here. Nothing is changed
or written: what breaks a rule is named, and the pipeline acts on it.
"""
