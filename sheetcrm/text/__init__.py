"""Values and dates in the text that people write (practice §2). Pure.

A reader returns the value, a `Doubt`, or None where a cell is blank; it never raises and never guesses.
"""
