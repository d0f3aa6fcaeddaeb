"""Errors that stop a run, or one file of it.

Problems in people's data are values (`model.Problem`), never exceptions. An error means that the
operation cannot be done, and that nothing of it was written. Its message is in Simplified Chinese: the
reason, and what to do about it.
"""

from __future__ import annotations


class SheetcrmError(Exception):
    """The base of all errors: `what` is the reason, `fix` the way out, `kind` its name for programs."""

    kind = "error"
    of_lines = False
    """Whether the message has several lines, each of them printable by itself."""

    def __init__(self, what: str, fix: str = "") -> None:
        """Keep both parts, so that a caller can format them."""
        super().__init__(what, fix)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        """Return the reason and the way out on one line."""
        return f"{self.what}。{self.fix}" if self.fix else self.what


class WorkbookError(SheetcrmError):
    """One workbook cannot be used; the others of the run go on. `kind` says why, in kebab-case."""

    def __init__(self, kind: str, what: str, fix: str = "") -> None:
        """Keep the kind too: the same words as the kinds of problems (docs/problems.md)."""
        super().__init__(what, fix)
        self.kind = kind


class UnreadableWorkbookError(WorkbookError):
    """The bytes are no workbook that may be opened: damaged, encrypted, hostile or of another format."""


class UneditableWorkbookError(WorkbookError):
    """The workbook can be read, but cells cannot be added without a risk to its content."""


class PolicyError(SheetcrmError):
    """The policy is invalid; each line of `what` names the key."""

    kind = "policy-invalid"
    of_lines = True


class UsageError(SheetcrmError):
    """The arguments make no sense: paths, period or date."""

    kind = "usage"


class EngineError(SheetcrmError):
    """PDF pages cannot be made here: Pango or a Chinese font is missing, or a page failed."""

    kind = "engine"


class StoreError(SheetcrmError):
    """Files could not be put in place: busy, changed meanwhile, disk full, not allowed."""

    kind = "store"
