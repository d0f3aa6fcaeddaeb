"""Workbooks: cells set in people's own files, and new ones made."""
