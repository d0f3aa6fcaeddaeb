"""Records -> problems: a tuple of rules, each of which looks at one thing (domain §1, §11). Pure."""

from __future__ import annotations

from datetime import date

from sheetcrm.intake import bookrules, rowrules, sheetrules
from sheetcrm.intake.findings import Rule, Subject
from sheetcrm.model import Problem, Records
from sheetcrm.policy.model import Policy

CHECKS: tuple[Rule, ...] = (
    sheetrules.header_weights,
    sheetrules.policy_weights,
    sheetrules.identity_numbers,
    bookrules.keys_once,
    bookrules.customers_known,
    bookrules.names_agree,
    bookrules.duplicates,
    bookrules.standards_once,
    bookrules.one_scale,
    rowrules.key_pattern,
    rowrules.filing,
    rowrules.choices,
    rowrules.day_kinds,
    rowrules.future_dates,
    rowrules.dates_in_order,
    rowrules.credit_codes,
    rowrules.second_person,
    rowrules.overrides,
    rowrules.standard_tiers,
    rowrules.shares,
    rowrules.negatives,
    rowrules.satisfaction,
    rowrules.consent,
    rowrules.home_addresses,
)


def check(records: Records, *, policy: Policy, today: date) -> tuple[Problem, ...]:
    """Check the records of all files against every rule.

    What single cells hold was checked when they were read, and figures are held against each other by
    the assessment.
    """
    subject = Subject(records, policy, today)
    return tuple(problem for rule in CHECKS for problem in rule(subject))
