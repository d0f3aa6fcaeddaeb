"""Checks records against a tuple of rules, each of which looks at one thing (practice §1, §11). Pure."""

from __future__ import annotations

from datetime import date

from sheetcrm.intake.rules import book_rules, column_rules, row_rules, sheet_rules
from sheetcrm.intake.rules.findings import Rule, Subject
from sheetcrm.model import Problem, Records
from sheetcrm.policy.model import Policy

CHECKS: tuple[Rule, ...] = (
    sheet_rules.header_weights,
    sheet_rules.policy_weights,
    sheet_rules.dimension_weights,
    sheet_rules.standard_figures,
    sheet_rules.identity_numbers,
    book_rules.keys_once,
    book_rules.customers_known,
    book_rules.names_agree,
    book_rules.duplicates,
    book_rules.prospects,
    book_rules.standards_once,
    book_rules.one_scale,
    column_rules.outliers,
    column_rules.bare_among_large,
    column_rules.percentages_among_shares,
    row_rules.key_pattern,
    row_rules.filing,
    row_rules.choices,
    row_rules.day_kinds,
    row_rules.future_dates,
    row_rules.dates_in_order,
    row_rules.credit_codes,
    row_rules.phones,
    row_rules.second_person,
    row_rules.finance_check,
    row_rules.filing_check,
    row_rules.file_updates,
    row_rules.overrides,
    row_rules.standard_tiers,
    row_rules.shares,
    row_rules.negatives,
    row_rules.satisfaction,
    row_rules.consent,
    row_rules.home_addresses,
)


def check(records: Records, *, policy: Policy, today: date, as_of: date) -> tuple[Problem, ...]:
    """Check the records of all files against every rule.

    Single cells were checked when they were read, and figures are compared with each other by the
    assessment.
    """
    subject = Subject(records, policy, today, as_of)
    return tuple(problem for rule in CHECKS for problem in rule(subject))
