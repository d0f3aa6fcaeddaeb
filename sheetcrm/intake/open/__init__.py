"""Bytes to sheets: formats, work budget, sandbox, cell errors."""
