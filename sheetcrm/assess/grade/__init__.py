"""Measures to tier, classifications and alerts (practice §4, §6, §7)."""
