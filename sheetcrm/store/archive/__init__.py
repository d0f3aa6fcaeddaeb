"""Encrypted files: the monthly backup in the age format, and workbooks and PDFs for one reader."""
