"""Records and a date to assessments. Pure: no files, no clock, no terminal."""
