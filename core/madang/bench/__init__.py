"""Benchmarks that `madang bench` runs."""
