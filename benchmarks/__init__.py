"""Measured side by side against what a user would do instead."""
