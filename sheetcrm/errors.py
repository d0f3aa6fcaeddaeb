"""What stops a run, or one file of it.

Problems in people's data are values (`model.Problem`), never exceptions. What is raised here means
that the thing asked for cannot be done, and that nothing of it was written. Every error speaks
Simplified Chinese: what was met, and what to do about it.
"""

from __future__ import annotations


class SheetcrmError(Exception):
    """The base of all errors: `what` was met, `fix` is the way out, `kind` names it for programs."""

    kind = "error"

    def __init__(self, what: str, fix: str = "") -> None:
        """Keep both parts, so that a caller can lay them out."""
        super().__init__(what, fix)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        """One line: what was met, then the way out."""
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
    """The workbook reads, but cells cannot be added to it without a risk for what is there."""


class PolicyError(SheetcrmError):
    """The policy does not hold together; each line of `what` names the key."""

    kind = "policy-invalid"


class UsageError(SheetcrmError):
    """What was asked for makes no sense: paths, period or date."""

    kind = "usage"


class EngineError(SheetcrmError):
    """PDF pages cannot be made here: Pango or a Chinese font is missing, or a page failed."""

    kind = "engine"


class StoreError(SheetcrmError):
    """Files could not be put in place: busy, changed meanwhile, disk full, not allowed."""

    kind = "store"
