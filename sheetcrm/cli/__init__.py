"""Arguments in; text and an exit code out. One file a command, imported when it is asked for."""

from sheetcrm.cli.entry import main

__all__ = ["main"]
