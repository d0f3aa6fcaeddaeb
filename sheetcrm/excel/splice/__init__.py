"""Cells set in people's own workbooks, every other byte kept."""
