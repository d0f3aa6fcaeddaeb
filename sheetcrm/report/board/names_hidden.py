"""Hides persons' names in whatever else may repeat them: sheet names, explanations, numbers (practice §11). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sheetcrm.model import Customer
from sheetcrm.privacy import gate_of, is_person, mask_contact
from sheetcrm.report.pages.filters import clean

_LIKE_A_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")
_LONGEST_PROSE = 500


class HiddenNames:
    """The names of customers that are persons, and of contacts, with what is shown in their place."""

    def __init__(self, customers: Iterable[Customer]) -> None:
        """Gather the names of a book."""
        self.gate = gate_of(customers)

    def in_text(self, text: str | None) -> str:
        """Return a text for the page: cleaned, with phones, mail addresses, identity numbers and names masked."""
        hidden = self.gate(clean(text)) if text else ""
        return hidden if len(hidden) <= _LONGEST_PROSE else f"{hidden[: _LONGEST_PROSE - 1]}…"

    def of_customer(self, customer: Customer) -> str:
        """Return a customer's name for the page; a person's is masked."""
        return mask_contact(clean(customer.name)) if is_person(customer) else self.in_text(customer.name)

    def of_departed(self, customer_id: str) -> str:
        """Return the number of a customer who is gone; where it reads like a person, masked (practice §1.7)."""
        shown = self.in_text(customer_id)
        return mask_contact(shown) if _LIKE_A_NAME.fullmatch(shown) else shown
