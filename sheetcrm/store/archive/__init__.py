"""A monthly backup: one file in the age format, with the hash of all that is in it."""
