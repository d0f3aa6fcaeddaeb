"""Assessments to the lists of a period (practice §10): who falls due, may move, was let down, came from where."""
