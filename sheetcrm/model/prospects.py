"""Which rows of the base sheet say that a customer has not bought yet (practice §4.3). Pure."""

from __future__ import annotations

from sheetcrm.model.records import Profile

_DEALS = ("first_deal", "spend_total", "spend_12m", "frequency_12m", "last_deal")
_AMOUNTS = frozenset(("spend_total", "spend_12m"))


def is_prospect(profile: Profile) -> bool:
    """Return whether a row has a 合作意向, and columns for purchases in which nothing stands.

    At least one of the columns holds an amount. A sheet without them, such as a card, says nothing of purchases,
    nor do columns of the base sheet on a scoring sheet.
    """
    if profile.origin.beside:
        return False
    columns = {column.name for column in profile.origin.columns}
    there = columns.intersection(_DEALS)
    blank = all(getattr(profile, name) is None and name not in profile.unreadable for name in _DEALS)
    return bool(profile.intent) and len(there) > 1 and not there.isdisjoint(_AMOUNTS) and blank
