"""A value with some fields changed, whether it is a dataclass or a struct."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

import msgspec

ValueT = TypeVar("ValueT")


def replace(value: ValueT, **changes: object) -> ValueT:
    """Give a copy of a value with some fields changed."""
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(value, **changes)
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]  # a dataclass then
