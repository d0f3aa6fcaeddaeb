"""A run from end to end: prepare decides everything, apply does it, and the period is put on record."""
