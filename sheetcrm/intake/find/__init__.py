"""Sheets to tables: header rows, cards, and where a table ends."""
