"""The `sheetcrm` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; the processes it starts import this module too, and need nothing of it."""
    from sheetcrm.cli import main as command_line  # noqa: PLC0415  (a child of the program is to start at once)

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
