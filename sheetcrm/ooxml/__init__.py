"""The Office Open XML package beneath a workbook: its zip, its parts, and what may not be opened."""
