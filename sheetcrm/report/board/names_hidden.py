"""Hides persons' names in whatever else may repeat them: sheet names, explanations, numbers (practice §11). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sheetcrm.model import Customer
from sheetcrm.privacy import mask_contact
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.pages.rows import prose

PERSON = "个人"
_SHORTEST, _LONGEST = 2, 4
"""Characters of a Chinese name; what is longer in a cell of contacts is a company, unless it has a `·`."""
_LIKE_A_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")
_WORD = re.compile(r"[^\W\d_]+(?:·[^\W\d_]+)*")


def is_person(customer: Customer) -> bool:
    """Return whether a customer is a person and no company (practice §1.1). Pure."""
    return customer.profile is not None and customer.profile.customer_type == PERSON


class HiddenNames:
    """The names of customers that are persons, and of contacts, with what is shown in their place."""

    def __init__(self, customers: Iterable[Customer]) -> None:
        """Gather the names of a book."""
        self._masked = {name: mask_contact(name) for customer in customers for name in _names(customer)}
        self._lengths = sorted({len(name) for name in self._masked}, reverse=True)

    def in_text(self, text: str | None) -> str:
        """Return a text for the page: cleaned, with phones, mail addresses, identity numbers and names masked."""
        return self._hide(prose(text)) if text else ""

    def of_customer(self, customer: Customer) -> str:
        """Return a customer's name for the page; a person's is masked."""
        name = prose(customer.name)
        return mask_contact(name) if is_person(customer) else self._hide(name)

    def of_departed(self, customer_id: str) -> str:
        """Return the number of a customer who is gone; where it reads like a person, masked (practice §1.7)."""
        shown = self.in_text(customer_id)
        return mask_contact(shown) if _LIKE_A_NAME.fullmatch(shown) else shown

    def _hide(self, text: str) -> str:
        """Replace every name in a text, the longest first; each place is looked up, so that many names cost nothing."""
        for length in self._lengths:
            for start in range(len(text) - length, -1, -1):
                name = text[start : start + length]
                if name in self._masked:
                    text = text[:start] + self._masked[name] + text[start + length :]
        return text


def _names(customer: Customer) -> Iterator[str]:
    if is_person(customer):
        name = clean(customer.name)
        if len(name) >= _SHORTEST and mask_contact(name) != name:
            yield name
    if customer.profile is not None and customer.profile.contact:
        yield from _contact_names(clean(customer.profile.contact))


def _contact_names(cell: str) -> Iterator[str]:
    """Find the names in a cell of contacts by what the mask would hide of it: 张三 of `张三总经理`."""
    for word in _WORD.findall(cell):
        head, star, tail = mask_contact(word).partition("*")
        name = word[len(head) - 1 : len(word) - len(tail)] if star else ""
        if len(name) >= _SHORTEST and (len(name) <= _LONGEST or "·" in name):
            yield name
