"""What people write, read as values (domain §2). Pure.

Readers give the value, a `Doubt`, or None where a cell is blank; they never raise and never guess.
"""

from sheetcrm.text.answers import read_key, read_level, read_plain_text, read_range, read_yes_no
from sheetcrm.text.doubt import Doubt
from sheetcrm.text.folding import Header, fold, split_header, unit_of, weight_of
from sheetcrm.text.quantities import (
    read_count,
    read_duration,
    read_frequency,
    read_money,
    read_number,
    read_rate,
    say_days,
    say_frequency,
    say_money,
    say_rate,
)

__all__ = [
    "Doubt",
    "Header",
    "fold",
    "read_count",
    "read_duration",
    "read_frequency",
    "read_key",
    "read_level",
    "read_money",
    "read_number",
    "read_plain_text",
    "read_range",
    "read_rate",
    "read_yes_no",
    "say_days",
    "say_frequency",
    "say_money",
    "say_rate",
    "split_header",
    "unit_of",
    "weight_of",
]
