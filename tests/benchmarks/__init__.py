"""Benchmarks against floors that are measured in the same run; `make bench` prints them."""
