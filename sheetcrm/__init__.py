"""Grade customers kept in Excel workbooks, plan their follow-up, print what managers sign.

`check`, `run` and `explain` are for programs (`sheetcrm.api`); they are loaded when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sheetcrm.api import MonthDone, check, explain, run
    from sheetcrm.errors import SheetcrmError

__version__ = "0.1.0"

__all__ = ["MonthDone", "SheetcrmError", "check", "explain", "run"]


def __getattr__(name: str) -> Any:  # noqa: ANN401  (whatever bears the name)
    """Load what programs call: the command line's `--version` is not to wait for it."""
    if name not in __all__:
        raise AttributeError(f"module 'sheetcrm' has no attribute {name!r}")
    module = "sheetcrm.errors" if name == "SheetcrmError" else "sheetcrm.api"
    return getattr(importlib.import_module(module), name)
