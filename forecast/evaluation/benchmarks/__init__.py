"""Benchmarks on published data: what a candidate is trained on, what it must predict, and how it is scored."""
