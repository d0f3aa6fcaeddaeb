"""Bytes to tables, tables to records, records to problems."""
