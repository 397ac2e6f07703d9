"""Figures that anyone can measure: `make bench`. See docs/benchmarks.md for what they are and the table of the day."""
