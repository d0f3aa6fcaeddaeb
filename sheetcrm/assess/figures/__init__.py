"""The figures the reports state: value, n/N, or none (practice §10)."""
