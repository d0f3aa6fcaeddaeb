"""Records and a date to measures (practice §3)."""
