"""The way to the terminal: every line is made printable and passes the gate, and an output that fails stops no work.

A reader that has gone away (`| head -1`) and a full disk below a redirected output end what is shown,
not what is done: files are written, and the exit code says how the work went.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

import click

from sheetcrm.errors import SheetcrmError
from sheetcrm.model import Customer
from sheetcrm.privacy import NUMBERS_ALONE, Gate, gate_of
from sheetcrm.store.files import disk
from sheetcrm.text.printable import printable, printable_lines

_GATE = "sheetcrm.gate"
"""Where the context of a command keeps its gate."""


def echo(text: str = "", *, err: bool = False) -> None:
    """Print one line; what is quoted in it brings no second line and nothing that a terminal obeys."""
    click.echo(gate().hide(printable(text)), err=err)


def hide_names_of(customers: Iterable[Customer]) -> None:
    """Hide the names of these customers' persons in whatever the command prints from now on (practice §11)."""
    context = click.get_current_context(silent=True)
    if context:
        context.find_root().meta[_GATE] = gate_of(customers)


def gate() -> Gate:
    """Return the gate that what the command prints passes: of the book it has read, or of numbers alone."""
    context = click.get_current_context(silent=True)
    stored = context.find_root().meta.get(_GATE) if context else None
    return stored if isinstance(stored, Gate) else NUMBERS_ALONE


def echo_error(error: Exception) -> None:
    """Print an error on stderr: on one line, but for a usage and lists such as a policy's faults."""
    if isinstance(error, click.ClickException):
        message = error.format_message()
        buffer = io.StringIO()
        error.show(file=buffer)
        usage = buffer.getvalue().rstrip("\n").replace(message, printable(message))
        click.echo(gate()(usage), err=True)
    elif isinstance(error, SheetcrmError) and error.of_lines:
        click.echo(gate()(f"错误：{error}"), err=True)
    else:
        echo(f"错误：{error}", err=True)


def echo_lines(text: str) -> None:
    """Print lines that are the program's own, each as it stands."""
    click.echo(printable_lines(text))


def echo_utf8(text: str) -> None:
    """Print a text for programs: UTF-8, whatever the console's code page."""
    click.echo(text.encode() + b"\n")


@contextlib.contextmanager
def outlets() -> Iterator[None]:
    """Let stdout and stderr fail without an error, and say at the end if a full disk cut the output short.

    A console of another code page shows `?` for what it has not.
    """
    _occupy_standard_handles()
    before = sys.stdout, sys.stderr
    lasting = _lasting(sys.stdout), _lasting(sys.stderr)
    sys.stdout, sys.stderr = lasting[0] or before[0], lasting[1] or before[1]
    try:
        yield
    finally:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        outlet = _outlet_of(lasting[0])
        if outlet and outlet.failure and outlet.failure.errno not in _READER_GONE:
            echo(f"结果没能全部显示出来：{disk.reason(outlet.failure)[0]}。写好的文件不受影响", err=True)
        sys.stdout, sys.stderr = before


_READER_GONE = frozenset({errno.EPIPE, errno.EINVAL, errno.ECONNRESET})
"""A pipe without a reader; on Windows it is EINVAL."""


class _Outlet(io.RawIOBase):
    """An output that, once it has failed, takes everything and passes nothing on."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self.failure: OSError | None = None

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._raw.isatty()

    def fileno(self) -> int:
        return self._raw.fileno()

    def write(self, data: bytes) -> int | None:  # type: ignore[override]  # what a BufferedWriter hands on
        if self.failure is None:
            try:
                return self._raw.write(data)
            except OSError as error:
                self.failure = error
        return len(data)


def _lasting(stream: TextIO | None) -> io.TextIOWrapper | None:
    """Return the same output behind an `_Outlet`; None for one that is no file (in tests)."""
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    if stream is None or not isinstance(raw, io.RawIOBase):
        return None
    with contextlib.suppress(OSError):
        stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Outlet(raw)),  # type: ignore[type-var]  # typeshed asks for a private protocol
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.isatty(),
    )


def _outlet_of(stream: io.TextIOWrapper | None) -> _Outlet | None:
    raw = getattr(stream.buffer, "raw", None) if stream else None
    return raw if isinstance(raw, _Outlet) else None


def _occupy_standard_handles() -> None:
    """Open the null device on standard handles that are closed: else the next workbook opened would get one."""
    for handle in range(3):
        try:
            os.fstat(handle)
        except OSError:
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)
