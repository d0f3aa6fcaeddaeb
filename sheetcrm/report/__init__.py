"""Assessments to PDF pages."""
