"""Cadence, promises, due dates and re-grading (practice §8)."""
