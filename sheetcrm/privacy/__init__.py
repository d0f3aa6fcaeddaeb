"""Hides personal data in what the program composes (practice §11): the gate, what it hides, and the checks of numbers.

Everything composed for print, the console and JSON goes through a `Gate`; what may pass as it is, is a `Raw`.
"""

from sheetcrm.privacy.contacts import mask_contact
from sheetcrm.privacy.gate import NUMBERS_ALONE, Gate, Raw, names_in
from sheetcrm.privacy.identity import CreditCodeCheck, check_credit_code, find_id_card
from sheetcrm.privacy.names import PERSON, gate_of, is_person
from sheetcrm.privacy.numbers import hide_numbers, mask_text

__all__ = [
    "NUMBERS_ALONE",
    "PERSON",
    "CreditCodeCheck",
    "Gate",
    "Raw",
    "check_credit_code",
    "find_id_card",
    "gate_of",
    "hide_numbers",
    "is_person",
    "mask_contact",
    "mask_text",
    "names_in",
]
