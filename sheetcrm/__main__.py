"""The `sheetcrm` command."""

from __future__ import annotations

import sys

from sheetcrm.cli import main

if __name__ == "__main__":
    sys.exit(main())
